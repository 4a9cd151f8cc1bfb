// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertStages.h"

#include "FuseUtils.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The number of `part` in `parts`, where it stands once.
unsigned numberOf(SmallVectorImpl<Part> &parts, const Part &part) {
  auto *known = llvm::find(parts, part);
  unsigned number = known - parts.begin();
  if (known == parts.end())
    parts.push_back(part);
  return number;
}

FloatType floatType(Value value) {
  return dyn_cast<FloatType>(getElementTypeOrSelf(value.getType()));
}

/// A matrix of floats of known width, which a matmul can make.
RankedTensorType resultType(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2 && !type.isDynamicDim(1) &&
                 isa<FloatType>(type.getElementType())
             ? type
             : RankedTensorType();
}

/// Whether a slice takes some of a matrix along dimension `sliced` at static
/// places, and all of the other.
bool slicesMatrix(tensor::ExtractSliceOp slice, int64_t sliced) {
  RankedTensorType source = slice.getSourceType();
  int64_t whole = 1 - sliced;
  return source.hasStaticShape() && source.getRank() == 2 &&
         slice.getType().getRank() == 2 && !slice.isDynamicOffset(sliced) &&
         !slice.isDynamicStride(sliced) && slice.getStaticStride(sliced) >= 1 &&
         getConstantIntValue(slice.getMixedOffsets()[whole]) == 0 &&
         getConstantIntValue(slice.getMixedStrides()[whole]) == 1 &&
         slice.getType().getDimSize(whole) == source.getDimSize(whole);
}

bool comesBefore(Value a, Value b) {
  return a.getDefiningOp()->isBeforeInBlock(b.getDefiningOp());
}
} // namespace

FailureOr<ExpertStages> ExpertStages::read(ExpertsOp op, StringRef passName) {
  ExpertStages body(op, passName);
  body.chooseResults();
  YieldOp yield = op.getYield();
  if (failed(body.provide(yield.getOperand(0), yield)))
    return failure();
  return body;
}

/// Whether `value` is elementwise work, without expert operands, on `stops` and
/// on what phases before `phase` make.
bool ExpertStages::followsFrom(Value value, ArrayRef<Value> stops,
                               unsigned phase) const {
  SetVector<Value> work;
  work.insert(value);
  for (size_t i = 0; i < work.size(); ++i) {
    Value next = work[i];
    const BodyValue &known = values[next];
    if (llvm::is_contained(stops, next) || known.phase < phase)
      continue;
    if (known.isProduct || !known.isElementwise || known.usesExpert)
      return false;
    work.insert_range(values.rowInputs(next));
  }
  return true;
}

/// Finds out which values the matmuls of each phase have to hand on to later
/// ones.
void ExpertStages::chooseResults() {
  Value root = op.getYield().getOperand(0);
  if (!root.getDefiningOp())
    return;
  SetVector<Value> live;
  live.insert(root);
  std::map<unsigned, SetVector<Value>> needed;
  auto need = [&](Value value) {
    unsigned phase = values[value].phase;
    if (phase % 2 == 1)
      needed[phase].insert(value);
  };
  need(root);
  for (size_t i = 0; i < live.size(); ++i)
    for (Value input : values.rowInputs(live[i])) {
      if (!input.getDefiningOp())
        continue;
      if (values[live[i]].phase > values[input].phase)
        need(input);
      live.insert(input);
    }
  SmallVector<Value> inOrder = live.takeVector();
  llvm::sort(inOrder, comesBefore);
  for (auto &[phase, values] : needed)
    chooseResultsOfPhase(values.takeVector(), phase, inOrder);
}

/// Every value handed on is a matmul of its own, and a buffer. One is enough
/// where the others are elementwise work on it: of a norm, the row itself, not
/// also its squares.
void ExpertStages::chooseResultsOfPhase(SmallVector<Value> needed,
                                        unsigned phase, ArrayRef<Value> live) {
  // What no matmul can make follows from what one can.
  SetVector<Value> candidates(needed.begin(), needed.end());
  SmallVector<Value> chosen;
  for (size_t i = 0; i < candidates.size(); ++i) {
    Value value = candidates[i];
    if (resultType(value) || values[value].isProduct) {
      chosen.push_back(value);
      continue;
    }
    for (Value input : values.rowInputs(value))
      if (values[input].phase == phase)
        candidates.insert(input);
  }
  llvm::sort(chosen, comesBefore);
  for (size_t i = chosen.size(); i-- > 0;) {
    SmallVector<Value> others(chosen);
    others.erase(others.begin() + i);
    if (followsFrom(chosen[i], others, phase))
      chosen = others;
  }
  if (chosen.size() > 1)
    for (Value one : llvm::reverse(live))
      if (values[one].phase == phase && resultType(one) &&
          llvm::all_of(chosen, [&](Value value) {
            return followsFrom(value, one, phase);
          })) {
        chosen = {one};
        break;
      }
  results.insert(chosen.begin(), chosen.end());
}

