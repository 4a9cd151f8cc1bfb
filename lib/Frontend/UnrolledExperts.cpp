// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/UnrolledExperts.h"

#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
std::optional<int64_t> integerValue(Expr expr) {
  if (expr->kind == Kind::Linear && expr->operands.empty())
    return expr->constant;
  return std::nullopt;
}

/// The mask that `expr` itself is: a selected expert compared with a constant.
std::optional<ExpertMask> matchMask(Expr expr) {
  if (!expr->is<arith::CmpIOp>() ||
      cast<DictionaryAttr>(expr->attribute)
              .getAs<arith::CmpIPredicateAttr>("predicate")
              .getValue() != arith::CmpIPredicate::eq)
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Expr id = expr->operands[side];
    std::optional<int64_t> number = integerValue(expr->operands[1 - side]);
    auto select = id->kind == Kind::Element
                      ? id->value.getDefiningOp<SelectOp>()
                      : SelectOp();
    if (number && select && select.fillsSlots())
      return ExpertMask{select, *number};
  }
  return std::nullopt;
}

/// Rewrites the comparisons of one mask, within sums over slots as well.
class MaskRewriter {
public:
  /// Compares with `expert` instead; says no everywhere if that is null.
  MaskRewriter(ElementTracer &tracer, OneHot &oneHot, const ExpertMask &mask,
               Expr expert)
      : tracer(tracer), oneHot(oneHot), mask(mask), expert(expert) {}

  /// Null if a sum is no sum over slots that picks one.
  Expr rewrite(Expr expr);

private:
  ElementTracer &tracer;
  OneHot &oneHot;
  const ExpertMask &mask;
  Expr expert;
  DenseMap<Expr, Expr> done;
};
} // namespace

Expr MaskRewriter::rewrite(Expr expr) {
  if (auto known = done.find(expr); known != done.end())
    return known->second;
  ElementExprContext &context = tracer.getContext();
  Expr result = expr;
  std::optional<ExpertMask> found = matchMask(expr);
  if (found && found->select == mask.select && found->number == mask.number) {
    bool isFirst = expr->operands[0]->kind == Kind::Element;
    Expr id = expr->operands[isFirst ? 0 : 1];
    result = expert ? context.rebuild(expr, {id, expert}) : context.index(0);
  } else if (expr->kind == Kind::Element) {
    std::optional<Reduction> sum = tracer.expand(expr, true);
    Expr term = sum ? rewrite(sum->term) : nullptr;
    if (sum && !term)
      return done[expr] = nullptr;
    if (sum && term != sum->term) {
      sum->term = oneHot.simplify(term);
      if (expert)
        result = oneHot.pick(*sum);
      else
        result = isNeutral(*sum, sum->term) ? sum->term : nullptr;
    }
  } else {
    SmallVector<Expr> operands;
    for (Expr operand : expr->operands) {
      operands.push_back(rewrite(operand));
      if (!operands.back())
        return done[expr] = nullptr;
    }
    result = context.rebuild(expr, operands);
  }
  return done[expr] = result;
}

std::optional<ExpertMask> moe::findExpertMask(ElementTracer &tracer,
                                              Expr weight) {
  // A mask made of masks is made of few; most sums of a model are no masks.
  constexpr int maxDepth = 3;
  std::optional<ExpertMask> found;
  bool isUnique = true;
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node, int depth) -> void {
    if (!isUnique || !seen.insert(node).second)
      return;
    if (std::optional<ExpertMask> mask = matchMask(node)) {
      isUnique = !found || (found->select == mask->select &&
                            found->number == mask->number);
      found = mask;
      return;
    }
    if (node->kind == Kind::Element && depth < maxDepth)
      if (std::optional<Reduction> sum = tracer.expand(node, true))
        if (isNeutral(*sum, sum->init))
          self(self, sum->term, depth + 1);
    for (Expr operand : node->operands)
      self(self, operand, depth);
  };
  visit(visit, weight, 0);
  return isUnique ? found : std::nullopt;
}

Expr moe::weightOfSelected(ElementTracer &tracer, OneHot &oneHot, Expr weight,
                           const ExpertMask &mask, Expr expert) {
  Expr elsewhere = MaskRewriter(tracer, oneHot, mask, nullptr).rewrite(weight);
  if (!elsewhere || !isConstant(oneHot.simplify(elsewhere), 0))
    return nullptr;
  Expr here = MaskRewriter(tracer, oneHot, mask, expert).rewrite(weight);
  return here ? oneHot.simplify(here) : nullptr;
}

