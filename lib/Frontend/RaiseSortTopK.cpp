// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"
#include "moe/Frontend/Build.h"
#include "moe/Frontend/Passes.h"
#include "moe/Frontend/TotalOrder.h"
#include "moe/Support/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOERAISESORTTOPKPASS
#include "moe/Frontend/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-raise-sort-top-k";

/// `value`, or what it compares apart from putting NaN before numbers, as
/// moe.select does:
///
///   a > b or (a uno a and b ord b)
arith::CmpFOp matchCompare(Value value) {
  auto isAlone = [](Value side, arith::CmpFPredicate predicate, Value of) {
    auto compare = side.getDefiningOp<arith::CmpFOp>();
    return compare && compare.getPredicate() == predicate &&
           compare.getLhs() == of && compare.getRhs() == of;
  };
  auto either = value.getDefiningOp<arith::OrIOp>();
  if (!either)
    return value.getDefiningOp<arith::CmpFOp>();
  auto compare = either.getLhs().getDefiningOp<arith::CmpFOp>();
  auto both = either.getRhs().getDefiningOp<arith::AndIOp>();
  if (!compare || compare.getPredicate() != arith::CmpFPredicate::OGT ||
      !both ||
      !isAlone(both.getLhs(), arith::CmpFPredicate::UNO, compare.getLhs()) ||
      !isAlone(both.getRhs(), arith::CmpFPredicate::ORD, compare.getRhs()))
    return {};
  return compare;
}

/// The input whose two candidates these are, the first one first.
std::optional<unsigned> inputOf(Value first, Value second) {
  auto a = dyn_cast<BlockArgument>(first), b = dyn_cast<BlockArgument>(second);
  if (!a || !b || a.getArgNumber() % 2 != 0 ||
      b.getArgNumber() != a.getArgNumber() + 1)
    return std::nullopt;
  return a.getArgNumber() / 2;
}

/// The input that alone decides the order, largest first.
std::optional<unsigned> matchDescending(SortOp op) {
  Block &block = op.getComparator().front();
  Value larger = block.getTerminator()->getOperand(0);
  if (auto pair = matchTotalOrderLarger(larger))
    return inputOf(pair->first, pair->second);
  arith::CmpFOp compare = matchCompare(larger);
  if (!compare)
    return std::nullopt;
  auto lhs = dyn_cast<BlockArgument>(compare.getLhs());
  auto rhs = dyn_cast<BlockArgument>(compare.getRhs());
  if (!lhs || !rhs)
    return std::nullopt;
  switch (compare.getPredicate()) {
  case arith::CmpFPredicate::OGT:
  case arith::CmpFPredicate::OGE:
  case arith::CmpFPredicate::UGT:
  case arith::CmpFPredicate::UGE:
    break;
  case arith::CmpFPredicate::OLT:
  case arith::CmpFPredicate::OLE:
  case arith::CmpFPredicate::ULT:
  case arith::CmpFPredicate::ULE:
    std::swap(lhs, rhs);
    break;
  default:
    return std::nullopt;
  }
  return inputOf(lhs, rhs);
}

/// Whether all rows of the sorted tensors are in the slice.
bool hasAllRows(SortOp op, tensor::ExtractSliceOp slice) {
  auto isWhole = [&](int64_t dim) {
    auto isSizeOf = [&](Value tensor) {
      FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
          slice.getMixedSizes()[dim],
          ValueBoundsConstraintSet::Variable(tensor, dim));
      return succeeded(equal) && *equal;
    };
    return llvm::any_of(op->getResults(), isSizeOf) ||
           llvm::any_of(op.getInputs(), isSizeOf);
  };
  return llvm::all_of(llvm::seq(slice.getType().getRank() - 1), isWhole);
}

