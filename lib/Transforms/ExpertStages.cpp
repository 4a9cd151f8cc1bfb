// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertStages.h"

#include "FuseUtils.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// The one value of every element, or null.
TypedAttr constantElement(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return constantElement(fill.getInputs().front());
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return {};
  if (auto elements = dyn_cast<DenseElementsAttr>(attribute))
    return elements.isSplat() ? elements.getSplatValue<TypedAttr>()
                              : TypedAttr();
  return isa<FloatAttr, IntegerAttr>(attribute) ? cast<TypedAttr>(attribute)
                                                : TypedAttr();
}

/// The source of a slice of all rows (of a matrix) and of columns, or of rows
/// and all columns, as `sliced` says, at static places; null for other slices.
Value sliceSource(tensor::ExtractSliceOp slice, int64_t sliced, int64_t &offset,
                  int64_t &stride) {
  RankedTensorType source = slice.getSourceType();
  int64_t whole = 1 - sliced;
  if (source.getRank() != 2 || slice.getType().getRank() != 2 ||
      slice.isDynamicOffset(sliced) || slice.isDynamicStride(sliced) ||
      getConstantIntValue(slice.getMixedOffsets()[whole]) != 0 ||
      getConstantIntValue(slice.getMixedStrides()[whole]) != 1)
    return {};
  auto isWhole = ValueBoundsConstraintSet::areEqual(
      slice.getMixedSizes()[whole],
      ValueBoundsConstraintSet::Variable(slice.getSource(), whole));
  if (failed(isWhole) || !*isWhole)
    return {};
  offset = slice.getStaticOffset(sliced);
  stride = slice.getStaticStride(sliced);
  return slice.getSource();
}

/// The same column before casts of the shape and slices of columns.
Column skipSlices(Column column) {
  while (true) {
    int64_t offset, stride;
    if (auto cast = column.value.getDefiningOp<tensor::CastOp>()) {
      column.value = cast.getSource();
    } else if (auto slice =
                   column.value.getDefiningOp<tensor::ExtractSliceOp>()) {
      Value source = sliceSource(slice, /*sliced=*/1, offset, stride);
      if (!source)
        return column;
      column = {source, offset + stride * column.offset,
                stride * column.stride};
    } else {
      return column;
    }
  }
}

/// Whether the block of a linalg op computes its results from its arguments
/// and constants alone.
bool isScalarCode(Block &block) {
  return llvm::all_of(block.without_terminator(), [&](Operation &op) {
    return isPure(&op) && op.getNumRegions() == 0 &&
           !isa<linalg::IndexOp>(op) &&
           llvm::all_of(op.getOperands(), [&](Value operand) {
             return operand.getParentBlock() == &block
                        ? !isa<ShapedType>(operand.getType())
                        : bool(constantElement(operand));
           });
  });
}

/// Whether an element of `value` depends on no more than the elements at its
/// place of the operands that `inputs` lists, by operand number. Operands that
/// are not read get a null column.
bool isElementwise(Column column, SmallVectorImpl<Column> &inputs) {
  Operation *op = column.value.getDefiningOp();
  if (!op || !isPure(op))
    return false;
  if (OpTrait::hasElementwiseMappableTraits(op)) {
    for (Value operand : op->getOperands())
      inputs.push_back({operand, column.offset, column.stride});
    return true;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumReductionLoops() != 0 ||
      linalgOp.getNumLoops() != 2 || !isScalarCode(*linalgOp.getBlock()) ||
      linalgOp.getBlock()->getNumArguments() != op->getNumOperands())
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    bool isRead = linalgOp.payloadUsesValueFromOperand(&operand);
    bool isSplat = bool(constantElement(operand.get()));
    if ((isRead || linalgOp.isDpsInit(&operand)) && !isSplat &&
        !linalgOp.getMatchingIndexingMap(&operand).isIdentity())
      return false;
    inputs.push_back(
        {isRead ? operand.get() : Value(), column.offset, column.stride});
  }
  // Scalars of outside that the block names are constants, never operands.
  return true;
}

/// One element of an elementwise op from one element of each of its operands.
Value emitElement(OpBuilder &builder, OpResult result, ValueRange elements) {
  Operation *op = result.getOwner();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    Block &block = *linalgOp.getBlock();
    IRMapping mapping;
    for (auto [argument, element] : llvm::zip(block.getArguments(), elements))
      if (element)
        mapping.map(argument, element);
    for (Operation &inner : block.without_terminator()) {
      for (Value operand : inner.getOperands())
        if (operand.getParentBlock() != &block && !mapping.contains(operand))
          mapping.map(operand,
                      arith::ConstantOp::create(builder, inner.getLoc(),
                                                constantElement(operand)));
      builder.clone(inner, mapping);
    }
    Value yielded = block.getTerminator()->getOperand(result.getResultNumber());
    if (yielded.getParentBlock() != &block && !mapping.contains(yielded))
      return arith::ConstantOp::create(builder, op->getLoc(),
                                       constantElement(yielded));
    return mapping.lookupOrDefault(yielded);
  }
  OperationState scalar(op->getLoc(), op->getName(), elements,
                        getElementTypeOrSelf(result.getType()),
                        op->getAttrDictionary().getValue());
  return builder.create(scalar)->getResult(result.getResultNumber());
}

