// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/WindowSum.h"

#include "moe/Frontend/Matchers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
bool isZero(Value value) {
  if (auto extract = value.getDefiningOp<tensor::ExtractOp>())
    value = extract.getTensor();
  ElementExprContext context;
  ElementTracer tracer(context);
  SmallVector<Expr> indices;
  if (isa<RankedTensorType>(value.getType()))
    indices = tracer.indicesOf(value);
  Expr element = tracer.at(value, indices);
  return element->isIndex(0) || isConstant(element, 0);
}

RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// `source` with so many zeros before and behind it.
std::optional<WindowSum> amongZeros(Value source, int64_t axis, int64_t low,
                                    int64_t high) {
  WindowSum sum = matchWindowSum(source, axis);
  int64_t size = typeOf(source).getDimSize(axis);
  int64_t sourceSize = typeOf(sum.source).getDimSize(axis);
  // Where there is padding the window has nothing to sum either.
  if ((low > 0 && sum.high > 0) || (high > 0 && (ShapedType::isDynamic(size) ||
                                                 size + sum.low < sourceSize)))
    return std::nullopt;
  return WindowSum{sum.source, sum.low - low, sum.high - low};
}

std::optional<WindowSum> throughPad(tensor::PadOp pad, int64_t axis) {
  auto padding = pad.getConstantPaddingValue();
  if (!padding || !isZero(padding))
    return std::nullopt;
  int64_t low = 0, high = 0;
  for (int64_t i = 0; i < pad.getResultType().getRank(); ++i) {
    std::optional<int64_t> before =
        getConstantIntValue(pad.getMixedLowPad()[i]);
    std::optional<int64_t> after =
        getConstantIntValue(pad.getMixedHighPad()[i]);
    if (!before || !after || (i != axis && (*before || *after)))
      return std::nullopt;
    if (i == axis) {
      low = *before;
      high = *after;
    }
  }
  return amongZeros(pad.getSource(), axis, low, high);
}

/// Padding by another name: all of a tensor, written over zeros.
std::optional<WindowSum> throughInsert(tensor::InsertSliceOp insert,
                                       int64_t axis) {
  RankedTensorType from = insert.getSourceType(), to = insert.getDestType();
  if (!isZero(insert.getDest()) || from.getRank() != to.getRank() ||
      !from.hasStaticShape() || !to.hasStaticShape() || !insert.hasUnitStride())
    return std::nullopt;
  for (int64_t i = 0; i < to.getRank(); ++i)
    if (i != axis && from.getDimSize(i) != to.getDimSize(i))
      return std::nullopt;
  int64_t low = insert.getStaticOffsets()[axis];
  if (ShapedType::isDynamic(low))
    return std::nullopt;
  return amongZeros(insert.getSource(), axis, low,
                    to.getDimSize(axis) - from.getDimSize(axis) - low);
}

std::optional<WindowSum> throughSlice(tensor::ExtractSliceOp slice,
                                      int64_t axis) {
  auto from = slice.getSourceType();
  if (slice.getType().getRank() != from.getRank() || !slice.hasUnitStride())
    return std::nullopt;
  for (int64_t i = 0; i < from.getRank(); ++i)
    if (i != axis && (slice.getStaticOffsets()[i] != 0 ||
                      slice.getType().getDimSize(i) != from.getDimSize(i) ||
                      from.isDynamicDim(i)))
      return std::nullopt;
  int64_t offset = slice.getStaticOffsets()[axis];
  if (ShapedType::isDynamic(offset))
    return std::nullopt;
  WindowSum sum = matchWindowSum(slice.getSource(), axis);
  return WindowSum{sum.source, sum.low + offset, sum.high + offset};
}

/// Two windows side by side.
std::optional<WindowSum> joined(WindowSum a, WindowSum b) {
  if (a.low > b.low)
    std::swap(a, b);
  if (a.source != b.source || a.high + 1 != b.low)
    return std::nullopt;
  return WindowSum{a.source, a.low, b.high};
}

/// Whether `op` adds its two inputs, or one and what it accumulates.
bool isAddition(linalg::LinalgOp op, unsigned numInputs) {
  if (op->getNumResults() != 1 || op.getNumDpsInputs() < numInputs)
    return false;
  Operation *add =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(add))
    return false;
  Value in = op.getBlock()->getArgument(0);
  Value other = numInputs == 2 ? Value(op.getBlock()->getArgument(1))
                               : Value(op.getRegionOutputArgs().front());
  return (add->getOperand(0) == in && add->getOperand(1) == other) ||
         (add->getOperand(1) == in && add->getOperand(0) == other);
}

