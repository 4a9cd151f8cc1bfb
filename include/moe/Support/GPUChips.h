// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The GPU architectures that options may name: one list for the schedule and
// the back end.
#ifndef MOE_SUPPORT_GPUCHIPS_H
#define MOE_SUPPORT_GPUCHIPS_H

#include "mlir/Support/LLVM.h"
#include <optional>
#include <string>

namespace mlir::moe {

/// The PTX version kernels for `chip` are written in, as a target feature;
/// nothing for an unknown chip.
std::optional<StringRef> ptxFeature(StringRef chip);

/// The names of all known chips, for messages.
std::string knownChips();

} // namespace mlir::moe

#endif // MOE_SUPPORT_GPUCHIPS_H