Value emitColumn(OpBuilder &builder, Column column, const Stage &stage,
                 ValueRange accumulators, std::map<Column, Value> &emitted) {
  if (!column.value)
    return {};
  column = skipSlices(column);
  Value &element = emitted[column];
  if (element)
    return element;
  if (TypedAttr constant = constantElement(column.value))
    return element = arith::ConstantOp::create(builder, column.value.getLoc(),
                                               constant);
  if (std::optional<unsigned> part = stage.columns.at(column))
    return element = accumulators[*part];
  SmallVector<Column> inputs;
  bool readable = isElementwise(column, inputs);
  assert(readable && "the stage was read before");
  (void)readable;
  SmallVector<Value> elements;
  for (Column input : inputs)
    elements.push_back(
        emitColumn(builder, input, stage, accumulators, emitted));
  // `element` is still valid: a std::map does not move its values.
  return element = emitElement(builder, cast<OpResult>(column.value), elements);
}
} // namespace

FailureOr<ExpertStages> ExpertStages::read(ExpertsOp op, StringRef passName) {
  ExpertStages body(op, passName);
  YieldOp yield = op.getYield();
  if (failed(body.readStage(yield.getOperand(0), yield)))
    return failure();
  return body;
}

Value ExpertStages::emit(OpBuilder &builder, const Stage &stage,
                         ValueRange accumulators) {
  std::map<Column, Value> emitted;
  return emitColumn(builder, {stage.result}, stage, accumulators, emitted);
}

LogicalResult ExpertStages::readStage(Value result, Operation *user) {
  if (llvm::any_of(stages,
                   [&](const Stage &stage) { return stage.result == result; }))
    return success();
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || type.getRank() != 2 || type.isDynamicDim(1))
    return missed(user, passName, "reads a value that has no static width");
  Stage stage;
  stage.result = result;
  if (failed(readColumn({result}, user, stage)))
    return failure();
  if (stage.parts.empty())
    return missed(user, passName, "reads a value that no matmul makes");
  stages.push_back(std::move(stage));
  return success();
}

LogicalResult ExpertStages::readColumn(Column column, Operation *user,
                                       Stage &stage) {
  column = skipSlices(column);
  if (constantElement(column.value))
    return success();
  if (!stage.columns.try_emplace(column, std::nullopt).second)
    return success();
  if (auto argument = dyn_cast<BlockArgument>(column.value)) {
    unsigned number = argument.getArgNumber();
    StringRef kind = number < op.getRows().size() ? "a row operand"
                     : number < op.getRows().size() + op.getWeights().size()
                         ? "an expert operand"
                         : "a shared operand";
    return missed(user, passName,
                  "'" + user->getName().getStringRef() + "' reads " + kind +
                      " otherwise than as factor of a matmul");
  }
  Operation *producer = column.value.getDefiningOp();
  if (matchMatmul(column.value))
    return readProduct(column, stage);
  SmallVector<Column> inputs;
  if (isElementwise(column, inputs)) {
    for (Column input : inputs)
      if (input.value && failed(readColumn(input, producer, stage)))
        return failure();
    return success();
  }
  if (isa<tensor::ExtractSliceOp>(producer))
    return missed(producer, passName,
                  "'tensor.extract_slice' takes other than all rows and "
                  "columns at static places");
  return missed(producer, passName,
                "'" + producer->getName().getStringRef() +
                    "' is neither a matmul nor elementwise work on whole rows");
}

LogicalResult ExpertStages::readProduct(Column column, Stage &stage) {
  Matmul matmul = *matchMatmul(column.value);
  auto refuse = [&](const Twine &reason) {
    return missed(matmul.op, passName,
                  "'" + matmul.op->getName().getStringRef() + "' " + reason);
  };
  auto type = cast<FloatType>(getElementTypeOrSelf(column.value.getType()));
  Type factor = getElementTypeOrSelf(matmul.lhs.getType());
  if (type.getWidth() > 32)
    return refuse("accumulates in f64");
  if (factor != getElementTypeOrSelf(matmul.rhs.getType()))
    return refuse("has factors of different types");
  if (!isZeroFill(matmul.init))
    return refuse("accumulates on something else than zeros");

  Part part{matmul.rhs, column.offset, column.stride, type};
  int64_t offset, stride;
  while (auto slice = part.weights.getDefiningOp<tensor::ExtractSliceOp>()) {
    Value source = sliceSource(slice, /*sliced=*/0, offset, stride);
    if (!source || !matmul.rhsIsTransposed)
      break;
    part = {source, offset + stride * part.offset, stride * part.stride, type};
  }
  auto argument = dyn_cast<BlockArgument>(part.weights);
  unsigned firstWeights = op.getRows().size();
  if (!argument || argument.getOwner() != &op.getBody().front() ||
      argument.getArgNumber() < firstWeights ||
      argument.getArgNumber() >= firstWeights + op.getWeights().size())
    return refuse("multiplies by something else than an expert operand");
  if (!matmul.rhsIsTransposed)
    return refuse("takes weights stored as [in, out]; this layout is not "
                  "taken, only [out, in]");
  if (!cast<RankedTensorType>(argument.getType()).hasStaticShape())
    return refuse("takes weights of dynamic size");

  Value rows = matmul.lhs;
  if (auto castOp = rows.getDefiningOp<tensor::CastOp>())
    rows = castOp.getSource();
  auto rowArgument = dyn_cast<BlockArgument>(rows);
  bool isRowOperand = rowArgument && rowArgument.getArgNumber() < firstWeights;
  if (!isRowOperand && failed(readStage(rows, matmul.op)))
    return failure();
  if (stage.rows && stage.rows != rows)
    return refuse("multiplies other rows than the matmul its result meets");
  stage.rows = rows;

  auto *known = llvm::find(stage.parts, part);
  stage.columns[column] = known - stage.parts.begin();
  if (known == stage.parts.end())
    stage.parts.push_back(part);
  return success();
}
