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
# beside it.
tidy() {
  cmake --preset release -B build/lint -DBUILD_TESTING=ON -DWALPULSE_UNITY=OFF >/dev/null || return 1
  git ls-files 'decoder/*.cpp' 'publisher/*.cpp' 'connector/*.cpp' 'monitor/*.cpp' 'bench/*.cpp' |
    xargs -P "$(nproc)" -n 4 clang-tidy -p build/lint --quiet 2>/dev/null
}

run 'format (clang-format)' format
run 'layers (who may include whom)' python3 tests/layers.py
run 'private names (of what compiles as one)' python3 tests/private_names.py
run 'statements (each has a test, and README.md lists it)' python3 tests_integration/statements.py --check
run 'shell (shellcheck)' shellcheck -x -P SCRIPTDIR -S warning deploy/*/*.sh .ci/run
run 'lint (clang-tidy)' tidy
exit "$failed"
