// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "ExpertValues.h"

#include "FuseUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
bool isReshape(Operation *op) {
  return isa<tensor::CastOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp,
             tensor::CollapseShapeOp>(op);
}

/// Whether `op` only moves a dimension of size 1 after a single other one.
bool reshapesUnit(Operation *op) {
  if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return false;
  auto from = cast<RankedTensorType>(op->getOperand(0).getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  auto wide = from.getRank() > to.getRank() ? from : to;
  return from.getRank() + to.getRank() == 3 && wide.getDimSize(1) == 1;
}

/// The dimensions that a reshape makes one of, or one into.
SmallVector<ReassociationIndices> reassociation(Operation *op) {
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return expand.getReassociationIndices();
  return cast<tensor::CollapseShapeOp>(op).getReassociationIndices();
}

bool usesLoop(ArrayRef<AffineExpr> exprs, unsigned loop) {
  return llvm::any_of(
      exprs, [&](AffineExpr expr) { return expr.isFunctionOfDim(loop); });
}

bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}
} // namespace

TypedAttr moe::constantElement(Value value) {
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

Column ExpertValues::skipSlices(Column column) const {
  while (Operation *op = column.value.getDefiningOp()) {
    const BodyValue &known = lookup(column.value);
    if (!isReshape(op) || !known.isElementwise || known.spread == Spread::other)
      break;
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
      int64_t last = slice.getSourceType().getRank() - 1;
      int64_t stride = slice.getStaticStride(last);
      column.offset = slice.getStaticOffset(last) + stride * column.offset;
      column.stride *= stride;
    } else if (!isa<tensor::CastOp>(op)) {
      column.offset = column.stride = 0;
    }
    column.value = op->getOperand(0);
  }
  return column;
}

bool ExpertValues::takesAllRows(tensor::ExtractSliceOp slice) const {
  if (getConstantIntValue(slice.getMixedOffsets()[0]) != 0 ||
      getConstantIntValue(slice.getMixedStrides()[0]) != 1)
    return false;
  OpFoldResult size = slice.getMixedSizes()[0];
  if (auto value = dyn_cast<Value>(size))
    if (lookup(value).spread == Spread::count)
      return true;
  auto isWhole = ValueBoundsConstraintSet::areEqual(
      size, ValueBoundsConstraintSet::Variable(slice.getSource(), 0));
  return succeeded(isWhole) && *isWhole;
}

/// Whether a slice takes columns at static places of a vector, or of a matrix
/// whose rows it takes all.
bool ExpertValues::slicesColumns(tensor::ExtractSliceOp slice) const {
  int64_t rank = slice.getSourceType().getRank();
  int64_t last = rank - 1;
  return rank >= 1 && rank <= 2 && rank == slice.getType().getRank() &&
         !slice.isDynamicOffset(last) && !slice.isDynamicStride(last) &&
         slice.getStaticStride(last) >= 1 && (rank == 1 || takesAllRows(slice));
}

ExpertValues::ExpertValues(ExpertsOp op) {
  auto classifyOperands = [&](MutableOperandRange operands, Spread spread) {
    for (OpOperand &operand : operands) {
      BodyValue &value = values[op.getBlockArgument(operand)];
      value.spread = spread;
      value.usesExpert = spread == Spread::expert;
    }
  };
  classifyOperands(op.getRowsMutable(), Spread::rows);
  classifyOperands(op.getWeightsMutable(), Spread::expert);
  classifyOperands(op.getSharedMutable(), Spread::shared);
  for (Operation &inner : op.getBody().front().without_terminator()) {
    BodyValue value = classify(&inner);
    for (Value result : inner.getResults())
      values[result] = value;
  }
}

BodyValue ExpertValues::classify(Operation *op) const {
  BodyValue value;
  if (!isPure(op))
    return value;
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    if (lookup(dim.getSource()).spread == Spread::rows &&
        dim.getConstantIndex() == 0) {
      value.spread = Spread::count;
      return value;
    }
  }
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  auto shared = [&](Value operand) { return isShared(operand); };
  if (!llvm::all_of(captured, shared))
    return value;
  if (llvm::all_of(op->getOperands(), shared)) {
    value.spread = Spread::shared;
    return value;
  }
  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    if (empty.getType().getRank() > 0 && empty.getType().isDynamicDim(0) &&
        lookup(empty.getDynamicSizes()[0]).spread == Spread::count &&
        llvm::all_of(empty.getDynamicSizes().drop_front(), shared))
      value.spread = Spread::rows;
    return value;
  }
  if (isReshape(op))
    return classifyReshape(op);
  if (isa<linalg::LinalgOp>(op)) {
    value = classifyProduct(op);
    return value.isProduct ? value : classifyLinalg(op);
  }
  if (OpTrait::hasElementwiseMappableTraits(op))
    return classifyElementwise(op);
  return value;
}

