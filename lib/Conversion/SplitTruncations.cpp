// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESPLITTRUNCATIONSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
struct SplitTruncations
    : moe::impl::MoESplitTruncationsPassBase<SplitTruncations> {
  void runOnOperation() override {
    getOperation().walk([](arith::TruncFOp op) {
      Type from = op.getIn().getType(), to = op.getType();
      if (!getElementTypeOrSelf(from).isF64() ||
          !getElementTypeOrSelf(to).isBF16() || op.getRoundingmodeAttr())
        return;
      OpBuilder builder(op);
      Type middle = builder.getF32Type();
      if (auto shaped = dyn_cast<ShapedType>(from))
        middle = shaped.clone(middle);
      op.getInMutable().assign(
          arith::TruncFOp::create(builder, op.getLoc(), middle, op.getIn()));
    });
  }
};
} // namespace
