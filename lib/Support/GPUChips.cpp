// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Support/GPUChips.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace {
struct Chip {
  llvm::StringLiteral name, feature;
};
// The oldest PTX version that has the chip and every instruction the kernels
// use.
constexpr Chip chips[] = {
    {"sm_80", "+ptx80"},   {"sm_86", "+ptx80"},   {"sm_87", "+ptx80"},
    {"sm_89", "+ptx80"},   {"sm_90", "+ptx80"},   {"sm_90a", "+ptx80"},
    {"sm_100", "+ptx86"},  {"sm_100a", "+ptx86"}, {"sm_101", "+ptx86"},
    {"sm_101a", "+ptx86"}, {"sm_120", "+ptx87"},  {"sm_120a", "+ptx87"},
};
} // namespace

std::optional<StringRef> moe::ptxFeature(StringRef chip) {
  for (const Chip &known : chips)
    if (known.name == chip)
      return known.feature;
  return std::nullopt;
}

std::string moe::knownChips() {
  return llvm::join(
      llvm::map_range(chips, [](const Chip &chip) { return chip.name.str(); }),
      ", ");
}
