// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads the body of a moe.experts as matmuls with elementwise work on their
// results, and work on the rows of all experts between them.
#ifndef MOE_TRANSFORMS_EXPERTSTAGES_H
#define MOE_TRANSFORMS_EXPERTSTAGES_H

#include "ExpertValues.h"

#include <map>
#include <set>
#include <variant>

namespace mlir::moe {

/// What column j of a stage reads of a value of the body: the product of the
/// stage's rows with column offset + stride * j of a matrix, or that element of
/// an expert's or a shared vector, or of a row.
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
  /// A row operand of the body, or what another step makes.
  Value rows;
  SmallVector<Part> products, vectors, rowParts;
  /// Columns read so far.
  std::set<Column> columns;
  /// Those that are parts, by number in the list of their kind.
  std::map<Column, unsigned> productColumns, vectorColumns, rowColumns;
};

/// A grouped matmul, or an op that works on the rows of all experts at once or
/// on what they share.
using Step = std::variant<Stage, Operation *>;

class ExpertStages {
public:
  /// Fails with a missed remark at the op that does not fit.
  static FailureOr<ExpertStages> read(ExpertsOp op, StringRef passName);

  /// In the order of their dependences. After the last the result of the body
  /// is there.
  ArrayRef<Step> getSteps() const { return steps; }
  const ExpertValues &getValues() const { return values; }

  /// Whether a step reads the rows of `result` that belong to no expert: then
  /// they must hold something.
  bool readsRest(Value result) const { return readWhole.contains(result); }

  /// The element of `stage.result` that `elements` make: one per product, then
  /// one per vector, then one per row part. `outside` has scalars that all
  /// experts share.
  Value emit(OpBuilder &builder, const Stage &stage, ValueRange elements,
             const IRMapping &outside) const;

private:
  ExpertStages(ExpertsOp op, StringRef passName)
      : op(op), passName(passName), values(op) {}

  void chooseResults();
  void chooseResultsOfPhase(SmallVector<Value> needed, unsigned phase,
                            ArrayRef<Value> live);
  bool followsFrom(Value value, ArrayRef<Value> stops, unsigned phase) const;

  LogicalResult provide(Value value, Operation *user);
  LogicalResult readStage(Value result, Operation *user);
  LogicalResult readColumn(Column column, Operation *user, Stage &stage);
  LogicalResult readArgument(Column column, Operation *user, Stage &stage);
  LogicalResult readShared(Column column, Operation *user, Stage &stage);
  LogicalResult readRowPart(Column column, Operation *user, Stage &stage);
  LogicalResult readProduct(Column column, Stage &stage);
  Value emitColumn(OpBuilder &builder, Column column, const Stage &stage,
                   ValueRange elements, const IRMapping &outside,
                   std::map<Column, Value> &emitted) const;

  ExpertsOp op;
  StringRef passName;
  ExpertValues values;
  /// What grouped matmuls make.
  DenseSet<Value> results;
  /// What steps make, and block arguments.
  DenseSet<Value> provided;
  DenseSet<Value> readWhole;
  SmallVector<Step, 2> steps;
};

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_EXPERTSTAGES_H
