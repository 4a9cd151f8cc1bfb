// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Matchers.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/OneHot.h"
#include "moe/Frontend/Passes.h"
#include "moe/Frontend/ScatterLoop.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISESCATTERPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-scatter";

/// What is written with the loops running through `token` and `slot`.
std::optional<ScatterLoop::Element> writtenElement(const ScatterLoop &scatter,
                                                   ElementTracer &tracer,
                                                   Expr token, Expr slot) {
  ElementExprContext &context = tracer.getContext();
  int64_t numTokens = token->kind == ElementExpr::Kind::Var ? token->extent : 1;
  int64_t numSlots = slot->kind == ElementExpr::Kind::Var ? slot->extent : 1;
  SmallVector<Expr> indices;
  bool hasToken = numTokens == 1, hasSlot = numSlots == 1;
  for (size_t number = 0; number < scatter.loops.size(); ++number) {
    int64_t extent = scatter.getExtent(number);
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    Expr index = context.index(0);
    if (!hasToken && !hasSlot && extent == numTokens * numSlots) {
      index = context.add(context.scale(token, numSlots), slot);
      hasToken = hasSlot = true;
    } else if (!hasToken && extent == numTokens) {
      index = token;
      hasToken = true;
    } else if (!hasSlot && extent == numSlots) {
      index = slot;
      hasSlot = true;
    } else if (extent != 1) {
      return std::nullopt;
    }
    indices.push_back(index);
  }
  if (!hasToken || !hasSlot)
    return std::nullopt;
  return scatter.at(tracer, indices);
}

/// The op that adds a term to an accumulator that starts from `init`, such that
/// `init` as a term changes nothing; empty if there is none.
std::function<Value(OpBuilder &, Location, Value, Value)>
accumulator(Expr init) {
  if (init->isIndex(0))
    return [](OpBuilder &b, Location loc, Value x, Value y) -> Value {
      return arith::OrIOp::create(b, loc, x, y);
    };
  if (isConstant(init, 0))
    return [](OpBuilder &b, Location loc, Value x, Value y) -> Value {
      return arith::AddFOp::create(b, loc, x, y);
    };
  if (isConstant(init, -std::numeric_limits<double>::infinity()))
    return [](OpBuilder &b, Location loc, Value x, Value y) -> Value {
      return arith::MaximumFOp::create(b, loc, x, y);
    };
  return {};
}