/// Adds the steps that make `value`.
LogicalResult ExpertStages::provide(Value value, Operation *user) {
  const BodyValue &known = values[value];
  Operation *producer = value.getDefiningOp();
  // Their number is known outside, or comes with the op.
  if (known.spread == Spread::count || (!producer && !known.usesExpert) ||
      !provided.insert(value).second)
    return success();
  if (known.spread == Spread::expert)
    return missed(user, passName,
                  "'" + user->getName().getStringRef() +
                      "' reads an expert operand otherwise than as factor of "
                      "a matmul");
  if (known.spread == Spread::other) {
    // The first such op is the reason for the others.
    for (Value operand : producer->getOperands())
      if (values[operand].spread == Spread::other)
        return provide(operand, producer);
    if (isa<tensor::ExtractSliceOp>(producer))
      return missed(producer, passName,
                    "'tensor.extract_slice' takes other than all rows and "
                    "columns at static places");
    return missed(producer, passName,
                  "'" + producer->getName().getStringRef() +
                      "' is not known to work on each row by itself");
  }
  if (known.isProduct || results.contains(value))
    return readStage(value, user);
  if (known.usesExpert)
    return missed(producer, passName,
                  "'" + producer->getName().getStringRef() +
                      "' needs an expert operand where the rows of all "
                      "experts are worked on at once");
  SetVector<Value> inputs(producer->operand_begin(), producer->operand_end());
  getUsedValuesDefinedAbove(producer->getRegions(), inputs);
  for (Value input : inputs) {
    if (failed(provide(input, producer)))
      return failure();
    readWhole.insert(input);
  }
  provided.insert(producer->result_begin(), producer->result_end());
  steps.push_back(producer);
  return success();
}

LogicalResult ExpertStages::readStage(Value result, Operation *user) {
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || type.getRank() != 2 || type.isDynamicDim(1))
    return missed(user, passName, "reads a value that has no static width");
  Stage stage;
  stage.result = result;
  if (failed(readColumn({result}, user, stage)))
    return failure();
  steps.push_back(std::move(stage));
  return success();
}

LogicalResult ExpertStages::readColumn(Column column, Operation *user,
                                       Stage &stage) {
  column = values.skipSlices(column);
  if (constantElement(column.value))
    return success();
  if (!stage.columns.insert(column).second)
    return success();
  const BodyValue &known = values[column.value];
  if (isa<BlockArgument>(column.value) && known.spread == Spread::expert)
    return readArgument(column, user, stage);
  if (known.spread == Spread::shared)
    return readShared(column, user, stage);
  // Of an earlier phase it is there; of this one it is made once more.
  if (results.contains(column.value) &&
      known.phase < values[stage.result].phase)
    return readRowPart(column, user, stage);
  if (known.isProduct)
    return readProduct(column, stage);
  SmallVector<Column> inputs;
  if (known.spread != Spread::other && known.isElementwise &&
      values.readElementwise(column, inputs)) {
    Operation *producer = column.value.getDefiningOp();
    for (Column input : inputs)
      if (input.value && failed(readColumn(input, producer, stage)))
        return failure();
    SetVector<Value> captured;
    getUsedValuesDefinedAbove(producer->getRegions(), captured);
    for (Value scalar : captured)
      if (!constantElement(scalar) && failed(provide(scalar, producer)))
        return failure();
    return success();
  }
  return readRowPart(column, user, stage);
}

LogicalResult ExpertStages::readArgument(Column column, Operation *user,
                                         Stage &stage) {
  auto argument = cast<BlockArgument>(column.value);
  auto refuse = [&](const Twine &reason) {
    return missed(user, passName,
                  "'" + user->getName().getStringRef() + "' reads " + reason);
  };
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!type || type.getRank() > 1)
    return refuse("an expert operand otherwise than as factor of a matmul");
  FloatType element = floatType(argument);
  if (!element)
    return refuse("an expert vector of something else than floats");
  stage.vectorColumns[column] = numberOf(
      stage.vectors, {argument, column.offset, column.stride, element});
  return success();
}

/// Scalars are read where they are, tensors become vectors of one row.
LogicalResult ExpertStages::readShared(Column column, Operation *user,
                                       Stage &stage) {
  if (isa<RankedTensorType>(column.value.getType()))
    stage.vectorColumns[column] =
        numberOf(stage.vectors, {column.value, column.offset, column.stride,
                                 floatType(column.value)});
  return provide(column.value, user);
}

LogicalResult ExpertStages::readRowPart(Column column, Operation *user,
                                        Stage &stage) {
  if (failed(provide(column.value, user)))
    return failure();
  stage.rowColumns[column] =
      numberOf(stage.rowParts, {column.value, column.offset, column.stride,
                                floatType(column.value)});
  return success();
}

