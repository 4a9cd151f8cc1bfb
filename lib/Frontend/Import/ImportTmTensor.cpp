// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TmTensorOps.h"

#include "moe/Frontend/Passes.h"
#include "moe/IR/MoEOps.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
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
  if (op->getRegion(0).front().empty())
    return op->emitError("malformed tm_tensor.sort: expected a comparator");
  Operation *yield = &op->getRegion(0).front().back();
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

/// Runs along `dimension`, combining what came before with the next slice:
///
///   inclusive: out[0] = in[0], out[i] = combine(out[i - 1], in[i])
///   exclusive: out[0] = init,  out[i] = combine(out[i - 1], in[i - 1])
///
/// The second result is the last value combined.
///
///   "tm_tensor.scan"(%in, %out, %init)  =>  scf.for { linalg.generic on slices
///   }
struct Scan {
  int64_t axis;
  bool inclusive;
  RankedTensorType sliceType;
  Block *combine;

  static FailureOr<Scan> match(Operation *op);
  void rewrite(Operation *op, RewriterBase &rewriter);
};

FailureOr<Scan> Scan::match(Operation *op) {
  auto malformed = [&] {
    return op->emitError(
        "malformed tm_tensor.scan: expected an input, an output and an initial "
        "value of one dimension less, a dimension and a combiner of two "
        "values");
  };
  auto dimension = op->getAttrOfType<IntegerAttr>("dimension");
  auto inclusive = op->getAttrOfType<BoolAttr>("inclusive");
  if (!dimension || !inclusive || op->getNumOperands() != 3 ||
      op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock() ||
      op->getResultTypes() != op->getOperands().drop_front().getTypes())
    return malformed();
  auto input = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  auto slice = dyn_cast<RankedTensorType>(op->getOperand(2).getType());
  int64_t axis = dimension.getInt();
  if (!input || !slice || op->getOperand(1).getType() != input || axis < 0 ||
      axis >= input.getRank() || slice.getRank() != input.getRank() - 1 ||
      slice.getElementType() != input.getElementType())
    return malformed();
  Block &combine = op->getRegion(0).front();
  Type element = input.getElementType();
  if (!llvm::equal(combine.getArgumentTypes(),
                   ArrayRef<Type>{element, element}) ||
      combine.empty() || combine.back().getNumOperands() != 1)
    return malformed();
  return Scan{axis, inclusive.getValue(), slice, &combine};
}

void Scan::rewrite(Operation *op, RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  Value input = op->getOperand(0);
  int64_t sliceRank = sliceType.getRank();
  Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  Value end = tensor::DimOp::create(rewriter, loc, input, axis);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, input);
  sizes[axis] = rewriter.getIndexAttr(1);
  SmallVector<OpFoldResult> strides(sizes.size(), rewriter.getIndexAttr(1));
  auto loop = scf::ForOp::create(
      rewriter, loc, zero, end, one, op->getOperands().drop_front(),
      [&](OpBuilder &b, Location loc, Value i, ValueRange state) {
        SmallVector<OpFoldResult> offsets(sizes.size(), b.getIndexAttr(0));
        offsets[axis] = i;
        Value slice = tensor::ExtractSliceOp::create(b, loc, sliceType, input,
                                                     offsets, sizes, strides);
        Value isFirst =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, i, zero);
        auto write = [&](Value values) -> Value {
          return tensor::InsertSliceOp::create(b, loc, values, state[0],
                                               offsets, sizes, strides);
        };
        // Before the next value takes the place of the last.
        Value out = inclusive ? Value() : write(state[1]);
        AffineMap identity = b.getMultiDimIdentityMap(sliceRank);
        SmallVector<utils::IteratorType> iterators(
            sliceRank, utils::IteratorType::parallel);
        auto next = linalg::GenericOp::create(
            b, loc, TypeRange{sliceType}, ValueRange{slice},
            ValueRange{state[1]}, ArrayRef<AffineMap>{identity, identity},
            iterators, [&](OpBuilder &b, Location loc, ValueRange scalars) {
              IRMapping map;
              map.map(combine->getArgument(0), scalars[1]);
              map.map(combine->getArgument(1), scalars[0]);
              // A foreign op is not known to be a terminator.
              Operation &yield = combine->back();
              for (Operation &inner : *combine)
                if (&inner != &yield)
                  b.clone(inner, map);
              Value result = map.lookupOrDefault(yield.getOperand(0));
              if (inclusive)
                result = arith::SelectOp::create(b, loc, isFirst, scalars[0],
                                                 result);
              linalg::YieldOp::create(b, loc, result);
            });
        if (inclusive)
          out = write(next.getResult(0));
        scf::YieldOp::create(b, loc, ValueRange{out, next.getResult(0)});
      });
  rewriter.replaceOp(op, loop.getResults());
}

LogicalResult importScan(Operation *op, RewriterBase &rewriter) {
  FailureOr<Scan> scan = Scan::match(op);
  if (failed(scan))
    return failure();
  scan->rewrite(op, rewriter);
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
    if (foreign.empty())
      markAllAnalysesPreserved();
    for (Operation *op : foreign) {
      StringRef name = op->getName().stripDialect();
      if (name == "sort")
        failedOnce |= failed(importSort(op, rewriter));
      else if (name == "scan")
        failedOnce |= failed(importScan(op, rewriter));
      else if (name == "scatter")
        failedOnce |= failed(importTmTensorScatter(op, rewriter));
      else if (name == "topk")
        failedOnce |= failed(importTmTensorTopK(op, rewriter));
      else if (name == "attention")
        failedOnce |= failed(importTmTensorAttention(op, rewriter));
      else
        (void)missed(op, passName,
                     op->getName().getStringRef() + " is not imported");
    }
    if (failedOnce)
      signalPassFailure();
  }
};
} // namespace