/// Replaces a scatter of a number per slot to the place of the slot's expert.
///
///   for t, s: %m[t, %e[t,s]] = %v[t,s]          [scf.for, tensor.insert]
/// =>
///   %m[t,j] = sum over s of (%e[t,s] == j ? %v[t,s] : 0)     [linalg.generic]
bool raise(const ScatterLoop &scatter, SelectOp select, IRRewriter &rewriter) {
  scf::ForOp root = scatter.root;
  auto type = cast<RankedTensorType>(root.getResult(0).getType());
  RankedTensorType idsType = select.getExperts().getType();
  int64_t numExperts = select.getKey().getType().getDimSize(1);
  if (!type.hasStaticShape() || !idsType.hasStaticShape() ||
      type.getNumElements() != idsType.getDimSize(0) * numExperts)
    return false;
  ElementExprContext context;
  ElementTracer tracer(context);
  Expr token = context.var(idsType.getDimSize(0));
  Expr slot = context.var(idsType.getDimSize(1));
  Expr expert = tracer.at(select.getExperts(), {token, slot});
  std::optional<ScatterLoop::Element> element =
      writtenElement(scatter, tracer, token, slot);
  if (!element)
    return false;
  Expr position = context.index(0);
  for (auto [index, size] : llvm::zip(element->place, type.getShape()))
    position = context.add(context.scale(position, size), index);
  if (position != context.add(context.scale(token, numExperts), expert))
    return false;

  // From here on it is a scatter by selected experts.
  Expr init = tracer.at(root.getInitArgs().front(),
                        tracer.indicesOf(root.getInitArgs().front()));
  auto accumulate = accumulator(init);
  if (!accumulate) {
    (void)missed(root, passName,
                 "scatters into something else than zeros or "
                 "minus infinities");
    return false;
  }
  if (context.dependsOn(element->value, expert)) {
    (void)missed(root, passName, "what is scattered depends on the expert");
    return false;
  }
  rewriter.setInsertionPoint(root);
  Location loc = root.getLoc();
  Value ids = select.getExperts();
  SmallVector<Value> inputs{ids};
  bool isNumber = element->value->kind == ElementExpr::Kind::Constant;
  if (!isNumber) {
    inputs.push_back(
        materialize(rewriter, loc, tracer, element->value, token, slot, ids));
    if (!inputs.back()) {
      (void)missed(root, passName,
                   "no value holds what is scattered as [tokens, slots]");
      return false;
    }
  }
  Type elementType = type.getElementType();
  Value neutral =
      arith::ConstantOp::create(rewriter, loc,
                                init->kind == ElementExpr::Kind::Constant
                                    ? cast<TypedAttr>(init->attribute)
                                    : rewriter.getZeroAttr(elementType));
  Value empty = tensor::EmptyOp::create(
      rewriter, loc, {idsType.getDimSize(0), numExperts}, elementType);
  Value filled =
      linalg::FillOp::create(rewriter, loc, neutral, empty).getResult(0);
  AffineExpr t, j, s;
  bindDims(rewriter.getContext(), t, j, s);
  AffineMap pairMap = AffineMap::get(3, 0, {t, s}, rewriter.getContext());
  SmallVector<AffineMap> maps(inputs.size(), pairMap);
  maps.push_back(AffineMap::get(3, 0, {t, j}, rewriter.getContext()));
  auto parallel = utils::IteratorType::parallel;
  auto generic = linalg::GenericOp::create(
      rewriter, loc, TypeRange{filled.getType()}, inputs, ValueRange{filled},
      maps,
      ArrayRef<utils::IteratorType>{parallel, parallel,
                                    utils::IteratorType::reduction},
      [&](OpBuilder &b, Location loc, ValueRange arguments) {
        Value column = linalg::IndexOp::create(b, loc, 1);
        column = arith::IndexCastOp::create(b, loc, b.getI32Type(), column);
        Value isHere = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             arguments[0], column);
        Value value =
            isNumber ? arith::ConstantOp::create(
                           b, loc, cast<TypedAttr>(element->value->attribute))
                           .getResult()
                     : arguments[1];
        Value term = arith::SelectOp::create(b, loc, isHere, value, neutral);
        linalg::YieldOp::create(b, loc,
                                accumulate(b, loc, arguments.back(), term));
      });
  fired(root, passName, "a scatter by selected experts compares them instead");
  rewriter.replaceOp(root, reshape(rewriter, loc, generic.getResult(0), type));
  return true;
}

struct RaiseScatter : moe::impl::MoERaiseScatterPassBase<RaiseScatter> {
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
    SmallVector<ScatterLoop> scatters;
    function->walk<WalkOrder::PreOrder>([&](Operation *op) {
      auto select = dyn_cast<SelectOp>(op);
      if (select && select.fillsSlots())
        selects.push_back(select);
      auto loop = dyn_cast<scf::ForOp>(op);
      if (!loop)
        return WalkResult::advance();
      if (std::optional<ScatterLoop> scatter = ScatterLoop::match(loop)) {
        scatters.push_back(*scatter);
        return WalkResult::skip();
      }
      return WalkResult::advance();
    });
    bool raised = false;
    for (const ScatterLoop &scatter : scatters)
      raised |= llvm::any_of(selects, [&](SelectOp select) {
        return raise(scatter, select, rewriter);
      });
    if (raised)
      eraseDeadOps(function, rewriter);
    return raised;
  }
};
} // namespace
