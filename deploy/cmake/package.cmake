# What is installed beside the programs, by `make install` and by the Debian package, which is
#   make package        build/release/walpulse_VERSION_ARCHITECTURE.deb
# The package has units and templates of the configuration (conffiles) beside that. Installing it
# starts nothing: there is no database to capture yet.
include(GNUInstallDirs)
set(deploy ${PROJECT_SOURCE_DIR}/deploy)
if(NOT EXISTS ${deploy}/package)  # an image's build has the sources and nothing else
  return()
endif()
set(packed ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${packed})

# --- Manual pages and completions, made from --help: they cannot say anything else ---------------
find_program(WALPULSE_PYTHON python3 REQUIRED)
set(manual completions.py help_text.py man_pages.py write.py)
list(TRANSFORM manual PREPEND ${deploy}/package/manual/)
add_custom_command(OUTPUT ${packed}/manual.stamp
  COMMAND ${WALPULSE_PYTHON} -B ${deploy}/package/manual/write.py ${packed}/manual
    ${deploy}/package/debian/changelog
    $<TARGET_FILE:walpulse-connector> $<TARGET_FILE:walpulse-monitor>
  COMMAND ${CMAKE_COMMAND} -E touch ${packed}/manual.stamp
  DEPENDS walpulse-connector walpulse-monitor ${manual} ${deploy}/package/debian/changelog
  COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(manual ALL DEPENDS ${packed}/manual.stamp)
install(DIRECTORY ${packed}/manual/man/ DESTINATION share/man/man1)
install(DIRECTORY ${packed}/manual/bash/ DESTINATION share/bash-completion/completions)
install(DIRECTORY ${packed}/manual/fish/ DESTINATION share/fish/vendor_completions.d)
# zsh looks into one folder for what packages bring, into another for the administrator's.
install(DIRECTORY ${packed}/manual/zsh/ DESTINATION share/zsh/site-functions COMPONENT local)
install(DIRECTORY ${packed}/manual/zsh/ DESTINATION share/zsh/vendor-completions
  COMPONENT package EXCLUDE_FROM_ALL)

# --- The package alone ---------------------------------------------------------------------------
install(FILES ${deploy}/package/connector.toml ${deploy}/package/monitor.toml
  DESTINATION /etc/walpulse COMPONENT package EXCLUDE_FROM_ALL
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES ${deploy}/systemd/walpulse-connector.service ${deploy}/systemd/walpulse-monitor.service
  DESTINATION /lib/systemd/system COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${deploy}/systemd/walpulse.sysusers
  DESTINATION lib/sysusers.d RENAME walpulse.conf COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${deploy}/package/debian/copyright
  DESTINATION share/doc/walpulse COMPONENT package EXCLUDE_FROM_ALL)
install(DIRECTORY ${deploy}/rules/ DESTINATION share/doc/walpulse/examples/rules COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${deploy}/package/debian/overrides
  DESTINATION share/lintian/overrides RENAME walpulse COMPONENT package EXCLUDE_FROM_ALL)
# Debian wants its changelog compressed, the same on every build.
execute_process(COMMAND gzip -9nc ${deploy}/package/debian/changelog OUTPUT_FILE ${packed}/changelog.gz)
install(FILES ${packed}/changelog.gz DESTINATION share/doc/walpulse COMPONENT package EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PROJECT_CONFIG_FILE ${deploy}/cmake/package_tools.cmake)
set(CPACK_PACKAGE_NAME walpulse)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "walpulse maintainers <walpulse@example.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL Unspecified package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_NAME walpulse)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://github.com/walpulse/walpulse)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"metrics of Mage.ai pipeline runs from PostgreSQL's log
walpulse-connector captures every change of Mage's pipeline_run table from
PostgreSQL's write-ahead log and publishes it to Pub/Sub. walpulse-monitor
turns the events into metrics for Cloud Monitoring and Prometheus: none is
lost, none is counted twice.")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${deploy}/package/debian/conffiles ${deploy}/package/debian/postinst
  ${deploy}/package/debian/prerm ${deploy}/package/debian/postrm)
include(CPack)
