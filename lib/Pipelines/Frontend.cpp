// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"
#include "moe/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void moe::buildImportPipeline(OpPassManager &pm) {
  pm.addPass(createMoEImportTorchPass());
  pm.addPass(createMoEImportStablehloPass());
  pm.addNestedPass<func::FuncOp>(createMoEImportTmTensorPass());
}

void moe::buildRaisePipeline(OpPassManager &pm, const RaiseOptions &options) {
  buildImportPipeline(pm);
  pm.addPass(createMoEInlineCallsPass());
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createMoENormalizePass());
  function.addPass(createMoERaiseArgmaxTopKPass());
  function.addPass(createMoERaiseSortTopKPass());
  function.addPass(createMoELowerTosaPass());
  function.addPass(createMoERaiseArgmaxPass());
  function.addPass(createMoERaiseScatterPass());
  function.addPass(createMoERaiseGatheredValuesPass());
  function.addPass(createMoERaiseGroupsPass());
  function.addPass(createMoERaiseMaskedTopKPass());
  function.addPass(createMoERaiseRouterPass());
  function.addPass(createMoERaiseRaggedPass());
  function.addPass(createMoERaiseSortedExpertsPass());
  // First, as it leaves the fewest ops for those that follow.
  function.addPass(createMoERaiseUnrolledExpertsPass());
  function.addPass(createMoERaiseGatheredExpertsPass());
  function.addPass(createMoERaiseDenseExpertsPass());
  function.addPass(createMoERaiseOneHotExpertsPass());
  function.addPass(createMoERaiseSharedExpertsPass());
  // Sizes asked of what is no longer computed would keep it alive.
  function.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addPass(
      createMoEVerifyRaisedPass(MoEVerifyRaisedPassOptions{options.require}));
}
