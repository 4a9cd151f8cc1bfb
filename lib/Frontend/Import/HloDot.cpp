// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Where the loops of the contraction read: batch, free left, free right, then
/// contracted.
struct Loops {
  SmallVector<unsigned> lhs, rhs;
  unsigned numParallel, numLoops;
};

bool pairUp(ArrayRef<int64_t> lhs, ArrayRef<int64_t> rhs, RankedTensorType l,
            RankedTensorType r) {
  if (lhs.size() != rhs.size())
    return false;
  for (auto [a, b] : llvm::zip(lhs, rhs))
    if (a < 0 || a >= l.getRank() || b < 0 || b >= r.getRank() ||
        failed(verifyCompatibleShape({l.getDimSize(a)}, {r.getDimSize(b)})))
      return false;
  return true;
}

/// None if a dimension is used twice, or the result has another rank.
std::optional<Loops> assignLoops(const hlo::DotDimensions &dims,
                                 RankedTensorType lhs, RankedTensorType rhs,
                                 RankedTensorType out) {
  constexpr unsigned open = ~0u;
  Loops loops{SmallVector<unsigned>(lhs.getRank(), open),
              SmallVector<unsigned>(rhs.getRank(), open), 0, 0};
  unsigned next = 0;
  auto take = [&](unsigned &dim) {
    bool isFree = dim == open;
    dim = next;
    return isFree;
  };
  for (auto [a, b] : llvm::zip(dims.lhsBatch, dims.rhsBatch)) {
    if (!take(loops.lhs[a]) || !take(loops.rhs[b]))
      return std::nullopt;
    ++next;
  }
  unsigned firstContracted = lhs.getRank() + rhs.getRank() -
                             dims.lhsBatch.size() -
                             2 * dims.lhsContracting.size();
  unsigned batch = std::exchange(next, firstContracted);
  for (auto [a, b] : llvm::zip(dims.lhsContracting, dims.rhsContracting)) {
    if (!take(loops.lhs[a]) || !take(loops.rhs[b]))
      return std::nullopt;
    ++next;
  }
  loops.numLoops = next;
  loops.numParallel = firstContracted;
  next = batch;
  for (SmallVector<unsigned> *side : {&loops.lhs, &loops.rhs})
    for (unsigned &dim : *side)
      if (dim == open)
        dim = next++;
  if (static_cast<int64_t>(loops.numParallel) != out.getRank())
    return std::nullopt;
  return loops;
}

Value widen(OpBuilder &b, Location loc, Value value, Type type,
            bool isUnsigned) {
  if (isa<FloatType>(type))
    return hlo::castFloat(b, loc, value, type);
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from == to)
    return value;
  if (from > to)
    return arith::TruncIOp::create(b, loc, type, value);
  return isUnsigned ? Value(arith::ExtUIOp::create(b, loc, type, value))
                    : Value(arith::ExtSIOp::create(b, loc, type, value));
}

/// Sizes of the result, from whichever side has them.
Value buildZeros(OpBuilder &b, Location loc, RankedTensorType type, Value lhs,
                 Value rhs, const Loops &loops) {
  SmallVector<OpFoldResult> sizes(type.getRank());
  for (auto [side, dims] : {std::pair(lhs, ArrayRef<unsigned>(loops.lhs)),
                            std::pair(rhs, ArrayRef<unsigned>(loops.rhs))})
    for (auto [dim, size] :
         llvm::enumerate(tensor::getMixedSizes(b, loc, side)))
      if (dims[dim] < loops.numParallel && !sizes[dims[dim]])
        sizes[dims[dim]] = type.isDynamicDim(dims[dim])
                               ? size
                               : b.getIndexAttr(type.getDimSize(dims[dim]));
  Value empty = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  Value zero = hlo::buildZero(b, loc, type.getElementType());
  return linalg::FillOp::create(b, loc, zero, empty).getResult(0);
}

} // namespace

Type hlo::accumulatorType(Operation *op, Builder &b, Type result) {
  auto floating = dyn_cast<FloatType>(result);
  Attribute algorithm = op->getAttr("algorithm");
  if (!floating)
    return result;
  if (algorithm &&
      StringRef(hlo::textOf(algorithm)).contains("accumulation_type = f64"))
    return b.getF64Type();
  return floating.getWidth() < 32 ? b.getF32Type() : result;
}

LogicalResult hlo::checkProduct(Operation *op, RankedTensorType lhs,
                                RankedTensorType rhs, RankedTensorType out) {
  Type a = lhs.getElementType(), b = rhs.getElementType(),
       sum = out.getElementType();
  auto all = [&](auto isKind) { return isKind(a) && isKind(b) && isKind(sum); };
  if (all(llvm::IsaPred<FloatType>) || all(llvm::IsaPred<IntegerType>) ||
      (isa<ComplexType>(sum) && a == sum && b == sum))
    return success();
  return op->emitOpError("is not imported on elements of ")
         << a << ", " << b << ", " << sum
         << "; lower it to other operations before moe-import";
}

