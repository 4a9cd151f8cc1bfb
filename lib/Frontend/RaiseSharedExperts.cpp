// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/ExpertBody.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISESHAREDEXPERTSPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

using Kind = ElementExpr::Kind;

namespace {
constexpr StringLiteral passName = "moe-raise-shared-experts";

bool isReshape(Operation *op) {
  return isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(
      op);
}

Expr skipCasts(Expr expr) {
  while (expr->is<arith::ExtFOp>() || expr->is<arith::TruncFOp>())
    expr = expr->operands[0];
  return expr;
}

/// What is added to the result of a combine, as one element of it.
struct Addend {
  Expr expr;
  /// Where it was traced.
  SmallVector<Expr> indices;
};

/// The addends beside an element of `result` in the sum `expr`.
void collectAddends(ElementTracer &tracer, Expr expr, Value result,
                    ArrayRef<Expr> indices, SmallVectorImpl<Addend> &addends) {
  auto holdsResult = [&](auto &self, Expr node) -> bool {
    return (node->kind == Kind::Element && node->value == result) ||
           llvm::any_of(node->operands,
                        [&](Expr operand) { return self(self, operand); });
  };
  for (expr = skipCasts(expr); expr->is<arith::AddFOp>();) {
    bool first = holdsResult(holdsResult, expr->operands[0]);
    addends.push_back(
        {expr->operands[first ? 1 : 0], SmallVector<Expr>(indices)});
    expr = skipCasts(expr->operands[first ? 0 : 1]);
  }
}

/// The shared experts of one combine.
class SharedExperts {
public:
  SharedExperts(CombineOp combine, DispatchOp dispatch, IRRewriter &rewriter)
      : combine(combine), dispatch(dispatch), rewriter(rewriter),
        tracer(context) {
    for (base = dispatch.getX();
         base.getDefiningOp() && isReshape(base.getDefiningOp());)
      base = base.getDefiningOp()->getOperand(0);
    // What made the tokens is no part of an expert.
    tracer.stopAt(base);
  }

  void raise() {
    for (const Addend &addend : findAddends())
      raise(addend);
  }

private:
  SmallVector<Addend> findAddends();
  void raise(const Addend &addend);
  Value findProduct(const Addend &addend);
  Value tokensAt(Operation *op);
  void replace(Value value, ExpertBody &body, Expr row, Expr column,
               Value tokens);

