// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Windows that slide over an operand: of reductions, convolutions and
// select_and_scatter.
#ifndef MOE_FRONTEND_IMPORT_HLOWINDOWS_H
#define MOE_FRONTEND_IMPORT_HLOWINDOWS_H

#include "Hlo.h"

namespace mlir::moe::hlo {

/// Windows over an operand that may be dilated and padded, for each of its
/// dimensions.
struct Windows {
  SmallVector<int64_t> sizes, strides, baseDilations, windowDilations, low,
      high;

  /// From the attributes of reduce_window; none if they do not fit `rank`.
  static std::optional<Windows> read(Operation *op, int64_t rank);
  /// Pairs of low and high, none at all for zeros; false if there are others
  /// than one for each size.
  bool pad(SmallVector<int64_t> padding);
  /// Whether all lists have the length of the padding and are positive.
  bool isPositive() const;
  /// How many windows fit along a dimension of `size` elements.
  int64_t count(int64_t dim, int64_t size) const;
  /// Where part `part` of window `window` reads along a dimension of `size`
  /// elements, and whether there is an element; zero if there is not.
  std::pair<Value, Value> place(OpBuilder &b, Location loc, int64_t dim,
                                int64_t size, Value window, Value part) const;
  /// The same for all dimensions, in the body of `loops`.
  std::pair<SmallVector<Value>, Value> element(OpBuilder &b, Location loc,
                                               ArrayRef<int64_t> shape) const;
  /// The loops of a linalg.generic over windows, then over their parts; the
  /// maps are those of a tensor of parts and of a tensor of windows.
  void loops(MLIRContext *context, SmallVector<AffineMap> &maps,
             SmallVector<utils::IteratorType> &iterators) const;
};

} // namespace mlir::moe::hlo

#endif // MOE_FRONTEND_IMPORT_HLOWINDOWS_H
