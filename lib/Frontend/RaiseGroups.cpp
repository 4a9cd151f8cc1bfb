// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEGROUPSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-groups";

/// A selection among the experts of the groups that another selection keeps.
class GroupedKey {
public:
  GroupedKey(SelectOp experts, SelectOp groups)
      : experts(experts), groups(groups), oneHot(tracer) {}

  /// Whether the key depends on the groups at all, in the way of a mask.
  bool match();
  /// The reason why it is no choice of groups after all; empty if it is one.
  StringRef analyze();
  Value buildKey(OpBuilder &builder);
  GroupsAttr getGroups() {
    return GroupsAttr::get(experts.getContext(), numGroups, keep, top, fill);
  }

private:
  std::optional<int64_t> topOfGroup();

  SelectOp experts, groups;
  ElementExprContext context;
  ElementTracer tracer{context};
  OneHot oneHot;
  int64_t numGroups = 0, size = 0, keep = 0, top = 0;
  GroupFill fill = GroupFill::minus_infinity;
  Expr token, group, member, column, rest;
  /// The key without the mask, in `column`, and in `group` and `member`.
  Expr key, keyInGroup;
};
} // namespace

bool GroupedKey::match() {
  RankedTensorType keyType = experts.getKey().getType();
  RankedTensorType groupType = groups.getKey().getType();
  numGroups = groupType.getDimSize(1);
  int64_t numExperts = keyType.getDimSize(1);
  if (groupType.getDimSize(0) != keyType.getDimSize(0) || numGroups < 2 ||
      numExperts % numGroups != 0 || numExperts == numGroups)
    return false;
  size = numExperts / numGroups;
  keep = groups.getExperts().getType().getDimSize(1);
  token = context.var(keyType.getDimSize(0));
  group = context.var(numGroups);
  member = context.var(size);
  column = context.var(numExperts);
  // What the key is made of, to be found again.
  (void)tracer.at(experts.getKey(), {token, column});
  Expr place = context.add(context.scale(group, size), member);
  Expr masked = tracer.at(experts.getKey(), {token, place});
  rest = oneHot.unselected(masked, group, groups.getExperts(), token);
  if (!rest)
    return false;
  Expr chosen = tracer.at(groups.getExperts(), {token, context.var(keep)});
  Expr hit = oneHot.simplify(context.substitute(masked, group, chosen));
  keyInGroup = context.substitute(hit, chosen, group);
  key = context.substitute(keyInGroup, place, column);
  return true;
}

/// How many of the largest keys of a group make its score; none if something
/// else does.
std::optional<int64_t> GroupedKey::topOfGroup() {
  Expr score = tracer.at(groups.getKey(), {token, group});
  // The one largest value may be picked by a selection, too.
  auto isTopValue = [&](Expr value, Expr slot, int64_t count) {
    auto weigh = value->kind == ElementExpr::Kind::Element
                     ? value->value.getDefiningOp<WeighOp>()
                     : WeighOp();
    auto select =
        weigh ? weigh.getExperts().getDefiningOp<SelectOp>() : SelectOp();
    if (!select || !select.fillsSlots() || select.getGroups() ||
        !weigh.isPlain() || select.getKey() != weigh.getSource() ||
        value->operands[1] != slot ||
        select.getKey().getType().getDimSize(1) != size ||
        select.getExperts().getType().getDimSize(1) != count)
      return false;
    return tracer.at(weigh.getSource(), {value->operands[0], member}) ==
           keyInGroup;
  };
  if (isTopValue(score, context.index(0), 1))
    return 1;
  std::optional<Reduction> reduction = tracer.expand(score);
  if (!reduction || reduction->vars.size() != 1)
    return std::nullopt;
  Expr var = reduction->vars[0];
  int64_t extent = var->kind == ElementExpr::Kind::Var ? var->extent : 1;
  if (isa<arith::AddFOp>(reduction->combiner) &&
      isConstant(reduction->init, 0) &&
      isTopValue(reduction->term, var, extent))
    return extent;
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(reduction->combiner) &&
      isLeast(reduction->init) && extent == size &&
      reduction->term == context.substitute(keyInGroup, member, var))
    return 1;
  return std::nullopt;
}

StringRef GroupedKey::analyze() {
  if (isConstant(rest, 0))
    fill = GroupFill::zero;
  else if (!isLeast(rest))
    return "experts of groups that are not kept have other keys than zero or "
           "minus infinity";
  if (context.dependsOn(key, group) || context.dependsOn(key, member))
    return "the groups are not of experts that follow each other";
  std::optional<int64_t> count = topOfGroup();
  if (!count)
    return "the score of a group is not the sum of its largest keys";
  top = *count;
  if (keep * size < experts.getExperts().getType().getDimSize(1))
    return "the groups kept have fewer experts than there are slots";
  return {};
}

Value GroupedKey::buildKey(OpBuilder &builder) {
  return materialize(builder, experts.getLoc(), tracer, key, token, column,
                     experts.getKey());
}

namespace {
/// Replaces a selection by masked keys.
///
///   %g = moe.select #moe.top_k<2> (largest keys of every group)
///   %e = moe.select #moe.top_k<3> (%key where the group is in %g, else -inf)
/// =>
///   %e = moe.select #moe.top_k<3> %key groups <n = 4, keep = 2>
bool raise(SelectOp experts, SelectOp groups, IRRewriter &rewriter) {
  GroupedKey grouped(experts, groups);
  if (!grouped.match())
    return false;
  if (StringRef why = grouped.analyze(); !why.empty()) {
    (void)missed(experts, passName, why);
    return false;
  }
  rewriter.setInsertionPoint(experts);
  Value key = grouped.buildKey(rewriter);
  if (!key) {
    (void)missed(experts, passName,
                 "no value holds the keys as [tokens, experts]");
    return false;
  }
  // Where the mask is not, the masked keys are the keys.
  Value masked = experts.getKey();
  for (Operation *user : llvm::make_early_inc_range(experts->getUsers())) {
    auto weigh = dyn_cast<WeighOp>(user);
    if (weigh && weigh.getSource() == masked)
      rewriter.modifyOpInPlace(weigh,
                               [&] { weigh.getSourceMutable().assign(key); });
  }
  rewriter.modifyOpInPlace(experts, [&] {
    experts.getKeyMutable().assign(key);
    experts.setGroupsAttr(grouped.getGroups());
  });
  fired(experts, passName, "a mask of groups is part of moe.select");
  return true;
}

struct RaiseGroups : moe::impl::MoERaiseGroupsPassBase<RaiseGroups> {
  void runOnOperation() override {
    bool raised = false;
    getOperation()->walk(
        [&](FunctionOpInterface function) { raised |= raiseIn(function); });
    if (!raised)
      markAllAnalysesPreserved();
  }

  bool raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<SelectOp> selects;
    function->walk([&](SelectOp op) {
      if (op.fillsSlots() && !op.getGroups())
        selects.push_back(op);
    });
    DominanceInfo dominance(function);
    bool raised = false;
    for (SelectOp experts : selects)
      raised |= llvm::any_of(selects, [&](SelectOp groups) {
        return dominance.properlyDominates(groups.getOperation(), experts) &&
               raise(experts, groups, rewriter);
      });
    if (raised)
      eraseDeadOps(function, rewriter);
    return raised;
  }
};
} // namespace
