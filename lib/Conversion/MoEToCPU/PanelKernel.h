// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matmul kernel for experts with many rows: some columns of the weights are
// copied, transposed and as f32, into a panel that stays in the cache while all
// rows pass over it.
#ifndef MOE_LIB_CONVERSION_MOETOCPU_PANELKERNEL_H
#define MOE_LIB_CONVERSION_MOETOCPU_PANELKERNEL_H

#include "KernelBuilder.h"

namespace mlir::moe {

/// Allocates a panel of `depth` by `width` f32.
Value buildPanelAlloc(KernelBuilder &b, int64_t depth, int64_t width);

/// Copies `columns`, at most `lanes` of them, into columns of `panel` from `at`
/// on; zeros make up what is missing.
void buildPanelPack(KernelBuilder &b, ArrayRef<RowRef> columns, int64_t depth,
                    int64_t lanes, Value panel, int64_t at);

/// Products of every row with every column of `panel`, row by row as
/// `numVectors` vectors of `lanes` columns each.
SmallVector<Value> buildPanelTile(KernelBuilder &b, ArrayRef<RowRef> rows,
                                  Value panel, int64_t depth,
                                  int64_t numVectors, int64_t lanes);

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOCPU_PANELKERNEL_H
