// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/SortedPairs.h"

#include "moe/Frontend/GroupSizes.h"
#include "moe/Frontend/ScatterLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
/// The input that alone decides the order, smallest first.
std::optional<unsigned> matchAscending(SortOp op) {
  auto compare = op.getComparator()
                     .front()
                     .getTerminator()
                     ->getOperand(0)
                     .getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return std::nullopt;
  auto lhs = dyn_cast<BlockArgument>(compare.getLhs());
  auto rhs = dyn_cast<BlockArgument>(compare.getRhs());
  if (!lhs || !rhs)
    return std::nullopt;
  using P = arith::CmpIPredicate;
  // Ids are not negative, so that signs do not matter.
  switch (compare.getPredicate()) {
  case P::slt:
  case P::sle:
  case P::ult:
  case P::ule:
    break;
  case P::sgt:
  case P::sge:
  case P::ugt:
  case P::uge:
    std::swap(lhs, rhs);
    break;
  default:
    return std::nullopt;
  }
  unsigned first = lhs.getArgNumber();
  if (first % 2 != 0 || rhs.getArgNumber() != first + 1)
    return std::nullopt;
  return first / 2;
}

/// The selection nearest to where `value` comes from.
SelectOp findSelect(Value value) {
  constexpr size_t maxOps = 64;
  SmallVector<Value> worklist{value};
  DenseSet<Value> seen{value};
  for (size_t i = 0; i < worklist.size() && i < maxOps; ++i) {
    Operation *op = worklist[i].getDefiningOp();
    if (auto select = dyn_cast_or_null<SelectOp>(op))
      return select;
    if (op)
      for (Value operand : op->getOperands())
        if (seen.insert(operand).second)
          worklist.push_back(operand);
  }
  return {};
}
} // namespace

bool IdSort::isNumPairs(ValueBoundsConstraintSet::Variable size) const {
  FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
      size, {SortOp(sort).getInputs()[key], 0});
  return succeeded(equal) && *equal;
}

Expr IdSort::pairOf(ElementExprContext &context, Expr token, Expr slot) const {
  if (!isSlotMajor)
    return context.add(context.scale(token, getNumSlots()), slot);
  int64_t numTokens = SelectOp(select).getExperts().getType().getDimSize(0);
  return context.add(context.scale(slot, numTokens), token);
}

std::optional<IdSort> IdSort::match(SortOp sort, std::string &reason) {
  auto type = cast<RankedTensorType>(sort.getInputs().front().getType());
  std::optional<unsigned> key = matchAscending(sort);
  if (type.getRank() != 1 || !key) {
    reason = "does not sort integers, smallest first";
    return std::nullopt;
  }
  SelectOp select = findSelect(sort.getInputs()[*key]);
  if (!select || select.isByExpert() || !select.fillsSlots()) {
    reason = "what is sorted by are not the experts of a selection";
    return std::nullopt;
  }
  IdSort result{sort, select, *key, false, type.getDimSize(0)};
  RankedTensorType idsType = select.getExperts().getType();
  ElementExprContext context;
  ElementTracer tracer(context);
  Expr token = context.var(idsType.getDimSize(0));
  Expr slot = context.var(idsType.getDimSize(1));
  for (bool isSlotMajor : {false, true}) {
    result.isSlotMajor = isSlotMajor;
    if (isSlotMajor && idsType.isDynamicDim(0))
      break;
    Expr pair = result.pairOf(context, token, slot);
    Expr sorted = tracer.at(sort.getInputs()[*key], {pair});
    // Where sizes are not known, whether these are all tokens.
    bool isWhole = type.isDynamicDim(0)
                       ? tracer.readsWhole(select.getExperts(), {token, slot})
                       : type.getDimSize(0) == idsType.getNumElements();
    if (isWhole && stripConversions(sorted) ==
                       tracer.at(select.getExperts(), {token, slot}))
      return result;
  }
  reason = "what is sorted by are not the experts of all slots";
  return std::nullopt;
}

SortedPairs::SortedPairs(ElementTracer &tracer, const IdSort &idSort,
                         Expr token, Expr slot)
    : tracer(tracer), context(tracer.getContext()), idSort(idSort),
      token(token), slot(slot) {
  // With one slot of one token, there is one row.
  row = context.var(idSort.numPairs);
  if (!slot && idSort.getNumSlots() == 1)
    this->slot = context.index(0);
  tracer.setMeaning([this](Value tensor, ArrayRef<Expr> indices) {
    return meaning(tensor, indices);
  });
}

