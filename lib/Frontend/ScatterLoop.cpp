// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/ScatterLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::moe;

std::optional<ScatterLoop> ScatterLoop::match(scf::ForOp root) {
  ScatterLoop scatter{root, {}, nullptr, nullptr};
  for (scf::ForOp loop = root; loop;) {
    if (loop.getNumResults() != 1 ||
        !isa<RankedTensorType>(loop.getResult(0).getType()) ||
        getConstantIntValue(loop.getLowerBound()) != 0 ||
        getConstantIntValue(loop.getStep()) != 1)
      return std::nullopt;
    scatter.loops.push_back(loop);
    scatter.target = loop.getRegionIterArg(0);
    Value yielded = loop.getYieldedValues().front();
    Operation *writer = yielded.getDefiningOp();
    if (!writer || writer->getBlock() != loop.getBody())
      return std::nullopt;
    loop = dyn_cast<scf::ForOp>(writer);
    if (loop) {
      if (loop.getNumResults() != 1 ||
          loop.getInitArgs().front() != scatter.target)
        return std::nullopt;
      continue;
    }
    auto insert = dyn_cast<tensor::InsertOp>(writer);
    auto slice = dyn_cast<tensor::InsertSliceOp>(writer);
    if ((!insert || insert.getDest() != scatter.target) &&
        (!slice || slice.getDest() != scatter.target))
      return std::nullopt;
    scatter.write = writer;
  }
  return scatter;
}

int64_t ScatterLoop::getExtent(size_t number) const {
  scf::ForOp loop = loops[number];
  return getConstantIntValue(loop.getUpperBound())
      .value_or(ShapedType::kDynamic);
}

namespace {
Expr evaluate(ElementTracer &tracer, OpFoldResult number,
              DenseMap<Value, Expr> &known) {
  if (auto value = dyn_cast<Value>(number))
    return tracer.evaluate(value, known);
  return tracer.getContext().index(
      cast<IntegerAttr>(cast<Attribute>(number)).getInt());
}

/// Offsets of a slice of one element; none if it has more.
std::optional<SmallVector<Expr>> placeOf(ElementTracer &tracer,
                                         OffsetSizeAndStrideOpInterface slice,
                                         DenseMap<Value, Expr> &known) {
  for (OpFoldResult size : slice.getMixedSizes())
    if (Expr expr = evaluate(tracer, size, known); !expr || !expr->isIndex(1))
      return std::nullopt;
  SmallVector<Expr> place;
  for (OpFoldResult offset : slice.getMixedOffsets()) {
    place.push_back(evaluate(tracer, offset, known));
    if (!place.back())
      return std::nullopt;
  }
  return place;
}
} // namespace

std::optional<ScatterLoop::Element>
ScatterLoop::at(ElementTracer &tracer, ArrayRef<Expr> indices) const {
  DenseMap<Value, Expr> known;
  for (auto [loop, index] : llvm::zip(loops, indices))
    known[scf::ForOp(loop).getInductionVar()] = index;
  Element element;
  if (auto insert = dyn_cast<tensor::InsertOp>(write)) {
    for (Value index : insert.getIndices())
      element.place.push_back(tracer.evaluate(index, known));
    element.value = tracer.evaluate(insert.getScalar(), known);
  } else {
    auto slice = cast<tensor::InsertSliceOp>(write);
    auto source = slice.getSource().getDefiningOp<tensor::ExtractSliceOp>();
    if (!source || source->getBlock() != slice->getBlock())
      return std::nullopt;
    std::optional<SmallVector<Expr>> from = placeOf(tracer, source, known);
    std::optional<SmallVector<Expr>> to = placeOf(tracer, slice, known);
    if (!from || !to)
      return std::nullopt;
    element.place = *to;
    element.value = tracer.at(source.getSource(), *from);
  }
  if (!element.value || llvm::is_contained(element.place, nullptr))
    return std::nullopt;
  return element;
}

Expr ScatterLoop::addend(ElementTracer &tracer, const Element &element) const {
  Expr old = tracer.getContext().element(target, element.place);
  Expr sum = element.value;
  // A narrow sum may be computed wider.
  bool isRounded = sum->is<arith::TruncFOp>();
  if (isRounded)
    sum = sum->operands[0];
  if (!sum->is<arith::AddFOp>() && !sum->is<arith::AddIOp>())
    return nullptr;
  for (unsigned side : {0, 1}) {
    Expr before = sum->operands[side], added = sum->operands[1 - side];
    if (isRounded) {
      if (!before->is<arith::ExtFOp>() || !added->is<arith::ExtFOp>())
        return nullptr;
      before = before->operands[0];
      added = added->operands[0];
    }
    if (before == old && !tracer.getContext().dependsOn(added, old))
      return added;
  }
  return nullptr;
}
