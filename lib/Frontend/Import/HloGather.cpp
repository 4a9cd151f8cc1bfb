// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// How gather and scatter name the dimensions of an operand: those of a window,
/// those of size one in it, and those that the indices name.
struct Numbers {
  SmallVector<int64_t> window;   ///< of the result or update
  SmallVector<int64_t> dropped;  ///< of the operand
  SmallVector<int64_t> batching; ///< of the operand
  SmallVector<int64_t> indexBatching;
  SmallVector<int64_t> indexed; ///< of the operand, for each component
  int64_t vectorDim = 0;        ///< of the indices

  bool fits(RankedTensorType operand, RankedTensorType indices,
            int64_t outRank) const;
  /// Dimensions of the operand that a window has, in order.
  SmallVector<int64_t> kept(int64_t rank) const;
  /// Dimensions of the result, or update, that number the windows.
  SmallVector<int64_t> outer(int64_t outRank) const;
  /// The dimension of the result that counts along one of the indices.
  int64_t outerOf(int64_t indexDim, ArrayRef<int64_t> outer) const {
    return outer[indexDim - (indexDim > vectorDim ? 1 : 0)];
  }
};

SmallVector<int64_t> Numbers::kept(int64_t rank) const {
  SmallVector<int64_t> dims;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(dropped, dim) && !llvm::is_contained(batching, dim))
      dims.push_back(dim);
  return dims;
}

SmallVector<int64_t> Numbers::outer(int64_t outRank) const {
  SmallVector<int64_t> dims;
  for (int64_t dim = 0; dim < outRank; ++dim)
    if (!llvm::is_contained(window, dim))
      dims.push_back(dim);
  return dims;
}

bool isSubset(ArrayRef<int64_t> dims, int64_t rank) {
  llvm::SmallDenseSet<int64_t> seen;
  return llvm::all_of(dims, [&](int64_t dim) {
    return dim >= 0 && dim < rank && seen.insert(dim).second;
  });
}

bool Numbers::fits(RankedTensorType operand, RankedTensorType indices,
                   int64_t outRank) const {
  int64_t rank = operand.getRank(), indexRank = indices.getRank();
  SmallVector<int64_t> gone(dropped);
  llvm::append_range(gone, batching);
  if (!isSubset(window, outRank) || !isSubset(gone, rank) ||
      !isSubset(indexed, rank) || !isSubset(indexBatching, indexRank) ||
      batching.size() != indexBatching.size() || vectorDim < 0 ||
      vectorDim > indexRank || llvm::is_contained(indexBatching, vectorDim))
    return false;
  int64_t components =
      vectorDim == indexRank ? 1 : indices.getDimSize(vectorDim);
  int64_t outerRank = indexRank - (vectorDim == indexRank ? 0 : 1);
  return components == static_cast<int64_t>(indexed.size()) &&
         window.size() == kept(rank).size() &&
         outRank == outerRank + static_cast<int64_t>(window.size());
}

/// Component `number` of an index, as an expression over dimensions of the
/// result.
AffineMap componentMap(Builder &b, const Numbers &numbers, int64_t indexRank,
                       int64_t outRank, int64_t number) {
  SmallVector<int64_t> outer = numbers.outer(outRank);
  SmallVector<AffineExpr> exprs;
  for (int64_t dim = 0; dim < indexRank; ++dim)
    exprs.push_back(dim == numbers.vectorDim
                        ? b.getAffineConstantExpr(number)
                        : b.getAffineDimExpr(numbers.outerOf(dim, outer)));
  return AffineMap::get(outRank, 0, exprs, b.getContext());
}