BodyValue ExpertValues::classifyProduct(Operation *op) const {
  BodyValue value;
  if (op->getNumResults() != 1)
    return value;
  std::optional<Matmul> matmul = matchMatmul(op->getResult(0));
  if (!matmul || lookup(matmul->lhs).spread != Spread::rows ||
      lookup(matmul->rhs).spread != Spread::expert)
    return value;
  value.spread = Spread::rows;
  value.isProduct = true;
  value.phase = (lookup(matmul->lhs).phase + 1) | 1;
  return value;
}

/// Casts, slices and reshapes in which row n stays row n.
BodyValue ExpertValues::classifyReshape(Operation *op) const {
  const BodyValue &source = lookup(op->getOperand(0));
  BodyValue value = source;
  value.isProduct = false;
  if ((source.spread != Spread::rows && source.spread != Spread::expert) ||
      !llvm::all_of(op->getOperands().drop_front(), [&](Value operand) {
        return isShared(operand) || lookup(operand).spread == Spread::count;
      })) {
    value.spread = Spread::other;
    return value;
  }
  bool isRows = source.spread == Spread::rows;
  value.usesExpert = !isRows;
  auto slice = dyn_cast<tensor::ExtractSliceOp>(op);
  value.isElementwise =
      slice ? slicesColumns(slice)
            : isa<tensor::CastOp>(op) || (isRows && reshapesUnit(op));
  if (!isRows || isa<tensor::CastOp>(op))
    return value;
  auto from = cast<RankedTensorType>(op->getOperand(0).getType());
  auto to = cast<RankedTensorType>(op->getResult(0).getType());
  bool keepsRows = from.getRank() > 0 && to.getRank() > 0;
  if (slice) {
    keepsRows &= from.getRank() == to.getRank() && takesAllRows(slice);
  } else if (keepsRows) {
    auto wide = from.getRank() > to.getRank() ? from : to;
    SmallVector<ReassociationIndices> groups = reassociation(op);
    for (int64_t dim : ArrayRef(groups.front()).drop_front())
      keepsRows &= wide.getDimSize(dim) == 1;
  }
  if (!keepsRows)
    value.spread = Spread::other;
  if (!value.isElementwise)
    value.phase += value.phase % 2;
  return value;
}

/// Whether the block of a linalg op computes its results from its arguments,
/// constants and scalars that all experts share.
bool ExpertValues::isScalarCode(Operation *op) const {
  Block &block = *cast<linalg::LinalgOp>(op).getBlock();
  return llvm::all_of(block.without_terminator(), [&](Operation &inner) {
    return isPure(&inner) && inner.getNumRegions() == 0 &&
           llvm::none_of(inner.getOperandTypes(), llvm::IsaPred<ShapedType>);
  });
}

BodyValue ExpertValues::classifyLinalg(Operation *op) const {
  auto linalgOp = cast<linalg::LinalgOp>(op);
  BodyValue value;
  if (!linalgOp.hasPureTensorSemantics() || !isScalarCode(op))
    return value;
  std::optional<unsigned> rowLoop;
  unsigned phase = 0;
  for (OpOperand &operand : op->getOpOperands()) {
    const BodyValue &input = lookup(operand.get());
    value.usesExpert |= input.spread == Spread::expert;
    if (input.spread == Spread::expert || input.spread == Spread::shared)
      continue;
    ArrayRef<AffineExpr> exprs =
        linalgOp.getMatchingIndexingMap(&operand).getResults();
    auto loop = exprs.empty() ? AffineDimExpr(nullptr)
                              : dyn_cast<AffineDimExpr>(exprs.front());
    if (input.spread != Spread::rows || !loop ||
        (rowLoop && *rowLoop != loop.getPosition()))
      return value;
    rowLoop = loop.getPosition();
    phase = std::max(phase, input.phase);
  }
  if (!rowLoop) {
    value.spread = Spread::expert;
  } else {
    if (linalgOp.getIteratorTypesArray()[*rowLoop] !=
        utils::IteratorType::parallel)
      return value;
    for (OpOperand &operand : op->getOpOperands()) {
      ArrayRef<AffineExpr> exprs =
          linalgOp.getMatchingIndexingMap(&operand).getResults();
      bool isResult = linalgOp.isDpsInit(&operand);
      bool isRows = lookup(operand.get()).spread == Spread::rows;
      // Those can be made anew for all rows.
      bool isBlank = constantElement(operand.get()) ||
                     operand.get().getDefiningOp<tensor::EmptyOp>();
      if (isResult &&
          (exprs.empty() ||
           exprs.front() != getAffineDimExpr(*rowLoop, op->getContext())))
        return value;
      if (isRows || isResult ? usesLoop(exprs.drop_front(), *rowLoop)
                             : usesLoop(exprs, *rowLoop) && !isBlank)
        return value;
      if (isResult && !isRows && !isBlank)
        return value;
    }
    for (auto index : linalgOp.getBlock()->getOps<linalg::IndexOp>())
      if (index.getDim() == *rowLoop)
        return value;
    value.spread = Spread::rows;
  }
  SmallVector<Column> inputs;
  value.isElementwise = readElementwise({op->getResult(0)}, inputs);
  value.phase = value.isElementwise ? phase : phase + phase % 2;
  return value;
}

