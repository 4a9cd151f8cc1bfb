// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToSCF/TosaToSCF.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOELOWERTOSAPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
struct LowerTosa : moe::impl::MoELowerTosaPassBase<LowerTosa> {
  LogicalResult initialize(MLIRContext *context) override {
    pipeline = OpPassManager(OpPassManager::getAnyOpAnchorName());
    // tosa.scatter is left behind unless scf comes first.
    pipeline.addPass(createTosaToSCFPass());
    pipeline.addPass(tosa::createTosaToLinalgNamed());
    pipeline.addPass(tosa::createTosaToLinalg());
    pipeline.addPass(createTosaToArithPass());
    pipeline.addPass(createTosaToTensorPass());
    return success();
  }

  void runOnOperation() override {
    SmallVector<FunctionOpInterface> routers;
    getOperation()->walk([&](FunctionOpInterface function) {
      bool hasRouter = false, hasTosa = false;
      function->walk([&](Operation *op) {
        hasRouter |= isa<SelectOp, tosa::ArgMaxOp>(op);
        hasTosa |= isa_and_nonnull<tosa::TosaDialect>(op->getDialect());
      });
      if (hasRouter && hasTosa)
        routers.push_back(function);
    });
    if (routers.empty())
      markAllAnalysesPreserved();
    for (FunctionOpInterface function : routers)
      if (failed(runPipeline(pipeline, function)))
        return signalPassFailure();
  }

  OpPassManager pipeline;
};
} // namespace
