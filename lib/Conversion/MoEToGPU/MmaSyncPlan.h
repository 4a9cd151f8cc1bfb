// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How strategy mma_sync shares out a tile.
#ifndef MOE_LIB_CONVERSION_MOETOGPU_MMASYNCPLAN_H
#define MOE_LIB_CONVERSION_MOETOGPU_MMASYNCPLAN_H

#include "GroupedMatmul.h"

#include "moe/Conversion/PartGroups.h"

namespace mlir::moe {

constexpr int64_t numWarps = 4;
constexpr int64_t numThreads = numWarps * warpSize;
constexpr int64_t chunkBytes = 16;
constexpr int64_t chunkElements = chunkBytes / 2;

/// Sizes of a tile. A stage holds `rows` rows of lhs of `depth` elements and,
/// below them, an area of weights for each group of parts: as many rows for
/// [out, in] weights as the group has `columns`; for [in, out] `depth` rows of
/// columns. Parts that interleave there stay interleaved in the accumulators.
struct MmaPlan {
  SmallVector<PartGroup> groups;
  bool isInOut;
  int64_t rows, columns, depth;
  int64_t parts;
  int64_t warpsDown, warpsAcross;
  int64_t blocks; // of depth
  int64_t stages;

  /// Parts of one group.
  int64_t interleave() const { return groups.front().parts.size(); }
  int64_t areas() const { return groups.size(); }
  int64_t areaColumns() const { return columns * interleave(); }
  int64_t areaBytes() const { return areaColumns() * rowBytes(); }
  int64_t weightRowBytes() const {
    return isInOut ? areaColumns() * 2 : rowBytes();
  }
  int64_t rowBytes() const { return depth * 2; }
  int64_t chunks() const { return depth / chunkElements; }
  int64_t steps() const { return depth / 16; }
  int64_t lhsBytes() const { return rows * rowBytes(); }
  int64_t stageBytes() const { return lhsBytes() + areas() * areaBytes(); }
  /// What one warp computes: rows, and columns of every part or group.
  int64_t warpRows() const { return rows / warpsDown; }
  int64_t warpColumns() const { return columns / warpsAcross; }
  int64_t rowTiles() const { return warpRows() / 16; }
  int64_t warpAreaColumns() const { return areaColumns() / warpsAcross; }
  int64_t columnTiles() const { return warpAreaColumns() / 8; }
  int64_t accumulators() const {
    return rowTiles() * areas() * columnTiles() * 4;
  }
  /// Rows that all threads copy in one pass, one chunk each.
  int64_t rowsPerPass() const { return numThreads / chunks(); }
};

/// Fits a tile of these rows, columns and depth to the operands, or says in
/// `why` what is against it.
LogicalResult makeMmaPlan(GroupedMatmulOp op, ArrayRef<int64_t> tile,
                          MmaPlan &plan, std::string &why);

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOGPU_MMASYNCPLAN_H
