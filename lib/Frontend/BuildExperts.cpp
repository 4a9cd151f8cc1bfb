// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/BuildExperts.h"

#include "moe/Frontend/Build.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether `expr` is a product in a type narrower than f32.
bool isRoundedProduct(Expr expr) {
  if (expr->type.getIntOrFloatBitWidth() >= 32)
    return false;
  return expr->is<arith::MulFOp>() || (expr->is<arith::TruncFOp>() &&
                                       expr->operands[0]->is<arith::MulFOp>());
}

/// Where what `expr` computes stands.
Location locate(Expr expr, Location otherwise) {
  if (expr->kind == ElementExpr::Kind::Element)
    return expr->value.getLoc();
  return expr->origin ? Location(expr->origin) : otherwise;
}

/// The experts stand wherever what their body does stood; the row comes first.
void locateExperts(ExpertsOp experts) {
  SmallVector<Location> places{experts.getLoc()};
  for (auto op : experts.getBody().getOps<linalg::LinalgOp>())
    if (!isa<linalg::FillOp>(op))
      places.push_back(op.getLoc());
  experts->setLoc(FusedLoc::get(experts.getContext(), places));
}

/// The numbers of all pairs as a column, a row per pair.
Value asColumn(OpBuilder &builder, Location loc, Value numbers,
               int64_t numPairs) {
  auto type = cast<RankedTensorType>(numbers.getType());
  Value flat = tensor::CollapseShapeOp::create(
      builder, loc, numbers, ArrayRef<ReassociationIndices>{{0, 1}});
  Value size = tensor::DimOp::create(builder, loc, flat, 0);
  return tensor::ExpandShapeOp::create(
      builder, loc, type.clone({numPairs, 1}), flat,
      ArrayRef<ReassociationIndices>{{0, 1}},
      ArrayRef<OpFoldResult>{ShapedType::isDynamic(numPairs)
                                 ? OpFoldResult(size)
                                 : builder.getIndexAttr(numPairs),
                             builder.getIndexAttr(1)});
}
} // namespace

RoundedSum moe::roundedSum(Expr term, Type resultType) {
  RoundedSum result{term, {}, {}};
  if (!resultType.isF32())
    result.sumType = TypeAttr::get(resultType);
  if (term->is<arith::ExtFOp>() && isRoundedProduct(term->operands[0]))
    result.term = term = term->operands[0];
  if (isRoundedProduct(term)) {
    result.productType = TypeAttr::get(term->type);
    if (term->is<arith::TruncFOp>())
      result.term = term->operands[0];
  }
  return result;
}

