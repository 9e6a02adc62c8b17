#!/usr/bin/env bash
# Formatting, layers, statements, shell and C++ lint. Each says what to do about what it finds.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
failed=0
run() {
  local what=$1
  shift
  printf 'check: %s\n' "$what"
  "$@" || { failed=1; printf 'check: %s FAILED\n' "$what"; }
}

format() {
  git ls-files '*.cpp' '*.h' | xargs clang-format --dry-run --Werror || {
    echo "mend it with: make format"
    return 1
  }
}

# clang-tidy reads the same flags as the compiler does, from a folder of its own: a build may run
# beside it. What compiles as one unit is read as one: each foreign header once a unit, not once a
# source, a fifth of the time for the same findings.
tidy() {
  cmake --preset release -B build/lint -DBUILD_TESTING=ON >/dev/null || return 1
  local units
  units=$(grep -o '"file": "[^"]*' build/lint/compile_commands.json | cut -d '"' -f 4 |
    grep -v -e "^$PWD/\(build/lint/\)\?tests/" -e "^$PWD/build/.*\.cpp$")  # what is made at build is nobody's
  comm -23 <(git ls-files 'decoder/*.cpp' 'publisher/*.cpp' 'connector/*.cpp' 'monitor/*.cpp' 'bench/*.cpp' | sort) \
    <({ printf '%s\n' "$units"; grep '/Unity/' <<<"$units" | xargs grep -h '^#include'; } |
      sed 's/^#include "//; s/"$//' | sed "s|^$PWD/||" | sort) |
    sed 's/$/: in no unit that is read/' | grep . && return 1
  git grep -n '^#include ".*\.cpp"' -- '*.cpp' '*.h' && return 1
  printf '%s\n' "$units" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/lint --quiet 2>/dev/null
}

run 'format (clang-format)' format
run 'layers (who may include whom)' python3 tests/layers.py
run 'private names (of what compiles as one)' python3 tests/private_names.py
run 'statements (each has a test, and README.md lists it)' python3 tests_integration/statements.py --check
run 'shell (shellcheck)' shellcheck -x -P SCRIPTDIR -S warning deploy/*/*.sh .ci/run
run 'lint (clang-tidy)' tidy
exit "$failed"
