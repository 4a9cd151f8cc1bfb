// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using hlo::RaggedDimensions;

namespace {
/// The order of the lists, as composites have them.
constexpr StringLiteral fieldNames[] = {
    "lhs_batching_dimensions",    "rhs_batching_dimensions",
    "lhs_contracting_dimensions", "rhs_contracting_dimensions",
    "lhs_ragged_dimensions",      "rhs_group_dimensions"};

std::optional<RaggedDimensions>
raggedDimensions(ArrayRef<SmallVector<int64_t>> lists) {
  if (lists[4].size() != 1 || lists[5].size() > 1)
    return std::nullopt;
  RaggedDimensions dims{
      {lists[0], lists[1], lists[2], lists[3]}, lists[4].front(), std::nullopt};
  if (!lists[5].empty())
    dims.group = lists[5].front();
  return dims;
}

bool contains(ArrayRef<int64_t> dims, int64_t dim) {
  return llvm::is_contained(dims, dim);
}

/// Loops of a ragged contraction: groups in mode 2, batch, free left, free
/// right, contracted.
struct RaggedLoops {
  SmallVector<AffineExpr> lhs, rhs, groups, out;
  unsigned numLoops = 0;
};

struct RaggedDot {
  Operation *op;
  RewriterBase &rewriter;
  Location loc;
  const RaggedDimensions &dims;
  RankedTensorType lhs, rhs, sizes, out;

  bool isBatchMode() const { return contains(dims.dot.lhsBatch, dims.ragged); }
  bool isContractingMode() const {
    return contains(dims.dot.lhsContracting, dims.ragged);
  }

