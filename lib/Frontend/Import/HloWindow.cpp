// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HloWindows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

std::optional<hlo::Windows> hlo::Windows::read(Operation *op, int64_t rank) {
  auto list = [&](StringRef name) {
    SmallVector<int64_t> values = hlo::integers(op, name);
    // Not printed where all are one.
    if (values.empty())
      values.assign(rank, 1);
    return values;
  };
  Windows windows{list("window_dimensions"),
                  list("window_strides"),
                  list("base_dilations"),
                  list("window_dilations"),
                  {},
                  {}};
  if (static_cast<int64_t>(windows.sizes.size()) != rank ||
      !windows.pad(integers(op, "padding")) || !windows.isPositive())
    return std::nullopt;
  return windows;
}

bool hlo::Windows::pad(SmallVector<int64_t> padding) {
  size_t rank = sizes.size();
  if (padding.empty())
    padding.assign(2 * rank, 0);
  if (padding.size() != 2 * rank)
    return false;
  for (size_t dim = 0; dim < rank; ++dim) {
    low.push_back(padding[2 * dim]);
    high.push_back(padding[2 * dim + 1]);
  }
  return true;
}

bool hlo::Windows::isPositive() const {
  for (const SmallVector<int64_t> *values :
       {&sizes, &strides, &baseDilations, &windowDilations})
    if (values->size() != low.size() ||
        llvm::any_of(*values, [](int64_t value) { return value < 1; }))
      return false;
  return true;
}

int64_t hlo::Windows::count(int64_t dim, int64_t size) const {
  int64_t dilated = size == 0 ? 0 : (size - 1) * baseDilations[dim] + 1;
  int64_t padded = low[dim] + dilated + high[dim];
  int64_t window =
      sizes[dim] == 0 ? 0 : (sizes[dim] - 1) * windowDilations[dim] + 1;
  if (padded <= 0 || padded < window)
    return 0;
  return (padded - window) / strides[dim] + 1;
}

std::pair<Value, Value> hlo::Windows::place(OpBuilder &b, Location loc,
                                            int64_t dim, int64_t size,
                                            Value window, Value part) const {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto times = [&](Value value, int64_t factor) -> Value {
    return factor == 1 ? value
                       : arith::MulIOp::create(b, loc, value, number(factor));
  };
  Value index = arith::AddIOp::create(b, loc, times(window, strides[dim]),
                                      times(part, windowDilations[dim]));
  if (low[dim] != 0)
    index = arith::SubIOp::create(b, loc, index, number(low[dim]));
  int64_t base = baseDilations[dim];
  Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index,
                                       number((size - 1) * base + 1));
  index = arith::SelectOp::create(b, loc, inside, index, number(0));
  if (base != 1) {
    // Only every base-th place holds an element.
    Value rest = arith::RemUIOp::create(b, loc, index, number(base));
    Value isElement = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                            rest, number(0));
    inside = arith::AndIOp::create(b, loc, inside, isElement);
    index = arith::DivUIOp::create(b, loc, index, number(base));
  }
  return {index, inside};
}

std::pair<SmallVector<Value>, Value>
hlo::Windows::element(OpBuilder &b, Location loc,
                      ArrayRef<int64_t> shape) const {
  int64_t rank = shape.size();
  Value inside = arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  SmallVector<Value> element;
  for (int64_t dim = 0; dim < rank; ++dim) {
    Value window = linalg::IndexOp::create(b, loc, dim);
    Value part = linalg::IndexOp::create(b, loc, rank + dim);
    auto [index, fits] = place(b, loc, dim, shape[dim], window, part);
    inside = arith::AndIOp::create(b, loc, inside, fits);
    element.push_back(index);
  }
  return {element, inside};
}

void hlo::Windows::loops(MLIRContext *context, SmallVector<AffineMap> &maps,
                         SmallVector<utils::IteratorType> &iterators) const {
  int64_t rank = sizes.size();
  SmallVector<AffineExpr> outer, inner;
  for (int64_t dim = 0; dim < rank; ++dim) {
    outer.push_back(mlir::getAffineDimExpr(dim, context));
    inner.push_back(mlir::getAffineDimExpr(rank + dim, context));
  }
  maps = {AffineMap::get(2 * rank, 0, inner, context),
          AffineMap::get(2 * rank, 0, outer, context)};
  iterators.assign(rank, utils::IteratorType::parallel);
  iterators.append(rank, utils::IteratorType::reduction);
}

