// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/GroupSizes.h"

#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/ScatterLoop.h"
#include "moe/Frontend/WindowSum.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
bool isZero(Expr expr) { return expr->isIndex(0) || isConstant(expr, 0); }
bool isOne(Expr expr) { return expr->isIndex(1) || isConstant(expr, 1); }

/// The sum of the first `number` elements of `counts`, which is null where
/// there are none.
struct LeadingSum {
  Value counts;
  int64_t number;
};

/// Element `place` of a reduction that adds elements of another tensor, or
/// leaves some of them out:
///
///   for i, j: sums[i] = j < i ? sums[i] + counts[j] : sums[i]
std::optional<LeadingSum> maskedSum(ElementTracer &tracer, linalg::LinalgOp op,
                                    int64_t place) {
  ElementExprContext &context = tracer.getContext();
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (extents.size() != 2 || reduced.size() != 1 ||
      ShapedType::isDynamicShape(extents) || out.getNumResults() != 1 ||
      op->getNumResults() != 1)
    return std::nullopt;
  auto dim = dyn_cast<AffineDimExpr>(out.getResult(0));
  if (!dim || dim.getPosition() == reduced.front() ||
      !isZero(tracer.at(op.getDpsInits().front(), {context.index(place)})))
    return std::nullopt;
  Expr old = context.element(op->getResult(0), {context.index(place)});
  LeadingSum sum{{}, 0};
  for (int64_t i = 0; i < extents[reduced.front()]; ++i) {
    SmallVector<Expr> loops(2, context.index(i));
    loops[dim.getPosition()] = context.index(place);
    Expr next = tracer.yielded(op, loops, old);
    if (next == old)
      continue;
    if (!next || (!next->is<arith::AddIOp>() && !next->is<arith::AddFOp>()))
      return std::nullopt;
    unsigned side = next->operands[0] == old ? 1 : 0;
    Expr added = stripConversions(next->operands[side]);
    // Of what is added, one after the other.
    if (next->operands[1 - side] != old || added->kind != Kind::Element ||
        added->operands.size() != 1 ||
        !added->operands[0]->isIndex(sum.number) ||
        (sum.counts && sum.counts != added->value))
      return std::nullopt;
    sum.counts = added->value;
    ++sum.number;
  }
  return sum;
}

std::optional<LeadingSum> leadingSum(ElementTracer &tracer, Value sums,
                                     int64_t i) {
  Expr element =
      stripConversions(tracer.at(sums, {tracer.getContext().index(i)}));
  if (isZero(element))
    return LeadingSum{{}, 0};
  if (element->kind != Kind::Element || element->operands.size() != 1 ||
      element->operands[0]->kind != Kind::Linear ||
      !element->operands[0]->operands.empty())
    return std::nullopt;
  Value value = element->value;
  int64_t place = element->operands[0]->constant;
  WindowSum window = matchWindowSum(value, 0);
  auto linalgOp = value.getDefiningOp<linalg::LinalgOp>();
  if (window.source == value && linalgOp)
    if (std::optional<LeadingSum> sum = maskedSum(tracer, linalgOp, place))
      return sum;
  int64_t size = cast<RankedTensorType>(window.source.getType()).getDimSize(0);
  if (place + window.low > 0 || ShapedType::isDynamic(size))
    return std::nullopt;
  int64_t number = std::clamp<int64_t>(place + window.high + 1, 0, size);
  return LeadingSum{number ? window.source : Value(), number};
}
} // namespace

Expr moe::stripConversions(Expr expr) {
  while (expr->is<arith::TruncIOp>() || expr->is<arith::ExtUIOp>() ||
         expr->is<arith::ExtSIOp>() || expr->is<arith::IndexCastOp>() ||
         expr->is<arith::IndexCastUIOp>() || expr->is<arith::FPToSIOp>() ||
         expr->is<arith::FPToUIOp>() || expr->is<arith::SIToFPOp>() ||
         expr->is<arith::UIToFPOp>()) {
    if (expr->operandTypes[0].isInteger(1) || expr->type.isInteger(1))
      break;
    expr = expr->operands[0];
  }
  return expr;
}

Value moe::matchLeadingSums(ElementTracer &tracer, Value sums, int64_t number,
                            int64_t shift) {
  Value counts;
  for (int64_t i = 0; i < number; ++i) {
    std::optional<LeadingSum> sum = leadingSum(tracer, sums, i);
    if (!sum || sum->number != i + shift ||
        (sum->counts && counts && sum->counts != counts))
      return {};
    if (sum->counts)
      counts = sum->counts;
  }
  return counts ? counts : sums;
}

