// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which parts of a grouped matmul a kernel reads together.
#ifndef MOE_CONVERSION_PARTGROUPS_H
#define MOE_CONVERSION_PARTGROUPS_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Parts whose columns interleave in [in, out] weights, so that what they read
/// of one depth lies side by side; a part that shares nothing is a group by
/// itself. Output column j of parts[i] reads column offset + stride * j + i.
struct PartGroup {
  int64_t weights, offset, stride;
  SmallVector<int64_t, 2> parts;

  /// From the first column to the last that `count` output columns read.
  int64_t span(int64_t count) const {
    return stride * (count - 1) + static_cast<int64_t>(parts.size());
  }
  /// Whether they read every column of that.
  bool isDense() const { return stride == static_cast<int64_t>(parts.size()); }
};

/// Every part is in one group.
SmallVector<PartGroup> groupParts(GroupedMatmulOp op);

} // namespace mlir::moe

#endif // MOE_CONVERSION_PARTGROUPS_H
