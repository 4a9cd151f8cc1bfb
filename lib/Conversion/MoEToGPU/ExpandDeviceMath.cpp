// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

#include <limits>

namespace mlir::moe {
#define GEN_PASS_DEF_MOEEXPANDDEVICEMATHPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// f32 and i32 arithmetic on scalars or vectors of the shape of one value.
struct Lanes : ImplicitLocOpBuilder {
  Lanes(Location loc, PatternRewriter &rewriter, Type like)
      : ImplicitLocOpBuilder(loc, rewriter), like(like) {}

  Type shaped(Type element) {
    if (auto vector = dyn_cast<VectorType>(like))
      return vector.clone(element);
    return element;
  }
  Value constant(TypedAttr value) {
    Type type = shaped(value.getType());
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(*this,
                                       DenseElementsAttr::get(vector, value));
    return arith::ConstantOp::create(*this, value);
  }
  Value f32(float value) { return constant(getF32FloatAttr(value)); }
  Value i32(int32_t value) { return constant(getI32IntegerAttr(value)); }
  Value bitsOf(Value f32) {
    return arith::BitcastOp::create(*this, shaped(getI32Type()), f32);
  }
  Value asFloat(Value i32) {
    return arith::BitcastOp::create(*this, shaped(getF32Type()), i32);
  }
  Value add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
  Value sub(Value a, Value b) { return arith::SubIOp::create(*this, a, b); }
  Value mulf(Value a, Value b) { return arith::MulFOp::create(*this, a, b); }
  Value subf(Value a, Value b) { return arith::SubFOp::create(*this, a, b); }
  Value fma(Value a, Value b, Value c) {
    return math::FmaOp::create(*this, a, b, c);
  }
  /// 2^n for -126 <= n <= 127.
  Value powerOfTwo(Value n) {
    return asFloat(arith::ShLIOp::create(*this, add(n, i32(127)), i32(23)));
  }

  Type like;
};

bool isF32(Value value) { return getElementTypeOrSelf(value).isF32(); }

/// exp(x) = 2^n * 2^(r * log2 e) with x = n * ln 2 + r: the hardware's
/// approximate 2^y is exact enough near zero only.
struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    if (!isF32(op.getOperand()))
      return rewriter.notifyMatchFailure(op, "only f32 has device code");
    Lanes b(op.getLoc(), rewriter, op.getType());
    Value x = op.getOperand();
    // Past these bounds the result is 0 or infinity; NaN passes both.
    auto clamp = [&](arith::CmpFPredicate predicate, float bound) {
      Value past = arith::CmpFOp::create(b, predicate, x, b.f32(bound));
      x = arith::SelectOp::create(b, past, b.f32(bound), x);
    };
    clamp(arith::CmpFPredicate::OLT, -105.0f);
    clamp(arith::CmpFPredicate::OGT, 89.0f);
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits.
    Value shift = b.f32(12582912.0f);
    Value shifted = b.fma(x, b.f32(0x1.715476p+0f), shift);
    Value n = b.sub(b.bitsOf(shifted), b.i32(0x4B400000));
    Value nAsFloat = b.subf(shifted, shift);
    Value r = b.fma(nAsFloat, b.f32(-0x1.62e430p-1f), x);
    r = b.fma(nAsFloat, b.f32(0x1.05c610p-29f), r);
    Value y = math::Exp2Op::create(b, b.mulf(r, b.f32(0x1.715476p+0f)));
    // In two steps: 2^n alone may overflow, or lose bits as a denormal.
    Value half = arith::ShRSIOp::create(b, n, b.i32(1));
    y = b.mulf(y, b.powerOfTwo(half));
    y = b.mulf(y, b.powerOfTwo(b.sub(n, half)));
    rewriter.replaceOp(op, y);
    return success();
  }
};

