// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/Passes.h"
#include "moe/Frontend/ScatterLoop.h"
#include "moe/Frontend/SortedPairs.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISESORTEDEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
constexpr StringLiteral passName = "moe-raise-sorted-experts";

/// What adds the rows of a sort to their tokens.
class SortedSum {
public:
  SortedSum(Operation *op, const IdSort &idSort, IRRewriter &rewriter)
      : op(op), idSort(idSort), rewriter(rewriter), tracer(context) {}

  /// Whether it is such a sum, and raised.
  bool raise();

private:
  /// What is summed for a slot, and from what; null if it is something else.
  Expr termOfLinalg();
  Expr termOfLoop(const ScatterLoop &scatter);
  void splitWeight(Expr term, Expr &weight, Expr &row);
  bool isNumberOfPair(Expr expr);
  bool missed(const Twine &why) {
    (void)moe::missed(op, passName, why);
    return false;
  }

  Operation *op;
  IdSort idSort;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  std::optional<SortedPairs> pairs;
  Value init;
  Expr token, column;
};
} // namespace

/// The term of a sum over slots; of one slot, the element itself.
Expr SortedSum::termOfLinalg() {
  auto linalgOp = cast<linalg::LinalgOp>(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  ArrayRef<int64_t> leading = type.getShape().drop_back();
  SmallVector<Expr> indices = tracer.partsOf(token, leading);
  indices.push_back(column);
  pairs.emplace(tracer, idSort, token);
  init = linalgOp.getDpsInits().front();
  if (linalgOp.getNumReductionLoops() == 0) {
    Expr term = tracer.at(op->getResult(0), indices);
    init = {};
    return idSort.getNumSlots() == 1 && context.dependsOn(term, pairs->getRow())
               ? term
               : nullptr;
  }
  std::optional<Reduction> sum =
      tracer.expand(context.element(op->getResult(0), indices));
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || sum->vars.size() != 1 ||
      !pairs->getSlot() || sum->vars[0] != pairs->getSlot())
    return nullptr;
  if (!isConstant(sum->init, 0) &&
      tracer.findTraced(sum->init, indices) != init)
    return nullptr;
  return sum->term;
}

/// What a loop over all rows adds to the token of a row.
Expr SortedSum::termOfLoop(const ScatterLoop &scatter) {
  pairs.emplace(tracer, idSort, token, context.var(idSort.getNumSlots()));
  if (scatter.getType().getRank() != 2 || scatter.loops.size() > 2 ||
      !idSort.isNumPairs(scatter.getBound()))
    return nullptr;
  SmallVector<Expr> loops{pairs->getRow()};
  if (scatter.loops.size() == 2) {
    if (scatter.getExtent(1) != scatter.getType().getDimSize(1))
      return nullptr;
    loops.push_back(column);
  } else if (!column->isIndex(0)) {
    return nullptr;
  }
  std::optional<ScatterLoop::Element> element = scatter.at(tracer, loops);
  Expr added = element ? scatter.addend(tracer, *element) : nullptr;
  if (!added)
    return nullptr;
  if (ArrayRef<Expr>(element->place) != ArrayRef<Expr>{token, column}) {
    missed("a row is not added to the token that it came from");
    return nullptr;
  }
  init = scatter.getInit();
  return added;
}

/// Whether `expr` is a number that token and slot alone decide.
bool SortedSum::isNumberOfPair(Expr expr) {
  SelectOp select = idSort.select;
  Expr row = pairs->getRow();
  return !context.dependsOn(expr, column) &&
         (row->kind != Kind::Var || !context.dependsOn(expr, row)) &&
         materialize(rewriter, op->getLoc(), tracer, expr, token,
                     pairs->getSlot(), select.getExperts());
}

/// Splits `term` into what is a number per pair and what is a row.
void SortedSum::splitWeight(Expr term, Expr &weight, Expr &row) {
  row = term;
  while (row->is<arith::MulFOp>()) {
    unsigned side = 0;
    while (side < 2 && !isNumberOfPair(row->operands[side]))
      ++side;
    if (side == 2)
      return;
    Expr factor = row->operands[side];
    weight = weight ? context.rebuild(row, {weight, factor}) : factor;
    row = row->operands[1 - side];
  }
}