  LogicalResult check();
  Value foldGroups(
      Value entries, int64_t extent,
      function_ref<Value(OpBuilder &, Location, Value entry, Value sum)> add);
  Value prefixSums(int64_t count, bool inclusive);
  Value groupNumbers(int64_t extent);
  Value buildExperts();
  Value buildMasked();
  RaggedLoops assignLoops();
};

LogicalResult RaggedDot::check() {
  const hlo::DotDimensions &dot = dims.dot;
  bool isGrouped = !isBatchMode() && !isContractingMode();
  auto inRange = [](ArrayRef<int64_t> list, RankedTensorType type) {
    llvm::SmallDenseSet<int64_t> seen;
    return llvm::all_of(list, [&](int64_t dim) {
      return dim >= 0 && dim < type.getRank() && seen.insert(dim).second;
    });
  };
  SmallVector<int64_t> left(dot.lhsBatch), right(dot.rhsBatch);
  llvm::append_range(left, dot.lhsContracting);
  llvm::append_range(right, dot.rhsContracting);
  if (dims.group)
    right.push_back(*dims.group);
  bool fits = dot.lhsBatch.size() == dot.rhsBatch.size() &&
              dot.lhsContracting.size() == dot.rhsContracting.size() &&
              inRange(left, lhs) && inRange(right, rhs) && dims.ragged >= 0 &&
              dims.ragged < lhs.getRank() &&
              dims.group.has_value() == isGrouped;
  if (!fits)
    return hlo::malformed(op, "dimension numbers that fit ")
           << lhs << " and " << rhs;
  if (failed(hlo::needsStatic(op, {lhs, rhs, sizes, out})))
    return failure();
  if (isBatchMode())
    return success();
  int64_t batch = dot.lhsBatch.size();
  if (!isa<IntegerType>(sizes.getElementType()) ||
      (sizes.getRank() != 1 && sizes.getRank() != batch + 1))
    return op->emitOpError("is imported with sizes of groups for all or for "
                           "each batch, found ")
           << sizes;
  if (isGrouped && rhs.getDimSize(*dims.group) != sizes.getShape().back())
    return hlo::malformed(op, "a size for each group");
  SmallVector<int64_t> shape;
  if (isContractingMode())
    shape.push_back(sizes.getShape().back());
  for (int64_t dim : dot.lhsBatch)
    shape.push_back(lhs.getDimSize(dim));
  for (auto [dim, size] : llvm::enumerate(lhs.getShape()))
    if (!contains(left, dim))
      shape.push_back(size);
  for (auto [dim, size] : llvm::enumerate(rhs.getShape()))
    if (!contains(right, dim))
      shape.push_back(size);
  for (auto [a, b] : llvm::zip(dot.lhsContracting, dot.rhsContracting))
    fits &= lhs.getDimSize(a) == rhs.getDimSize(b);
  for (auto [a, b] : llvm::zip(dot.lhsBatch, dot.rhsBatch))
    fits &= lhs.getDimSize(a) == rhs.getDimSize(b);
  if (!fits || ArrayRef<int64_t>(shape) != out.getShape() ||
      !isa<FloatType>(out.getElementType()) ||
      !isa<FloatType>(lhs.getElementType()) ||
      !isa<FloatType>(rhs.getElementType()))
    return hlo::malformed(op, "floats and dimension numbers that take ")
           << lhs << " and " << rhs << " to " << out;
  return success();
}

/// [.., i] is what `add` makes of the entry of every group in turn, from zero.
/// In its body the last loop but one runs over i and the last over groups.
Value RaggedDot::foldGroups(
    Value entries, int64_t extent,
    function_ref<Value(OpBuilder &, Location, Value entry, Value sum)> add) {
  SmallVector<int64_t> shape(sizes.getShape());
  int64_t rank = shape.size();
  shape.back() = extent;
  auto type = RankedTensorType::get(shape, rewriter.getI32Type());
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getI32IntegerAttr(0));
  Value init = hlo::buildFill(rewriter, loc, type, zero);
  SmallVector<AffineExpr> in, result;
  for (int64_t dim = 0; dim < rank; ++dim) {
    result.push_back(rewriter.getAffineDimExpr(dim));
    in.push_back(rewriter.getAffineDimExpr(dim == rank - 1 ? rank : dim));
  }
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  MLIRContext *context = rewriter.getContext();
  return linalg::GenericOp::create(
             rewriter, loc, TypeRange{type}, entries, init,
             ArrayRef<AffineMap>{AffineMap::get(rank + 1, 0, in, context),
                                 AffineMap::get(rank + 1, 0, result, context)},
             iterators,
             [&](OpBuilder &b, Location loc, ValueRange values) {
               linalg::YieldOp::create(b, loc,
                                       add(b, loc, values[0], values[1]));
             })
      .getResult(0);
}

/// [.., e] is the number of rows before group e, or with it if `inclusive`.
Value RaggedDot::prefixSums(int64_t count, bool inclusive) {
  Type i32 = rewriter.getI32Type();
  int64_t rank = sizes.getRank();
  return foldGroups(
      op->getOperand(2), count,
      [&](OpBuilder &b, Location loc, Value size, Value before) -> Value {
        unsigned width = size.getType().getIntOrFloatBitWidth();
        if (width > 32)
          size = arith::TruncIOp::create(b, loc, i32, size);
        else if (width < 32 && hlo::isUnsigned(op, 2))
          size = arith::ExtUIOp::create(b, loc, i32, size);
        else if (width < 32)
          size = arith::ExtSIOp::create(b, loc, i32, size);
        Value group = linalg::IndexOp::create(b, loc, rank - 1);
        Value other = linalg::IndexOp::create(b, loc, rank);
        Value isBefore = arith::CmpIOp::create(
            b, loc,
            inclusive ? arith::CmpIPredicate::ule : arith::CmpIPredicate::ult,
            other, group);
        Value sum = arith::AddIOp::create(b, loc, before, size);
        return arith::SelectOp::create(b, loc, isBefore, sum, before);
      });
}

