// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the strategies of moe-grouped-matmul-to-gpu share.
#ifndef MOE_LIB_CONVERSION_MOETOGPU_GROUPEDMATMUL_H
#define MOE_LIB_CONVERSION_MOETOGPU_GROUPEDMATMUL_H

#include "KernelBuilder.h"

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Static shared memory a block can have without asking the driver.
constexpr int64_t maxSharedBytes = 48 * 1024;

/// Shape of the launch: one block per (row tile, column tile).
struct TileLaunch {
  int64_t tileRows;
  int64_t tileColumns;
  int64_t threads;
  SmallVector<MemRefType> shared;
};

/// Where a block stands. All values are of index type and equal in all threads
/// of the block, but for `thread`.
struct TileContext {
  Value expert;
  Value firstRow;
  /// End of the expert's rows, not of the tile's.
  Value endRow;
  Value firstColumn;
  Value thread;
  SmallVector<Value> shared;
};

/// Builds the launch, and in it the search for the row tile of each
/// block; `body` fills in what a block with a tile does. Threads of a block
/// take the same path up to and into the body, which may hold barriers.
void buildTileLaunch(
    GPUKernelBuilder &b, GroupedMatmulOp op, const TileLaunch &launch,
    function_ref<void(GPUKernelBuilder &, const TileContext &)> body);

/// The row of lhs (index) that row `firstRow + offset` of the tile multiplies.
/// Rows past the expert's end read its last row instead: they are never stored,
/// and so need no valid numbers, only a valid address.
Value buildLhsRow(GPUKernelBuilder &b, GroupedMatmulOp op,
                  const TileContext &tile, Value offset);

/// What each vector part has for the output column `column` (index). Columns
/// past the end read the last one: they are never stored.
SmallVector<Value> buildVectorElements(GPUKernelBuilder &b, GroupedMatmulOp op,
                                       const TileContext &tile, Value column);

/// Stores one row of the result. Made once for each row, where that is known
/// to exist: what all its elements need is read then.
class RowStore {
public:
  RowStore(GPUKernelBuilder &b, GroupedMatmulOp op, Value row);

  /// The element at `column` from its f32 accumulators, one per part, and what
  /// buildVectorElements gives for its column. Any column may be asked for.
  Value build(ValueRange accumulators, ValueRange vectors, Value column);
  /// Stores it, or adds it to that of the row's token.
  void store(Value element, Value column);

private:
  GPUKernelBuilder &b;
  GroupedMatmulOp op;
  Value row;
  /// Of a matmul that scatters.
  Value token, weight;
};

/// Launches a kernel that zeroes the rows that belong to no expert, for
/// `zero_rest`.
void buildZeroRest(GroupedMatmulOp op);

/// Emits the fma kernel with a tile of these rows, columns and depth. Fails
/// without a change if no kernel of this form takes the tile, leaving the
/// reason in `why`.
LogicalResult buildFmaTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                           ArrayRef<int64_t> tile, std::string &why);

/// The same on tensor cores.
LogicalResult buildMmaSyncTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                               ArrayRef<int64_t> tile, std::string &why);

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOGPU_GROUPEDMATMUL_H