Expr SortedPairs::getPair() const {
  return idSort.pairOf(context, token, slot);
}

Expr SortedPairs::getExpert() const {
  return tracer.at(SelectOp(idSort.select).getExperts(), {token, slot});
}

/// Whether `index` numbers a pair of the token, whose slot is known from then
/// on.
bool SortedPairs::isPair(Expr index) {
  if (slot)
    return index == getPair();
  Expr rest = context.add(
      index,
      context.scale(idSort.pairOf(context, token, context.index(0)), -1));
  int64_t stride = 1;
  if (idSort.isSlotMajor) {
    stride = SelectOp(idSort.select).getExperts().getType().getDimSize(0);
    if (rest->kind != Kind::Linear || rest->operands.size() != 1 ||
        rest->constant != 0 || rest->coefficients[0] != stride)
      return false;
    rest = rest->operands[0];
  }
  if (rest->kind != Kind::Var || rest->extent != idSort.getNumSlots())
    return false;
  slot = rest;
  return true;
}

Expr SortedPairs::meaning(Value tensor, ArrayRef<Expr> indices) {
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return givenToExperts(argument, indices);
  Operation *op = tensor.getDefiningOp();
  if (op == SortOp(idSort.sort).getOperation())
    return sorted(cast<OpResult>(tensor), indices);
  if (isa<scf::ForOp>(op))
    return written(tensor, indices);
  if (auto again = dyn_cast<SortOp>(op))
    return indices.size() == 1 && isPair(indices[0])
               ? sortedAgain(again, cast<OpResult>(tensor).getResultNumber(),
                             indices[0])
               : nullptr;
  if (auto experts = dyn_cast<ExpertsOp>(op))
    return madeByExperts(experts, indices);
  return nullptr;
}

Expr SortedPairs::sorted(OpResult result, ArrayRef<Expr> indices) {
  SortOp sort = idSort.sort;
  Value input = sort.getInputs()[result.getResultNumber()];
  if (slot && indices[0] == row)
    return tracer.at(input, {getPair()});
  // Of any other row, no more than that ids are ids.
  if (result.getResultNumber() == idSort.key)
    return context.element(result, indices,
                           IntRange{0, idSort.getNumExperts() - 1});
  return nullptr;
}

/// What a loop over all rows wrote to the place of the pair:
///
///   for r: tensor[sorted[r]] = value[r]
Expr SortedPairs::written(Value tensor, ArrayRef<Expr> indices) {
  auto root = tensor.getDefiningOp<scf::ForOp>();
  std::optional<ScatterLoop> scatter = ScatterLoop::match(root);
  if (!scatter || !isPair(indices[0]))
    return nullptr;
  // Loops over the other dimensions write to the place of their number.
  SmallVector<Expr> loops;
  size_t next = 1;
  for (size_t number = 0; number < scatter->loops.size(); ++number) {
    int64_t extent = scatter->getExtent(number);
    if (number == 0)
      loops.push_back(row);
    else if (next < indices.size() &&
             extent == scatter->getType().getDimSize(next))
      loops.push_back(indices[next++]);
    else
      return nullptr;
  }
  if (next != indices.size() || !idSort.isNumPairs(scatter->getBound()))
    return nullptr;
  std::optional<ScatterLoop::Element> element = scatter->at(tracer, loops);
  if (!element || ArrayRef<Expr>(element->place) != indices)
    return nullptr;
  Expr old = context.element(scatter->target, element->place);
  return context.dependsOn(element->value, old) ? nullptr : element->value;
}

/// A sort of the numbers of the pairs brings every one to its own place, and
/// what is sorted along tells the row that it came from.
Expr SortedPairs::sortedAgain(SortOp again, unsigned result, Expr pair) {
  std::optional<unsigned> key = matchAscending(again);
  if (!key ||
      stripConversions(tracer.at(again.getInputs()[*key], {row})) != pair ||
      !idSort.isNumPairs({again.getInputs()[*key], 0}))
    return nullptr;
  return tracer.at(again.getInputs()[result], {row});
}

Expr SortedPairs::madeByExperts(ExpertsOp experts, ArrayRef<Expr> indices) {
  if (!slot || indices[0] != row || !hasGroups(experts.getOffsets()))
    return nullptr;
  Value yielded = experts.getBody().front().getTerminator()->getOperand(0);
  return tracer.at(yielded, indices);
}