LogicalResult ExpertStages::readProduct(Column column, Stage &stage) {
  Matmul matmul = *matchMatmul(column.value);
  auto refuse = [&](const Twine &reason) {
    return missed(matmul.op, passName,
                  "'" + matmul.op->getName().getStringRef() + "' " + reason);
  };
  FloatType type = floatType(column.value);
  if (type.getWidth() > 32)
    return refuse("accumulates in f64");
  if (floatType(matmul.lhs) != floatType(matmul.rhs))
    return refuse("has factors of different types");
  if (!isZeroFill(matmul.init))
    return refuse("accumulates on something else than zeros");

  Part part{matmul.rhs, column.offset, column.stride, type,
            matmul.rhsIsTransposed ? WeightLayout::out_in
                                   : WeightLayout::in_out};
  while (Operation *producer = part.operand.getDefiningOp()) {
    bool isInOut = part.layout == WeightLayout::in_out;
    if (auto transpose = dyn_cast<linalg::TransposeOp>(producer)) {
      part.operand = transpose.getInput();
      part.layout = isInOut ? WeightLayout::out_in : WeightLayout::in_out;
      continue;
    }
    auto slice = dyn_cast<tensor::ExtractSliceOp>(producer);
    int64_t sliced = isInOut;
    if (!slice || !slicesMatrix(slice, sliced))
      break;
    int64_t stride = slice.getStaticStride(sliced);
    part.operand = slice.getSource();
    part.offset = slice.getStaticOffset(sliced) + stride * part.offset;
    part.stride *= stride;
  }
  if (!isa<BlockArgument>(part.operand))
    return refuse("multiplies by something else than an expert operand");

  Value rows = matmul.lhs;
  while (auto castOp = rows.getDefiningOp<tensor::CastOp>())
    rows = castOp.getSource();
  if (stage.rows && stage.rows != rows)
    return readRowPart(column, matmul.op, stage);
  auto rowsType = cast<RankedTensorType>(rows.getType());
  if (rowsType.isDynamicDim(1))
    return missed(matmul.op, passName,
                  "reads a value that has no static width");
  if (failed(provide(rows, matmul.op)))
    return failure();
  stage.rows = rows;
  stage.productColumns[column] = numberOf(stage.products, part);
  return success();
}

namespace {
/// One element of an elementwise op from one element of each of its operands.
Value emitElement(OpBuilder &builder, OpResult result, ValueRange elements,
                  const IRMapping &outside) {
  Operation *op = result.getOwner();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    Block &block = *linalgOp.getBlock();
    IRMapping mapping;
    for (auto [argument, element] : llvm::zip(block.getArguments(), elements))
      if (element)
        mapping.map(argument, element);
    auto mapScalar = [&](Value scalar) {
      if (mapping.contains(scalar))
        return;
      TypedAttr constant = constantElement(scalar);
      mapping.map(scalar, constant ? arith::ConstantOp::create(
                                         builder, op->getLoc(), constant)
                                   : outside.lookup(scalar));
    };
    for (Operation &inner : block.without_terminator()) {
      for (Value operand : inner.getOperands())
        mapScalar(operand);
      builder.clone(inner, mapping);
    }
    Value yielded = block.getTerminator()->getOperand(result.getResultNumber());
    mapScalar(yielded);
    return mapping.lookup(yielded);
  }
  OperationState scalar(op->getLoc(), op->getName(), elements,
                        getElementTypeOrSelf(result.getType()),
                        op->getAttrDictionary().getValue());
  return builder.create(scalar)->getResult(result.getResultNumber());
}
} // namespace

Value ExpertStages::emit(OpBuilder &builder, const Stage &stage,
                         ValueRange elements, const IRMapping &outside) const {
  std::map<Column, Value> emitted;
  return emitColumn(builder, {stage.result}, stage, elements, outside, emitted);
}

Value ExpertStages::emitColumn(OpBuilder &builder, Column column,
                               const Stage &stage, ValueRange elements,
                               const IRMapping &outside,
                               std::map<Column, Value> &emitted) const {
  if (!column.value)
    return {};
  column = values.skipSlices(column);
  // A reference stays valid: a std::map does not move its values.
  Value &element = emitted[column];
  if (element)
    return element;
  if (TypedAttr constant = constantElement(column.value))
    return element = arith::ConstantOp::create(builder, column.value.getLoc(),
                                               constant);
  unsigned first = 0;
  for (auto [columns, parts] :
       {std::pair(&stage.productColumns, &stage.products),
        std::pair(&stage.vectorColumns, &stage.vectors),
        std::pair(&stage.rowColumns, &stage.rowParts)}) {
    auto part = columns->find(column);
    if (part != columns->end())
      return element = elements[first + part->second];
    first += parts->size();
  }
  if (!isa<ShapedType>(column.value.getType()))
    return element = outside.lookup(column.value);
  SmallVector<Column> inputs;
  bool readable = values.readElementwise(column, inputs);
  assert(readable && "the stage was read before");
  (void)readable;
  SmallVector<Value> operands;
  for (Column input : inputs)
    operands.push_back(
        emitColumn(builder, input, stage, elements, outside, emitted));
  return element = emitElement(builder, cast<OpResult>(column.value), operands,
                               outside);
}
