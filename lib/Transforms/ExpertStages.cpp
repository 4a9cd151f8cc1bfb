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

/// The source of a slice along dimension `sliced` at static places, of a vector
/// or of a matrix that is whole in the other dimension; null for other slices.
Value sliceSource(tensor::ExtractSliceOp slice, int64_t sliced, int64_t &offset,
                  int64_t &stride) {
  RankedTensorType source = slice.getSourceType();
  if (source.getRank() < 1 || source.getRank() > 2 ||
      source.getRank() != slice.getType().getRank() ||
      slice.isDynamicOffset(sliced) || slice.isDynamicStride(sliced))
    return {};
  offset = slice.getStaticOffset(sliced);
  stride = slice.getStaticStride(sliced);
  if (stride < 1)
    return {};
  if (source.getRank() == 1)
    return slice.getSource();
  int64_t whole = 1 - sliced;
  if (getConstantIntValue(slice.getMixedOffsets()[whole]) != 0 ||
      getConstantIntValue(slice.getMixedStrides()[whole]) != 1)
    return {};
  auto isWhole = ValueBoundsConstraintSet::areEqual(
      slice.getMixedSizes()[whole],
      ValueBoundsConstraintSet::Variable(slice.getSource(), whole));
  if (failed(isWhole) || !*isWhole)
    return {};
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
      int64_t last = slice.getSourceType().getRank() - 1;
      Value source = sliceSource(slice, last, offset, stride);
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

/// Whether an element of `column` depends on no more than the elements at its
/// place of the operands that `inputs` lists, by operand number: of vectors,
/// those at its column. Operands that are not read get a null column.
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
  int64_t numLoops = linalgOp ? linalgOp.getNumLoops() : 0;
  if (numLoops < 1 || numLoops > 2 || linalgOp.getNumReductionLoops() != 0 ||
      !isScalarCode(*linalgOp.getBlock()) ||
      linalgOp.getBlock()->getNumArguments() != op->getNumOperands())
    return false;
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(numLoops, op->getContext());
  AffineMap ofColumn = identity.getMinorSubMap(1);
  for (OpOperand &operand : op->getOpOperands()) {
    bool isRead = linalgOp.payloadUsesValueFromOperand(&operand);
    AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
    // The map of a destination is that of a result, read or not.
    if (linalgOp.isDpsInit(&operand)
            ? map != identity
            : isRead && map != identity && map != ofColumn &&
                  !constantElement(operand.get()))
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
                 ValueRange elements, std::map<Column, Value> &emitted) {
  if (!column.value)
    return {};
  column = skipSlices(column);
  Value &element = emitted[column];
  if (element)
    return element;
  if (TypedAttr constant = constantElement(column.value))
    return element = arith::ConstantOp::create(builder, column.value.getLoc(),
                                               constant);
  auto product = stage.productColumns.find(column);
  if (product != stage.productColumns.end())
    return element = elements[product->second];
  auto vector = stage.vectorColumns.find(column);
  if (vector != stage.vectorColumns.end())
    return element = elements[stage.products.size() + vector->second];
  SmallVector<Column> inputs;
  bool readable = isElementwise(column, inputs);
  assert(readable && "the stage was read before");
  (void)readable;
  SmallVector<Value> operands;
  for (Column input : inputs)
    operands.push_back(emitColumn(builder, input, stage, elements, emitted));
  // `element` is still valid: a std::map does not move its values.
  return element = emitElement(builder, cast<OpResult>(column.value), operands);
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
                         ValueRange elements) {
  std::map<Column, Value> emitted;
  return emitColumn(builder, {stage.result}, stage, elements, emitted);
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
  if (stage.products.empty())
    return missed(user, passName, "reads a value that no matmul makes");
  stages.push_back(std::move(stage));
  return success();
}

LogicalResult ExpertStages::readColumn(Column column, Operation *user,
                                       Stage &stage) {
  column = skipSlices(column);
  if (constantElement(column.value))
    return success();
  if (!stage.columns.insert(column).second)
    return success();
  if (isa<BlockArgument>(column.value))
    return readArgument(column, user, stage);
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

bool ExpertStages::isExpertOperand(BlockArgument argument) {
  unsigned first = op.getRows().size();
  return argument.getOwner() == &op.getBody().front() &&
         argument.getArgNumber() >= first &&
         argument.getArgNumber() < first + op.getWeights().size();
}

LogicalResult ExpertStages::readArgument(Column column, Operation *user,
                                         Stage &stage) {
  auto argument = cast<BlockArgument>(column.value);
  auto refuse = [&](const Twine &reason) {
    return missed(user, passName,
                  "'" + user->getName().getStringRef() + "' reads " + reason);
  };
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!isExpertOperand(argument) || !type || type.getRank() != 1) {
    StringRef kind = isExpertOperand(argument) ? "an expert operand"
                     : argument.getArgNumber() < op.getRows().size()
                         ? "a row operand"
                         : "a shared operand";
    return refuse(kind + " otherwise than as factor of a matmul");
  }
  auto element = dyn_cast<FloatType>(type.getElementType());
  if (!element)
    return refuse("an expert vector of something else than floats");
  Part part{argument, column.offset, column.stride, element};
  auto *known = llvm::find(stage.vectors, part);
  stage.vectorColumns[column] = known - stage.vectors.begin();
  if (known == stage.vectors.end())
    stage.vectors.push_back(part);
  return success();
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
    int64_t offset, stride;
    Value source = slice
                       ? sliceSource(slice, /*sliced=*/isInOut, offset, stride)
                       : Value();
    if (!source)
      break;
    part.operand = source;
    part.offset = offset + stride * part.offset;
    part.stride *= stride;
  }
  auto argument = dyn_cast<BlockArgument>(part.operand);
  if (!argument || !isExpertOperand(argument))
    return refuse("multiplies by something else than an expert operand");

  Value rows = matmul.lhs;
  if (auto castOp = rows.getDefiningOp<tensor::CastOp>())
    rows = castOp.getSource();
  auto rowArgument = dyn_cast<BlockArgument>(rows);
  bool isRowOperand =
      rowArgument && rowArgument.getArgNumber() < op.getRows().size();
  if (!isRowOperand && failed(readStage(rows, matmul.op)))
    return failure();
  if (stage.rows && stage.rows != rows)
    return refuse("multiplies other rows than the matmul its result meets");
  stage.rows = rows;

  auto *known = llvm::find(stage.products, part);
  stage.productColumns[column] = known - stage.products.begin();
  if (known == stage.products.end())
    stage.products.push_back(part);
  return success();
}
