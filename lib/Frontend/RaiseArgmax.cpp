// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Materialize.h"
#include "moe/Frontend/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>
#include <variant>

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISEARGMAXPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-argmax";

/// The body of a reduction, run on numbers.
class Interpreter {
public:
  using Number = std::variant<int64_t, double>;

  void set(Value value, Number number) { numbers[value] = number; }
  /// None if the body computes with ops that are not known.
  std::optional<Number> run(Value value);

private:
  std::optional<Number> compute(Operation *op, ArrayRef<Number> operands);
  DenseMap<Value, Number> numbers;
};

/// The loop position that a reduction over (value, index) pairs is at.
struct Step {
  double in, best;
  int64_t inIndex, bestIndex;
};

struct Argmax {
  linalg::LinalgOp op;
  unsigned loop; ///< that is reduced
  OpOperand *key;
  OpOperand *positions;  ///< the tensor of column numbers; null if the body
                         ///< asks for the loop index
  unsigned value, index; ///< numbers of the results; `value` may be missing

  static std::optional<Argmax> match(linalg::LinalgOp op);
  /// What one step makes of a pair; none if it cannot be run.
  std::optional<std::pair<double, int64_t>> run(const Step &step) const;
  bool takesTheFirstLargest() const;
};
} // namespace

std::optional<Interpreter::Number> Interpreter::run(Value value) {
  if (auto known = numbers.find(value); known != numbers.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumResults() != 1)
    return std::nullopt;
  SmallVector<Number> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Number> number = run(operand);
    if (!number)
      return std::nullopt;
    operands.push_back(*number);
  }
  std::optional<Number> result = compute(op, operands);
  if (result)
    numbers[value] = *result;
  return result;
}

std::optional<Interpreter::Number>
Interpreter::compute(Operation *op, ArrayRef<Number> operands) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      return integer.getType().isInteger(1)
                 ? int64_t(integer.getValue().getZExtValue())
                 : integer.getValue().getSExtValue();
    if (auto number = dyn_cast<FloatAttr>(constant.getValue()))
      return number.getValueAsDouble();
    return std::nullopt;
  }
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp, arith::ExtFOp>(
          op))
    return operands[0];
  if (isa<arith::SelectOp>(op))
    return std::get<int64_t>(operands[0]) ? operands[1] : operands[2];
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    APInt a(64, std::get<int64_t>(operands[0]), true);
    APInt b(64, std::get<int64_t>(operands[1]), true);
    return int64_t(arith::applyCmpPredicate(compare.getPredicate(), a, b));
  }
  if (auto compare = dyn_cast<arith::CmpFOp>(op)) {
    APFloat a(std::get<double>(operands[0])), b(std::get<double>(operands[1]));
    return int64_t(arith::applyCmpPredicate(compare.getPredicate(), a, b));
  }
  if (isa<arith::AndIOp>(op))
    return std::get<int64_t>(operands[0]) & std::get<int64_t>(operands[1]);
  if (isa<arith::OrIOp>(op))
    return std::get<int64_t>(operands[0]) | std::get<int64_t>(operands[1]);
  if (isa<arith::XOrIOp>(op))
    return std::get<int64_t>(operands[0]) ^ std::get<int64_t>(operands[1]);
  if (isa<arith::MinSIOp>(op))
    return std::min(std::get<int64_t>(operands[0]),
                    std::get<int64_t>(operands[1]));
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(op)) {
    double a = std::get<double>(operands[0]), b = std::get<double>(operands[1]);
    if (std::isnan(a) || std::isnan(b))
      return isa<arith::MaximumFOp>(op) == std::isnan(a) ? a : b;
    return std::max(a, b);
  }
  return std::nullopt;
}

std::optional<Argmax> Argmax::match(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() != 1 || op->getNumResults() != 2 ||
      !op.hasPureTensorSemantics())
    return std::nullopt;
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  Argmax argmax{op, reduced.front(), nullptr, nullptr, 0, 0};
  for (unsigned i : {0, 1}) {
    Type type = getElementTypeOrSelf(op->getResult(i));
    (isa<FloatType>(type) ? argmax.value : argmax.index) = i;
  }
  if (argmax.value == argmax.index)
    return std::nullopt;
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto type = dyn_cast<RankedTensorType>(input->get().getType());
    if (!type)
      return std::nullopt;
    OpOperand *&known =
        isa<FloatType>(type.getElementType()) ? argmax.key : argmax.positions;
    if (known || !op.getMatchingIndexingMap(input).isProjectedPermutation())
      return std::nullopt;
    known = input;
  }
  return argmax.key ? std::optional(argmax) : std::nullopt;
}

std::optional<std::pair<double, int64_t>> Argmax::run(const Step &step) const {
  linalg::LinalgOp linalgOp = op;
  Block *body = linalgOp.getBlock();
  Interpreter interpreter;
  interpreter.set(linalgOp.getMatchingBlockArgument(key), step.in);
  if (positions)
    interpreter.set(linalgOp.getMatchingBlockArgument(positions), step.inIndex);
  for (auto index : body->getOps<linalg::IndexOp>())
    if (index.getDim() == loop)
      interpreter.set(index, step.inIndex);
  interpreter.set(linalgOp.getRegionOutputArgs()[value], step.best);
  interpreter.set(linalgOp.getRegionOutputArgs()[index], step.bestIndex);
  auto best = interpreter.run(body->getTerminator()->getOperand(value));
  auto at = interpreter.run(body->getTerminator()->getOperand(index));
  if (!best || !at)
    return std::nullopt;
  return std::make_pair(std::get<double>(*best), std::get<int64_t>(*at));
}

