# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sourced by tools/check, tools/demo and .ci/run. Installs the Debian packages
# that are missing, and picks the compiler. Nothing is done, and nothing is
# asked of the network, when all is there.

MOE_PACKAGES="libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22
  lld-22 libtbb-dev libgtest-dev cmake ninja-build python3 python3-numpy
  clang-format-22"
MOE_LLVM=/usr/lib/llvm-22
MOE_PYTHON=/usr/bin/python3 # Debian's: another python3 on PATH lacks its numpy

moe_die() {
  echo "error: $*" >&2
  exit 1
}

# True if package $1 is installed, or its program is there by other means.
moe_have() {
  case $1 in
    cmake) command -v cmake >/dev/null && return ;;
    ninja-build) command -v ninja >/dev/null && return ;;
    make | g++) command -v "$1" >/dev/null && return ;;
  esac
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the named packages that are missing.
moe_install() {
  local package missing="" log as_root=""
  for package in "$@"; do
    moe_have "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    moe_die "no apt-get here; install by hand:$missing"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      moe_die "neither root nor sudo here; install as root:$missing"
    as_root=sudo
  fi
  echo "installing$missing"
  log=$(mktemp)
  # No --no-remove, and a package of yours might go without a question.
  if ! { $as_root apt-get update -q && $as_root env \
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-remove \
    --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    moe_die "apt-get could not install$missing (whole log: $log)"
  fi
  rm -f "$log"
}

moe_setup() {
  moe_install $MOE_PACKAGES
  # A bare machine has clang-22 and nothing called c++.
  if [ -z "${CXX:-}" ] && ! command -v c++ >/dev/null; then
    export CC=$MOE_LLVM/bin/clang CXX=$MOE_LLVM/bin/clang++
  fi
}

# Configures once and builds into folder $1 with preset "check"; the rest of the
# arguments are targets. The build system reconfigures by itself when it must.
moe_build() {
  local build=$1
  mkdir -p "$build"
  shift
  if [ ! -f "$build/build.ninja" ]; then
    cmake --preset check -B "$build" >"$build/configure.log" 2>&1 || {
      cat "$build/configure.log"
      return 1
    }
  fi
  cmake --build "$build" -- "$@"
}
