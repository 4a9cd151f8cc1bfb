#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What to run before a commit: format, then tools/check with the suite a second
# time under --verify-roundtrip. `--fix` formats instead of complaining; other
# arguments go to tools/check.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/scripts/setup.sh
moe_setup

mode=(--dry-run --Werror)
if [ "${1:-}" = --fix ]; then
  mode=(-i)
  shift
fi
echo "== format"
find dialects include lib tools test -name '*.h' -o -name '*.cpp' -o -name '*.c' |
  xargs -r "$MOE_LLVM/bin/clang-format" --style=file "${mode[@]}"
exec tools/check --round-trip "$@"
