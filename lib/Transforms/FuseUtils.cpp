// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FuseUtils.h"

#include "moe/Analysis/ElementTracer.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
FloatType elementType(Value value) {
  return dyn_cast<FloatType>(getElementTypeOrSelf(value.getType()));
}

Value skipExtension(Value value) {
  if (auto extension = value.getDefiningOp<arith::ExtFOp>())
    return extension.getIn();
  return value;
}

/// Whether `block` of a generic yields acc + a * b, the factors widened at
/// most. Named ops need no such look.
bool multipliesAndAdds(Block &block) {
  auto yield = cast<linalg::YieldOp>(block.getTerminator());
  auto sum = yield.getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum)
    return false;
  Value accumulator = block.getArgument(2);
  Value addend = sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs();
  if (sum.getLhs() != accumulator && sum.getRhs() != accumulator)
    return false;
  auto product = addend.getDefiningOp<arith::MulFOp>();
  if (!product)
    return false;
  Value a = skipExtension(product.getLhs());
  Value b = skipExtension(product.getRhs());
  return (a == block.getArgument(0) && b == block.getArgument(1)) ||
         (a == block.getArgument(1) && b == block.getArgument(0));
}

/// Whether widening to `to` keeps every value of `from`.
bool holds(FloatType to, FloatType from) {
  return to == from || to.getWidth() > from.getWidth();
}

/// What a cast widened to make `value`, or null.
Value widenedSource(Value value) {
  Value source = castSource(value);
  return source && holds(elementType(value), elementType(source)) ? source
                                                                  : Value();
}

void skipTranspose(Matmul &matmul) {
  auto transpose = matmul.rhs.getDefiningOp<linalg::TransposeOp>();
  if (!transpose || matmul.rhsIsTransposed)
    return;
  matmul.rhs = transpose.getInput();
  matmul.rhsIsTransposed = true;
}

/// The dimension of an operand that has the size of dimension `dim` of a
/// result, so that asking for it does not keep the op; null if unknown.
std::pair<Value, int64_t> sameSize(OpResult result, int64_t dim) {
  Operation *op = result.getOwner();
  if (auto select = dyn_cast<SelectOp>(op); select && select.isByExpert())
    return {};
  if (isa<ScoreOp, SelectOp>(op))
    return {dim == 0 ? op->getOperand(0) : Value(), 0};
  if (auto weigh = dyn_cast<WeighOp>(op)) {
    bool isAlways = result == weigh.getAlwaysWeights();
    return {isAlways && dim == 1 ? Value() : weigh.getExperts(), dim};
  }
  if (auto limit = dyn_cast<LimitOp>(op))
    return {limit.getExperts(), dim};
  if (auto dispatch = dyn_cast<DispatchOp>(op))
    return {dim == 0 ? dispatch.getPairs() : dispatch.getX(), dim};
  if (auto experts = dyn_cast<ExpertsOp>(op))
    return {dim == 0 ? experts.getRows().front() : Value(), 0};
  if (auto combine = dyn_cast<CombineOp>(op))
    return {combine.getInit(), dim};
  if (auto columns = dyn_cast<VirtualOp>(op))
    return {columns.getInit(), dim};
  if (Value source = castSource(result))
    return {source, dim};
  if (auto inPlace = dyn_cast<DestinationStyleOpInterface>(op))
    return {inPlace.getTiedOpOperand(result)->get(), dim};
  return {};
}

/// Asks for sizes where they come from.
void resolveDims(Operation *root) {
  root->walk([](tensor::DimOp op) {
    std::optional<int64_t> dim = op.getConstantIndex();
    Value source = op.getSource();
    if (!dim)
      return;
    while (auto result = dyn_cast<OpResult>(source)) {
      auto [next, nextDim] = sameSize(result, *dim);
      if (!next)
        break;
      source = next;
      dim = nextDim;
    }
    if (source == op.getSource())
      return;
    OpBuilder builder(op);
    Value size = getValueOrCreateConstantIndexOp(
        builder, op.getLoc(),
        tensor::getMixedSize(builder, op.getLoc(), source, *dim));
    op.replaceAllUsesWith(size);
    op.erase();
  });
}

/// The tensor of which `expr` is element `column` along one dimension, the
/// others being of size one, or null.
Value rowVector(Expr expr, Expr column, int64_t width) {
  if (expr->kind != ElementExpr::Kind::Element)
    return {};
  auto type = dyn_cast<RankedTensorType>(expr->value.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() != width)
    return {};
  for (auto [size, index] : llvm::zip(type.getShape(), expr->operands))
    if (size != 1 && index != column)
      return {};
  return expr->value;
}

bool isZeroConstant(Value value) {
  return matchPattern(value, m_AnyZeroFloat());
}
} // namespace

