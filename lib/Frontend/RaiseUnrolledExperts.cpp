// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/Capacity.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/Passes.h"
#include "moe/Frontend/UnrolledExperts.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEUNROLLEDEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
constexpr StringLiteral passName = "moe-raise-unrolled-experts";

/// Whether `op` adds something to a tensor, element by element.
bool isAddition(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()))
    return false;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return isa<arith::AddFOp>(op);
  return linalgOp.hasPureTensorSemantics() &&
         linalgOp.getNumReductionLoops() == 0 &&
         linalgOp.getBlock()
             ->getTerminator()
             ->getOperand(0)
             .getDefiningOp<arith::AddFOp>();
}

/// Additions of which each is read by the next only; producers come first.
using AdditionTree = SmallVector<Operation *>;

/// A sum of the rows of experts, each times a number that is zero for tokens
/// that did not select it.
class UnrolledSum {
public:
  UnrolledSum(ArrayRef<Operation *> additions, IRRewriter &rewriter)
      : additions(additions), rewriter(rewriter), tracer(context),
        oneHot(tracer) {}

  void stopAt(ValueRange values) {
    for (Value value : values)
      tracer.stopAt(value);
  }
  bool raise();
  /// What was replaced; to compare with only.
  Operation *getRoot() { return root; }

private:
  /// One addend: of an expert, or anything else.
  struct Term {
    RoundedSum rounding;
    Expr weight = nullptr, row = nullptr;
    std::optional<ExpertMask> mask;
  };
  Term classify(Expr expr);
  bool collectTerms();
  Operation *findRoot();
  Value findInit(ArrayRef<Expr> rest);
  bool missed(const Twine &why) {
    (void)moe::missed(root, passName, why);
    return false;
  }

  ArrayRef<Operation *> additions;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  OneHot oneHot;
  RankedTensorType type;
  Expr token, column;
  SmallVector<Expr> indices;
  /// What the additions are.
  llvm::MapVector<Expr, Operation *> sums;
  llvm::MapVector<Expr, Term> terms;
  Operation *root = nullptr;
};
} // namespace

UnrolledSum::Term UnrolledSum::classify(Expr expr) {
  Term term;
  term.rounding = roundedSum(expr, type.getElementType());
  Expr product = term.rounding.term;
  if (!product->is<arith::MulFOp>())
    return term;
  for (Expr factor : factorsOf(product)) {
    Expr &part = context.dependsOn(factor, column) ? term.row : term.weight;
    part = part ? context.rebuild(product, {part, factor}) : factor;
  }
  if (term.weight && term.row)
    term.mask = findExpertMask(tracer, term.weight);
  return term;
}

/// Whether the additions have terms of experts.
bool UnrolledSum::collectTerms() {
  type = cast<RankedTensorType>(additions.back()->getResult(0).getType());
  if (type.getRank() < 2 || type.isDynamicDim(type.getRank() - 1))
    return false;
  ArrayRef<int64_t> leading = type.getShape().drop_back();
  int64_t numTokens = 1;
  for (int64_t size : leading)
    numTokens = ShapedType::isDynamic(size) || ShapedType::isDynamic(numTokens)
                    ? ShapedType::kDynamic
                    : numTokens * size;
  token = context.var(numTokens);
  column = context.var(type.getShape().back());
  indices = tracer.partsOf(token, leading);
  indices.push_back(column);
  // One after the other, so that a trace does not go down all of them.
  for (Operation *op : additions) {
    if (op->getResult(0).getType() != type)
      return false;
    Expr sum = tracer.at(op->getResult(0), indices);
    if (!sum->is<arith::AddFOp>())
      return false;
    sums[sum] = op;
  }
  bool hasExperts = false;
  for (auto &[sum, op] : sums)
    for (Expr operand : sum->operands)
      if (!sums.contains(operand) && !terms.contains(operand)) {
        Term term = classify(operand);
        hasExperts |= term.mask.has_value();
        terms.insert({operand, std::move(term)});
      } else if (terms.contains(operand) && terms[operand].mask) {
        root = op;
        return missed("expert " + Twine(terms[operand].mask->number) +
                      " is added twice");
      }
  return hasExperts;
}

/// The smallest of the sums that has all experts in it.
Operation *UnrolledSum::findRoot() {
  DenseMap<Expr, int64_t> counts;
  int64_t total = llvm::count_if(
      terms, [](auto &entry) { return entry.second.mask.has_value(); });
  for (auto &[sum, op] : sums) {
    int64_t &count = counts[sum];
    for (Expr operand : sum->operands)
      count += sums.contains(operand) ? counts.lookup(operand)
                                      : terms[operand].mask.has_value();
    if (count == total)
      return op;
  }
  return nullptr;
}

/// What the experts are added to, if that is one tensor.
Value UnrolledSum::findInit(ArrayRef<Expr> rest) {
  Location loc = root->getLoc();
  if (rest.size() > 1)
    return {};
  if (rest.size() == 1 && !isConstant(rest.front(), 0))
    return tracer.findTraced(rest.front(), indices);
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
  auto linalgOp = dyn_cast<linalg::LinalgOp>(root);
  Value like =
      linalgOp ? Value(linalgOp.getDpsInits()[0]) : root->getOperand(0);
  Value empty =
      emptyLike(rewriter, loc, type.getShape(), type.getElementType(), like);
  return linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
}