/// [.., m] is the group that row m is in; behind the last group it is their
/// number.
Value RaggedDot::groupNumbers(int64_t extent) {
  Value ends = prefixSums(sizes.getShape().back(), /*inclusive=*/true);
  int64_t rank = sizes.getRank();
  return foldGroups(
      ends, extent,
      [&](OpBuilder &b, Location loc, Value end, Value number) -> Value {
        Value row = linalg::IndexOp::create(b, loc, rank - 1);
        row = arith::IndexCastOp::create(b, loc, b.getI32Type(), row);
        Value isBehind =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, row);
        Value step = arith::ExtUIOp::create(b, loc, b.getI32Type(), isBehind);
        return arith::AddIOp::create(b, loc, number, step);
      });
}

/// Rows of one matrix times a matrix for each group.
///
///   "chlo.ragged_dot"(%rows[m,k], %weights[g,k,n], %sizes[g])
///   =>  %offsets = running sums of %sizes
///       moe.experts { a matmul }
Value RaggedDot::buildExperts() {
  Value offsets = prefixSums(sizes.getShape().back() + 1, /*inclusive=*/false);
  Value rows = op->getOperand(0), weights = op->getOperand(1);
  if (dims.ragged == 1)
    rows = hlo::buildTranspose(rewriter, loc, rows, {1, 0});
  // The group first; what is left of the two is as it was.
  SmallVector<int64_t> order{*dims.group};
  for (int64_t dim = 0; dim < 3; ++dim)
    if (dim != *dims.group)
      order.push_back(dim);
  weights = hlo::buildTranspose(rewriter, loc, weights, order);
  bool isTransposed = order[2] == dims.dot.rhsContracting.front();

  auto weightType = cast<RankedTensorType>(weights.getType());
  auto run = RankedTensorType::get(
      {ShapedType::kDynamic,
       cast<RankedTensorType>(rows.getType()).getDimSize(1)},
      lhs.getElementType());
  auto weight = RankedTensorType::get(weightType.getShape().drop_front(),
                                      weightType.getElementType());
  auto experts = ExpertsOp::create(rewriter, loc, out, rows, weights,
                                   /*shared=*/ValueRange(), offsets);
  Block *body =
      rewriter.createBlock(&experts.getBody(), {}, {run, weight}, {loc, loc});
  Type element = out.getElementType();
  Type sum = hlo::accumulatorType(op, rewriter, element);
  auto sumType =
      RankedTensorType::get({ShapedType::kDynamic, out.getDimSize(1)}, sum);
  Value x = body->getArgument(0), w = body->getArgument(1);
  Value zero =
      arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(sum));
  Value init = hlo::buildFill(rewriter, loc, sumType, zero, x);
  AffineExpr m = rewriter.getAffineDimExpr(0), n = rewriter.getAffineDimExpr(1),
             k = rewriter.getAffineDimExpr(2);
  SmallVector<AffineExpr> wExprs{k, n};
  if (isTransposed)
    std::swap(wExprs[0], wExprs[1]);
  auto mapOf = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(3, 0, exprs, rewriter.getContext());
  };
  SmallVector<utils::IteratorType> iterators{utils::IteratorType::parallel,
                                             utils::IteratorType::parallel,
                                             utils::IteratorType::reduction};
  Value product =
      linalg::GenericOp::create(
          rewriter, loc, TypeRange{sumType}, ValueRange{x, w}, ValueRange{init},
          ArrayRef<AffineMap>{mapOf({m, k}), mapOf(wExprs), mapOf({m, n})},
          iterators,
          [&](OpBuilder &b, Location loc, ValueRange values) {
            linalg::YieldOp::create(b, loc,
                                    hlo::accumulateProduct(op, b, loc,
                                                           values[0], values[1],
                                                           values[2]));
          })
          .getResult(0);
  if (sum != element)
    product =
        hlo::buildElements(rewriter, loc, sumType.clone(element), product,
                           [&](OpBuilder &b, Location loc, ValueRange values) {
                             return hlo::castFloat(b, loc, values[0], element);
                           });
  moe::YieldOp::create(rewriter, loc, product);
  rewriter.setInsertionPointAfter(experts);
  return experts.getResult();
}

