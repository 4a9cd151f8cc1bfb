// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/SlotWeights.h"

#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
/// `weights` as one expression in `slot`; null if they differ otherwise.
Expr inSlot(ElementTracer &tracer, ArrayRef<Expr> weights, Expr slot,
            Expr token) {
  if (weights.size() == 1)
    return weights.front();
  ElementExprContext &context = tracer.getContext();
  auto generalize = [&](Expr weight, size_t number) {
    auto visit = [&](auto &self, Expr node) -> Expr {
      SmallVector<Expr> operands = llvm::map_to_vector(
          node->operands, [&](Expr operand) { return self(self, operand); });
      if (node->kind == Kind::Element && node->operands.size() == 2 &&
          node->operands[0] == token && node->operands[1]->isIndex(number))
        operands[1] = slot;
      return context.rebuild(node, operands);
    };
    return visit(visit, weight);
  };
  Expr first = generalize(weights.front(), 0);
  for (auto [number, weight] : llvm::enumerate(weights))
    if (generalize(weight, number) != first)
      return nullptr;
  return first;
}

void collectTerms(Expr sum, SmallVectorImpl<Expr> &terms, double &constant) {
  if (sum->is<arith::AddFOp>()) {
    for (Expr operand : sum->operands)
      collectTerms(operand, terms, constant);
    return;
  }
  auto value = sum->kind == Kind::Constant ? dyn_cast<FloatAttr>(sum->attribute)
                                           : FloatAttr();
  if (value)
    constant += value.getValueAsDouble();
  else
    terms.push_back(sum);
}

/// v_s / (v_0 + v_1 + ... + eps), v being plain moe.weigh.
Value normalized(OpBuilder &builder, Location loc, ElementTracer &tracer,
                 ArrayRef<Expr> weights, Expr token, Expr slot) {
  SmallVector<Expr> values, terms;
  Expr denominator = nullptr;
  for (Expr weight : weights) {
    std::optional<Quotient> quotient = matchQuotient(weight);
    if (!quotient || (denominator && quotient->denominator != denominator))
      return {};
    denominator = quotient->denominator;
    values.push_back(quotient->numerator);
  }
  double eps = 0;
  collectTerms(denominator, terms, eps);
  if (terms.size() != values.size() || !std::isfinite(eps) || eps < 0 ||
      !llvm::all_of(
          values, [&](Expr value) { return llvm::is_contained(terms, value); }))
    return {};
  Expr value = inSlot(tracer, values, slot, token);
  if (!value || value->kind != Kind::Element)
    return {};
  auto weigh = value->value.getDefiningOp<WeighOp>();
  if (!weigh || !weigh.isPlain() ||
      value->operands != ArrayRef<Expr>{token, slot})
    return {};
  return WeighOp::create(builder, loc, weigh.getWeights().getType(),
                         WeighFn::value, weigh.getSource(), weigh.getExperts(),
                         WeighNorm::sum, eps)
      .getWeights();
}
} // namespace

Value moe::slotWeights(OpBuilder &builder, Location loc, ElementTracer &tracer,
                       ArrayRef<Expr> weights, Expr token, Expr slot,
                       SelectOp select) {
  RankedTensorType idsType = select.getExperts().getType();
  Value ids = select.getExperts();
  if (llvm::all_of(weights, [](Expr weight) { return !weight; }))
    return WeighOp::create(
               builder, loc,
               idsType.clone(select.getKey().getType().getElementType()),
               WeighFn::one, select.getKey(), ids)
        .getWeights();
  if (llvm::is_contained(weights, nullptr))
    return {};
  if (weights.size() > 1)
    if (Value weigh = normalized(builder, loc, tracer, weights, token, slot))
      return weigh;
  if (Expr weight = inSlot(tracer, weights, slot, token))
    return materialize(builder, loc, tracer, weight, token, slot, ids);
  Value all =
      emptyLike(builder, loc, idsType.getShape(), weights.front()->type, ids);
  Expr zero = tracer.getContext().index(0);
  for (auto [number, weight] : llvm::enumerate(weights)) {
    Value part = materialize(builder, loc, tracer, weight, token, zero, ids);
    if (!part)
      return {};
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, ids);
    sizes[1] = builder.getIndexAttr(1);
    all = tensor::InsertSliceOp::create(
        builder, loc, part, all,
        ArrayRef<OpFoldResult>{builder.getIndexAttr(0),
                               builder.getIndexAttr(number)},
        sizes,
        ArrayRef<OpFoldResult>{builder.getIndexAttr(1),
                               builder.getIndexAttr(1)});
  }
  return all;
}
