// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Repeats ops from the body of an expert on the rows of all experts.
#ifndef MOE_TRANSFORMS_ROWWORK_H
#define MOE_TRANSFORMS_ROWWORK_H

#include "ExpertValues.h"

#include "mlir/IR/IRMapping.h"

namespace mlir::moe {

class RowWork {
public:
  /// Makes ops before `op`. `outside` maps values of its body to those on all
  /// rows, and is kept up to date.
  RowWork(OpBuilder &builder, ExpertsOp op, const ExpertValues &values,
          IRMapping &outside);

  /// `inner` is of the spread shared or rows, and its operands are there.
  void repeat(Operation *inner);

  /// A [rows, columns] tensor whose contents do not matter.
  Value createDestination(Location loc, int64_t columns, Type element);
  /// Type of a tensor of the body on all rows.
  RankedTensorType onAllRows(Type type) const;

private:
  Value repeatReshape(Operation *inner);
  void repeatTyped(Operation *inner);
  Value createBlank(Value value);

  OpBuilder &builder;
  const ExpertValues &values;
  IRMapping &outside;
  int64_t extent;
  OpFoldResult numRows;
};

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_ROWWORK_H