/// Element (o, w) of the result is element clamp(start(o)) + w of the operand.
///
///   "stablehlo.gather"(%x, %i)  =>  linalg.generic ins(%i) { tensor.extract %x
///   }
LogicalResult importGather(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (inputs->size() != 2)
    return hlo::malformed(op, "an operand and indices");
  RankedTensorType operand = (*inputs)[0], indices = (*inputs)[1];
  hlo::Fields fields(op->getAttr("dimension_numbers"));
  auto copy = [&](StringRef name) { return llvm::to_vector(fields[name]); };
  Numbers numbers{copy("offset_dims"), copy("collapsed_slice_dims"),
                  copy("operand_batching_dims"),
                  copy("start_indices_batching_dims"), copy("start_index_map")};
  if (!fields["index_vector_dim"].empty())
    numbers.vectorDim = fields["index_vector_dim"].front();
  SmallVector<int64_t> sizes = hlo::integers(op, "slice_sizes");
  if (failed(hlo::needsStatic(op, {operand, indices, *type})))
    return failure();
  bool fits = static_cast<int64_t>(sizes.size()) == operand.getRank() &&
              isa<IntegerType>(indices.getElementType()) &&
              operand.getElementType() == type->getElementType() &&
              numbers.fits(operand, indices, type->getRank());
  for (auto [size, whole] : llvm::zip(sizes, operand.getShape()))
    fits &= size >= 0 && size <= whole;
  SmallVector<int64_t> kept = numbers.kept(operand.getRank());
  SmallVector<int64_t> outer = numbers.outer(type->getRank());
  if (fits)
    for (auto [dim, out] : llvm::zip(kept, numbers.window))
      fits &= type->getDimSize(out) == sizes[dim];
  if (fits)
    for (int64_t dim = 0; dim < indices.getRank(); ++dim)
      fits &= dim == numbers.vectorDim ||
              indices.getDimSize(dim) ==
                  type->getDimSize(numbers.outerOf(dim, outer));
  if (!fits)
    return hlo::malformed(op, "dimension numbers and slice sizes that take ")
           << operand << " and " << indices << " to " << *type;

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  if (type->getNumElements() == 0) {
    rewriter.replaceOpWithNewOp<tensor::EmptyOp>(op, *type, ValueRange());
    return success();
  }
  // Components of windows as wide as the operand can only be 0.
  SmallVector<Value> starts;
  SmallVector<AffineMap> maps;
  SmallVector<int64_t> read;
  for (auto [i, dim] : llvm::enumerate(numbers.indexed)) {
    if (sizes[dim] == operand.getDimSize(dim))
      continue;
    starts.push_back(op->getOperand(1));
    maps.push_back(
        componentMap(rewriter, numbers, indices.getRank(), type->getRank(), i));
    read.push_back(dim);
  }
  Value result = hlo::buildElements(
      rewriter, loc, *type, starts, maps, nullptr,
      [&](OpBuilder &b, Location loc, ValueRange values) -> Value {
        SmallVector<Value> place(operand.getRank());
        for (auto [dim, start] : llvm::zip(read, values)) {
          bool isUnsigned = hlo::isUnsigned(op, 1);
          place[dim] =
              hlo::clampIndex(b, loc, hlo::toIndex(b, loc, start, isUnsigned),
                              operand.getDimSize(dim) - sizes[dim], isUnsigned);
        }
        auto add = [&](int64_t dim, int64_t out) {
          Value index = linalg::IndexOp::create(b, loc, out);
          place[dim] =
              place[dim]
                  ? Value(arith::AddIOp::create(b, loc, place[dim], index))
                  : index;
        };
        for (auto [dim, out] : llvm::zip(kept, numbers.window))
          add(dim, out);
        for (auto [dim, index] :
             llvm::zip(numbers.batching, numbers.indexBatching))
          add(dim, numbers.outerOf(index, outer));
        for (Value &index : place)
          if (!index)
            index = arith::ConstantIndexOp::create(b, loc, 0);
        return tensor::ExtractOp::create(b, loc, op->getOperand(0), place);
      });
  rewriter.replaceOp(op, result);
  return success();
}

/// Scatter of any number of inputs, one update after the other.
struct Scatter {
  Operation *op;
  Numbers numbers;
  unsigned count;
  RankedTensorType type, indices, update;
  Block *body;
  bool failedOnce = false;

  ValueRange inputs() const { return op->getOperands().take_front(count); }
  ValueRange updates() const { return op->getOperands().take_back(count); }
  Value indexTensor() const { return op->getOperand(count); }

  LogicalResult check();
  /// Where the update at `at` goes, and whether that is inside.
  std::pair<SmallVector<Value>, Value> place(OpBuilder &b, Location loc,
                                             ValueRange at);
  SmallVector<Value> write(OpBuilder &b, Location loc, ValueRange at,
                           ValueRange state);
};

LogicalResult Scatter::check() {
  SmallVector<int64_t> kept = numbers.kept(type.getRank());
  SmallVector<int64_t> outer = numbers.outer(update.getRank());
  bool fits = isa<IntegerType>(indices.getElementType()) &&
              numbers.fits(type, indices, update.getRank());
  if (fits)
    for (auto [dim, out] : llvm::zip(kept, numbers.window))
      fits &= update.getDimSize(out) <= type.getDimSize(dim);
  if (fits)
    for (int64_t dim = 0; dim < indices.getRank(); ++dim)
      fits &= dim == numbers.vectorDim ||
              indices.getDimSize(dim) ==
                  update.getDimSize(numbers.outerOf(dim, outer));
  for (auto [input, other, result] :
       llvm::zip(inputs(), updates(), op->getResultTypes())) {
    auto in = dyn_cast<RankedTensorType>(input.getType());
    auto up = dyn_cast<RankedTensorType>(other.getType());
    fits &= in && up && in == result && in.getShape() == type.getShape() &&
            up.getShape() == update.getShape() &&
            up.getElementType() == in.getElementType();
  }
  if (!fits)
    return hlo::malformed(op, "dimension numbers that bring ")
           << update << " at " << indices << " into " << type;
  return success();
}