RaggedLoops RaggedDot::assignLoops() {
  RaggedLoops loops;
  auto next = [&] { return rewriter.getAffineDimExpr(loops.numLoops++); };
  loops.lhs.resize(lhs.getRank());
  loops.rhs.resize(rhs.getRank());
  if (isContractingMode())
    loops.out.push_back(next());
  for (auto [a, b] : llvm::zip(dims.dot.lhsBatch, dims.dot.rhsBatch))
    loops.out.push_back(loops.lhs[a] = loops.rhs[b] = next());
  auto isContracted = [&](AffineExpr expr, ArrayRef<int64_t> contracting,
                          int64_t dim) {
    return expr || contains(contracting, dim);
  };
  for (auto [dim, expr] : llvm::enumerate(loops.lhs))
    if (!isContracted(expr, dims.dot.lhsContracting, dim))
      loops.out.push_back(expr = next());
  for (auto [dim, expr] : llvm::enumerate(loops.rhs))
    if (!isContracted(expr, dims.dot.rhsContracting, dim) &&
        static_cast<int64_t>(dim) != dims.group)
      loops.out.push_back(expr = next());
  for (auto [a, b] :
       llvm::zip(dims.dot.lhsContracting, dims.dot.rhsContracting))
    loops.lhs[a] = loops.rhs[b] = next();
  if (sizes.getRank() > 1)
    for (int64_t dim : dims.dot.lhsBatch)
      loops.groups.push_back(loops.lhs[dim]);
  loops.groups.push_back(loops.lhs[dims.ragged]);
  return loops;
}

/// Any other: the product counts where the row is in the group, and the matrix
/// is read by the number of the group.
Value RaggedDot::buildMasked() {
  RaggedLoops loops = assignLoops();
  Value groups = groupNumbers(lhs.getDimSize(dims.ragged));
  Type element = out.getElementType();
  RankedTensorType sumType =
      out.clone(hlo::accumulatorType(op, rewriter, element));
  Value zero = arith::ConstantOp::create(
      rewriter, loc, rewriter.getZeroAttr(sumType.getElementType()));
  Value init = hlo::buildFill(rewriter, loc, sumType, zero);
  auto mapOf = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(loops.numLoops, 0, exprs, rewriter.getContext());
  };
  SmallVector<Value> inputs{op->getOperand(0), groups};
  SmallVector<AffineMap> maps{mapOf(loops.lhs), mapOf(loops.groups)};
  if (isContractingMode()) {
    inputs.push_back(op->getOperand(1));
    maps.push_back(mapOf(loops.rhs));
  }
  maps.push_back(mapOf(loops.out));
  SmallVector<utils::IteratorType> iterators(loops.numLoops,
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), loops.out.size(),
              utils::IteratorType::parallel);
  int64_t count = sizes.getShape().back();
  Value product =
      linalg::GenericOp::create(
          rewriter, loc, TypeRange{sumType}, inputs, ValueRange{init}, maps,
          iterators,
          [&](OpBuilder &b, Location loc, ValueRange values) {
            Value group =
                arith::IndexCastOp::create(b, loc, b.getIndexType(), values[1]);
            Value factor, counts;
            if (isContractingMode()) {
              factor = values[2];
              Value own = linalg::IndexOp::create(b, loc, 0);
              counts = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                             group, own);
            } else {
              Value last = arith::ConstantIndexOp::create(b, loc, count - 1);
              counts = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule,
                                             group, last);
              Value known = arith::MinUIOp::create(b, loc, group, last);
              SmallVector<Value> at;
              for (AffineExpr expr : loops.rhs)
                at.push_back(
                    expr ? Value(linalg::IndexOp::create(
                               b, loc, cast<AffineDimExpr>(expr).getPosition()))
                         : known);
              factor = tensor::ExtractOp::create(b, loc, op->getOperand(1), at);
            }
            Value sum = values.back();
            Value next =
                hlo::accumulateProduct(op, b, loc, values[0], factor, sum);
            next = arith::SelectOp::create(b, loc, counts, next, sum);
            linalg::YieldOp::create(b, loc, next);
          })
          .getResult(0);
  if (sumType == out)
    return product;
  return hlo::buildElements(rewriter, loc, out, product,
                            [&](OpBuilder &b, Location loc, ValueRange values) {
                              return hlo::castFloat(b, loc, values[0], element);
                            });
}

