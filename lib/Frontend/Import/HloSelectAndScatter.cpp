// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HloWindows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Of each window one element is selected; what is scattered is combined there.
struct SelectAndScatter {
  Operation *op;
  hlo::Windows windows;
  RankedTensorType operand, source;

  Value input() const { return op->getOperand(0); }
  LogicalResult check();
  FailureOr<Value> select(OpBuilder &b) const;
  FailureOr<Value> scatter(OpBuilder &b, Value selected) const;
};

bool isCombiner(Region &region) {
  return region.hasOneBlock() && region.getNumArguments() == 2;
}

LogicalResult SelectAndScatter::check() {
  FailureOr<SmallVector<RankedTensorType>> types =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(types))
    return failure();
  if (types->size() != 3 || op->getNumResults() != 1 ||
      op->getNumRegions() != 2 || !isCombiner(op->getRegion(0)) ||
      !isCombiner(op->getRegion(1)))
    return hlo::malformed(op, "an operand, a source, an initial value, and two "
                              "bodies of one block and two arguments");
  operand = (*types)[0];
  source = (*types)[1];
  if (failed(hlo::needsStatic(op, operand)))
    return failure();
  std::optional<hlo::Windows> read = hlo::Windows::read(op, operand.getRank());
  if (!read)
    return hlo::malformed(op, "positive window sizes and strides, and two "
                              "paddings, for each dimension");
  windows = *read;
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(operand.getShape()))
    shape.push_back(windows.count(dim, size));
  if (source != RankedTensorType::get(shape, operand.getElementType()) ||
      (*types)[2] != RankedTensorType::get({}, operand.getElementType()) ||
      op->getResult(0).getType() != operand)
    return hlo::malformed(op, "windows that take ")
           << operand << " to " << source << " and back to "
           << op->getResult(0).getType();
  return success();
}

/// For each window the number of the element, in row-major order; -1 where all
/// of it is padding.
FailureOr<Value> SelectAndScatter::select(OpBuilder &b) const {
  Location loc = op->getLoc();
  Type element = operand.getElementType();
  Value none = arith::ConstantIntOp::create(b, loc, -1, 64);
  RankedTensorType numbers = source.clone(source.getShape(), b.getI64Type());
  Value inits[] = {
      hlo::buildFill(b, loc, source, hlo::buildZero(b, loc, element)),
      hlo::buildFill(b, loc, numbers, none)};
  Value window = tensor::EmptyOp::create(b, loc, windows.sizes, element);
  SmallVector<AffineMap> maps;
  SmallVector<utils::IteratorType> iterators;
  windows.loops(b.getContext(), maps, iterators);
  maps.push_back(maps.back());
  bool failedOnce = false;
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{source, numbers}, window, inits, maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange scalars) {
        auto [place, inside] = windows.element(b, loc, operand.getShape());
        Value best = scalars[1], number = scalars[2];
        Value value = tensor::ExtractOp::create(b, loc, input(), place);
        FailureOr<SmallVector<Value>> keeps =
            hlo::inlineScalars(b, loc, op->getRegion(0).front(), {best, value});
        failedOnce = failed(keeps);
        if (!failedOnce &&
            (keeps->size() != 1 || !keeps->front().getType().isInteger(1))) {
          hlo::malformed(op, "a selection that returns one i1");
          failedOnce = true;
        }
        if (failedOnce) {
          linalg::YieldOp::create(b, loc, scalars.drop_front());
          return;
        }
        Value isFirst =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, number,
                                  arith::ConstantIntOp::create(b, loc, -1, 64));
        Value never = arith::ConstantOp::create(b, loc, b.getBoolAttr(false));
        Value keep =
            arith::SelectOp::create(b, loc, isFirst, never, keeps->front());
        Value takes = arith::SelectOp::create(b, loc, keep, never, inside);
        Value linear = arith::ConstantIndexOp::create(b, loc, 0);
        for (auto [index, size] : llvm::zip(place, operand.getShape())) {
          Value factor = arith::ConstantIndexOp::create(b, loc, size);
          linear = arith::MulIOp::create(b, loc, linear, factor);
          linear = arith::AddIOp::create(b, loc, linear, index);
        }
        linear = arith::IndexCastOp::create(b, loc, b.getI64Type(), linear);
        Value next[] = {arith::SelectOp::create(b, loc, takes, value, best),
                        arith::SelectOp::create(b, loc, takes, linear, number)};
        linalg::YieldOp::create(b, loc, next);
      });
  if (failedOnce)
    return failure();
  return generic.getResult(1);
}