bool UnrolledExperts::isSameElement(Expr a, Expr b, Operands &operands) {
  auto [known, isNew] = sums.try_emplace(a);
  if (isNew)
    known->second = tracer.expand(a);
  // By value: comparing terms adds to the table.
  std::optional<Reduction> ours = known->second, theirs = tracer.expand(b);
  if (ours && theirs) {
    if (ours->combiner->getName() != theirs->combiner->getName() ||
        ours->init != theirs->init || ours->vars.size() != theirs->vars.size())
      return false;
    Expr term = theirs->term;
    for (auto [var, other] : llvm::zip(ours->vars, theirs->vars)) {
      if (var->kind != other->kind || var->extent != other->extent)
        return false;
      if (var->kind == Kind::Var)
        term = tracer.getContext().substitute(term, other, var);
    }
    return isSame(ours->term, term, operands);
  }
  if (ours || theirs || a->value.getType() != b->value.getType())
    return false;
  std::optional<int64_t> index, otherIndex;
  for (size_t i = 0, e = a->operands.size(); i < e; ++i) {
    if (i == 0) {
      index = integerValue(a->operands[0]);
      otherIndex = integerValue(b->operands[0]);
      if (index && otherIndex)
        continue;
    }
    if (a->operands[i] != b->operands[i])
      return false;
  }
  // A body names an operand by its value, and reads one part of it.
  if (own.try_emplace(a->value, index).first->second != index)
    return false;
  Operand operand{b->value, otherIndex};
  return operands.insert({a->value, operand}).first->second == operand;
}

bool UnrolledExperts::isSame(Expr a, Expr b, Operands &operands) {
  if (a == b)
    return true;
  if (a->kind != b->kind || a->operands.size() != b->operands.size())
    return false;
  if (a->kind == Kind::Element)
    return isSameElement(a, b, operands);
  if (a->kind != Kind::Apply || a->opName != b->opName ||
      a->attribute != b->attribute || a->type != b->type ||
      a->operandTypes != b->operandTypes)
    return false;
  Operands before = operands;
  if (llvm::all_of(llvm::zip(a->operands, b->operands), [&](auto pair) {
        return isSame(std::get<0>(pair), std::get<1>(pair), operands);
      }))
    return true;
  operands = before;
  return a->operands.size() == 2 &&
         a->opName->hasTrait<OpTrait::IsCommutative>() &&
         isSame(a->operands[0], b->operands[1], operands) &&
         isSame(a->operands[1], b->operands[0], operands);
}

LogicalResult UnrolledExperts::add(int64_t number, Expr row) {
  if (number < 0 || number >= static_cast<int64_t>(rows.size()))
    return fail("there is no expert " + Twine(number) + " to select");
  if (rows[number])
    return fail("expert " + Twine(number) + " is added twice");
  rows[number] = row;
  if (first < 0) {
    first = number;
    return success();
  }
  if (!isSame(rows[first], row, others[number]))
    return fail("expert " + Twine(number) + " computes something else than " +
                "expert " + Twine(first));
  return success();
}

LogicalResult UnrolledExperts::stackOperands(OpBuilder &builder, Location loc,
                                             ExpertBody &body) {
  ArrayRef<Value> operands = body.getExpertOperands();
  for (auto [value, index] : own)
    if (!llvm::is_contained(operands, value))
      return fail("experts read something else of a token each");
  for (auto &[number, values] : others)
    if (values.size() != operands.size())
      return fail("experts share an operand");
  SmallVector<Value> stacks;
  for (Value operand : operands)
    stacks.push_back(stack(builder, loc, operand));
  body.stackOperands(stacks);
  return success();
}

/// The stack that experts read their part of, in their order, or a new one.
Value UnrolledExperts::stack(OpBuilder &builder, Location loc, Value operand) {
  int64_t numExperts = rows.size();
  SmallVector<Operand> parts;
  for (int64_t number = 0; number < numExperts; ++number)
    parts.push_back(number == first ? Operand{operand, own.lookup(operand)}
                                    : others[number].lookup(operand));
  auto type = cast<RankedTensorType>(operand.getType());
  bool isStack = parts.front().index.has_value();
  if (isStack && type.getDimSize(0) == numExperts &&
      llvm::all_of(llvm::enumerate(parts), [&](auto part) {
        return part.value().value == operand &&
               part.value().index == static_cast<int64_t>(part.index());
      }))
    return operand;
  ArrayRef<int64_t> partShape = type.getShape().drop_front(isStack ? 1 : 0);
  SmallVector<int64_t> shape{numExperts};
  llvm::append_range(shape, partShape);
  auto attributes = [&](ArrayRef<int64_t> numbers) {
    return llvm::map_to_vector(numbers, [&](int64_t number) -> OpFoldResult {
      return builder.getIndexAttr(number);
    });
  };
  SmallVector<int64_t> sizes = shape, offsets(shape.size(), 0);
  SmallVector<int64_t> ones(shape.size(), 1);
  sizes[0] = 1;
  Value result =
      tensor::EmptyOp::create(builder, loc, shape, type.getElementType());
  for (auto [number, part] : llvm::enumerate(parts)) {
    Value value = part.value;
    if (part.index) {
      offsets[0] = *part.index;
      value = tensor::ExtractSliceOp::create(
          builder, loc, RankedTensorType::get(partShape, type.getElementType()),
          value, attributes(offsets), attributes(sizes), attributes(ones));
    }
    offsets[0] = number;
    result = tensor::InsertSliceOp::create(builder, loc, value, result,
                                           attributes(offsets),
                                           attributes(sizes), attributes(ones));
  }
  return result;
}
