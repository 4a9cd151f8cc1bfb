// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/BuildExperts.h"
#include "moe/Frontend/GroupSizes.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISERAGGEDPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
constexpr StringLiteral passName = "moe-raise-ragged";

/// A comparison of a row number with what a tensor has for a group.
struct Bound {
  Expr compare;
  Value tensor;
  Expr group;
  bool isLower; ///< row >= tensor[group]; row < tensor[group] otherwise
};

/// A sum over groups of products in which the rows outside of a group are zero.
class RaggedSum {
public:
  RaggedSum(linalg::LinalgOp op, IRRewriter &rewriter)
      : op(op), rewriter(rewriter), tracer(context), oneHot(tracer) {}

  void raise();

private:
  std::optional<Bound> matchBound(Expr compare);
  bool findBounds(Expr term);
  Expr inGroup(Expr term, bool isBehindStart, bool isBeforeEnd);
  Value buildOffsets();
  LogicalResult missed(const Twine &why) {
    return moe::missed(op, passName, why);
  }

  linalg::LinalgOp op;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  OneHot oneHot;
  Expr row, column;
  SmallVector<Bound> bounds;
};
} // namespace

std::optional<Bound> RaggedSum::matchBound(Expr compare) {
  if (!compare->is<arith::CmpIOp>())
    return std::nullopt;
  using P = arith::CmpIPredicate;
  P predicate = cast<DictionaryAttr>(compare->attribute)
                    .getAs<arith::CmpIPredicateAttr>("predicate")
                    .getValue();
  for (unsigned side : {0, 1}) {
    Expr bound = stripConversions(compare->operands[1 - side]);
    if (stripConversions(compare->operands[side]) != row ||
        bound->kind != Kind::Element || bound->operands.size() != 1 ||
        bound->operands[0]->kind != Kind::Var)
      continue;
    bool isRowFirst = side == 0;
    Bound result{compare, bound->value, bound->operands[0], false};
    switch (predicate) {
    case P::sge:
    case P::uge:
      result.isLower = true;
      return isRowFirst ? std::optional(result) : std::nullopt;
    case P::sle:
    case P::ule:
      result.isLower = true;
      return isRowFirst ? std::nullopt : std::optional(result);
    case P::slt:
    case P::ult:
      return isRowFirst ? std::optional(result) : std::nullopt;
    case P::sgt:
    case P::ugt:
      return isRowFirst ? std::nullopt : std::optional(result);
    default:
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Whether rows are compared with both ends of a group in `term`.
bool RaggedSum::findBounds(Expr term) {
  DenseSet<Expr> seen;
  auto visit = [&](auto &self, Expr node) -> void {
    if (node->kind != Kind::Apply || !seen.insert(node).second)
      return;
    if (std::optional<Bound> bound = matchBound(node))
      bounds.push_back(*bound);
    for (Expr operand : node->operands)
      self(self, operand);
  };
  visit(visit, term);
  bool hasLower = false, hasUpper = false;
  for (const Bound &bound : bounds) {
    if (bound.group != bounds.front().group)
      return false;
    (bound.isLower ? hasLower : hasUpper) = true;
  }
  return hasLower && hasUpper;
}

/// `term` where the row is at or behind the start of the group, or is before
/// its end.
Expr RaggedSum::inGroup(Expr term, bool isBehindStart, bool isBeforeEnd) {
  for (const Bound &bound : bounds)
    term = context.substitute(
        term, bound.compare,
        context.index(bound.isLower ? isBehindStart : isBeforeEnd));
  return oneHot.simplify(term);
}

/// Zero, then the ends of the groups.
Value RaggedSum::buildOffsets() {
  const Bound *upper =
      llvm::find_if(bounds, [](const Bound &bound) { return !bound.isLower; });
  Location loc = op.getLoc();
  Value ends = upper->tensor;
  auto type = cast<RankedTensorType>(ends.getType());
  Type i32 = rewriter.getI32Type();
  if (type.getElementTypeBitWidth() > 32)
    ends = arith::TruncIOp::create(rewriter, loc, type.clone(i32), ends);
  int64_t size = type.getDimSize(0);
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getI32IntegerAttr(0));
  Value empty = tensor::EmptyOp::create(rewriter, loc, {size + 1}, i32);
  Value zeros = linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  return tensor::InsertSliceOp::create(
      rewriter, loc, ends, zeros,
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(1)},
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(size)},
      ArrayRef<OpFoldResult>{rewriter.getIndexAttr(1)});
}

/// Whether both sides of the product are widened; they are stripped then.
static void stripWidening(Expr &lhs, Expr &rhs) {
  if (!lhs->is<arith::ExtFOp>() || !rhs->is<arith::ExtFOp>())
    return;
  lhs = lhs->operands[0];
  rhs = rhs->operands[0];
}

