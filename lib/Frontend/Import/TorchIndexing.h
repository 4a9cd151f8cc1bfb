// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_FRONTEND_IMPORT_TORCHINDEXING_H
#define MOE_FRONTEND_IMPORT_TORCHINDEXING_H

#include "TorchImporter.h"

namespace mlir::moe::torch {

/// x[i, :, j, ...]: which element of `source` stands where.
struct Indexing {
  /// Per dimension of the source the index tensor; null where all is taken.
  SmallVector<Value> indices;
  SmallVector<Type> dtypes;
  /// What the index tensors broadcast to, and where that stands in the result.
  Sizes common;
  unsigned position = 0;
  /// Sizes of the source, and of the result.
  Sizes source, result;
  /// Sizes of the source to count negative indices from, as i64.
  SmallVector<Value> extents;

  /// Of `list`, a list of tensors and none; masks are taken apart.
  static FailureOr<Indexing> read(Call &call, Value source,
                                  const std::vector<Item> &list);
  /// What index tensors are read through in loops over the result.
  SmallVector<AffineMap> maps(FunctionImporter &f) const;
  SmallVector<Value> inputs() const;
  /// Whether the index tensors stand for leading dimensions.
  bool isLeading() const;
};

/// A number as an index, from the end where it is negative.
Value wrapIndex(OpBuilder &b, Location loc, Value number, Value zero,
                Value extent);

} // namespace mlir::moe::torch

#endif // MOE_FRONTEND_IMPORT_TORCHINDEXING_H
