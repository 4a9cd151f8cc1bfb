// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOESPREADLINALGPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
constexpr StringLiteral kPass = "moe-spread-linalg";
/// Smaller tasks cost more to hand out than to do.
constexpr int64_t kElementsPerTask = 8192;
/// What a size that is not known counts as: one of tokens.
constexpr int64_t kUnknownSize = 256;

struct SpreadLinalg : moe::impl::MoESpreadLinalgPassBase<SpreadLinalg> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      // An outer loop keeps all threads busy.
      if (isa<scf::ForallOp>(op))
        return WalkResult::skip();
      if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
        if (linalgOp.hasPureBufferSemantics())
          ops.push_back(linalgOp);
      return WalkResult::advance();
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops)
      spread(op, rewriter);
  }

  static void spread(linalg::LinalgOp op, IRRewriter &rewriter) {
    SmallVector<unsigned> parallel;
    op.getParallelDims(parallel);
    if (parallel.empty())
      return;
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    int64_t perRow = 1;
    for (auto [dim, size] : llvm::enumerate(sizes))
      if (dim != parallel.front())
        perRow *= ShapedType::isDynamic(size) ? kUnknownSize
                                              : std::max<int64_t>(size, 1);
    int64_t rowsPerTask = std::max<int64_t>(1, kElementsPerTask / perRow);
    int64_t rows = sizes[parallel.front()];
    if (!ShapedType::isDynamic(rows) && rows <= rowsPerTask)
      return;
    SmallVector<OpFoldResult> tiles(sizes.size(), rewriter.getIndexAttr(0));
    tiles[parallel.front()] = rewriter.getIndexAttr(rowsPerTask);
    scf::SCFTilingOptions options;
    options.setTileSizes(tiles);
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    rewriter.setInsertionPoint(op);
    FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
        rewriter, cast<TilingInterface>(op.getOperation()), options);
    if (failed(tiled)) {
      (void)moe::missed(op, kPass, "cannot be cut into tasks");
      return;
    }
    rewriter.eraseOp(op);
  }
};
} // namespace
