// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Pipelines.h"

#include "moe/Pipelines/Passes.h"
#include "moe/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace {
void addFusion(OpPassManager &pm, bool allowReassociation) {
  moe::buildRaisePipeline(pm, moe::RaiseOptions());
  // Select and weigh often read scores of their own.
  pm.addPass(createCSEPass());
  if (allowReassociation) {
    moe::MoESimplifyRouterPassOptions simplify;
    simplify.allowReassociation = true;
    pm.addPass(moe::createMoESimplifyRouterPass(simplify));
  }
  pm.addPass(moe::createMoEHoistRouterStatePass());
  pm.addPass(moe::createMoEFuseGatePass());
  pm.addPass(moe::createMoEFuseBinsPass());
  // Experts and combine recognise the rows of one plan by its op.
  pm.addPass(moe::createMoEFusePlanPass());
  pm.addPass(moe::createMoEFuseExpertsPass());
  pm.addPass(moe::createMoEFuseDispatchPass());
  pm.addPass(moe::createMoEFuseCombinePass());
  pm.addPass(moe::createMoEFuseNeuronsPass());
  // Whether two experts read the same tokens is asked of values.
  pm.addPass(createCSEPass());
  pm.addPass(moe::createMoEFuseSharedExpertsPass());
  // As at the end of raising, which would otherwise find work when it meets
  // fused IR again.
  pm.addNestedPass<func::FuncOp>(
      memref::createResolveRankedShapeTypeResultDimsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
} // namespace

void moe::buildFusePipeline(OpPassManager &pm) {
  addFusion(pm, /*allowReassociation=*/false);
}

void moe::buildOptimizePipeline(OpPassManager &pm,
                                const OptimizeOptions &options) {
  if (options.validate > 0) {
    MoEValidatePassOptions validate;
    validate.seeds = options.validate;
    validate.dim = options.validateDim;
    validate.intMax = options.validateIntMax;
    validate.target = options.target;
    validate.chip = options.chip;
    validate.lanes = options.lanes;
    validate.allowReassociation = options.allowReassociation;
    pm.addPass(createMoEValidatePass(validate));
    return;
  }
  addFusion(pm, options.allowReassociation);
  MoESchedulePassOptions schedule;
  schedule.target = options.target;
  schedule.chip = options.chip;
  schedule.lanes = options.lanes;
  pm.addPass(createMoESchedulePass(schedule));
}