std::pair<SmallVector<Value>, Value> Scatter::place(OpBuilder &b, Location loc,
                                                    ValueRange at) {
  SmallVector<Value> place(type.getRank());
  SmallVector<int64_t> outer = numbers.outer(update.getRank());
  bool isUnsigned = hlo::isUnsigned(op, count);
  for (auto [i, dim] : llvm::enumerate(numbers.indexed)) {
    SmallVector<Value> component;
    for (int64_t index = 0; index < indices.getRank(); ++index)
      component.push_back(index == numbers.vectorDim
                              ? Value(arith::ConstantIndexOp::create(b, loc, i))
                              : at[numbers.outerOf(index, outer)]);
    Value start = tensor::ExtractOp::create(b, loc, indexTensor(), component);
    place[dim] = hlo::toIndex(b, loc, start, isUnsigned);
  }
  auto add = [&](int64_t dim, Value index) {
    place[dim] = place[dim]
                     ? Value(arith::AddIOp::create(b, loc, place[dim], index))
                     : index;
  };
  for (auto [dim, out] :
       llvm::zip(numbers.kept(type.getRank()), numbers.window))
    add(dim, at[out]);
  for (auto [dim, index] : llvm::zip(numbers.batching, numbers.indexBatching))
    add(dim, at[numbers.outerOf(index, outer)]);
  // What falls outside is not written.
  Value inside;
  for (auto [dim, index] : llvm::enumerate(place)) {
    if (!index) {
      index = arith::ConstantIndexOp::create(b, loc, 0);
      continue;
    }
    if (!llvm::is_contained(numbers.indexed, dim))
      continue;
    Value end = arith::ConstantIndexOp::create(b, loc, type.getDimSize(dim));
    Value fits =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index, end);
    inside = inside ? Value(arith::AndIOp::create(b, loc, inside, fits)) : fits;
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    index = arith::SelectOp::create(b, loc, fits, index, zero);
  }
  return {place, inside};
}

SmallVector<Value> Scatter::write(OpBuilder &b, Location loc, ValueRange at,
                                  ValueRange state) {
  auto [index, inside] = place(b, loc, at);
  SmallVector<Value> old, args;
  for (Value tensor : state)
    old.push_back(tensor::ExtractOp::create(b, loc, tensor, index));
  args = old;
  for (Value tensor : updates())
    args.push_back(tensor::ExtractOp::create(b, loc, tensor, at));
  FailureOr<SmallVector<Value>> combined =
      hlo::inlineScalars(b, loc, *body, args);
  if (failed(combined) || combined->size() != count) {
    failedOnce = true;
    return SmallVector<Value>(state);
  }
  SmallVector<Value> written;
  for (auto [next, before, tensor] : llvm::zip(*combined, old, state)) {
    Value value =
        inside ? Value(arith::SelectOp::create(b, loc, inside, next, before))
               : next;
    written.push_back(tensor::InsertOp::create(b, loc, value, tensor, index));
  }
  return written;
}

///   "stablehlo.scatter"(%x, %i, %u) { body }
///   =>  scf.for over all elements of %u { tensor.insert body(old, new) }
LogicalResult importScatter(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> types =
      hlo::tensorTypes(op, op->getOperandTypes());
  unsigned count = op->getNumResults();
  if (failed(types))
    return failure();
  if (count == 0 || op->getNumOperands() != 2 * count + 1 ||
      op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock() ||
      op->getRegion(0).getNumArguments() != 2 * count)
    return hlo::malformed(op, "inputs, indices, as many updates and results, "
                              "and a body of one block that combines them");
  hlo::Fields fields(op->getAttr("scatter_dimension_numbers"));
  auto copy = [&](StringRef name) { return llvm::to_vector(fields[name]); };
  Scatter scatter{op,
                  {copy("update_window_dims"), copy("inserted_window_dims"),
                   copy("input_batching_dims"),
                   copy("scatter_indices_batching_dims"),
                   copy("scatter_dims_to_operand_dims")},
                  count,
                  types->front(),
                  (*types)[count],
                  types->back(),
                  &op->getRegion(0).front()};
  if (!fields["index_vector_dim"].empty())
    scatter.numbers.vectorDim = fields["index_vector_dim"].front();
  if (failed(hlo::needsStatic(op, *types)) || failed(scatter.check()))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  if (scatter.update.getNumElements() == 0 ||
      scatter.type.getNumElements() == 0) {
    rewriter.replaceOp(op, scatter.inputs());
    return success();
  }
  Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  SmallVector<Value> lower(scatter.update.getRank(), zero);
  SmallVector<Value> step(scatter.update.getRank(), one), upper;
  for (int64_t size : scatter.update.getShape())
    upper.push_back(arith::ConstantIndexOp::create(rewriter, loc, size));
  if (upper.empty()) {
    SmallVector<Value> written =
        scatter.write(rewriter, loc, {}, scatter.inputs());
    if (scatter.failedOnce)
      return failure();
    rewriter.replaceOp(op, written);
    return success();
  }
  scf::LoopNest nest = scf::buildLoopNest(
      rewriter, loc, lower, upper, step, scatter.inputs(),
      [&](OpBuilder &b, Location loc, ValueRange at, ValueRange state) {
        return scatter.write(b, loc, at, state);
      });
  if (scatter.failedOnce)
    return failure();
  rewriter.replaceOp(op, nest.results);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::gatherImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.gather", importGather},
      {"stablehlo.scatter", importScatter},
  };
  return table;
}