LogicalResult importRaggedDotOp(Operation *op, RewriterBase &rewriter) {
  hlo::Fields fields(op->getAttr("ragged_dot_dimension_numbers"));
  SmallVector<SmallVector<int64_t>> lists;
  for (StringRef name : fieldNames)
    lists.push_back(llvm::to_vector(fields[name]));
  std::optional<RaggedDimensions> dims = raggedDimensions(lists);
  if (!dims)
    return hlo::malformed(op, "one ragged dimension and at most one group "
                              "dimension");
  return hlo::importRaggedDot(op, rewriter, *dims);
}
} // namespace

std::optional<RaggedDimensions> hlo::raggedOfComposite(Operation *op) {
  auto attributes = op->getAttrOfType<DictionaryAttr>("composite_attributes");
  auto name = op->getAttrOfType<StringAttr>("name");
  auto numbers =
      attributes ? attributes.getAs<ArrayAttr>("ragged_dot_dimension_numbers")
                 : ArrayAttr();
  if (!name || name.getValue() != "chlo.ragged_dot" || !numbers ||
      numbers.size() != std::size(fieldNames))
    return std::nullopt;
  SmallVector<SmallVector<int64_t>> lists;
  for (Attribute list : numbers) {
    std::optional<SmallVector<int64_t>> values = integersOf(list);
    if (!values)
      return std::nullopt;
    lists.push_back(*values);
  }
  return raggedDimensions(lists);
}

/// The ragged dimension is free on the left (mode 1), contracted (2) or batch
/// (3). In mode 3 the groups do not change the product.
LogicalResult hlo::importRaggedDot(Operation *op, RewriterBase &rewriter,
                                   const RaggedDimensions &dims) {
  FailureOr<RankedTensorType> out = resultType(op);
  FailureOr<SmallVector<RankedTensorType>> types =
      tensorTypes(op, op->getOperandTypes());
  if (failed(out) || failed(types))
    return failure();
  if (types->size() != 3 || (*types)[2].getRank() < 1)
    return malformed(op, "two factors and the sizes of the groups");
  RaggedDot dot{op,          rewriter,    op->getLoc(), dims,
                (*types)[0], (*types)[1], (*types)[2],  *out};
  if (failed(dot.check()))
    return failure();
  if (dot.isBatchMode())
    return importContraction(op, rewriter, dims.dot);
  rewriter.setInsertionPoint(op);
  // Sums of nothing.
  if (dot.lhs.getNumElements() == 0 || dot.rhs.getNumElements() == 0) {
    Value zero = arith::ConstantOp::create(
        rewriter, op->getLoc(), rewriter.getZeroAttr(out->getElementType()));
    rewriter.replaceOp(op, buildFill(rewriter, op->getLoc(), *out, zero));
    return success();
  }
  bool isPlain = !dot.isContractingMode() && dot.lhs.getRank() == 2 &&
                 dot.rhs.getRank() == 3 && dims.dot.lhsBatch.empty() &&
                 dims.dot.lhsContracting.size() == 1 &&
                 dot.lhs.getElementType() == dot.rhs.getElementType();
  Value result = isPlain ? dot.buildExperts() : dot.buildMasked();
  rewriter.replaceOp(op, result);
  return success();
}

ArrayRef<hlo::ImporterEntry> hlo::raggedImporters() {
  static constexpr ImporterEntry table[] = {
      {"chlo.ragged_dot", importRaggedDotOp},
  };
  return table;
}