Value hlo::accumulateProduct(Operation *op, OpBuilder &b, Location loc,
                             Value lhs, Value rhs, Value sum) {
  Type type = sum.getType();
  bool isBool = type.isInteger(1);
  if (isa<ComplexType>(type)) {
    Value product = complex::MulOp::create(b, loc, lhs, rhs);
    return complex::AddOp::create(b, loc, sum, product);
  }
  lhs = widen(b, loc, lhs, type,
              hlo::isUnsigned(op, 0) || lhs.getType().isInteger(1));
  rhs = widen(b, loc, rhs, type,
              hlo::isUnsigned(op, 1) || rhs.getType().isInteger(1));
  if (isa<FloatType>(type)) {
    Value product = arith::MulFOp::create(b, loc, lhs, rhs);
    return arith::AddFOp::create(b, loc, sum, product);
  }
  if (isBool) {
    Value product = arith::AndIOp::create(b, loc, lhs, rhs);
    return arith::OrIOp::create(b, loc, sum, product);
  }
  Value product = arith::MulIOp::create(b, loc, lhs, rhs);
  return arith::AddIOp::create(b, loc, sum, product);
}

///   "stablehlo.dot_general"(%a, %b)  =>  linalg.generic { add(mul) }
LogicalResult hlo::importContraction(Operation *op, RewriterBase &rewriter,
                                     const DotDimensions &dims) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperands().take_front(2).getTypes());
  if (failed(type) || failed(inputs))
    return failure();
  RankedTensorType lhs = (*inputs)[0], rhs = (*inputs)[1];
  std::optional<Loops> loops;
  if (pairUp(dims.lhsBatch, dims.rhsBatch, lhs, rhs) &&
      pairUp(dims.lhsContracting, dims.rhsContracting, lhs, rhs))
    loops = assignLoops(dims, lhs, rhs, *type);
  if (!loops)
    return hlo::malformed(op, "dimension numbers that take ")
           << lhs << " and " << rhs << " to " << *type;
  Type element = type->getElementType();
  if (failed(checkProduct(op, lhs, rhs, *type)))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  RankedTensorType sumType =
      type->clone(accumulatorType(op, rewriter, element));
  Value init = buildZeros(rewriter, loc, sumType, op->getOperand(0),
                          op->getOperand(1), *loops);
  auto mapOf = [&](ArrayRef<unsigned> loopsOfDims) {
    SmallVector<AffineExpr> exprs;
    for (unsigned loop : loopsOfDims)
      exprs.push_back(rewriter.getAffineDimExpr(loop));
    return AffineMap::get(loops->numLoops, 0, exprs, rewriter.getContext());
  };
  AffineMap outMap =
      mapOf(llvm::to_vector(llvm::seq<unsigned>(0, loops->numParallel)));
  Value result =
      buildReduction(rewriter, loc, init, op->getOperands().take_front(2),
                     {mapOf(loops->lhs), mapOf(loops->rhs), outMap},
                     [&](OpBuilder &b, Location loc, ValueRange scalars) {
                       return accumulateProduct(op, b, loc, scalars[0],
                                                scalars[1], scalars[2]);
                     });
  rewriter.replaceOp(op, buildCast(rewriter, loc, *type, result));
  return success();
}

namespace {
/// `algorithm` and `precision_config` say how precise it has to be at least.
LogicalResult importDotGeneral(Operation *op, RewriterBase &rewriter) {
  hlo::Fields fields(op->getAttr("dot_dimension_numbers"));
  if (op->getNumOperands() != 2)
    return hlo::malformed(op, "two operands");
  auto copy = [&](StringRef name) { return llvm::to_vector(fields[name]); };
  return hlo::importContraction(
      op, rewriter,
      {copy("lhs_batching_dimensions"), copy("rhs_batching_dimensions"),
       copy("lhs_contracting_dimensions"), copy("rhs_contracting_dimensions")});
}

/// The last dimension with the first.
LogicalResult importDot(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(inputs))
    return failure();
  if (inputs->size() != 2 || inputs->front().getRank() < 1)
    return hlo::malformed(op, "two vectors or matrices");
  return hlo::importContraction(op, rewriter,
                                {{}, {}, {inputs->front().getRank() - 1}, {0}});
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::dotImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.dot", importDot},
      {"stablehlo.dot_general", importDotGeneral},
  };
  return table;
}