bool SortedSum::raise() {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SelectOp select = idSort.select;
  Value ids = select.getExperts();
  int64_t numTokens = select.getExperts().getType().getDimSize(0);
  if (type.getRank() < 2 || type.isDynamicDim(type.getRank() - 1) ||
      !isa<FloatType>(type.getElementType()))
    return false;
  int64_t numRows = 1;
  for (int64_t size : type.getShape().drop_back())
    numRows = ShapedType::isDynamic(size) || ShapedType::isDynamic(numRows)
                  ? ShapedType::kDynamic
                  : numRows * size;
  if (numRows != numTokens)
    return false;
  token = context.var(numTokens);
  column = context.var(type.getShape().back());
  auto loop = dyn_cast<scf::ForOp>(op);
  std::optional<ScatterLoop> scatter =
      loop ? ScatterLoop::match(loop) : std::nullopt;
  Expr term = scatter ? termOfLoop(*scatter) : loop ? nullptr : termOfLinalg();
  if (!term)
    return false;

  // From here on it is a sum of rows in the order of experts.
  if (exceedsF32(op->getResult(0)))
    return missed("the sum is wider than f32");
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Expr slot = pairs->getSlot(), expert = pairs->getExpert();
  if (!tracer.readsWhole(ids, {token, slot}))
    return missed("the selection has other tokens than the sum");
  RoundedSum rounding = roundedSum(term, type.getElementType());
  Expr weight = nullptr, row;
  splitWeight(rounding.term, weight, row);
  // moe.combine widens rows and weights by itself.
  if (row->is<arith::ExtFOp>())
    row = row->operands[0];
  if (weight && weight->is<arith::ExtFOp>())
    weight = weight->operands[0];
  ExpertBody body(tracer, token, slot, expert);
  Expr pairIndex =
      pairs->getRow()->kind == Kind::Var ? pairs->getRow() : nullptr;
  body.refineBy([](Expr expr) { return expr; }, rewriter, loc, pairIndex);
  if (failed(body.analyze(row, column)))
    return missed(pairs->getReason().empty() ? body.getReason()
                                             : pairs->getReason());
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty())
    return missed("the rows read no token, or nothing of an expert");

  if (!init) {
    Value zero = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
    Value empty = emptyLike(rewriter, loc, {numTokens, type.getShape().back()},
                            type.getElementType(), ids);
    init = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  }
  Value weights =
      weight ? materialize(rewriter, loc, tracer, weight, token, slot, ids)
             : Value();
  Value like = init;
  Value combined =
      buildExperts(rewriter, loc,
                   {ids, select.getKey(), weights,
                    asMatrix(rewriter, loc, init), row, column, rounding},
                   body);
  fired(op, passName,
        "rows sorted by " + Twine(idSort.getNumExperts()) + " experts, " +
            Twine(idSort.getNumSlots()) +
            " per token, are moe.plan, moe.dispatch, moe.experts and "
            "moe.combine");
  if (combined.getType() != type)
    combined = fromMatrix(rewriter, loc, combined, like);
  rewriter.replaceOp(op, combined);
  return true;
}

namespace {
/// Replaces experts on sorted rows.
///
///   %sorted, %perm = moe.sort %ids, 0..N
///   %ys = moe.experts rows(%x[%perm / K]) ... { ... }
///   for r: %y[%perm[r] / K] += %w[%perm[r]] * %ys[r]
/// =>
///   %offsets, %pairs = moe.plan %e
///   %rows = moe.dispatch %x, %pairs slots K
///   %ys = moe.experts rows(%rows) weights(...) offsets(%offsets) { ... }
///   %y = moe.combine %ys, %pairs, %w into %init
struct RaiseSortedExperts
    : moe::impl::MoERaiseSortedExpertsPassBase<RaiseSortedExperts> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  /// The sort that `op` reads from nearest by.
  static const IdSort *findSort(Operation *op, ArrayRef<IdSort> sorts) {
    SmallVector<Operation *> worklist{op};
    DenseSet<Operation *> seen{op};
    for (size_t i = 0; i < worklist.size(); ++i) {
      auto *known = llvm::find_if(sorts, [&](const IdSort &idSort) {
        return SortOp(idSort.sort) == worklist[i];
      });
      if (known != sorts.end())
        return known;
      worklist[i]->walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          if (Operation *producer = operand.getDefiningOp())
            if (!op->isAncestor(producer) && seen.insert(producer).second)
              worklist.push_back(producer);
      });
    }
    return nullptr;
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<IdSort> sorts;
    SmallVector<Operation *> sums;
    function->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto sort = dyn_cast<SortOp>(op)) {
        std::string reason;
        if (std::optional<IdSort> idSort = IdSort::match(sort, reason))
          sorts.push_back(*idSort);
      }
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (linalgOp && linalgOp.getNumReductionLoops() <= 1 &&
          op->getNumResults() == 1 && linalgOp.hasPureTensorSemantics())
        sums.push_back(op);
      auto loop = dyn_cast<scf::ForOp>(op);
      if (loop && loop.getNumResults() == 1 &&
          isa<RankedTensorType>(loop.getResult(0).getType()))
        sums.push_back(op);
      return loop || isa<SortOp, ExpertsOp>(op) ? WalkResult::skip()
                                                : WalkResult::advance();
    });
    if (!sorts.empty()) {
      for (Operation *op : sums)
        if (const IdSort *idSort = findSort(op, sorts))
          (void)SortedSum(op, *idSort, rewriter).raise();
      eraseDeadOps(function, rewriter);
    }
    // A sort that is left may have been the inverse of one that is gone.
    function->walk([&](SortOp sort) {
      std::string reason = "no sum of what its rows became is raised";
      (void)IdSort::match(sort, reason);
      if (isa<IntegerType>(
              getElementTypeOrSelf(sort.getInputs().front().getType())))
        (void)missed(sort, passName, reason);
    });
  }
};
} // namespace
