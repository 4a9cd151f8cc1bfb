// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the body of a moe.experts as matmuls with elementwise work between
// them.
#ifndef MOE_TRANSFORMS_EXPERTSTAGES_H
#define MOE_TRANSFORMS_EXPERTSTAGES_H

#include "moe/IR/MoEOps.h"

#include <map>

namespace mlir::moe {

/// Seen from column j of the result of a stage: column offset + stride * j of
/// `value`, a [rows, columns] tensor of the body, or a constant of any shape.
struct Column {
  Value value;
  int64_t offset = 0, stride = 1;

  bool operator<(const Column &other) const {
    return std::make_tuple(value.getAsOpaquePointer(), offset, stride) <
           std::make_tuple(other.value.getAsOpaquePointer(), other.offset,
                           other.stride);
  }
};

/// A product that a stage needs: its rows times rows offset + stride * j of
/// `weights`, a block argument [columns, depth].
struct Part {
  Value weights;
  int64_t offset, stride;
  FloatType type;

  bool operator==(const Part &other) const {
    return weights == other.weights && offset == other.offset &&
           stride == other.stride && type == other.type;
  }
};

/// Products of the same rows, and the elementwise work on them up to `result`.
struct Stage {
  Value result;
  /// A block argument of the body, or the result of another stage.
  Value rows;
  SmallVector<Part> parts;
  /// Columns read so far; those that are products have a part.
  std::map<Column, std::optional<unsigned>> columns;
};

class ExpertStages {
public:
  /// Fails with a missed remark at the op that does not fit.
  static FailureOr<ExpertStages> read(ExpertsOp op, StringRef passName);

  /// In the order of their dependences; the last makes the result.
  ArrayRef<Stage> getStages() const { return stages; }

  /// The element of `stage.result` that `accumulators`, one per part, make.
  static Value emit(OpBuilder &builder, const Stage &stage,
                    ValueRange accumulators);

private:
  ExpertStages(ExpertsOp op, StringRef passName) : op(op), passName(passName) {}

  LogicalResult readStage(Value result, Operation *user);
  LogicalResult readColumn(Column column, Operation *user, Stage &stage);
  LogicalResult readProduct(Column column, Stage &stage);

  ExpertsOp op;
  StringRef passName;
  SmallVector<Stage> stages;
};

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_EXPERTSTAGES_H
