// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEVERIFYRAISEDPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether `op` reads elements of a stack of matrices where selected experts
/// say.
bool gathersExperts(tensor::ExtractOp op) {
  auto type = cast<RankedTensorType>(op.getTensor().getType());
  if (type.getRank() < 3)
    return false;
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitUsesFromAbove = false;
  (void)getBackwardSlice(op->getParentOp(), &slice, options);
  return llvm::any_of(
      slice, [](Operation *producer) { return isa<SelectOp>(producer); });
}

struct VerifyRaised : moe::impl::MoEVerifyRaisedPassBase<VerifyRaised> {
  using MoEVerifyRaisedPassBase::MoEVerifyRaisedPassBase;

  void runOnOperation() override {
    bool raised = false;
    SmallVector<std::pair<Operation *, StringRef>> leftovers;
    getOperation()->walk([&](Operation *op) {
      if (isa<SortOp>(op)) {
        leftovers.push_back({op, "this sort was not raised"});
        return;
      }
      raised |= isa_and_nonnull<MoEDialect>(op->getDialect());
      auto extract = dyn_cast<tensor::ExtractOp>(op);
      if (extract && gathersExperts(extract))
        leftovers.push_back(
            {op, "weights are still gathered by selected experts"});
    });
    if (!raised && !require)
      emitWarning(getOperation().getLoc(),
                  "no MoE block was raised in this module");
    if (!require)
      return;
    for (auto [op, what] : leftovers)
      op->emitError(what) << "; the missed remarks say why";
    if (!raised)
      emitError(getOperation().getLoc(),
                "no MoE block was raised in this module");
    if (!raised || !leftovers.empty())
      signalPassFailure();
  }
};
} // namespace