/// rsqrt(x) = 1 / sqrt(x), both correctly rounded.
struct ExpandRsqrt : OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    if (!isF32(op.getOperand()))
      return rewriter.notifyMatchFailure(op, "only f32 has device code");
    Lanes b(op.getLoc(), rewriter, op.getType());
    Value root = math::SqrtOp::create(b, op.getOperand());
    rewriter.replaceOpWithNewOp<arith::DivFOp>(op, b.f32(1.0f), root);
    return success();
  }
};

/// log2(x) = log(x) * log2 e and log10(x) = log(x) * log10 e.
template <typename OpTy> struct ExpandLogOfBase : OpRewritePattern<OpTy> {
  ExpandLogOfBase(MLIRContext *context, float factor)
      : OpRewritePattern<OpTy>(context), factor(factor) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isF32(op.getOperand()))
      return rewriter.notifyMatchFailure(op, "only f32 has device code");
    Lanes b(op.getLoc(), rewriter, op.getType());
    Value log = math::LogOp::create(b, op.getOperand());
    rewriter.replaceOp(op, b.mulf(log, b.f32(factor)));
    return success();
  }

  float factor;
};

/// pow(x, y) = exp(y * log |x|), with the sign of x where y is odd, NaN where a
/// negative x meets a y that is not whole, 1 for y = 0, and x * x, exactly, for
/// the square that norms are made of.
struct ExpandPow : OpRewritePattern<math::PowFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::PowFOp op,
                                PatternRewriter &rewriter) const override {
    if (!isF32(op.getLhs()))
      return rewriter.notifyMatchFailure(op, "only f32 has device code");
    Lanes b(op.getLoc(), rewriter, op.getType());
    Value x = op.getLhs(), y = op.getRhs();
    auto is = [&](arith::CmpFPredicate predicate, Value lhs,
                  Value rhs) -> Value {
      return arith::CmpFOp::create(b, predicate, lhs, rhs);
    };
    auto isWhole = [&](Value value) {
      return is(arith::CmpFPredicate::OEQ, value,
                math::FloorOp::create(b, value));
    };
    auto select = [&](Value condition, Value yes, Value no) -> Value {
      return arith::SelectOp::create(b, condition, yes, no);
    };
    Value log = math::LogOp::create(b, math::AbsFOp::create(b, x));
    Value power = math::ExpOp::create(b, b.mulf(y, log));
    // A whole number is odd if its half is not whole. The sign of an odd power
    // is that of x, zero included.
    Value odd = math::CopySignOp::create(b, power, x);
    Value even = power;
    Value whole = select(isWhole(b.mulf(y, b.f32(0.5f))), even, odd);
    Value nan = b.f32(std::numeric_limits<float>::quiet_NaN());
    Value partial =
        select(is(arith::CmpFPredicate::OLT, x, b.f32(0.0f)), nan, power);
    power = select(isWhole(y), whole, partial);
    power = select(is(arith::CmpFPredicate::OEQ, y, b.f32(2.0f)), b.mulf(x, x),
                   power);
    power = select(is(arith::CmpFPredicate::OEQ, y, b.f32(0.0f)), b.f32(1.0f),
                   power);
    rewriter.replaceOp(op, power);
    return success();
  }
};

/// rem(x, y) = x - trunc(x / y) * y, which is how NVPTX has it too.
struct ExpandRem : OpRewritePattern<arith::RemFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::RemFOp op,
                                PatternRewriter &rewriter) const override {
    Lanes b(op.getLoc(), rewriter, op.getType());
    Value x = op.getLhs(), y = op.getRhs();
    Type type = op.getType();
    bool isNarrow = getElementTypeOrSelf(type).getIntOrFloatBitWidth() < 32;
    if (isNarrow) {
      x = arith::ExtFOp::create(b, b.shaped(b.getF32Type()), x);
      y = arith::ExtFOp::create(b, b.shaped(b.getF32Type()), y);
    }
    Value whole = math::TruncOp::create(b, arith::DivFOp::create(b, x, y));
    Value rem = b.fma(arith::NegFOp::create(b, whole), y, x);
    if (isNarrow)
      rem = arith::TruncFOp::create(b, type, rem);
    rewriter.replaceOp(op, rem);
    return success();
  }
};

