// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEIMPORTTORCHPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
struct ImportTorch : moe::impl::MoEImportTorchPassBase<ImportTorch> {
  void runOnOperation() override {
    bool failedOnce = false, found = false;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      torch::FunctionImporter importer(function);
      if (!importer.isConcerned())
        continue;
      found = true;
      failedOnce |= failed(importer.run());
    }
    if (failedOnce)
      signalPassFailure();
    if (!found)
      markAllAnalysesPreserved();
  }
};
} // namespace
