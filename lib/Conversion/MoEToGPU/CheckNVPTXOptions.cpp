// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Toolkit.h"

#include "moe/Conversion/Passes.h"
#include "moe/Support/GPUChips.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOECHECKNVPTXOPTIONSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
struct CheckNVPTXOptions
    : moe::impl::MoECheckNVPTXOptionsPassBase<CheckNVPTXOptions> {
  using MoECheckNVPTXOptionsPassBase::MoECheckNVPTXOptionsPassBase;

  void runOnOperation() override {
    if (failed(check()))
      signalPassFailure();
  }

  LogicalResult check() {
    if (!ptxFeature(chip))
      return emitError(getOperation().getLoc(), "unknown chip '")
             << chip << "', expected one of " << knownChips();
    std::optional<gpu::CompilationTarget> target = parseFormat(format);
    if (!target)
      return emitError(getOperation().getLoc(), "unknown format '")
             << format << "', expected isa, bin or fatbin";
    if (*target == gpu::CompilationTarget::Assembly)
      return success();
    if (failed(require("ptxas")))
      return failure();
    return *target == gpu::CompilationTarget::Fatbin ? require("fatbinary")
                                                     : success();
  }

  LogicalResult require(StringRef tool) {
    if (findTool(tool))
      return success();
    return emitError(getOperation().getLoc(), "format '")
           << format << "' needs " << tool
           << ", which is neither named by MOE_PTXAS nor found through "
              "CUDA_HOME or PATH";
  }
};
} // namespace