  CombineOp combine;
  DispatchOp dispatch;
  IRRewriter &rewriter;
  ElementExprContext context;
  ElementTracer tracer;
  /// The tokens before they were made a matrix.
  Value base;
};

SmallVector<Addend> SharedExperts::findAddends() {
  SmallVector<Addend> addends;
  Value result = combine.getResult();
  SmallVector<Expr> indices = tracer.indicesOf(combine.getInit());
  addends.push_back({tracer.at(combine.getInit(), indices), indices});

  // On through whatever moves or rounds the result, up to where it is added.
  SmallVector<Value> front{result};
  while (!front.empty()) {
    Value value = front.pop_back_val();
    for (Operation *user : value.getUsers()) {
      if (user->getNumResults() != 1 ||
          !isa<RankedTensorType>(user->getResult(0).getType()))
        continue;
      if (isReshape(user)) {
        front.push_back(user->getResult(0));
        continue;
      }
      auto linalgOp = dyn_cast<linalg::LinalgOp>(user);
      bool isElementwise = linalgOp
                               ? linalgOp.getNumReductionLoops() == 0
                               : OpTrait::hasElementwiseMappableTraits(user);
      if (!isElementwise)
        continue;
      Value next = user->getResult(0);
      indices = tracer.indicesOf(next);
      Expr expr = tracer.at(next, indices);
      Expr own = skipCasts(expr);
      if (own->kind == Kind::Element && own->value == result)
        front.push_back(next);
      else
        collectAddends(tracer, expr, result, indices, addends);
    }
  }
  return addends;
}

/// The value that a matmul, and perhaps a vector or a cast behind it, makes for
/// `addend`, or for what a factor per token multiplies in it; null if there is
/// none.
Value SharedExperts::findProduct(const Addend &addend) {
  Expr column = addend.indices.back();
  auto isVector = [&](Expr expr) {
    expr = skipCasts(expr);
    return expr->kind == Kind::Element &&
           expr->operands == ArrayRef<Expr>(column);
  };
  auto next = [&](Expr expr) -> Expr {
    if (expr->is<arith::ExtFOp>() || expr->is<arith::TruncFOp>())
      return expr->operands[0];
    if (expr->is<arith::AddFOp>())
      for (unsigned side : {0, 1})
        if (isVector(expr->operands[side]))
          return expr->operands[1 - side];
    return nullptr;
  };
  auto productIn = [&](Expr expr) -> Value {
    Expr inner = expr;
    while (Expr deeper = next(inner))
      inner = deeper;
    if (!matchContraction(tracer, inner))
      return nullptr;
    // Rounded like the routed rows, the two can become one matmul later on.
    Value best;
    Type wanted = combine.getRows().getType().getElementType();
    for (; expr != inner; expr = next(expr)) {
      Value value = tracer.findTraced(expr, addend.indices);
      if (value && getElementTypeOrSelf(value.getType()) == wanted)
        return value;
      if (!best)
        best = value;
    }
    return best && getElementTypeOrSelf(inner->value.getType()) != wanted
               ? best
               : inner->value;
  };
  Expr expr = skipCasts(addend.expr);
  if (!expr->is<arith::MulFOp>())
    return productIn(addend.expr);
  for (unsigned side : {0, 1})
    if (!context.dependsOn(expr->operands[1 - side], column))
      if (Value value = productIn(expr->operands[side]))
        return value;
  return nullptr;
}

/// The tokens as the dispatch reads them, made again before `op` where they are
/// made after it; null if that is not possible.
Value SharedExperts::tokensAt(Operation *op) {
  Value tokens = dispatch.getX();
  if (DominanceInfo().properlyDominates(tokens, op))
    return tokens;
  SmallVector<Operation *> chain;
  for (Value value = tokens; value != base;
       value = chain.back()->getOperand(0)) {
    chain.push_back(value.getDefiningOp());
    if (chain.back()->getNumOperands() != 1)
      return nullptr;
  }
  IRMapping mapping;
  for (Operation *step : llvm::reverse(chain))
    rewriter.clone(*step, mapping);
  return mapping.lookup(tokens);
}

void SharedExperts::raise(const Addend &addend) {
  Value value = findProduct(addend);
  if (!value)
    return;
  Operation *op = value.getDefiningOp();
  auto type = cast<RankedTensorType>(value.getType());
  RankedTensorType tokensType = dispatch.getX().getType();
  // From here on it looks like an expert.
  if (type.getRank() < 2 || type.isDynamicDim(type.getRank() - 1) ||
      exceedsF32(value)) {
    (void)missed(op, passName,
                 "the result is not a tensor [..., width] of at most f32");
    return;
  }
  Expr token = context.var(tokensType.getDimSize(0));
  Expr column = context.var(type.getShape().back());
  ExpertBody body(tracer, token, dispatch.getX());
  Expr row = tracer.atRow(value, token, column);
  if (!row || failed(body.analyze(row, column))) {
    (void)missed(op, passName,
                 row ? body.getReason()
                     : StringRef("the result has other rows than the tokens"));
    return;
  }
  if (body.getTokenOperands().empty() || body.getExpertOperands().empty()) {
    (void)missed(op, passName, "the rows read no token, or nothing else");
    return;
  }
  if (!tokensType.isDynamicDim(0) &&
      !llvm::isInt<32>(tokensType.getDimSize(0))) {
    (void)missed(op, passName, "has more tokens than an i32 can number");
    return;
  }
  rewriter.setInsertionPoint(op);
  Value tokens = tokensAt(op);
  if (!tokens) {
    (void)missed(op, passName, "the tokens are made a matrix after it");
    return;
  }
  replace(value, body, row, column, tokens);
}

/// `value`, whose rows are `row`, by an expert that has all of them.
void SharedExperts::replace(Value value, ExpertBody &body, Expr row,
                            Expr column, Value tokens) {
  Operation *op = value.getDefiningOp();
  Location loc = op->getLoc();
  auto tokensType = cast<RankedTensorType>(tokens.getType());
  Type i32 = rewriter.getI32Type();
  auto offsetsType = RankedTensorType::get({2}, i32);
  Value offsets;
  if (tokensType.isDynamicDim(0)) {
    Value zero = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
    Value rows = tensor::DimOp::create(rewriter, loc, tokens, 0);
    Value end = arith::IndexCastOp::create(rewriter, loc, i32, rows);
    offsets = tensor::FromElementsOp::create(rewriter, loc, offsetsType,
                                             ValueRange{zero, end});
  } else {
    offsets = arith::ConstantOp::create(
        rewriter, loc,
        DenseElementsAttr::get(
            offsetsType,
            {int32_t(0), static_cast<int32_t>(tokensType.getDimSize(0))}));
  }

  SmallVector<Value> stacks;
  SmallVector<Type> argumentTypes{
      tokensType.clone({ShapedType::kDynamic, tokensType.getDimSize(1)})};
  for (Value operand : body.getExpertOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    argumentTypes.push_back(type);
    SmallVector<int64_t> shape{1};
    llvm::append_range(shape, type.getShape());
    SmallVector<ReassociationIndices> groups{{0, 1}};
    for (int64_t i = 2; i <= type.getRank(); ++i)
      groups.push_back({i});
    stacks.push_back(tensor::ExpandShapeOp::create(
        rewriter, loc, type.clone(shape), operand, groups));
  }
  auto experts = ExpertsOp::create(
      rewriter, loc,
      RankedTensorType::get(
          {tokensType.getDimSize(0),
           cast<RankedTensorType>(value.getType()).getShape().back()},
          row->type),
      tokens, stacks, ValueRange(), offsets);
  Block *block =
      rewriter.createBlock(&experts.getBody(), {}, argumentTypes,
                           SmallVector<Location>(argumentTypes.size(), loc));
  Value yielded = body.emit(rewriter, loc, block->getArguments(), row, column);
  YieldOp::create(rewriter, loc, yielded);

  rewriter.setInsertionPointAfter(experts);
  Value result = experts.getResult();
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() > 2) {
    rewriter.setInsertionPointAfter(op);
    ReassociationIndices leading =
        llvm::to_vector<2>(llvm::seq<int64_t>(type.getRank() - 1));
    result = tensor::ExpandShapeOp::create(
        rewriter, loc, type, result,
        ArrayRef<ReassociationIndices>{leading, {type.getRank() - 1}},
        tensor::getMixedSizes(rewriter, loc, value));
  } else if (result.getType() != type) {
    result = tensor::CastOp::create(rewriter, loc, type, result);
  }
  fired(experts, passName, "a network of all tokens is a shared expert");
  rewriter.replaceUsesWithIf(value, result, [&](OpOperand &use) {
    // Its size, which it still has when nothing computes it any more.
    return !isa<tensor::DimOp>(use.getOwner());
  });
}

struct RaiseSharedExperts
    : moe::impl::MoERaiseSharedExpertsPassBase<RaiseSharedExperts> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<CombineOp> combines;
    getOperation()->walk([&](CombineOp op) { combines.push_back(op); });
    for (CombineOp combine : combines) {
      auto experts = combine.getRows().getDefiningOp<ExpertsOp>();
      auto dispatch =
          experts ? experts.getRows().front().getDefiningOp<DispatchOp>()
                  : nullptr;
      if (dispatch)
        SharedExperts(combine, dispatch, rewriter).raise();
    }
    if (!combines.empty())
      eraseDeadOps(getOperation(), rewriter);
  }
};
} // namespace
