// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEIMPORTTMTENSORPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-import-tm-tensor";

/// Every destination is sorted by the comparator, in place as it were.
///
///   "tm_tensor.sort"(%v, %i) <{dimension = 1}>  =>  moe.sort %v, %i dimension
///   1
LogicalResult importSort(Operation *op, RewriterBase &rewriter) {
  auto dimension = op->getAttrOfType<IntegerAttr>("dimension");
  unsigned count = op->getNumResults();
  if (!dimension || count == 0 || op->getNumOperands() != count ||
      op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock() ||
      op->getOperandTypes() != op->getResultTypes())
    return op->emitError("malformed tm_tensor.sort: expected a dimension, one "
                         "comparator block and as many results as operands");
  int64_t rank = 0;
  for (Type type : op->getOperandTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return op->emitError("malformed tm_tensor.sort: expected ranked tensors, "
                           "found ")
             << type;
    rank = tensor.getRank();
  }
  Operation *yield = op->getRegion(0).front().getTerminator();
  if (yield->getNumOperands() != 1 || dimension.getInt() < 0 ||
      dimension.getInt() >= rank)
    return op->emitError("malformed tm_tensor.sort: expected one yielded value "
                         "and a dimension below ")
           << rank;

  rewriter.setInsertionPoint(op);
  auto sort = SortOp::create(rewriter, op->getLoc(), op->getResultTypes(),
                             op->getOperands(), dimension.getInt());
  rewriter.inlineRegionBefore(op->getRegion(0), sort.getComparator(),
                              sort.getComparator().end());
  rewriter.setInsertionPoint(yield);
  rewriter.replaceOpWithNewOp<YieldOp>(yield, yield->getOperands());
  rewriter.replaceOp(op, sort);
  return success();
}

struct ImportTmTensor : moe::impl::MoEImportTmTensorPassBase<ImportTmTensor> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    bool failedOnce = false;
    SmallVector<Operation *> foreign;
    getOperation()->walk([&](Operation *op) {
      if (op->getName().getDialectNamespace() == "tm_tensor" &&
          op->getName().stripDialect() != "yield")
        foreign.push_back(op);
    });
    for (Operation *op : foreign) {
      if (op->getName().stripDialect() == "sort")
        failedOnce |= failed(importSort(op, rewriter));
      else
        (void)missed(op, passName,
                     op->getName().getStringRef() + " is not imported");
    }
    if (failedOnce)
      signalPassFailure();
  }
};
} // namespace