Value moe::buildExperts(RewriterBase &rewriter, Location loc,
                        const SlotSum &sum, ExpertBody &body) {
  Location rowLoc = locate(sum.row, loc);
  auto idsType = cast<RankedTensorType>(sum.ids.getType());
  auto type = cast<RankedTensorType>(sum.init.getType());
  int64_t numSlots = idsType.getDimSize(1);
  int64_t numExperts = cast<RankedTensorType>(sum.key.getType()).getDimSize(1);
  int64_t numPairs =
      idsType.isDynamicDim(0) ? ShapedType::kDynamic : idsType.getNumElements();
  Type i32 = rewriter.getI32Type();
  auto plan = PlanOp::create(rewriter, sum.ids.getLoc(),
                             RankedTensorType::get({numExperts + 1}, i32),
                             RankedTensorType::get({numPairs}, i32), sum.ids);
  SmallVector<Value> rows;
  auto dispatch = [&](Value tokens, int64_t slots) {
    auto tokensType = cast<RankedTensorType>(tokens.getType());
    rows.push_back(DispatchOp::create(
        rewriter, rowLoc,
        tokensType.clone({numPairs, tokensType.getDimSize(1)}), tokens,
        plan.getPairs(), /*tokens=*/Value(), /*weights=*/Value(),
        rewriter.getI64IntegerAttr(slots)));
  };
  for (Value tensor : body.getTokenOperands())
    dispatch(asMatrix(rewriter, loc, tensor), numSlots);
  for (Value numbers : body.getPairOperands())
    dispatch(asColumn(rewriter, loc, numbers, numPairs), 1);
  auto experts = ExpertsOp::create(
      rewriter, rowLoc,
      RankedTensorType::get({numPairs, type.getDimSize(1)}, sum.row->type),
      rows, body.getExpertOperands(), ValueRange(), plan.getOffsets());
  SmallVector<Type> argumentTypes;
  for (Value value : rows) {
    auto rowsType = cast<RankedTensorType>(value.getType());
    argumentTypes.push_back(
        rowsType.clone({ShapedType::kDynamic, rowsType.getDimSize(1)}));
  }
  for (Value value : body.getExpertOperands()) {
    auto stack = cast<RankedTensorType>(value.getType());
    argumentTypes.push_back(stack.clone(stack.getShape().drop_front()));
  }
  Value weights = sum.weights;
  {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *block = rewriter.createBlock(
        &experts.getBody(), {}, argumentTypes,
        SmallVector<Location>(argumentTypes.size(), rowLoc));
    Value yielded =
        body.emit(rewriter, rowLoc, block->getArguments(), sum.row, sum.column);
    YieldOp::create(rewriter, rowLoc, yielded);
  }
  locateExperts(experts);
  if (!weights) {
    Type weightType = sum.row->type;
    Value one = arith::ConstantOp::create(rewriter, loc,
                                          rewriter.getFloatAttr(weightType, 1));
    Value empty =
        emptyLike(rewriter, loc, idsType.getShape(), weightType, sum.ids);
    weights = linalg::FillOp::create(rewriter, loc, one, empty).getResult(0);
  }
  auto combine =
      CombineOp::create(rewriter, loc, type, experts.getResult(),
                        plan.getPairs(), weights, sum.init, /*tokens=*/Value(),
                        sum.rounding.productType, sum.rounding.sumType);
  return combine.getResult();
}

Value moe::buildGroupedMatmul(OpBuilder &b, Location loc, Value rows,
                              Value weights, bool isOutIn, Value offsets,
                              RankedTensorType type, Type sumType) {
  auto rowsType = cast<RankedTensorType>(rows.getType());
  auto stackType = cast<RankedTensorType>(weights.getType());
  auto op = ExpertsOp::create(b, loc, type, ValueRange{rows},
                              ValueRange{weights}, ValueRange(), offsets);
  OpBuilder::InsertionGuard guard(b);
  Block *block = b.createBlock(
      &op.getBody(), {},
      TypeRange{rowsType.clone({ShapedType::kDynamic, rowsType.getDimSize(1)}),
                stackType.clone(stackType.getShape().drop_front())},
      {loc, loc});
  Value run = block->getArgument(0), matrix = block->getArgument(1);
  // Nothing from outside is visible in here.
  Value length = tensor::DimOp::create(b, loc, run, 0);
  SmallVector<OpFoldResult> shape{length, b.getIndexAttr(type.getDimSize(1))};
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(sumType));
  Value empty = tensor::EmptyOp::create(b, loc, shape, sumType);
  Value init = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  SmallVector<Value> inputs{run, matrix};
  Operation *product =
      isOutIn ? linalg::MatmulTransposeBOp::create(b, loc, inputs, init)
                    .getOperation()
              : linalg::MatmulOp::create(b, loc, inputs, init).getOperation();
  Value result = product->getResult(0);
  Type element = type.getElementType();
  if (sumType != element) {
    Value narrow = tensor::EmptyOp::create(b, loc, shape, element);
    AffineMap identity = b.getMultiDimIdentityMap(2);
    SmallVector<utils::IteratorType> iterators(2,
                                               utils::IteratorType::parallel);
    result = linalg::GenericOp::create(
                 b, loc, TypeRange{narrow.getType()}, ValueRange{result},
                 ValueRange{narrow}, ArrayRef<AffineMap>{identity, identity},
                 iterators,
                 [&](OpBuilder &b, Location loc, ValueRange in) {
                   Value value =
                       arith::TruncFOp::create(b, loc, element, in[0]);
                   linalg::YieldOp::create(b, loc, value);
                 })
                 .getResult(0);
  }
  YieldOp::create(b, loc, result);
  return op.getResult();
}