Expr SortedPairs::givenToExperts(BlockArgument argument,
                                 ArrayRef<Expr> indices) {
  auto experts = dyn_cast<ExpertsOp>(argument.getOwner()->getParentOp());
  if (!experts || !slot)
    return nullptr;
  unsigned number = argument.getArgNumber();
  if (number < experts.getRows().size())
    return indices[0] == row ? tracer.at(experts.getRows()[number], indices)
                             : nullptr;
  number -= experts.getRows().size();
  if (number < experts.getWeights().size()) {
    SmallVector<Expr> place{getExpert()};
    llvm::append_range(place, indices);
    return tracer.at(experts.getWeights()[number], place);
  }
  return tracer.at(experts.getShared()[number - experts.getWeights().size()],
                   indices);
}

/// Whether `key` is the id in the slot that the `vars` number, each slot once.
bool SortedPairs::areIds(Expr key, ArrayRef<Expr> vars) {
  SelectOp select = idSort.select;
  int64_t numExperts = idSort.getNumExperts();
  // What the key is computed from.
  llvm::SetVector<Expr> leaves, scalars;
  auto collect = [&](auto &self, Expr node) -> void {
    if (node->kind == Kind::Element && node->operands.empty())
      scalars.insert(node);
    else if (node->kind == Kind::Element || node->kind == Kind::Var)
      leaves.insert(node);
    else
      for (Expr operand : node->operands)
        self(self, operand);
  };
  collect(collect, key);
  // Such as the width of a bin, which no element decides.
  for (Expr scalar : scalars) {
    DenseMap<Value, Expr> known;
    Expr number = tracer.evaluate(scalar->value, known);
    if (!number)
      return false;
    key = context.substitute(key, scalar, number);
  }
  if (leaves.size() != 1 || leaves.front()->kind != Kind::Element)
    return false;
  Expr leaf = leaves.front();
  SortOp sort = idSort.sort;
  if (leaf->value == sort.getResult(idSort.key)) {
    if (vars.size() != 1 || leaf->operands[0] != vars[0] ||
        vars[0]->extent != idSort.numPairs)
      return false;
  } else if (leaf->value == select.getExperts()) {
    RankedTensorType type = select.getExperts().getType();
    if (vars.size() != 2 || vars[0]->extent != type.getDimSize(0) ||
        vars[1]->extent != type.getDimSize(1) || leaf->operands != vars)
      return false;
  } else {
    // Ids in the order of the pairs, all of them.
    ElementExprContext freshContext;
    ElementTracer fresh(freshContext);
    RankedTensorType type = select.getExperts().getType();
    Expr t = freshContext.var(type.getDimSize(0));
    Expr s = freshContext.var(type.getDimSize(1));
    auto leafType = cast<RankedTensorType>(leaf->value.getType());
    if (vars.size() != 1 || leafType.getRank() != 1 ||
        leaf->operands[0] != vars[0] ||
        vars[0]->extent != leafType.getDimSize(0) ||
        leafType.getDimSize(0) != idSort.numPairs)
      return false;
    Expr id = stripConversions(
        fresh.at(leaf->value, {idSort.pairOf(freshContext, t, s)}));
    if (!fresh.readsWhole(select.getExperts(), {t, s}) ||
        id != fresh.at(select.getExperts(), {t, s}))
      return false;
  }
  if (stripConversions(key) == leaf)
    return true;
  // Such as a bin of a histogram.
  for (int64_t id = 0; id < numExperts; ++id)
    if (integerAt(key, leaf, id, select.getContext()) != id)
      return false;
  return true;
}

/// Whether the runs between `offsets` are the rows of each expert.
bool SortedPairs::hasGroups(Value offsets) {
  auto [known, isNew] = groups.try_emplace(offsets, false);
  if (!isNew)
    return known->second;
  int64_t numExperts = idSort.getNumExperts();
  auto type = cast<RankedTensorType>(offsets.getType());
  if (type.getDimSize(0) != numExperts + 1) {
    reason = "rows are in groups of other experts than those sorted by";
    return false;
  }
  Value counts = matchLeadingSums(tracer, offsets, numExperts + 1, 0);
  if (!counts) {
    reason = "groups of rows are not between running sums";
    return false;
  }
  std::optional<KeyCount> count = matchKeyCount(tracer, counts);
  // A loop goes through all rows, not as many as there may be.
  if (count && count->bound &&
      ShapedType::isDynamic(count->vars.front()->extent) &&
      !idSort.isNumPairs(count->bound))
    count = std::nullopt;
  if (!count || !areIds(count->key, count->vars)) {
    reason = "the sizes of groups are not counts of the ids that are sorted";
    return false;
  }
  return groups[offsets] = true;
}
