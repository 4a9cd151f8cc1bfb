#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds with address and undefined-behaviour sanitizers (build/asan) and runs the
# lit suite and the unit tests. Arguments go to lit; MOE_JOBS bounds the build.
#
# The packaged MLIR is not instrumented. Hence no leak check (its static tables
# look like leaks), and no container check (its vectors grow unseen). Stock
# mlir-opt cannot load an instrumented plugin: such tests say `UNSUPPORTED: asan`.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/scripts/setup.sh
moe_setup
# Debian's clang comes without its sanitizers; g++ has them.
case ${CXX:-c++} in
  *clang*) moe_install libclang-rt-22-dev ;;
esac

export ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
[ -f build/asan/build.ninja ] || cmake --preset asan
cmake --build build/asan -- ${MOE_JOBS:+-j$MOE_JOBS} all MoEUnitTests
for program in build/asan/test/Unit/*Tests; do
  [ ! -x "$program" ] || "$program" --gtest_brief=1
done
exec "$MOE_PYTHON" "$MOE_LLVM/bin/lit" -sv "$@" build/asan/test
