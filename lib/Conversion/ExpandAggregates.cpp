// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEEXPANDAGGREGATESPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
LogicalResult expand(IRRewriter &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  if (auto pack = dyn_cast<linalg::PackOp>(op))
    return linalg::lowerPack(rewriter, pack);
  if (auto unpack = dyn_cast<linalg::UnPackOp>(op))
    return linalg::lowerUnPack(rewriter, unpack);
  FailureOr<SmallVector<Value>> parts =
      cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
  if (failed(parts) || parts->size() != op->getNumResults())
    return failure();
  rewriter.replaceOp(op, *parts);
  return success();
}

struct ExpandAggregates
    : moe::impl::MoEExpandAggregatesPassBase<ExpandAggregates> {
  void runOnOperation() override {
    SmallVector<Operation *> aggregates;
    getOperation().walk([&](Operation *op) {
      if (isa<linalg::AggregatedOpInterface, linalg::PackOp, linalg::UnPackOp>(
              op))
        aggregates.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : aggregates)
      if (failed(expand(rewriter, op)))
        (void)moe::missed(op, "moe-expand-aggregates",
                          "upstream cannot take it apart");
  }
};
} // namespace