BodyValue ExpertValues::classifyElementwise(Operation *op) const {
  BodyValue value;
  bool hasRows = false;
  for (Value operand : op->getOperands()) {
    const BodyValue &input = lookup(operand);
    value.usesExpert |= input.spread == Spread::expert;
    hasRows |= input.spread == Spread::rows;
    value.phase = std::max(value.phase, input.phase);
    bool fits = input.spread == Spread::rows ||
                input.spread == Spread::expert || constantElement(operand) ||
                (isShared(operand) && !isa<ShapedType>(operand.getType()));
    if (!fits)
      return BodyValue();
  }
  value.spread = hasRows ? Spread::rows : Spread::expert;
  SmallVector<Column> inputs;
  value.isElementwise = readElementwise({op->getResult(0)}, inputs);
  if (!value.isElementwise)
    value.phase += value.phase % 2;
  return value;
}

/// An element that an epilogue is handed must be a float; others must be
/// computed in there.
static bool canBeRead(Value value, const BodyValue &known) {
  return constantElement(value) || known.isElementwise || known.isProduct ||
         known.spread == Spread::expert || !isa<ShapedType>(value.getType()) ||
         isFloat(value);
}

bool ExpertValues::readElementwise(Column column,
                                   SmallVectorImpl<Column> &inputs) const {
  Operation *op = column.value.getDefiningOp();
  if (!op || !isPure(op))
    return false;
  auto add = [&](Value value, int64_t offset, int64_t stride) {
    Column input = skipSlices({value, offset, stride});
    inputs.push_back(input);
    return canBeRead(input.value, lookup(input.value));
  };
  if (OpTrait::hasElementwiseMappableTraits(op))
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return add(operand, column.offset, column.stride);
    });
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  int64_t numLoops = linalgOp ? linalgOp.getNumLoops() : 0;
  if (numLoops < 1 || numLoops > 2 || linalgOp.getNumReductionLoops() != 0 ||
      !isScalarCode(op) ||
      linalgOp.getBlock()->getNumArguments() != op->getNumOperands() ||
      !linalgOp.getBlock()->getOps<linalg::IndexOp>().empty())
    return false;
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(numLoops, op->getContext());
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
    // The map of a destination is that of a result, read or not.
    if (linalgOp.isDpsInit(&operand) && map != identity)
      return false;
    if (!linalgOp.payloadUsesValueFromOperand(&operand)) {
      inputs.push_back({});
      continue;
    }
    Value value = operand.get();
    bool isRows = lookup(value).spread == Spread::rows;
    int64_t offset = 0, stride = 0;
    ArrayRef<AffineExpr> exprs = map.getResults();
    // Of a [rows, 1] the column is a constant.
    auto single = exprs.size() == 2 ? dyn_cast<AffineConstantExpr>(exprs[1])
                                    : AffineConstantExpr(nullptr);
    if (single && isRows) {
      offset = single.getValue();
    } else if (exprs.empty() || (isRows && exprs.size() == 1)) {
      // One element for all columns.
    } else if (map == identity || map == identity.getMinorSubMap(1)) {
      offset = column.offset;
      stride = column.stride;
    } else if (!constantElement(value)) {
      return false;
    }
    if (!add(value, offset, stride))
      return false;
  }
  return true;
}

SmallVector<Value> ExpertValues::rowInputs(Value value) const {
  SmallVector<Value> inputs;
  Operation *op = value.getDefiningOp();
  if (!op)
    return inputs;
  auto add = [&](Value input) {
    if (lookup(input).spread == Spread::rows)
      inputs.push_back(input);
  };
  if (lookup(value).isProduct) {
    add(matchMatmul(value)->lhs);
  } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    for (OpOperand &operand : op->getOpOperands())
      if (linalgOp.payloadUsesValueFromOperand(&operand))
        add(operand.get());
  } else {
    llvm::for_each(op->getOperands(), add);
  }
  return inputs;
}
