// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEAttrs.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::moe;

LogicalResult GroupsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t n, int64_t keep, int64_t top,
                                 GroupFill) {
  if (n < 1 || keep < 1 || keep > n)
    return emitError() << "keeps " << keep << " of " << n << " groups";
  if (top < 1)
    return emitError() << "scores groups by their " << top
                       << " largest keys, expected at least 1";
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   Strategy, ArrayRef<int64_t> tile) {
  if (tile.size() != 3)
    return emitError() << "expected rows, columns and depth of a tile, but got "
                       << tile.size() << " sizes";
  for (int64_t size : tile)
    if (size <= 0)
      return emitError() << "expected positive tile sizes, but got " << size;
  return success();
}