namespace {
LogicalResult checkTypes(Operation *op, ArrayRef<RankedTensorType> types,
                         const hlo::Windows &windows) {
  unsigned count = op->getNumResults();
  RankedTensorType first = types.front();
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(first.getShape()))
    shape.push_back(windows.count(dim, size));
  for (unsigned i = 0; i < count; ++i) {
    auto result = dyn_cast<RankedTensorType>(op->getResultTypes()[i]);
    Type element = types[i].getElementType();
    if (types[i].getShape() != first.getShape() ||
        types[count + i].getRank() != 0 || !result ||
        result.getShape() != ArrayRef<int64_t>(shape) ||
        types[count + i].getElementType() != element ||
        result.getElementType() != element)
      return hlo::malformed(op, "windows that take ")
             << first << " to " << op->getResultTypes()[i];
  }
  return success();
}

///   "stablehlo.reduce_window"(%x, %init) { body }
///   =>  linalg.generic over windows and their elements { tensor.extract %x,
///       body }
LogicalResult importReduceWindow(Operation *op, RewriterBase &rewriter) {
  FailureOr<SmallVector<RankedTensorType>> types =
      hlo::tensorTypes(op, op->getOperandTypes());
  unsigned count = op->getNumResults();
  if (failed(types))
    return failure();
  if (count == 0 || op->getNumOperands() != 2 * count ||
      op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock() ||
      op->getRegion(0).getNumArguments() != 2 * count)
    return hlo::malformed(op, "inputs, as many initial values and results, and "
                              "a body of one block that combines them");
  RankedTensorType type = types->front();
  int64_t rank = type.getRank();
  if (failed(hlo::needsStatic(op, type)))
    return failure();
  std::optional<hlo::Windows> windows = hlo::Windows::read(op, rank);
  if (!windows)
    return hlo::malformed(op, "positive window sizes, strides and dilations, "
                              "and two paddings, for each dimension");
  if (failed(checkTypes(op, *types, *windows)))
    return failure();

  rewriter.setInsertionPoint(op);
  Location loc = op->getLoc();
  ValueRange inputs = op->getOperands().take_front(count);
  SmallVector<Value> inits;
  for (auto [init, resultType] :
       llvm::zip(op->getOperands().drop_front(count), op->getResultTypes())) {
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, cast<RankedTensorType>(resultType), ValueRange());
    inits.push_back(hlo::buildFilled(rewriter, loc, init, empty));
  }
  if (type.getNumElements() == 0 ||
      cast<RankedTensorType>(op->getResultTypes()[0]).getNumElements() == 0) {
    rewriter.replaceOp(op, inits);
    return success();
  }
  // Only its shape is read: the loops over a window.
  Value window = tensor::EmptyOp::create(rewriter, loc, windows->sizes,
                                         type.getElementType());
  SmallVector<AffineMap> maps;
  SmallVector<utils::IteratorType> iterators;
  windows->loops(rewriter.getContext(), maps, iterators);
  maps.append(count - 1, maps.back());
  bool failedOnce = false;
  auto generic = linalg::GenericOp::create(
      rewriter, loc, op->getResultTypes(), window, inits, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        auto [place, inside] = windows->element(b, loc, type.getShape());
        ValueRange sums = scalars.drop_front();
        SmallVector<Value> args(sums);
        for (Value input : inputs)
          args.push_back(tensor::ExtractOp::create(b, loc, input, place));
        FailureOr<SmallVector<Value>> next =
            hlo::inlineScalars(b, loc, op->getRegion(0).front(), args);
        failedOnce = failed(next) || next->size() != count;
        SmallVector<Value> yielded(sums);
        if (!failedOnce)
          for (auto [value, after, before] : llvm::zip(yielded, *next, sums))
            value = arith::SelectOp::create(b, loc, inside, after, before);
        linalg::YieldOp::create(b, loc, yielded);
      });
  if (failedOnce)
    return failure();
  rewriter.replaceOp(op, generic);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::windowImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.reduce_window", importReduceWindow},
  };
  return table;
}