std::optional<WindowSum> throughLinalg(linalg::LinalgOp op, int64_t axis) {
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (op.getNumReductionLoops() == 0) {
    if (!isAddition(op, 2) || op.getNumDpsInputs() != 2)
      return std::nullopt;
    for (OpOperand &operand : op->getOpOperands())
      if (!op.getMatchingIndexingMap(&operand).isIdentity() ||
          operand.get().getType() != op->getResult(0).getType())
        return std::nullopt;
    return joined(matchWindowSum(op.getDpsInputOperand(0)->get(), axis),
                  matchWindowSum(op.getDpsInputOperand(1)->get(), axis));
  }
  // A window of elements is summed: in[.., t + r, ..]. The others of its inputs
  // say no more than how long it is.
  if (op.getNumReductionLoops() != 1 || !isAddition(op, 1) ||
      !isZero(op.getDpsInits().front()))
    return std::nullopt;
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  AffineMap in = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  if (in.getNumResults() != out.getNumResults())
    return std::nullopt;
  MLIRContext *context = op->getContext();
  for (int64_t i = 0; i < in.getNumResults(); ++i) {
    AffineExpr expected = out.getResult(i);
    if (i == axis)
      expected = expected + getAffineDimExpr(reduced.front(), context);
    if (simplifyAffineExpr(in.getResult(i) - expected, in.getNumDims(), 0) !=
        getAffineConstantExpr(0, context))
      return std::nullopt;
  }
  WindowSum sum = matchWindowSum(op.getDpsInputOperand(0)->get(), axis);
  int64_t length = op.getStaticLoopRanges()[reduced.front()];
  if (ShapedType::isDynamic(length) || sum.low != sum.high)
    return std::nullopt;
  return WindowSum{sum.source, sum.low, sum.high + length - 1};
}

/// A reduction that reads its elements by number, where there are some:
///
///   sum over r of (t + r - c in range ? in[.., t + r - c, ..] : 0)
std::optional<WindowSum> throughMaskedReads(linalg::GenericOp op,
                                            int64_t axis) {
  auto extracts = op.getBody()->getOps<tensor::ExtractOp>();
  if (op->getNumResults() != 1 || !llvm::hasSingleElement(extracts))
    return std::nullopt;
  Value source = (*extracts.begin()).getTensor();
  if (source.getType() != op->getResult(0).getType() ||
      !typeOf(source).hasStaticShape())
    return std::nullopt;
  ElementExprContext context;
  ElementTracer tracer(context);
  tracer.stopAt(source);
  SmallVector<Expr> indices = tracer.indicesOf(source);
  std::optional<Reduction> sum =
      tracer.expand(context.element(op->getResult(0), indices));
  if (!sum || !isa<arith::AddFOp, arith::AddIOp>(sum->combiner) ||
      !isZero(op.getDpsInits().front()))
    return std::nullopt;
  llvm::erase_if(sum->vars,
                 [](Expr var) { return var->kind != ElementExpr::Kind::Var; });
  if (sum->vars.size() != 1 || !sum->term->is<arith::SelectOp>())
    return std::nullopt;
  Expr inside = sum->term->operands[0], read = sum->term->operands[1];
  if (read->kind != ElementExpr::Kind::Element || read->value != source)
    return std::nullopt;
  SmallVector<Expr> place(read->operands);
  // Where it is not in range any other element is read.
  if (place[axis]->is<arith::SelectOp>() && place[axis]->operands[0] == inside)
    place[axis] = place[axis]->operands[1];
  Expr at = context.add(indices[axis], sum->vars[0]);
  Expr shift = context.add(place[axis], context.scale(at, -1));
  indices[axis] = place[axis];
  int64_t size = typeOf(source).getDimSize(axis);
  auto predicate = inside->is<arith::CmpIOp>()
                       ? cast<DictionaryAttr>(inside->attribute)
                             .getAs<arith::CmpIPredicateAttr>("predicate")
                       : arith::CmpIPredicateAttr();
  if (place != indices || shift->kind != ElementExpr::Kind::Linear ||
      !shift->operands.empty() || !predicate ||
      predicate.getValue() != arith::CmpIPredicate::ult ||
      inside->operands[0] != place[axis] || !inside->operands[1]->isIndex(size))
    return std::nullopt;
  WindowSum window{source, shift->constant,
                   shift->constant + sum->vars[0]->extent - 1};
  // What is in range of the tensor has to be all there is of another.
  WindowSum before = matchWindowSum(source, axis);
  if (before.low != before.high || before.low > 0 ||
      size + before.low < typeOf(before.source).getDimSize(axis))
    return window;
  return WindowSum{before.source, window.low + before.low,
                   window.high + before.low};
}