bool UnrolledSum::raise() {
  if (!collectTerms())
    return false;
  root = findRoot();
  SmallVector<Expr> rest;
  SmallVector<const Term *> experts;
  for (auto &[sum, op] : sums) {
    for (Expr operand : sum->operands) {
      if (sums.contains(operand))
        continue;
      const Term &term = terms[operand];
      if (term.mask)
        experts.push_back(&term);
      else
        rest.push_back(operand);
    }
    if (op == root)
      break;
  }
  SelectOp select = experts.front()->mask->select;
  Value ids = select.getExperts();
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  int64_t numSlots = select.getExperts().getType().getDimSize(1);
  Expr slot = context.var(numSlots);
  Expr expert = tracer.at(ids, {token, slot});
  if (!tracer.readsWhole(ids, {token, slot}))
    return missed("the selection has other tokens than the sum");
  if (exceedsF32(root->getResult(0)))
    return missed("the sum is wider than f32");

  UnrolledExperts unrolled(tracer, numExperts);
  Expr weight = nullptr;
  for (const Term *term : experts) {
    if (term->mask->select != select)
      return missed("experts of several selections are added up");
    Expr own =
        weightOfSelected(tracer, oneHot, term->weight, *term->mask, expert);
    if (!own)
      return missed("an expert that is not selected may add to the sum");
    if (weight && own != weight)
      return missed("expert " + Twine(term->mask->number) +
                    " has a weight of its own kind");
    weight = own;
    const RoundedSum &first = experts.front()->rounding;
    if (term->rounding.productType != first.productType)
      return missed("products are rounded to several types");
    if (failed(unrolled.add(term->mask->number, term->row)))
      return missed(unrolled.getReason());
  }
  if (!unrolled.isComplete())
    return missed(Twine(experts.size()) + " of " + Twine(numExperts) +
                  " experts are added up");
  rewriter.setInsertionPoint(root);
  Location loc = root->getLoc();
  Expr row = unrolled.getRow();
  // moe.combine widens rows and weights by itself.
  if (row->is<arith::ExtFOp>())
    row = row->operands[0];
  if (weight->is<arith::ExtFOp>())
    weight = weight->operands[0];
  ExpertBody body(tracer, token, unrolled.getOperands(), ids, rewriter);
  if (failed(body.analyze(row, column)))
    return missed(body.getReason());
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty())
    return missed("the rows read no token, or nothing of an expert");
  Value weights = materialize(rewriter, loc, tracer, weight, token, slot, ids);
  if (!weights)
    return missed("the weight is no number of token and slot");
  Value init = findInit(rest);
  if (!init)
    return missed("something else is added between the experts");
  if (failed(unrolled.stackOperands(rewriter, loc, body)))
    return missed(unrolled.getReason());
  Value combined = buildExperts(rewriter, loc,
                                {ids, select.getKey(), weights,
                                 asMatrix(rewriter, loc, init), row, column,
                                 experts.front()->rounding},
                                body);
  fired(root, passName,
        Twine(numExperts) + " experts one by one, of which all but " +
            Twine(numSlots) +
            " are masked, are moe.plan, moe.dispatch, "
            "moe.experts and moe.combine");
  rewriter.replaceOp(root, fromMatrix(rewriter, loc, combined, init));
  return true;
}

namespace {
/// Replaces a sum over experts that is spelled out.
///
///   %y = %w[t,0] * (V0 * act(U0 * %x[t])) + %w[t,1] * (V1 * act(U1 * %x[t]))
///        + ..., where %w[t,e] is zero but for the experts selected
/// =>
///   %offsets, %pairs = moe.plan %e
///   %rows = moe.dispatch %x, %pairs slots K
///   %ys = moe.experts rows(%rows) weights(U, V) offsets(%offsets) { ... }
///   %y = moe.combine %ys, %pairs, %v into %init
struct RaiseUnrolledExperts
    : moe::impl::MoERaiseUnrolledExpertsPassBase<RaiseUnrolledExperts> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    int64_t fewest = std::numeric_limits<int64_t>::max();
    llvm::MapVector<Operation *, AdditionTree> trees;
    function->walk([&](Operation *op) {
      if (auto select = dyn_cast<SelectOp>(op); select && select.fillsSlots())
        fewest = std::min(fewest, select.getKey().getType().getDimSize(1));
      if (!isAddition(op))
        return;
      AdditionTree tree;
      for (Value operand : op->getOperands()) {
        Operation *before = operand.getDefiningOp();
        if (!before || !before->hasOneUse() || !trees.contains(before))
          continue;
        // The longer one is kept and grows: chains take linear time.
        AdditionTree &other = trees[before];
        if (other.size() > tree.size())
          std::swap(other, tree);
        llvm::append_range(tree, other);
        other.clear();
      }
      tree.push_back(op);
      trees[op] = std::move(tree);
    });
    SmallVector<Value> results;
    bool changed = false;
    for (auto &[op, tree] : trees) {
      // As many terms as experts need one addition less.
      if (static_cast<int64_t>(tree.size()) + 1 < fewest)
        continue;
      UnrolledSum sum(tree, rewriter);
      // What made the tokens of this layer is no part of an expert.
      sum.stopAt(results);
      if (!sum.raise())
        continue;
      changed = true;
      // The block itself is nothing that is looked through.
      if (sum.getRoot() != op)
        results.push_back(op->getResult(0));
    }
    if (changed)
      eraseDeadOps(function, rewriter);
  }
};
} // namespace
