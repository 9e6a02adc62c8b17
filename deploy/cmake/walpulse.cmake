# One line declares a library or a test: the folder is the module.

option(WALPULSE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(WALPULSE_FUZZ "Build the fuzz targets with libFuzzer (clang only)" OFF)
option(WALPULSE_TSAN "Build with ThreadSanitizer" OFF)
# Most of what compiling costs is to read the same headers again for each small source: a room's sources
# compile as one. `dev`, the sanitizers and the linter compile each alone, so that none comes to need another's
# includes; here private names of two sources that are the same are an error.
# Small rooms that are linked together anyway are one unit (walpulse_unit).
option(WALPULSE_UNITY "Compile a room's sources as one" OFF)

add_library(walpulse_options INTERFACE)
target_compile_options(walpulse_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# g++ 12 sees overlaps in `"text" + std::string` that are not there (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(walpulse_options INTERFACE -Wno-restrict)
endif()
# g++ looks for garbage whenever it holds 128 MiB more than is in use: 5 % of the time of our units, which hold
# up to 1.1 GiB with it and 1.4 GiB so.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(walpulse_options INTERFACE --param=ggc-min-heapsize=600000)
endif()
# A log line's place in the source begins at the top of the project, wherever that was built. (Not in
# debug information: debuggers look for the sources where they are.)
target_compile_options(walpulse_options INTERFACE -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
target_include_directories(walpulse_options INTERFACE ${PROJECT_SOURCE_DIR})
# Everywhere, as its headers without its definitions are another, header-only spdlog: a second
# registry of loggers in one program.
target_link_libraries(walpulse_options INTERFACE spdlog::spdlog)
if(WALPULSE_SANITIZE)
  target_compile_options(walpulse_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(walpulse_options INTERFACE -fsanitize=address,undefined)
endif()
if(WALPULSE_FUZZ)  # what the libraries need so that the fuzzer sees its way through them
  target_compile_options(walpulse_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(WALPULSE_TSAN)
  target_compile_options(walpulse_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(walpulse_options INTERFACE -fsanitize=thread)
endif()

function(walpulse_cold target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(walpulse_compiled_as_one target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  # g++ stops inlining in a large unit, where several small ones would have gone on: decoding became a
  # sixth slower.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE --param=large-unit-insns=100000)
  endif()
endfunction()

# walpulse_unit(groundwork COLD database config doctor): these libraries, declared later, compile as one. All
# of them are COLD, or none is. A program that needs one of them gets all, so that they are what is needed together.
function(walpulse_unit unit)
  cmake_parse_arguments(UNIT "COLD" "" "" ${ARGN})
  if(NOT WALPULSE_UNITY)
    return()
  endif()
  add_library(walpulse_unit_${unit} STATIC)
  target_link_libraries(walpulse_unit_${unit} PUBLIC walpulse_options)
  walpulse_compiled_as_one(walpulse_unit_${unit})
  if(UNIT_COLD)
    walpulse_cold(walpulse_unit_${unit})
  endif()
  foreach(name ${UNIT_UNPARSED_ARGUMENTS})
    set_property(GLOBAL PROPERTY walpulse_unit_of_${name} walpulse_unit_${unit})
    set_property(GLOBAL PROPERTY walpulse_cold_${name} ${UNIT_COLD})
  endforeach()
endfunction()

# walpulse_library(decoder SOURCES a.cpp b.cpp DEPS walpulse::schema PRIVATE_DEPS PkgConfig::pq)
# COLD: nothing in it is done for each event, so that a short build is worth more than fast code: -O3 takes
# twice as long to compile as -O1.
function(walpulse_library name)
  cmake_parse_arguments(LIB "COLD" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  get_property(unit GLOBAL PROPERTY walpulse_unit_of_${name})
  if(unit)
    walpulse_add_to_unit(${unit})
    return()
  endif()
  add_library(walpulse_${name} STATIC ${LIB_SOURCES})
  add_library(walpulse::${name} ALIAS walpulse_${name})
  target_link_libraries(walpulse_${name} PUBLIC walpulse_options ${LIB_DEPS} PRIVATE ${LIB_PRIVATE_DEPS})
  if(LIB_COLD)
    walpulse_cold(walpulse_${name})
  endif()
  if(WALPULSE_UNITY)
    walpulse_compiled_as_one(walpulse_${name})
  endif()
endfunction()

# For walpulse_library alone, whose arguments it reads.
macro(walpulse_add_to_unit unit)
  get_property(cold GLOBAL PROPERTY walpulse_cold_${name})
  if(NOT cold STREQUAL LIB_COLD)
    message(FATAL_ERROR "${name} is COLD or its unit is, but not both: ${unit}")
  endif()
  add_library(walpulse_${name} INTERFACE)
  add_library(walpulse::${name} ALIAS walpulse_${name})
  target_link_libraries(walpulse_${name} INTERFACE ${unit})
  foreach(source ${LIB_SOURCES})
    cmake_path(ABSOLUTE_PATH source)
    target_sources(${unit} PRIVATE ${source})
  endforeach()
  foreach(dependency ${LIB_DEPS})
    string(REPLACE "walpulse::" "" room ${dependency})
    get_property(its_unit GLOBAL PROPERTY walpulse_unit_of_${room})
    if(NOT its_unit STREQUAL unit)
      target_link_libraries(${unit} PUBLIC ${dependency})
    endif()
  endforeach()
  foreach(dependency ${LIB_PRIVATE_DEPS})
    string(REPLACE "walpulse::" "" room ${dependency})
    get_property(its_unit GLOBAL PROPERTY walpulse_unit_of_${room})
    if(NOT its_unit STREQUAL unit)
      target_link_libraries(${unit} PRIVATE ${dependency})
    endif()
  endforeach()
endmacro()

# walpulse_program(walpulse-monitor COLD SOURCES main.cpp DEPS walpulse::monitor)
function(walpulse_program name)
  cmake_parse_arguments(PROGRAM "COLD" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE walpulse_options ${PROGRAM_DEPS})
  if(PROGRAM_COLD)
    walpulse_cold(${name})
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${WALPULSE_UNITY})
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# What the integration tests run: both programs, the simulator, and those of tests/ that stand for one part.
add_custom_target(integration_programs)

# walpulse_test_program(cron_lines SOURCES ... DEPS walpulse::schedule): one of the latter.
function(walpulse_test_program name)
  walpulse_program(${name} COLD ${ARGN})
  add_dependencies(integration_programs ${name})
endfunction()

# What `make asan` builds: no more than the tests need.
add_custom_target(unit_tests)

# walpulse_test(decoder_test SOURCES ... DEPS walpulse::decoder): one ctest entry per TEST(), but a
# single one for all that TOGETHER's filter names: they share what takes long to start.
# Tests find their files below WALPULSE_TEST_DIR (tests/).
function(walpulse_test name)
  cmake_parse_arguments(TEST "" "TOGETHER" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_compile_definitions(${name} PRIVATE WALPULSE_TEST_DIR="${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE walpulse_options ${TEST_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  walpulse_cold(${name})
  add_dependencies(unit_tests ${name})
  if(TEST_TOGETHER)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 TEST_FILTER "-${TEST_TOGETHER}")
    add_test(NAME ${name}_together COMMAND ${name} "--gtest_filter=${TEST_TOGETHER}")
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60)
  endif()
endfunction()

# walpulse_fuzz(wal_frame SEEDS another/folder DEPS walpulse::stream): target fuzz_wal_frame out of
# wal_frame_fuzz.cpp. Without libFuzzer it is linked to a main that replays the seeds, which ctest
# does in either case.
add_custom_target(fuzz_targets)
function(walpulse_fuzz name)
  cmake_parse_arguments(FUZZ "" "" "SEEDS;DEPS" ${ARGN})
  add_executable(fuzz_${name} ${name}_fuzz.cpp)
  target_link_libraries(fuzz_${name} PRIVATE walpulse_options ${FUZZ_DEPS})
  if(WALPULSE_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(replay -runs=0)
  else()
    target_sources(fuzz_${name} PRIVATE replay_main.cpp)
    set(replay)
  endif()
  set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name} ${FUZZ_SEEDS})
  string(JOIN "\n" folders ${seeds})
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.seeds "${folders}\n")  # for run.py
  add_dependencies(fuzz_targets fuzz_${name})
  add_dependencies(unit_tests fuzz_${name})
  add_test(NAME fuzz.${name} COMMAND fuzz_${name} ${replay} ${seeds})
endfunction()
