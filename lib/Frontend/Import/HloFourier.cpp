// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Discrete Fourier transforms, as the sums that define them.
struct Fourier {
  OpBuilder &b;
  Location loc;
  bool inverse;

  /// exp(-2 pi i k / n), for the inverse the conjugate over n.
  Value roots(int64_t n, ComplexType type) const;
  /// Sums over dimension `dim` of `input`, for `type`. If that is of floats,
  /// `input` holds the first half of `n` numbers, the others are conjugates.
  Value transform(Value input, int64_t dim, int64_t n,
                  RankedTensorType type) const;
};

Value Fourier::roots(int64_t n, ComplexType type) const {
  return hlo::buildElements(
      b, loc, RankedTensorType::get({n}, type), {}, {}, nullptr,
      [&](OpBuilder &b, Location loc, ValueRange) -> Value {
        Type f64 = b.getF64Type();
        auto constant = [&](double value) -> Value {
          return arith::ConstantOp::create(b, loc, b.getF64FloatAttr(value));
        };
        Value k = arith::IndexCastOp::create(
            b, loc, b.getI64Type(), linalg::IndexOp::create(b, loc, 0));
        Value number = arith::SIToFPOp::create(b, loc, f64, k);
        Value turn = arith::DivFOp::create(b, loc, number, constant(n));
        double full = inverse ? 6.283185307179586 : -6.283185307179586;
        Value angle = arith::MulFOp::create(b, loc, turn, constant(full));
        Value parts[] = {math::CosOp::create(b, loc, angle),
                         math::SinOp::create(b, loc, angle)};
        for (Value &part : parts) {
          if (inverse)
            part = arith::DivFOp::create(b, loc, part, constant(n));
          part = hlo::castFloat(b, loc, part, type.getElementType());
        }
        return complex::CreateOp::create(b, loc, type, parts[0], parts[1]);
      });
}

Value Fourier::transform(Value input, int64_t dim, int64_t n,
                         RankedTensorType type) const {
  auto from = cast<RankedTensorType>(input.getType());
  Value table = roots(n, cast<ComplexType>(from.getElementType()));
  bool isReal = isa<FloatType>(type.getElementType());
  int64_t rank = type.getRank();
  SmallVector<AffineExpr> read;
  for (int64_t i = 0; i < rank; ++i)
    read.push_back(b.getAffineDimExpr(i == dim ? rank : i));
  AffineMap maps[] = {AffineMap::get(rank + 1, 0, read, b.getContext()),
                      b.getMultiDimIdentityMap(rank + 1).getMajorSubMap(rank)};
  auto body = [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, loc, value);
    };
    Value k = linalg::IndexOp::create(b, loc, dim);
    Value j = linalg::IndexOp::create(b, loc, rank);
    Value place = arith::RemUIOp::create(
        b, loc, arith::MulIOp::create(b, loc, k, j), number(n));
    Value root = tensor::ExtractOp::create(b, loc, table, place);
    Value term = complex::MulOp::create(b, loc, values[0], root);
    if (!isReal)
      return complex::AddOp::create(b, loc, values[1], term);
    // Once for its conjugate, which is at n - j.
    Value real = complex::ReOp::create(b, loc, term);
    Value once =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, j, number(0));
    if (n % 2 == 0) {
      Value isMiddle = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             j, number(n / 2));
      once = arith::OrIOp::create(b, loc, once, isMiddle);
    }
    Value twice = arith::AddFOp::create(b, loc, real, real);
    real = arith::SelectOp::create(b, loc, once, real, twice);
    return arith::AddFOp::create(b, loc, values[1], real);
  };
  return hlo::buildReduction(b, loc, type, input, maps, body);
}

/// The shape that holds half of the last dimension, of what is real outside.
SmallVector<int64_t> halved(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> half(shape);
  if (half.back() != 0)
    half.back() = half.back() / 2 + 1;
  return half;
}

/// Whether `from` becomes `to` by a transform of this name.
bool fits(StringRef name, RankedTensorType from, RankedTensorType to,
          ArrayRef<int64_t> lengths) {
  RankedTensorType whole = name == "IRFFT" ? to : from;
  int64_t count = lengths.size();
  if (count < 1 || count > 3 || whole.getRank() < count ||
      !from.hasStaticShape() || !to.hasStaticShape() ||
      whole.getShape().take_back(count) != lengths)
    return false;
  Type in = from.getElementType(), out = to.getElementType();
  if (name == "FFT" || name == "IFFT")
    return from == to && isa<ComplexType>(in);
  SmallVector<int64_t> half = halved(whole.getShape());
  if (name == "RFFT")
    return isa<FloatType>(in) &&
           to == RankedTensorType::get(half, ComplexType::get(in));
  return name == "IRFFT" && isa<FloatType>(out) &&
         from == RankedTensorType::get(half, ComplexType::get(out));
}

///   "stablehlo.fft"(%x)  =>  linalg.generic for each dimension
LogicalResult importFft(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  std::string name = hlo::enumerator(op, "fft_type");
  SmallVector<int64_t> lengths = hlo::integers(op, "fft_length");
  if (inputs->size() != 1)
    return hlo::malformed(op, "one operand");
  RankedTensorType from = inputs->front();
  if (!fits(name, from, *type, lengths))
    return hlo::malformed(op, "an fft_type and one to three of fft_length that "
                              "take ")
           << from << " to " << *type;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  if (from.getNumElements() == 0 || type->getNumElements() == 0) {
    Value zero = hlo::buildZero(rewriter, loc, type->getElementType());
    rewriter.replaceOp(op, hlo::buildFill(rewriter, loc, *type, zero));
    return success();
  }
  Fourier fourier{rewriter, loc, name == "IFFT" || name == "IRFFT"};
  Value value = op->getOperand(0);
  int64_t last = from.getRank() - 1;
  if (name == "RFFT") {
    Type number = type->getElementType();
    value = hlo::buildElements(
        rewriter, loc, from.clone(number), value,
        [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
          Value zero = hlo::buildZero(b, loc, from.getElementType());
          return complex::CreateOp::create(b, loc, number, values[0], zero);
        });
    RankedTensorType half = type->clone(halved(from.getShape()));
    value = fourier.transform(value, last, lengths.back(), half);
  }
  // The dimensions in which nothing is halved.
  ArrayRef<int64_t> whole(lengths);
  if (name == "RFFT" || name == "IRFFT")
    whole = whole.drop_back();
  int64_t first = from.getRank() - lengths.size();
  for (auto [i, n] : llvm::enumerate(whole))
    value = fourier.transform(value, first + i, n,
                              cast<RankedTensorType>(value.getType()));
  if (name == "IRFFT")
    value = fourier.transform(value, last, lengths.back(), *type);
  rewriter.replaceOp(op, value);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::fourierImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.fft", importFft},
  };
  return table;
}