/// The slice at the loop index along `axis`, whole otherwise.
template <typename SliceOp>
bool isSliceAt(SliceOp slice, Value index, int64_t axis) {
  for (auto [i, offset] : llvm::enumerate(slice.getMixedOffsets())) {
    if (static_cast<int64_t>(i) == axis) {
      if (dyn_cast<Value>(offset) != index)
        return false;
    } else if (getConstantIntValue(offset) != 0) {
      return false;
    }
  }
  return getConstantIntValue(slice.getMixedSizes()[axis]) == 1 &&
         slice.hasUnitStride();
}

/// A loop that goes through all of `axis` and carries the sum so far.
std::optional<WindowSum> throughLoop(scf::ForOp loop, unsigned result,
                                     int64_t axis) {
  if (result != 0 || loop.getNumResults() != 2 ||
      getConstantIntValue(loop.getLowerBound()) != 0 ||
      getConstantIntValue(loop.getStep()) != 1)
    return std::nullopt;
  Value carried = loop.getRegionIterArg(1);
  auto write =
      loop.getYieldedValues()[0].getDefiningOp<tensor::InsertSliceOp>();
  auto next = loop.getYieldedValues()[1].getDefiningOp<linalg::GenericOp>();
  if (!write || write.getDest() != loop.getRegionIterArg(0) || !next ||
      next.getNumReductionLoops() != 0 || next.getNumDpsInputs() != 1 ||
      next->getNumResults() != 1 || next.getDpsInits().front() != carried ||
      !isSliceAt(write, loop.getInductionVar(), axis))
    return std::nullopt;
  auto read =
      next.getDpsInputOperand(0)->get().getDefiningOp<tensor::ExtractSliceOp>();
  if (!read || !isSliceAt(read, loop.getInductionVar(), axis) ||
      !llvm::all_of(next.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return std::nullopt;
  // All of it.
  Value input = read.getSource();
  std::optional<int64_t> end = getConstantIntValue(loop.getUpperBound());
  if (auto dim = loop.getUpperBound().getDefiningOp<tensor::DimOp>();
      !end && dim && dim.getSource() == input && dim.getConstantIndex() == axis)
    end = typeOf(input).getDimSize(axis);
  if (!end || *end != typeOf(input).getDimSize(axis) ||
      typeOf(input).isDynamicDim(axis))
    return std::nullopt;
  // The first step may take its slice as it is.
  Value sum = next.getBody()->getTerminator()->getOperand(0);
  bool startsFromFirst = false;
  if (auto select = sum.getDefiningOp<arith::SelectOp>()) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpIOp>();
    if (!compare || compare.getPredicate() != arith::CmpIPredicate::eq ||
        compare.getLhs() != loop.getInductionVar() ||
        !matchPattern(compare.getRhs(), m_Zero()) ||
        select.getTrueValue() != next.getBody()->getArgument(0))
      return std::nullopt;
    startsFromFirst = true;
    sum = select.getFalseValue();
  }
  Operation *add = sum.getDefiningOp();
  Value in = next.getBody()->getArgument(0),
        out = next.getBody()->getArgument(1);
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(add) ||
      !((add->getOperand(0) == in && add->getOperand(1) == out) ||
        (add->getOperand(0) == out && add->getOperand(1) == in)))
    return std::nullopt;
  bool inclusive = write.getSource() == next->getResult(0);
  if ((!inclusive && write.getSource() != carried) ||
      (!(inclusive && startsFromFirst) && !isZero(loop.getInitArgs()[1])))
    return std::nullopt;
  WindowSum before = matchWindowSum(input, axis);
  if (before.low != before.high)
    return std::nullopt;
  return WindowSum{before.source, before.low - *end + (inclusive ? 1 : 0),
                   before.high - (inclusive ? 0 : 1)};
}
} // namespace

WindowSum moe::matchWindowSum(Value value, int64_t axis) {
  WindowSum own{value, 0, 0};
  Operation *op = value.getDefiningOp();
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(op))
    return throughPad(pad, axis).value_or(own);
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(op))
    return throughInsert(insert, axis).value_or(own);
  if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(op))
    return throughSlice(slice, axis).value_or(own);
  if (auto generic = dyn_cast_or_null<linalg::GenericOp>(op))
    if (std::optional<WindowSum> sum = throughMaskedReads(generic, axis))
      return *sum;
  if (auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op))
    return throughLinalg(linalgOp, axis).value_or(own);
  if (auto loop = dyn_cast_or_null<scf::ForOp>(op))
    return throughLoop(loop, cast<OpResult>(value).getResultNumber(), axis)
        .value_or(own);
  return own;
}
