// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEMASKEDTOPKPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-masked-top-k";

/// Whether no key is below `value`, which stands for those taken before.
bool isBelowKeys(Expr value, Value key) {
  auto number = value->kind == ElementExpr::Kind::Constant
                    ? dyn_cast<FloatAttr>(value->attribute)
                    : FloatAttr();
  if (!number)
    return false;
  APFloat float_ = number.getValue();
  if (float_.isNegative() && (float_.isInfinity() || float_.isLargest()))
    return true;
  if (!float_.isZero())
    return false;
  if (auto score = key.getDefiningOp<ScoreOp>())
    return score.getFn() != ScoreFn::identity;
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices = tracer.indicesOf(key);
  tracer.splitRows(key, indices[0]);
  return matchScore(tracer, tracer.at(key, indices), indices[1]).has_value();
}

/// Columns `first`, ... of `matrix`.
Value columns(OpBuilder &builder, Location loc, Value matrix, int64_t first,
              int64_t count) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, matrix);
  sizes[1] = builder.getIndexAttr(count);
  return tensor::ExtractSliceOp::create(
      builder, loc, type.clone({type.getDimSize(0), count}), matrix,
      ArrayRef<OpFoldResult>{builder.getIndexAttr(0),
                             builder.getIndexAttr(first)},
      sizes,
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1), builder.getIndexAttr(1)});
}

bool isPlainTopK(SelectOp op) {
  return op.fillsSlots() && !op.getGroups() && !op.getNan() &&
         op.getOrder() == SlotOrder::by_key;
}

/// Whether `a` and `b` read elements of the same tensor.
bool readSame(Expr a, Expr b) {
  auto collect = [](Expr expr) {
    DenseSet<Value> values;
    DenseSet<Expr> seen;
    auto visit = [&](auto &self, Expr node) -> void {
      if (!seen.insert(node).second)
        return;
      if (node->kind == ElementExpr::Kind::Element)
        values.insert(node->value);
      for (Expr operand : node->operands)
        self(self, operand);
    };
    visit(visit, expr);
    return values;
  };
  DenseSet<Value> read = collect(a);
  return llvm::any_of(collect(b),
                      [&](Value value) { return read.contains(value); });
}

/// Whether `later` chooses by the keys of `earlier` without those it has taken.
bool continues(SelectOp later, SelectOp earlier) {
  auto type = cast<RankedTensorType>(earlier.getKey().getType());
  if (later.getKey().getType() != type || later.getKey() == earlier.getKey())
    return false;
  ElementExprContext context;
  ElementTracer tracer(context);
  Expr token = context.var(type.getDimSize(0));
  tracer.splitRows(earlier.getKey(), token);
  tracer.splitRows(later.getKey(), token);
  Expr column = context.var(type.getDimSize(1));
  Expr slot = context.var(earlier.getExperts().getType().getDimSize(1));
  Value ids = earlier.getExperts();
  Expr taken = tracer.at(ids, {token, slot});
  OneHot oneHot(tracer);
  Expr key = tracer.at(later.getKey(), {token, column});
  // Every layer depends on those before; its keys are not theirs.
  if (!readSame(tracer.at(earlier.getKey(), {token, column}), key))
    return false;
  Expr rest = oneHot.unselected(key, column, ids, token);
  if (!rest)
    return false;
  if (oneHot.simplify(rest) !=
      oneHot.simplify(tracer.at(earlier.getKey(), {token, column}))) {
    (void)missed(later, passName,
                 "the keys of those not taken are not the keys before");
    return false;
  }
  Expr mask = oneHot.simplify(context.substitute(key, column, taken));
  if (!isBelowKeys(mask, earlier.getKey())) {
    (void)missed(later, passName,
                 "what stands for those taken may be larger than a key");
    return false;
  }
  if (earlier.getExperts().getType().getDimSize(1) +
          later.getExperts().getType().getDimSize(1) >
      type.getDimSize(1)) {
    (void)missed(later, passName, "takes more experts than there are");
    return false;
  }
  return true;
}

/// Replaces two selections, of which the second leaves out the first.
///
///   %e1 = moe.select #moe.top_k<1> %key
///   %e2 = moe.select #moe.top_k<1> (%key where not %e1, else less)
/// =>
///   %e = moe.select #moe.top_k<2> %key
///   %e1 = %e[:, 0:1],  %e2 = %e[:, 1:2]
SelectOp merge(SelectOp earlier, SelectOp later, IRRewriter &rewriter) {
  Value key = earlier.getKey();
  int64_t first = earlier.getExperts().getType().getDimSize(1);
  int64_t second = later.getExperts().getType().getDimSize(1);
  rewriter.setInsertionPoint(earlier);
  Location loc = rewriter.getFusedLoc({earlier.getLoc(), later.getLoc()});
  SelectOp select = buildTopK(rewriter, loc, key, first + second);
  fired(select, passName,
        "a selection without those taken before is one more "
        "slot of theirs");
  DenseMap<Value, Value> values;
  for (auto [part, offset, count] :
       {std::tuple{earlier, int64_t(0), first}, {later, first, second}}) {
    for (Operation *user : llvm::make_early_inc_range(part->getUsers())) {
      auto weigh = dyn_cast<WeighOp>(user);
      if (!weigh || !weigh.isPlain() || weigh.getExperts() != part.getExperts())
        continue;
      // At those not taken, the keys are the same.
      Value source = weigh.getSource();
      if (source == later.getKey() && part == later)
        source = key;
      Value &whole = values[source];
      if (!whole) {
        Operation *from = source.getDefiningOp();
        if (from && from->getBlock() == select->getBlock() &&
            select->isBeforeInBlock(from))
          rewriter.setInsertionPointAfter(from);
        else
          rewriter.setInsertionPointAfter(select);
        whole =
            buildValues(rewriter, weigh.getLoc(), source, select.getExperts())
                .getWeights();
      }
      rewriter.setInsertionPoint(weigh);
      if (auto from = whole.getDefiningOp();
          from->getBlock() == weigh->getBlock() && weigh->isBeforeInBlock(from))
        rewriter.setInsertionPointAfter(from);
      rewriter.replaceOp(weigh, columns(rewriter, loc, whole, offset, count));
    }
    rewriter.setInsertionPointAfter(select);
    rewriter.replaceOp(
        part, columns(rewriter, loc, select.getExperts(), offset, count));
  }
  return select;
}

struct RaiseMaskedTopK
    : moe::impl::MoERaiseMaskedTopKPassBase<RaiseMaskedTopK> {
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
      if (isPlainTopK(op))
        selects.push_back(op);
    });
    DominanceInfo dominance(function);
    bool merged = false;
    for (size_t i = 1; i < selects.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        SelectOp &earlier = selects[j], &later = selects[i];
        if (!earlier || !later ||
            !dominance.properlyDominates(earlier.getOperation(), later) ||
            !continues(later, earlier))
          continue;
        earlier = merge(earlier, later, rewriter);
        later = {};
        merged = true;
      }
    if (merged)
      eraseDeadOps(function, rewriter);
    return merged;
  }
};
} // namespace