std::optional<KeyCount> moe::matchKeyCount(ElementTracer &tracer,
                                           Value counts) {
  ElementExprContext &context = tracer.getContext();
  auto type = dyn_cast<RankedTensorType>(counts.getType());
  if (!type || type.getRank() != 1 || !type.hasStaticShape())
    return std::nullopt;
  Expr expert = context.var(type.getDimSize(0));
  Expr element = stripConversions(tracer.at(counts, {expert}));
  if (element->kind != Kind::Element || element->operands.size() != 1 ||
      element->operands[0] != expert)
    return std::nullopt;

  // A loop that adds one where the key says.
  if (auto loop = element->value.getDefiningOp<scf::ForOp>()) {
    std::optional<ScatterLoop> scatter = ScatterLoop::match(loop);
    if (!scatter || !isZero(tracer.at(scatter->getInit(), {expert})))
      return std::nullopt;
    KeyCount count;
    for (size_t number = 0; number < scatter->loops.size(); ++number)
      count.vars.push_back(context.var(scatter->getExtent(number)));
    std::optional<ScatterLoop::Element> written =
        scatter->at(tracer, count.vars);
    if (!written || written->place.size() != 1)
      return std::nullopt;
    Expr added = scatter->addend(tracer, *written);
    if (!added || !isOne(added))
      return std::nullopt;
    count.key = written->place.front();
    count.bound = scatter->getBound();
    return count;
  }

  // A sum of one-hot vectors.
  std::optional<Reduction> sum = tracer.expand(element, /*splitLoops=*/true);
  if (!sum || !isa<arith::AddIOp, arith::AddFOp>(sum->combiner) ||
      !isZero(sum->init))
    return std::nullopt;
  OneHot oneHot(tracer);
  Expr term = oneHot.simplify(sum->term);
  Expr key = oneHot.comparedWith(term, expert);
  if (!key || !isZero(oneHot.without(term, expert, key)) ||
      !isOne(oneHot.simplify(context.substitute(term, expert, key))))
    return std::nullopt;
  return KeyCount{sum->vars, key, {}};
}

std::optional<int64_t> moe::integerAt(Expr expr, Expr leaf, int64_t value,
                                      MLIRContext *context) {
  DenseMap<std::pair<Expr, Type>, TypedAttr> done;
  // What upstream folds, folded as upstream does, in the types of the graph.
  auto visit = [&](auto &self, Expr node, Type type) -> TypedAttr {
    if (TypedAttr known = done.lookup({node, type}))
      return known;
    TypedAttr result;
    if (node == leaf || node->kind == Kind::Linear) {
      int64_t number = value;
      if (node != leaf) {
        number = node->constant;
        for (auto [operand, coefficient] :
             llvm::zip(node->operands, node->coefficients)) {
          auto part = dyn_cast_or_null<IntegerAttr>(
              self(self, operand, IntegerType::get(context, 64)));
          if (!part)
            return {};
          number += coefficient * part.getInt();
        }
      }
      if (!type.isIntOrIndex())
        return {};
      result = IntegerAttr::get(type, number);
    } else if (node->kind == Kind::Constant) {
      result = cast<TypedAttr>(node->attribute);
    } else if (node->kind == Kind::Apply) {
      Block arguments;
      SmallVector<Value> operands;
      SmallVector<Attribute> constants;
      for (auto [operand, from] :
           llvm::zip(node->operands, node->operandTypes)) {
        constants.push_back(self(self, operand, from));
        if (!constants.back())
          return {};
        operands.push_back(
            arguments.addArgument(from, UnknownLoc::get(context)));
      }
      OperationState state(UnknownLoc::get(context), *node->opName, operands,
                           node->type,
                           cast<DictionaryAttr>(node->attribute).getValue());
      Operation *op = Operation::create(state);
      SmallVector<OpFoldResult> folded;
      if (succeeded(op->fold(constants, folded)) && folded.size() == 1) {
        if (auto argument = dyn_cast<Value>(folded.front()))
          result = cast<TypedAttr>(
              constants[cast<BlockArgument>(argument).getArgNumber()]);
        else
          result = dyn_cast<TypedAttr>(cast<Attribute>(folded.front()));
      }
      op->destroy();
      // Not every op has the type that its user was given.
      if (auto number = dyn_cast_or_null<IntegerAttr>(result);
          number && type.isIntOrIndex() && number.getType() != type)
        result = IntegerAttr::get(type, number.getInt());
    }
    if (result)
      done[{node, type}] = result;
    return result;
  };
  auto result = dyn_cast_or_null<IntegerAttr>(
      visit(visit, expr, IntegerType::get(context, 64)));
  if (!result)
    return std::nullopt;
  return result.getInt();
}
