// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the body of a moe.experts as matmuls with elementwise work between
// them.
#ifndef MOE_TRANSFORMS_EXPERTSTAGES_H
#define MOE_TRANSFORMS_EXPERTSTAGES_H

#include "moe/IR/MoEOps.h"

#include <map>
#include <set>

namespace mlir::moe {

/// Seen from column j of the result of a stage: column offset + stride * j of
/// `value`, a [rows, columns] or [columns] tensor of the body, or a constant of
/// any shape.
struct Column {
  Value value;
  int64_t offset = 0, stride = 1;

  bool operator<(const Column &other) const {
    return std::make_tuple(value.getAsOpaquePointer(), offset, stride) <
           std::make_tuple(other.value.getAsOpaquePointer(), other.offset,
                           other.stride);
  }
};

/// What column j of a stage reads of an expert operand, a block argument: the
/// product of the stage's rows with column offset + stride * j of a matrix, or
/// that element of a [columns].
struct Part {
  Value operand;
  int64_t offset, stride;
  FloatType type;
  /// Of a matrix: [columns, depth] or [depth, columns].
  WeightLayout layout = WeightLayout::out_in;

  bool operator==(const Part &other) const {
    return operand == other.operand && offset == other.offset &&
           stride == other.stride && type == other.type &&
           layout == other.layout;
  }
};

/// Products of the same rows, and the elementwise work on them up to `result`.
struct Stage {
  Value result;
  /// A block argument of the body, or the result of another stage.
  Value rows;
  SmallVector<Part> products, vectors;
  /// Columns read so far.
  std::set<Column> columns;
  /// Those that are parts, by number in `products` or `vectors`.
  std::map<Column, unsigned> productColumns, vectorColumns;
};

class ExpertStages {
public:
  /// Fails with a missed remark at the op that does not fit.
  static FailureOr<ExpertStages> read(ExpertsOp op, StringRef passName);

  /// In the order of their dependences; the last makes the result.
  ArrayRef<Stage> getStages() const { return stages; }

  /// The element of `stage.result` that `elements` make: one per product, then
  /// one per vector.
  static Value emit(OpBuilder &builder, const Stage &stage,
                    ValueRange elements);

private:
  ExpertStages(ExpertsOp op, StringRef passName) : op(op), passName(passName) {}

  LogicalResult readStage(Value result, Operation *user);
  LogicalResult readColumn(Column column, Operation *user, Stage &stage);
  LogicalResult readArgument(Column column, Operation *user, Stage &stage);
  LogicalResult readProduct(Column column, Stage &stage);
  bool isExpertOperand(BlockArgument argument);

  ExpertsOp op;
  StringRef passName;
  SmallVector<Stage, 2> stages;
};

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_EXPERTSTAGES_H