/// Steps come in the order of the columns, so that the pair that is best so far
/// has the lower index.
bool Argmax::takesTheFirstLargest() const {
  constexpr double inf = std::numeric_limits<double>::infinity();
  SmallVector<double> samples{-inf, -2, -0.5, 0, 0.5, 2, inf};
  for (double in : samples)
    for (double best : samples) {
      auto next = run({in, best, 5, 3});
      if (!next || next->first != std::max(in, best) ||
          next->second != (in > best ? 5 : 3))
        return false;
    }
  return true;
}

namespace {
/// Whether columns are compared, or read by, on the way to weights that there
/// are `numExperts` of: otherwise they may be classes, or codes of a book.
bool leadToExperts(Value columns, int64_t numExperts) {
  SetVector<Operation *> slice;
  getForwardSlice(columns, &slice);
  bool picks = false, hasWeights = false;
  for (Operation *op : slice) {
    op->walk([&](Operation *inner) {
      picks |= isa<arith::CmpIOp, tensor::ExtractOp>(inner);
    });
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      hasWeights |= type && type.getRank() >= 3 && type.hasStaticShape() &&
                    llvm::is_contained(type.getShape(), numExperts) &&
                    (!operand.getDefiningOp() ||
                     !slice.contains(operand.getDefiningOp()));
    }
  }
  return picks && hasWeights;
}

/// Replaces a reduction that keeps the largest key and where it is.
///
///   %v, %i = reduce (%key, column) by "larger, else lower column"
/// =>
///   %e = moe.select #moe.top_k<1> %key
///   %v = moe.weigh value %key, %e
void raise(linalg::LinalgOp op, IRRewriter &rewriter) {
  std::optional<Argmax> argmax = Argmax::match(op);
  // A maximum whose index nobody reads is no choice.
  if (!argmax || op->getResult(argmax->index).use_empty() ||
      !argmax->takesTheFirstLargest() ||
      !leadToExperts(op->getResult(argmax->index),
                     op.getStaticLoopRanges()[argmax->loop]))
    return;
  Value ids = op->getResult(argmax->index);
  auto idsType = cast<RankedTensorType>(ids.getType());
  Value key = argmax->key->get();
  ElementExprContext context;
  ElementTracer tracer(context);
  AffineMap map = op.getMatchingIndexingMap(argmax->key);
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  int64_t numExperts = extents[argmax->loop];
  int64_t numTokens = 1;
  for (int64_t size : idsType.getShape())
    numTokens = ShapedType::isDynamic(size) || ShapedType::isDynamic(numTokens)
                    ? ShapedType::kDynamic
                    : numTokens * size;
  if (ShapedType::isDynamic(numExperts) || exceedsF32(key)) {
    (void)missed(op, passName,
                 "the keys are of an unknown number of columns, or wider than "
                 "f32");
    return;
  }
  Expr token = context.var(numTokens), column = context.var(numExperts);
  SmallVector<Expr> loops(extents.size(), nullptr);
  AffineMap out =
      op.getMatchingIndexingMap(op.getDpsInitOperand(argmax->index));
  SmallVector<Expr> parts = idsType.getRank() == 0
                                ? SmallVector<Expr>()
                                : tracer.partsOf(token, idsType.getShape());
  for (auto [expr, part] : llvm::zip(out.getResults(), parts))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      loops[dim.getPosition()] = part;
  loops[argmax->loop] = column;
  auto placeOf = [&](AffineMap map) {
    return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) {
      return loops[cast<AffineDimExpr>(expr).getPosition()];
    });
  };
  SmallVector<Expr> place = placeOf(map);
  if (llvm::is_contained(place, nullptr))
    return;
  if (argmax->positions) {
    SmallVector<Expr> at =
        placeOf(op.getMatchingIndexingMap(argmax->positions));
    if (llvm::is_contained(at, nullptr) ||
        tracer.at(argmax->positions->get(), at) != column) {
      (void)missed(op, passName,
                   "what is kept beside the largest key is not its column");
      return;
    }
  }
  tracer.stopAt(key);
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  Value matrix = materialize(rewriter, loc, tracer, tracer.at(key, place),
                             token, column, key);
  if (!matrix) {
    (void)missed(op, passName, "no value holds the keys as [tokens, columns]");
    return;
  }
  SelectOp select = buildTopK(rewriter, loc, matrix, 1);
  auto replace = [&](unsigned number, Value value) {
    Value result = op->getResult(number);
    auto type = cast<RankedTensorType>(result.getType());
    Value shaped = type.hasStaticShape() ? reshape(rewriter, loc, value, type)
                                         : dropColumn(rewriter, loc, value,
                                                      op.getDpsInits()[number]);
    rewriter.replaceAllUsesWith(result, shaped);
  };
  fired(op, passName, "a maximum with its column is moe.select");
  if (!op->getResult(argmax->value).use_empty())
    replace(
        argmax->value,
        buildValues(rewriter, loc, matrix, select.getExperts()).getWeights());
  replace(argmax->index, castIds(rewriter, loc, select.getExperts(),
                                 idsType.getElementType()));
  rewriter.eraseOp(op);
}

struct RaiseArgmax : moe::impl::MoERaiseArgmaxPassBase<RaiseArgmax> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op->getNumResults() == 2)
        ops.push_back(op);
    });
    if (ops.empty())
      markAllAnalysesPreserved();
    for (linalg::LinalgOp op : ops)
      raise(op, rewriter);
  }
};
} // namespace
