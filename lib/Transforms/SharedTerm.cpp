// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "SharedTerm.h"

#include "FuseUtils.h"
#include "moe/Analysis/ElementTracer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
bool isReshape(Operation *op) {
  return isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(
      op);
}

bool isElementwise(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.getNumReductionLoops() == 0;
  return OpTrait::hasElementwiseMappableTraits(op);
}

FloatType typeOf(Expr expr) {
  Type type = expr->kind == Kind::Apply ? expr->type
              : expr->kind == Kind::Element
                  ? getElementTypeOrSelf(expr->value.getType())
                  : Type();
  return dyn_cast_or_null<FloatType>(type);
}

/// An expression behind its casts, and the narrowest type on the way: null if
/// they are not f32 and one narrower type at most.
struct Rounded {
  Expr inner;
  FloatType type;
};
Rounded peel(Expr expr) {
  Rounded result{expr, typeOf(expr)};
  while (true) {
    FloatType next = typeOf(result.inner);
    if (!next || !result.type || next.getWidth() > 32) {
      result.type = {};
    } else if (!next.isF32()) {
      if (result.type.isF32())
        result.type = next;
      else if (result.type != next)
        result.type = {};
    }
    if (!result.type || (!result.inner->is<arith::ExtFOp>() &&
                         !result.inner->is<arith::TruncFOp>()))
      return result;
    result.inner = result.inner->operands[0];
  }
}

bool isResultOf(Expr expr, Value value) {
  return expr->kind == Kind::Element && expr->value == value;
}

/// The rows of a grouped matmul in `expr`, read at `place`.
bool matchRows(Expr expr, ArrayRef<Expr> place, SharedTerm &term) {
  Rounded rows = peel(expr);
  if (!rows.type || rows.inner->kind != Kind::Element ||
      rows.inner->operands != place ||
      !rows.inner->value.getDefiningOp<GroupedMatmulOp>())
    return false;
  term.rows = rows.inner->value;
  term.rowType = rows.type;
  return true;
}

/// `indices` are those that `expr` was traced at.
std::optional<SharedTerm> matchTerm(ElementTracer &tracer, Expr expr,
                                    ArrayRef<Expr> place,
                                    ArrayRef<Expr> indices) {
  SharedTerm term;
  if (matchRows(expr, place, term))
    return term;
  Rounded product = peel(expr);
  if (!product.type || !product.inner->is<arith::MulFOp>())
    return std::nullopt;
  term.productType = product.type;
  for (unsigned side : {0, 1}) {
    if (!matchRows(product.inner->operands[side], place, term))
      continue;
    Expr gate = product.inner->operands[1 - side];
    // Widening changes nothing.
    if (gate->is<arith::ExtFOp>())
      gate = gate->operands[0];
    SmallVector<Expr> first(indices);
    first.back() = tracer.getContext().index(0);
    term.gate = tracer.findTraced(gate, first);
    if (term.gate)
      return term;
  }
  return std::nullopt;
}

/// Whether `value` is read by nothing but what leads to `op`, every row of it
/// once.
bool isReadOnlyBy(Value value, Operation *op) {
  while (true) {
    if (value.use_empty())
      return false;
    Operation *user = *value.user_begin();
    if (!llvm::all_of(value.getUsers(),
                      [&](Operation *other) { return other == user; }))
      return false;
    if (user == op)
      return true;
    if (user->getNumResults() != 1 ||
        (!isReshape(user) && !isElementwise(user)))
      return false;
    value = user->getResult(0);
  }
}
} // namespace

std::optional<AddedTerm> moe::matchAddedTerm(Operation *op) {
  if (op->getNumResults() != 1 || !isElementwise(op))
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !isa<FloatType>(type.getElementType()))
    return std::nullopt;

  // The operand that is the sum, but for its shape and type.
  AddedTerm added;
  for (Value operand : op->getOperands()) {
    SmallVector<Operation *> reshapes;
    Value value = operand;
    while (Operation *producer = value.getDefiningOp()) {
      if (Value source = castSource(value)) {
        value = source;
      } else if (isReshape(producer)) {
        reshapes.push_back(producer);
        value = producer->getOperand(0);
      } else {
        break;
      }
    }
    auto sum = value.getDefiningOp<GatherSumOp>();
    auto operandType = dyn_cast<RankedTensorType>(operand.getType());
    if (!sum || !operandType || operandType.getShape() != type.getShape())
      continue;
    added.sum = sum;
    added.reshapes.assign(reshapes.rbegin(), reshapes.rend());
    break;
  }
  if (!added.sum)
    return std::nullopt;

  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(op->getResult(0));
  Expr expr = tracer.at(op->getResult(0), indices);
  if (!expr->is<arith::AddFOp>())
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Rounded sum = peel(expr->operands[side]);
    if (!sum.type || !isResultOf(sum.inner, added.sum.getResult(0)))
      continue;
    std::optional<SharedTerm> term = matchTerm(tracer, expr->operands[1 - side],
                                               sum.inner->operands, indices);
    if (!term)
      return std::nullopt;
    added.term = *term;
    added.sumType = sum.type;
    added.isOnlyReader = isReadOnlyBy(added.sum.getResult(0), op) &&
                         isReadOnlyBy(term->rows, op);
    return added;
  }
  return std::nullopt;
}

std::optional<SharedTerm> moe::matchResidualTerm(GatherSumOp sum) {
  if (!sum.getResidual() || !isa<RankedTensorType>(sum.getOut().getType()))
    return std::nullopt;
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(sum.getResidual());
  std::optional<SharedTerm> term = matchTerm(
      tracer, tracer.at(sum.getResidual(), indices), indices, indices);
  if (term && !isReadOnlyBy(term->rows, sum))
    return std::nullopt;
  return term;
}

Value moe::reshapeLike(OpBuilder &builder, Operation *reshape, Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  auto type =
      cast<RankedTensorType>(reshape->getResult(0).getType()).clone(element);
  Location loc = reshape->getLoc();
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(reshape))
    return tensor::CollapseShapeOp::create(builder, loc, type, value,
                                           collapse.getReassociationIndices());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(reshape))
    return tensor::ExpandShapeOp::create(builder, loc, type, value,
                                         expand.getReassociationIndices(),
                                         expand.getMixedOutputShape());
  return tensor::CastOp::create(builder, loc, type, value);
}