std::optional<Matmul> moe::matchMatmul(Value value) {
  const SmallVector<utils::IteratorType> matmulLoops{
      utils::IteratorType::parallel, utils::IteratorType::parallel,
      utils::IteratorType::reduction};
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  if (!op || op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getIteratorTypesArray() != matmulLoops ||
      !op.hasPureTensorSemantics() || !elementType(value))
    return std::nullopt;
  if (isa<linalg::GenericOp>(op)) {
    if (!multipliesAndAdds(*op.getBlock()))
      return std::nullopt;
  } else if (!isa<linalg::MatmulOp, linalg::ContractOp>(op)) {
    return std::nullopt;
  }

  MLIRContext *context = op->getContext();
  AffineExpr m, n, k;
  bindDims(context, m, n, k);
  auto map = [&](AffineExpr a, AffineExpr b) {
    return AffineMap::get(3, 0, {a, b}, context);
  };
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (maps[0] != map(m, k) || maps[2] != map(m, n) ||
      (maps[1] != map(k, n) && maps[1] != map(n, k)))
    return std::nullopt;
  Matmul matmul{op, op.getDpsInputOperand(0)->get(),
                op.getDpsInputOperand(1)->get(), maps[1] == map(n, k),
                op.getDpsInitOperand(0)->get()};

  skipTranspose(matmul);
  Matmul narrow = matmul;
  narrow.lhs = widenedSource(matmul.lhs);
  narrow.rhs = widenedSource(matmul.rhs);
  if (narrow.lhs && narrow.rhs && elementType(value).isF32() &&
      elementType(narrow.lhs) == elementType(narrow.rhs)) {
    skipTranspose(narrow);
    return narrow;
  }
  return matmul;
}

std::optional<RowVectorSum>
moe::matchRowVectorSum(Value matrix, function_ref<bool(Value)> isBase) {
  auto type = dyn_cast<RankedTensorType>(matrix.getType());
  if (!type || type.getRank() != 2 || type.isDynamicDim(1))
    return std::nullopt;
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(matrix);
  Expr element = tracer.at(matrix, indices);
  if (!element->is<arith::AddFOp>())
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Value vector =
        rowVector(element->operands[side], indices[1], type.getDimSize(1));
    Value base = tracer.findTraced(element->operands[1 - side], indices);
    if (vector && base && base.getType() == type && isBase(base))
      return RowVectorSum{base, vector};
  }
  return std::nullopt;
}

Value moe::matchRowVector(Value matrix) {
  auto type = dyn_cast<RankedTensorType>(matrix.getType());
  if (!type || type.getRank() != 2 || type.isDynamicDim(1))
    return {};
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(matrix);
  return rowVector(tracer.at(matrix, indices), indices[1], type.getDimSize(1));
}

bool moe::isZeroFill(Value value) {
  if (auto castOp = value.getDefiningOp<tensor::CastOp>())
    return isZeroFill(castOp.getSource());
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return isZeroConstant(fill.getInputs().front());
  return isZeroConstant(value);
}

Value moe::castSource(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !elementType(value))
    return {};
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    return isa<RankedTensorType>(value.getType()) ? op->getOperand(0) : Value();
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 || generic.getNumReductionLoops() != 0 ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  Block &block = *generic.getBlock();
  Operation *castOp = block.getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::ExtFOp, arith::TruncFOp>(castOp) ||
      castOp->getOperand(0) != block.getArgument(0))
    return {};
  return generic.getDpsInputOperand(0)->get();
}

Peeled moe::peelCasts(Value value) {
  SmallVector<Value> chain{value};
  while (Value source = castSource(chain.back()))
    chain.push_back(source);
  // The deepest base from which all casts together round at most once.
  for (; chain.size() > 1; chain.pop_back()) {
    FloatType base = elementType(chain.back());
    FloatType type = base;
    bool roundsOnce = true;
    for (Value step : llvm::drop_begin(llvm::reverse(chain))) {
      FloatType next = elementType(step);
      if (holds(next, type))
        continue;
      roundsOnce &= type == base && base.isF32();
      type = next;
    }
    if (roundsOnce)
      return {chain.back(), type};
  }
  return {value, elementType(value)};
}

bool moe::comeFromOnePlan(Value offsets, Value pairs) {
  Operation *plan = offsets.getDefiningOp();
  return isa_and_nonnull<PlanOp, PlanIntoOp>(plan) &&
         offsets == plan->getResult(0) && pairs == plan->getResult(1);
}

bool moe::coverAllRows(Value offsets, Value rows) {
  OpFoldResult first, end;
  DenseIntElementsAttr constant;
  if (matchPattern(offsets, m_Constant(&constant)) &&
      constant.getNumElements() == 2) {
    auto values = constant.getValues<IntegerAttr>();
    first = values[0];
    end = values[1];
  } else if (auto elements = offsets.getDefiningOp<tensor::FromElementsOp>();
             elements && elements.getElements().size() == 2) {
    first = elements.getElements()[0];
    Value size = elements.getElements()[1];
    if (auto castOp = size.getDefiningOp<arith::IndexCastOp>())
      size = castOp.getIn();
    end = size;
  } else {
    return false;
  }
  if (getConstantIntValue(first) != 0)
    return false;
  if (std::optional<int64_t> size = getConstantIntValue(end))
    return *size == cast<RankedTensorType>(rows.getType()).getDimSize(0);
  if (!cast<Value>(end).getType().isIndex())
    return false;
  FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
      end, ValueBoundsConstraintSet::Variable(rows, 0));
  return succeeded(equal) && *equal;
}

Value moe::createDestination(OpBuilder &builder, Location loc,
                             RankedTensorType type,
                             ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> dynamicSizes;
  for (auto [i, size] : llvm::enumerate(sizes))
    if (type.isDynamicDim(i))
      dynamicSizes.push_back(
          getValueOrCreateConstantIndexOp(builder, loc, size));
  return tensor::EmptyOp::create(builder, loc, type, dynamicSizes);
}

void moe::fuseOnce(Operation *root, RewritePatternSet &&patterns) {
  resolveDims(root);
  walkAndApplyPatterns(root, std::move(patterns));
  // From the last op up, so that the ops a dead one used are met after it.
  root->walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (op != root && isOpTriviallyDead(op))
      op->erase();
  });
}