/// Ops that would become calls of CUDA's device library.
bool isLibraryOp(Operation *op) {
  return isa_and_present<math::MathDialect>(op->getDialect()) ||
         isa<arith::MaxNumFOp, arith::MinNumFOp>(op);
}

/// The LLVM intrinsic that NVPTX selects for `op`, or an empty name.
StringRef getIntrinsic(Operation *op) {
  if (auto vector = dyn_cast<VectorType>(op->getResult(0).getType()))
    if (vector.getRank() != 1 || vector.isScalable())
      return "";
  if (isa<math::Exp2Op>(op))
    return isF32(op->getOperand(0)) ? "llvm.exp2" : "";
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](arith::MaxNumFOp) { return "llvm.maxnum"; })
      .Case([](arith::MinNumFOp) { return "llvm.minnum"; })
      .Case([](math::AbsFOp) { return "llvm.fabs"; })
      .Case([](math::CeilOp) { return "llvm.ceil"; })
      .Case([](math::CopySignOp) { return "llvm.copysign"; })
      .Case([](math::CtPopOp) { return "llvm.ctpop"; })
      .Case([](math::FloorOp) { return "llvm.floor"; })
      .Case([](math::FmaOp) { return "llvm.fma"; })
      .Case([](math::RoundEvenOp) { return "llvm.roundeven"; })
      .Case([](math::SqrtOp) { return "llvm.sqrt"; })
      .Case([](math::TruncOp) { return "llvm.trunc"; })
      .Case<math::AbsIOp>([](auto) { return "llvm.abs"; })
      .Case<math::CountLeadingZerosOp>([](auto) { return "llvm.ctlz"; })
      .Case<math::CountTrailingZerosOp>([](auto) { return "llvm.cttz"; })
      .Default([](Operation *) { return ""; });
}

/// Calls the intrinsic by name: the conversion of the GPU dialect would turn
/// the op into a call of CUDA's device library.
LogicalResult callIntrinsic(Operation *op) {
  StringRef name = getIntrinsic(op);
  if (name.empty())
    return op->emitOpError("has no GPU code for type ")
           << op->getResult(0).getType();
  ImplicitLocOpBuilder b(op->getLoc(), op);
  SmallVector<Value> operands(op->getOperands());
  // "The smallest number, or zero, gives poison": no.
  if (isa<math::AbsIOp, math::CountLeadingZerosOp, math::CountTrailingZerosOp>(
          op))
    operands.push_back(
        LLVM::ConstantOp::create(b, b.getI1Type(), b.getBoolAttr(false)));
  auto call = LLVM::CallIntrinsicOp::create(b, op->getResult(0).getType(),
                                            b.getStringAttr(name), operands);
  op->replaceAllUsesWith(call->getResults());
  op->erase();
  return success();
}

struct ExpandDeviceMath
    : moe::impl::MoEExpandDeviceMathPassBase<ExpandDeviceMath> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ExpandExp, ExpandPow, ExpandRem, ExpandRsqrt>(context);
    patterns.add<ExpandLogOfBase<math::Log2Op>>(context, 0x1.715476p+0f);
    patterns.add<ExpandLogOfBase<math::Log10Op>>(context, 0x1.bcb7b2p-2f);
    math::populateExpansionPatterns(patterns,
                                    {"sinh", "cosh", "tan", "asinh", "acosh",
                                     "atanh", "fpowi", "round", "clampf"});
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
          {"math.log", "math.log1p", "math.expm1", "math.tanh", "math.erf",
           "math.erfc", "math.sin", "math.cos", "math.atan", "math.atan2",
           "math.asin", "math.acos", "math.cbrt"},
          name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    // The back end aborts the process on what it cannot select.
    WalkResult result = getOperation().walk([](Operation *op) {
      if (!isLibraryOp(op))
        return WalkResult::advance();
      return failed(callIntrinsic(op)) ? WalkResult::interrupt()
                                       : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
