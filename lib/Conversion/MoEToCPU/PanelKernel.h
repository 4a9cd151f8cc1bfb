// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matmul kernel for experts with many rows: some columns of the weights are
// copied, depth first and as f32, into a panel that stays in the cache while
// all rows pass over it.
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

/// The same from weights that lie as the panel does: `load` gives the vector.
void buildPanelCopy(KernelBuilder &b, function_ref<Value(Value depth)> load,
                    int64_t depth, Value panel, int64_t at);

/// Products of every row with the `numVectors` vectors of columns that `load`
/// gives, row by row.
SmallVector<Value>
buildOuterTile(KernelBuilder &b, ArrayRef<RowRef> rows,
               function_ref<Value(Value depth, int64_t vector)> load,
               int64_t depth, int64_t numVectors, int64_t lanes);

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOCPU_PANELKERNEL_H
