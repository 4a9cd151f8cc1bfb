// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HostCode.h"
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEDialect.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOELOOPSTOGPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr llvm::StringLiteral kPass = "moe-loops-to-gpu";
constexpr int64_t kThreads = 128;
/// What a thread may keep on its stack; the device's limit is 512 KiB.
constexpr int64_t kStackBytes = 64 * 1024;

/// A launch with one thread per iteration of `loop`, the last dimension
/// fastest.
gpu::LaunchOp launchIterations(scf::ParallelOp loop, StringRef stage) {
  GPUKernelBuilder b(loop.getLoc(), loop);
  SmallVector<Value> counts;
  Value total = b.index(1);
  for (auto [begin, end, step] :
       llvm::zip(loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value span = arith::MaxSIOp::create(b, b.sub(end, begin), b.index(0));
    counts.push_back(arith::CeilDivUIOp::create(b, span, step));
    total = b.mul(total, counts.back());
  }
  gpu::LaunchOp launch =
      b.launch(loop, b.ceilDiv(total, kThreads), kThreads, stage);
  Value left =
      b.add(b.mul(launch.getBlockIds().x, kThreads), launch.getThreadIds().x);
  auto inside = scf::IfOp::create(b, b.less(left, total));
  b.setInsertionPointToStart(inside.thenBlock());
  SmallVector<Value> ivs(counts.size());
  for (int64_t i = counts.size() - 1; i >= 0; --i) {
    Value at = left;
    if (i > 0) {
      at = arith::RemUIOp::create(b, left, counts[i]);
      left = arith::DivUIOp::create(b, left, counts[i]);
    }
    ivs[i] = b.add(loop.getLowerBound()[i], b.mul(at, loop.getStep()[i]));
  }
  IRMapping mapping;
  mapping.map(loop.getInductionVars(), ivs);
  for (Operation &op : loop.getBody()->without_terminator())
    b.clone(op, mapping);
  loop.erase();
  return launch;
}

/// A launch with a single thread that runs `op`.
gpu::LaunchOp launchOnce(Operation *op, StringRef stage) {
  GPUKernelBuilder b(op->getLoc(), op);
  Value one = b.index(1);
  gpu::LaunchOp launch = b.launch(op, one, 1, stage);
  op->moveBefore(launch.getBody().front().getTerminator());
  return launch;
}

bool holdsTensors(Operation *op) {
  auto isTensor = [](Type type) { return isa<TensorType>(type); };
  return op
      ->walk([&](Operation *inner) {
        return llvm::any_of(inner->getOperandTypes(), isTensor) ||
                       llvm::any_of(inner->getResultTypes(), isTensor)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Buffers that a kernel makes for itself go on its stack.
LogicalResult moveToStack(gpu::LaunchOp launch) {
  int64_t bytes = 0;
  SmallVector<Operation *> frees;
  WalkResult result = launch.walk([&](Operation *op) {
    if (isa<memref::DeallocOp>(op))
      frees.push_back(op);
    auto alloc = dyn_cast<memref::AllocOp>(op);
    if (!alloc)
      return WalkResult::advance();
    MemRefType type = alloc.getType();
    if (type.hasStaticShape())
      bytes += llvm::divideCeil(
          type.getNumElements() * type.getElementTypeBitWidth(), 8);
    if (!type.hasStaticShape() || bytes > kStackBytes) {
      alloc.emitOpError(
          "needs memory inside a kernel, which must have a static "
          "size of at most 64 KiB");
      return WalkResult::interrupt();
    }
    OpBuilder builder(&launch.getBody().front(),
                      launch.getBody().front().begin());
    alloc.replaceAllUsesWith(
        memref::AllocaOp::create(builder, alloc.getLoc(), type).getMemref());
    alloc.erase();
    return WalkResult::advance();
  });
  for (Operation *op : frees)
    op->erase();
  return failure(result.wasInterrupted());
}

struct LoopsToGPU : moe::impl::MoELoopsToGPUPassBase<LoopsToGPU> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration())
      return;
    SmallVector<Operation *> work;
    (void)walkHostCode(function, [&](Operation *op) {
      bool isScalarWrite = isa<memref::StoreOp, vector::StoreOp,
                               vector::TransferWriteOp, memref::CopyOp>(op);
      if ((becomesKernel(op) &&
           !isa_and_present<MoEDialect>(op->getDialect())) ||
          isScalarWrite)
        work.push_back(op);
      return success();
    });
    for (Operation *op : work)
      if (failed(lower(op)))
        return signalPassFailure();
    if (failed(checkHostCode()))
      signalPassFailure();
  }

  LogicalResult lower(Operation *op) {
    if (holdsTensors(op))
      return op->emitOpError("works on tensors; bufferize it first");
    IRRewriter rewriter(op->getContext());
    rewriter.setInsertionPoint(op);
    std::string stage = op->getName().stripDialect().str();
    if (auto copy = dyn_cast<memref::CopyOp>(op)) {
      linalg::GenericOp generic = linalg::makeMemRefCopyOp(
          rewriter, copy.getLoc(), copy.getSource(), copy.getTarget());
      copy.erase();
      op = generic;
    }
    if (auto forall = dyn_cast<scf::ForallOp>(op)) {
      scf::ParallelOp parallel;
      if (failed(scf::forallToParallelLoop(rewriter, forall, &parallel)))
        return forall.emitOpError("cannot become a parallel loop");
      op = parallel;
      stage = "parallel";
    }
    if (isa<linalg::LinalgOp>(op))
      return lowerLinalg(rewriter, op, stage);
    auto parallel = dyn_cast<scf::ParallelOp>(op);
    if (parallel && parallel.getNumResults() != 0)
      return op->emitOpError("reduces to a scalar on the host, which a kernel "
                             "cannot return");
    (void)missed(op, kPass,
                 parallel ? "runs as a plain kernel"
                          : "runs on one GPU thread");
    return moveToStack(parallel ? launchIterations(parallel, stage)
                                : launchOnce(op, stage));
  }

  /// Parallel dimensions become threads, with the reductions as loops inside.
  LogicalResult lowerLinalg(IRRewriter &rewriter, Operation *op,
                            StringRef stage) {
    (void)missed(op, kPass, "runs as a plain kernel");
    auto linalgOp = cast<linalg::LinalgOp>(op);
    if (linalgOp.getNumParallelLoops() == 0) {
      gpu::LaunchOp launch = launchOnce(op, stage);
      rewriter.setInsertionPoint(op);
      if (failed(linalg::linalgOpToLoops(rewriter, linalgOp)))
        return op->emitOpError("cannot become loops");
      rewriter.eraseOp(op);
      return moveToStack(launch);
    }
    SmallVector<unsigned> order;
    linalgOp.getParallelDims(order);
    SmallVector<unsigned> reductions;
    linalgOp.getReductionDims(reductions);
    order.append(reductions);
    if (!llvm::is_sorted(order)) {
      if (!isa<linalg::GenericOp>(op)) {
        FailureOr<linalg::GenericOp> generic =
            linalg::generalizeNamedOp(rewriter, linalgOp);
        if (failed(generic))
          return op->emitOpError("cannot become loops");
        linalgOp = *generic;
      }
      FailureOr<linalg::GenericOp> sorted = linalg::interchangeGenericOp(
          rewriter, cast<linalg::GenericOp>(linalgOp.getOperation()), order);
      if (failed(sorted))
        return linalgOp.emitOpError("cannot become loops");
      linalgOp = *sorted;
    }
    rewriter.setInsertionPoint(linalgOp);
    FailureOr<linalg::LinalgLoops> loops =
        linalg::linalgOpToParallelLoops(rewriter, linalgOp);
    if (failed(loops))
      return linalgOp.emitOpError("cannot become loops");
    rewriter.eraseOp(linalgOp);
    auto parallel = cast<scf::ParallelOp>(loops->front());
    return moveToStack(launchIterations(parallel, stage));
  }

  /// What is left on the host may move buffers, but not look into them.
  LogicalResult checkHostCode() {
    return walkHostCode(getOperation(), [&](Operation *op) -> LogicalResult {
      bool hasBuffers = llvm::any_of(op->getOperandTypes(), [](Type type) {
        return isa<BaseMemRefType>(type);
      });
      auto effects = dyn_cast<MemoryEffectOpInterface>(op);
      if (!hasBuffers || !effects ||
          isa_and_present<MoEDialect, gpu::GPUDialect>(op->getDialect()) ||
          effects.hasNoEffect())
        return success();
      return op->emitOpError(
          "works on device memory from scalar host code; the "
          "GPU back end needs it inside a loop or a moe op");
    });
  }
};
} // namespace