/// One element of the source after the other, into the initial value.
FailureOr<Value> SelectAndScatter::scatter(OpBuilder &b, Value selected) const {
  Location loc = op->getLoc();
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value empty = tensor::EmptyOp::create(b, loc, operand, ValueRange());
  Value init = hlo::buildFilled(b, loc, op->getOperand(2), empty);
  SmallVector<Value> upper;
  for (int64_t size : source.getShape())
    upper.push_back(number(size));
  SmallVector<Value> lower(upper.size(), number(0)),
      step(upper.size(), number(1));
  bool failedOnce = false;
  auto write = [&](OpBuilder &b, Location loc, ValueRange at,
                   ValueRange state) -> SmallVector<Value> {
    Value linear = tensor::ExtractOp::create(b, loc, selected, at);
    Value zero = arith::ConstantIntOp::create(b, loc, 0, 64);
    Value isSelected =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, linear, zero);
    linear = arith::MaxSIOp::create(b, loc, linear, zero);
    linear = arith::IndexCastOp::create(b, loc, b.getIndexType(), linear);
    SmallVector<Value> place(operand.getRank());
    for (int64_t dim = operand.getRank() - 1; dim >= 0; --dim) {
      Value size =
          arith::ConstantIndexOp::create(b, loc, operand.getDimSize(dim));
      place[dim] = arith::RemUIOp::create(b, loc, linear, size);
      linear = arith::DivUIOp::create(b, loc, linear, size);
    }
    Value old = tensor::ExtractOp::create(b, loc, state[0], place);
    Value update = tensor::ExtractOp::create(b, loc, op->getOperand(1), at);
    FailureOr<SmallVector<Value>> next =
        hlo::inlineScalars(b, loc, op->getRegion(1).front(), {old, update});
    failedOnce = failed(next);
    if (!failedOnce &&
        (next->size() != 1 || next->front().getType() != old.getType())) {
      hlo::malformed(op, "a scatter that returns ") << old.getType();
      failedOnce = true;
    }
    if (failedOnce)
      return {state[0]};
    Value value =
        arith::SelectOp::create(b, loc, isSelected, next->front(), old);
    return {tensor::InsertOp::create(b, loc, value, state[0], place)};
  };
  Value result = upper.empty() ? write(b, loc, {}, init).front()
                               : scf::buildLoopNest(b, loc, lower, upper, step,
                                                    init, write)
                                     .results.front();
  if (failedOnce)
    return failure();
  return result;
}

///   "stablehlo.select_and_scatter"(%x, %source, %init) { select } { scatter }
///   =>  linalg.generic over windows { select }, scf.for { scatter }
LogicalResult importSelectAndScatter(Operation *op, RewriterBase &rewriter) {
  SelectAndScatter work{op, {}, {}, {}};
  if (failed(work.check()))
    return failure();
  rewriter.setInsertionPoint(op);
  if (work.operand.getNumElements() == 0 || work.source.getNumElements() == 0) {
    Value empty = tensor::EmptyOp::create(rewriter, op->getLoc(), work.operand,
                                          ValueRange());
    rewriter.replaceOp(
        op, hlo::buildFilled(rewriter, op->getLoc(), op->getOperand(2), empty));
    return success();
  }
  FailureOr<Value> selected = work.select(rewriter);
  if (failed(selected))
    return failure();
  FailureOr<Value> result = work.scatter(rewriter, *selected);
  if (failed(result))
    return failure();
  rewriter.replaceOp(op, *result);
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::selectAndScatterImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.select_and_scatter", importSelectAndScatter},
  };
  return table;
}