/// The number of columns read at the front; none if anything else is read.
std::optional<int64_t> frontColumns(SortOp op) {
  std::optional<int64_t> k;
  for (Operation *user : op->getUsers()) {
    // A size is no element.
    if (isa<tensor::DimOp>(user))
      continue;
    auto slice = dyn_cast<tensor::ExtractSliceOp>(user);
    if (!slice ||
        slice.getType().getRank() != slice.getSourceType().getRank() ||
        !llvm::all_of(slice.getStaticOffsets(),
                      [](int64_t offset) { return offset == 0; }) ||
        !slice.hasUnitStride() ||
        ShapedType::isDynamic(slice.getType().getShape().back()) ||
        !hasAllRows(op, slice))
      return std::nullopt;
    int64_t columns = slice.getType().getShape().back();
    if (k && *k != columns)
      return std::nullopt;
    k = columns;
  }
  return k;
}

/// Replaces what is read of the sort.
///
///   %v, %i = moe.sort %key, %columns dimension 1 { a > b }
///   %top = tensor.extract_slice %v[0, 0] [T, k] [1, 1]
///   %ids = tensor.extract_slice %i[0, 0] [T, k] [1, 1]
/// =>
///   %e = moe.select #moe.top_k<k> %key
///   %top = moe.weigh value %key, %e
///   %ids = arith.extsi %e
LogicalResult raise(SortOp op, IRRewriter &rewriter) {
  std::optional<unsigned> keyNumber = matchDescending(op);
  // Integers are no scores; a later pass looks at them.
  if (!keyNumber && llvm::all_of(op.getInputs(), [](Value input) {
        return getElementTypeOrSelf(input.getType()).isIntOrIndex();
      }))
    return failure();
  if (!keyNumber)
    return missed(op, passName,
                  "the comparator is not 'larger first' of one input");
  Value key = op.getInputs()[*keyNumber];
  auto keyType = cast<RankedTensorType>(key.getType());
  int64_t last = keyType.getRank() - 1;
  if (last < 1 || static_cast<int64_t>(op.getDimension()) != last ||
      keyType.isDynamicDim(last))
    return missed(op, passName, "does not sort the columns of a matrix");
  if (exceedsF32(key))
    return missed(op, passName, "the keys are wider than f32");
  std::optional<int64_t> k = frontColumns(op);
  if (!k || *k < 1 || *k > keyType.getDimSize(last))
    return missed(op, passName, "is read elsewhere than in its first columns");
  ElementExprContext context;
  ElementTracer tracer(context);
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    if (i == *keyNumber || op.getResult(i).use_empty())
      continue;
    if (!getElementTypeOrSelf(input.getType()).isIntOrIndex())
      return missed(op, passName, "sorts more than keys and column numbers");
    SmallVector<Expr> indices = tracer.indicesOf(input);
    if (tracer.at(input, indices) != indices[last])
      return missed(op, passName,
                    "what is sorted along are not the column numbers");
  }

  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  Value matrix = asMatrix(rewriter, loc, key);
  SelectOp select = buildTopK(rewriter, loc, matrix, *k);
  WeighOp values = buildValues(rewriter, loc, matrix, select.getExperts());
  for (OpResult result : op->getOpResults()) {
    unsigned number = result.getResultNumber();
    Value front = number == *keyNumber ? values.getWeights() : Value();
    for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
      if (auto dim = dyn_cast<tensor::DimOp>(user)) {
        rewriter.modifyOpInPlace(dim, [&] {
          dim.getSourceMutable().assign(op.getInputs()[number]);
        });
        continue;
      }
      if (!front)
        front = castIds(rewriter, loc, select.getExperts(),
                        getElementTypeOrSelf(result.getType()));
      auto slice = cast<tensor::ExtractSliceOp>(user);
      Value replacement = front;
      if (last > 1)
        replacement = fromMatrix(rewriter, loc, front, key);
      if (slice.getType() != replacement.getType())
        replacement =
            tensor::CastOp::create(rewriter, loc, slice.getType(), replacement);
      rewriter.replaceOp(slice, replacement);
    }
  }
  fired(op, passName, "a sort read in its first columns is moe.select");
  rewriter.eraseOp(op);
  return success();
}

struct RaiseSortTopK : moe::impl::MoERaiseSortTopKPassBase<RaiseSortTopK> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<SortOp> sorts;
    getOperation()->walk([&](SortOp op) { sorts.push_back(op); });
    for (SortOp op : sorts)
      (void)raise(op, rewriter);
  }
};
} // namespace
