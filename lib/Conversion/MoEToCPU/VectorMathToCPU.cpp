// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEVECTORMATHTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Functions whose upstream polynomials stay within 5 ulp of the true value.
/// Logarithms are not among them: theirs is off for denormal numbers.
bool hasGoodPolynomial(StringRef name) {
  return llvm::is_contained(
      {math::ExpOp::getOperationName(), math::ExpM1Op::getOperationName(),
       math::ErfOp::getOperationName(), math::Log1pOp::getOperationName(),
       math::TanhOp::getOperationName()},
      name);
}

/// Computes a function of a vector of f16 or bf16 in f32 and rounds once.
///
///   math.exp %x : vector<4xbf16>
///     =>
///   %w = arith.extf %x : vector<4xbf16> to vector<4xf32>
///   %e = math.exp %w : vector<4xf32>
///   arith.truncf %e : vector<4xf32> to vector<4xbf16>
Operation *widen(RewriterBase &rewriter, Operation *op) {
  auto type = cast<VectorType>(op->getResult(0).getType());
  Location loc = op->getLoc();
  rewriter.setInsertionPoint(op);
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand,
                buildFloatCast(rewriter, loc, operand, rewriter.getF32Type()));
  Operation *wide = rewriter.clone(*op, mapping);
  wide->getResult(0).setType(type.clone(rewriter.getF32Type()));
  rewriter.replaceOp(op,
                     buildFloatCast(rewriter, loc, wide->getResult(0),
                                    cast<FloatType>(type.getElementType())));
  return wide;
}

struct VectorMathToCPU
    : moe::impl::MoEVectorMathToCPUPassBase<VectorMathToCPU> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (!hasGoodPolynomial(op->getName().getStringRef()))
        return;
      auto type = dyn_cast<VectorType>(op->getResult(0).getType());
      if (type && !type.isScalable() && !type.getElementType().isF64())
        ops.push_back(op);
    });

    IRRewriter rewriter(&getContext());
    for (Operation *&op : ops)
      if (!getElementTypeOrSelf(op->getResult(0).getType()).isF32())
        op = widen(rewriter, op);

    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, hasGoodPolynomial);
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
    if (failed(applyOpPatternsGreedily(ops, std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