void RaggedSum::raise() {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  if (type.getRank() != 2 || type.isDynamicDim(1) ||
      !isa<FloatType>(type.getElementType()))
    return;
  row = context.var(type.getDimSize(0));
  column = context.var(type.getDimSize(1));
  std::optional<Reduction> sum =
      tracer.expand(context.element(result, {row, column}));
  if (!sum || !isa<arith::AddFOp>(sum->combiner) || !isConstant(sum->init, 0))
    return;

  // The groups may be summed with the product or after it.
  Expr term = sum->term, product = term;
  SmallVector<Expr> vars = sum->vars;
  Type sumType = type.getElementType();
  bool isRounded = false;
  if (vars.size() == 1) {
    if (product->is<arith::ExtFOp>())
      product = product->operands[0];
    if (product->is<arith::TruncFOp>()) {
      isRounded = true;
      product = product->operands[0];
    }
    std::optional<Reduction> inner = tracer.expand(product);
    if (!inner || !isa<arith::AddFOp>(inner->combiner) ||
        !isConstant(inner->init, 0) || inner->vars.size() != 1)
      return;
    sumType = product->type;
    if (isRounded && term->type != type.getElementType())
      return;
    vars.push_back(inner->vars.front());
    product = inner->term;
  }
  if (vars.size() != 2 || !findBounds(product))
    return;
  Expr group = bounds.front().group;
  if (group != vars[0] && group != vars[1])
    return;
  Expr depth = group == vars[0] ? vars[1] : vars[0];

  // From here on it is a product of rows that are masked by groups.
  Value counts;
  for (const Bound &bound : bounds) {
    Value summed = matchLeadingSums(tracer, bound.tensor, group->extent,
                                    bound.isLower ? 0 : 1);
    if (!summed || (counts && summed != counts && group->extent > 1)) {
      (void)missed("the ends of a group are not running sums of the sizes of "
                   "groups");
      return;
    }
    if (!counts || !bound.isLower)
      counts = summed;
  }
  if (!matchKeyCount(tracer, counts)) {
    (void)missed("the sizes of groups are no counts of rows");
    return;
  }
  for (bool isBehind : {false, true})
    if (!isConstant(inGroup(product, !isBehind, isBehind), 0)) {
      (void)missed("a row outside of a group may add to the sum");
      return;
    }
  Expr hit = inGroup(product, true, true);
  if (!hit->is<arith::MulFOp>()) {
    (void)missed("the rows of a group are not multiplied with a matrix");
    return;
  }
  Expr lhs = hit->operands[0], rhs = hit->operands[1];
  stripWidening(lhs, rhs);
  Expr matrix = context.dependsOn(lhs, group) ? lhs : rhs;
  Expr rows = matrix == lhs ? rhs : lhs;
  auto stackType = matrix->kind == Kind::Element
                       ? dyn_cast<RankedTensorType>(matrix->value.getType())
                       : RankedTensorType();
  bool isInOut = matrix->operands == ArrayRef<Expr>{group, depth, column};
  bool isOutIn = matrix->operands == ArrayRef<Expr>{group, column, depth};
  if (!stackType || !stackType.hasStaticShape() || (!isInOut && !isOutIn) ||
      stackType.getDimSize(0) != group->extent ||
      stackType.getDimSize(isInOut ? 2 : 1) != type.getDimSize(1)) {
    (void)missed("what multiplies the rows of a group is no matrix of a stack");
    return;
  }
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  Value matrixOfRows;
  if (!context.dependsOn(rows, group) && !context.dependsOn(rows, column))
    matrixOfRows = materialize(rewriter, loc, tracer, rows, row, depth,
                               op.getDpsInits().front());
  if (!matrixOfRows) {
    (void)missed("no value holds the rows as a matrix");
    return;
  }
  Value experts = buildGroupedMatmul(rewriter, loc, matrixOfRows, matrix->value,
                                     isOutIn, buildOffsets(), type, sumType);
  fired(op, passName,
        "a product masked by " + Twine(group->extent) +
            " groups of rows is moe.experts");
  rewriter.replaceOp(op, experts);
}

namespace {
/// Replaces a product of every row with the matrices of all groups.
///
///   %y[r] = sum over e of (start[e] <= r < end[e] ? %x[r] : 0) * %w[e]
/// =>
///   %y = moe.experts rows(%x) weights(%w) offsets([0] + end) { linalg.matmul }
struct RaiseRagged : moe::impl::MoERaiseRaggedPassBase<RaiseRagged> {
  void runOnOperation() override {
    getOperation()->walk(
        [&](FunctionOpInterface function) { raiseIn(function); });
  }

  void raiseIn(FunctionOpInterface function) {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> sums;
    function->walk([&](linalg::LinalgOp op) {
      unsigned reductions = op.getNumReductionLoops();
      if ((reductions == 1 || reductions == 2) && op->getNumResults() == 1 &&
          op.hasPureTensorSemantics())
        sums.push_back(op);
    });
    for (linalg::LinalgOp op : sums)
      RaggedSum(op, rewriter).raise();
    eraseDeadOps(function, rewriter);
  }
};
} // namespace
