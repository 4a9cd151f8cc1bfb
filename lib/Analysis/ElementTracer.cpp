// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Analysis/ElementTracer.h"

#include "Indices.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mlir::moe;

/// A linalg op being read: its loop indices and what its body already gave.
struct ElementTracer::Loops {
  linalg::LinalgOp op;
  SmallVector<Expr> indices;
  DenseMap<Value, Expr> scalars;
};

namespace {
/// What is known of the integers in a tensor.
std::optional<IntRange> knownRange(Value value) {
  // No tensor is longer than memory.
  if (value.getDefiningOp<tensor::DimOp>())
    return IntRange{0, int64_t(1) << 48};
  // The same ids in another shape or type.
  while (isa_and_nonnull<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                         arith::ExtSIOp, arith::ExtUIOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  auto select = value.getDefiningOp<SelectOp>();
  if (!select || !select.fillsSlots())
    return std::nullopt;
  return IntRange{0, select.getKey().getType().getDimSize(1) - 1};
}

/// Dimension `loop` of the op's iteration space, as the SSA value that a
/// tensor.empty was given for it.
Value dynamicExtent(linalg::LinalgOp op, unsigned loop) {
  for (OpOperand &init : op.getDpsInitsMutable()) {
    auto empty = init.get().getDefiningOp<tensor::EmptyOp>();
    if (!empty)
      continue;
    AffineMap map = op.getMatchingIndexingMap(&init);
    for (auto [i, expr] : llvm::enumerate(map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (dim && dim.getPosition() == loop && empty.getType().isDynamicDim(i))
        return empty.getDynamicSize(i);
    }
  }
  return nullptr;
}

/// Exporters broadcast a dimension of unknown size n by reading index 0 where
/// n == 1 and the loop index otherwise; those are the same index.
std::optional<unsigned> matchSizeOneBroadcast(arith::SelectOp op,
                                              linalg::LinalgOp linalgOp) {
  auto compare = op.getCondition().getDefiningOp<arith::CmpIOp>();
  auto loop = op.getFalseValue().getDefiningOp<linalg::IndexOp>();
  if (!compare || compare.getPredicate() != arith::CmpIPredicate::eq || !loop ||
      !matchPattern(op.getTrueValue(), m_Zero()))
    return std::nullopt;
  Value size = compare.getLhs();
  if (!matchPattern(compare.getRhs(), m_One())) {
    size = compare.getRhs();
    if (!matchPattern(compare.getLhs(), m_One()))
      return std::nullopt;
  }
  unsigned dim = loop.getDim();
  if (size != dynamicExtent(linalgOp, dim))
    return std::nullopt;
  return dim;
}

/// Every element of a scalar or splat constant, and of another one the element
/// at `indices` where these are numbers; null if that says nothing.
Expr constantElement(ElementExprContext &context, arith::ConstantOp op,
                     ArrayRef<Expr> indices = {}) {
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!dense)
    return context.number(op.getValue());
  if (dense.isSplat())
    return context.number(dense.getSplatValue<Attribute>());
  SmallVector<uint64_t> place;
  for (auto [index, size] : llvm::zip(indices, dense.getType().getShape())) {
    if (index->kind != ElementExpr::Kind::Linear || !index->operands.empty() ||
        index->constant < 0 || index->constant >= size)
      return nullptr;
    place.push_back(index->constant);
  }
  if (static_cast<int64_t>(place.size()) != dense.getType().getRank())
    return nullptr;
  return context.number(dense.getValues<Attribute>()[place]);
}

/// An integer constant that is base + sum of step * index, as the positions 0,
/// 2, 4, ... of interleaved columns are; null for any other constant.
Expr affineConstantElement(ElementExprContext &context, arith::ConstantOp op,
                           ArrayRef<Expr> indices) {
  auto dense = dyn_cast<DenseIntElementsAttr>(op.getValue());
  if (!dense || dense.empty() || dense.getElementType().isInteger(1))
    return nullptr;
  ArrayRef<int64_t> shape = dense.getType().getShape();
  SmallVector<int64_t> strides = computeSuffixProduct(shape);
  auto values = dense.getValues<APInt>();
  auto valueAt = [&](int64_t position) {
    return values[position].getSExtValue();
  };
  int64_t base = valueAt(0);
  SmallVector<int64_t> steps;
  for (auto [size, stride] : llvm::zip(shape, strides))
    steps.push_back(size > 1 ? valueAt(stride) - base : 0);
  for (int64_t i = 0, e = dense.getNumElements(); i < e; ++i) {
    int64_t expected = base;
    for (auto [size, stride, step] : llvm::zip(shape, strides, steps))
      expected += step * ((i / stride) % size);
    if (valueAt(i) != expected)
      return nullptr;
  }
  Expr result = context.index(base);
  for (auto [index, step] : llvm::zip(indices, steps))
    result = context.add(result, context.scale(index, step));
  return result;
}

/// Whether all of every dynamic dimension of the source is in the slice.
bool keepsDynamic(tensor::ExtractSliceOp slice) {
  RankedTensorType source = slice.getSourceType();
  SmallVector<OpFoldResult> sizes = slice.getMixedSizes();
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (!source.isDynamicDim(dim))
      continue;
    FailureOr<bool> whole = ValueBoundsConstraintSet::areEqual(
        size, ValueBoundsConstraintSet::Variable(slice.getSource(), dim));
    if (failed(whole) || !*whole)
      return false;
  }
  return true;
}

/// The static dimensions that a collapse made the one that `loop` runs over.
std::optional<SmallVector<int64_t>> collapsedSizes(linalg::LinalgOp op,
                                                   unsigned loop) {
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto collapse = input->get().getDefiningOp<tensor::CollapseShapeOp>();
    if (!collapse)
      continue;
    AffineMap map = op.getMatchingIndexingMap(input);
    for (auto [group, expr] :
         llvm::zip(collapse.getReassociationIndices(), map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim || dim.getPosition() != loop)
        continue;
      SmallVector<int64_t> sizes = llvm::map_to_vector(group, [&](int64_t i) {
        return collapse.getSrcType().getDimSize(i);
      });
      if (!ShapedType::isDynamicShape(sizes))
        return sizes;
    }
  }
  return std::nullopt;
}

} // namespace

Expr ElementTracer::leaf(Value value, ArrayRef<Expr> indices) {
  return context.element(value, indices, knownRange(value));
}

SmallVector<Expr> ElementTracer::indicesOf(Value tensor) {
  return llvm::map_to_vector(
      cast<RankedTensorType>(tensor.getType()).getShape(),
      [&](int64_t size) { return context.var(size); });
}

ElementTracer::Trace *ElementTracer::find(Value tensor,
                                          ArrayRef<Expr> indices) {
  auto known = traced.find(tensor);
  if (known == traced.end())
    return nullptr;
  for (Trace &trace : known->second)
    if (ArrayRef<Expr>(trace.indices) == indices)
      return &trace;
  return nullptr;
}

Expr ElementTracer::at(Value tensor, ArrayRef<Expr> indices) {
  Trace *known = find(tensor, indices);
  if (known && (known->whole || inPart))
    return known->expr;
  // Once more if only a part was read so far: what is behind it counts as whole
  // from now on.
  Expr expr = trace(tensor, indices);
  known = find(tensor, indices);
  if (known)
    known->whole = !inPart;
  else
    traced[tensor].push_back({SmallVector<Expr>(indices), expr, !inPart});
  return expr;
}

bool ElementTracer::readsWhole(Value tensor, ArrayRef<Expr> indices) {
  Trace *known = find(tensor, indices);
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!known || !known->whole || !type)
    return false;
  return llvm::all_of(llvm::zip(indices, type.getShape()), [](auto pair) {
    auto [index, size] = pair;
    return index->kind == ElementExpr::Kind::Var
               ? index->extent == size
               : index->isIndex(0) && size == 1;
  });
}

Value ElementTracer::findTraced(Expr expr, ArrayRef<Expr> indices) {
  Value best;
  for (auto &[value, uses] : traced) {
    Trace *known = find(value, indices);
    if (!known || known->expr != expr || !readsWhole(value, indices))
      continue;
    auto isEarlier = [](Value a, Value b) {
      Operation *opA = a.getDefiningOp(), *opB = b.getDefiningOp();
      if (!opA || !opB)
        return !opA && opB;
      return opA->getBlock() == opB->getBlock() && opA->isBeforeInBlock(opB);
    };
    if (!best || isEarlier(value, best))
      best = value;
  }
  return best;
}

Expr ElementTracer::atGroups(Value tensor,
                             ArrayRef<ReassociationIndices> groups,
                             ArrayRef<Expr> indices) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(tensor.getType()).getShape();
  SmallVector<Expr> source, unknown;
  for (auto [index, group] : llvm::zip(indices, groups)) {
    SmallVector<int64_t> sizes;
    for (int64_t dim : group)
      sizes.push_back(shape[dim]);
    size_t before = source.size();
    if (splitIndex(context, index, sizes, source) ||
        splitNamed(index, sizes, source))
      continue;
    // No formula has the parts. They may still meet again: elementwise work in
    // the shape of a batch begins and ends with a reshape.
    source.truncate(before);
    auto *known = llvm::find_if(splits, [&, index = index](Split &split) {
      return split.index == index && split.sizes == sizes;
    });
    if (known == splits.end()) {
      SmallVector<Expr> parts = llvm::map_to_vector(
          sizes, [&](int64_t size) { return context.var(size); });
      splits.push_back({parts, sizes, index});
      known = std::prev(splits.end());
    }
    llvm::append_range(source, known->parts);
    if (known->isNamed)
      continue;
    for (Expr part : known->parts)
      if (part->kind == ElementExpr::Kind::Var)
        unknown.push_back(part);
  }
  // A tensor of ones collapses to rank 0, without groups.
  source.resize(shape.size(), context.index(0));
  Expr expr = at(tensor, source);
  if (llvm::any_of(unknown,
                   [&](Expr part) { return context.dependsOn(expr, part); }))
    return nullptr;
  return expr;
}

Expr ElementTracer::evaluate(Value value, DenseMap<Value, Expr> &known) {
  if (Expr expr = known.lookup(value))
    return expr;
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast_or_null<arith::ConstantOp>(op))
    return constantElement(context, constant);
  if (isa_and_nonnull<tensor::DimOp>(op))
    return leaf(value, {});
  if (!op || op->getNumResults() != 1 || op->getNumRegions() != 0 ||
      !isPure(op) || isa<ShapedType>(value.getType()))
    return nullptr;
  auto extract = dyn_cast<tensor::ExtractOp>(op);
  SmallVector<Expr> operands;
  for (Value operand : op->getOperands().drop_front(extract ? 1 : 0)) {
    operands.push_back(evaluate(operand, known));
    if (!operands.back())
      return nullptr;
  }
  Expr expr =
      extract ? at(extract.getTensor(), operands) : applied(op, operands);
  return known[value] = expr;
}

Expr ElementTracer::atRow(Value tensor, Expr token, Expr column) {
  int64_t last = cast<RankedTensorType>(tensor.getType()).getRank() - 1;
  auto leading = llvm::to_vector(llvm::seq(last));
  return atGroups(tensor,
                  {ReassociationIndices(leading.begin(), leading.end()),
                   ReassociationIndices{last}},
                  {token, column});
}

Expr ElementTracer::trace(Value tensor, ArrayRef<Expr> indices) {
  if (meaning)
    if (Expr expr = meaning(tensor, indices))
      return expr;
  Operation *op = tensor.getDefiningOp();
  if (!op || stops.contains(tensor))
    return leaf(tensor, indices);
  auto shapeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape();
  };
  auto through = [&](Value source, ArrayRef<Expr> sourceIndices) {
    return at(source, sourceIndices);
  };
  return TypeSwitch<Operation *, Expr>(op)
      .Case([&](tensor::CastOp cast) {
        if (!isa<RankedTensorType>(cast.getSource().getType()))
          return leaf(tensor, indices);
        return through(cast.getSource(), indices);
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        Expr expr = atGroups(collapse.getSrc(),
                             collapse.getReassociationIndices(), indices);
        if (expr)
          return expr;
        // Which element it is is not known; how large it can be still is.
        Value source = collapse.getSrc();
        Expr any = at(source, indicesOf(source));
        return context.element(tensor, indices, context.range(any));
      })
      .Case([&](tensor::ExpandShapeOp expand) {
        SmallVector<Expr> source;
        ArrayRef<int64_t> shape = shapeOf(expand.getResult());
        for (const ReassociationIndices &group :
             expand.getReassociationIndices()) {
          SmallVector<int64_t> sizes;
          SmallVector<Expr> parts;
          for (int64_t dim : group) {
            sizes.push_back(shape[dim]);
            parts.push_back(indices[dim]);
          }
          Expr index = join(parts, sizes);
          if (!index)
            return leaf(tensor, indices);
          source.push_back(index);
        }
        return through(expand.getSrc(), source);
      })
      .Case([&](tensor::ExtractSliceOp slice) {
        if (ShapedType::isDynamicShape(slice.getStaticOffsets()) ||
            ShapedType::isDynamicShape(slice.getStaticStrides()))
          return leaf(tensor, indices);
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        SmallVector<Expr> source;
        unsigned next = 0;
        for (auto [dim, offset, stride] : llvm::enumerate(
                 slice.getStaticOffsets(), slice.getStaticStrides())) {
          Expr index = context.index(offset);
          if (!dropped.test(dim))
            index = context.add(index, context.scale(indices[next++], stride));
          source.push_back(index);
        }
        llvm::SaveAndRestore<bool> part(inPart, inPart || !keepsDynamic(slice));
        return through(slice.getSource(), source);
      })
      .Case([&](tensor::InsertSliceOp insert) {
        Expr expr = traceInsertSlice(insert, indices);
        return expr ? expr : leaf(tensor, indices);
      })
      .Case([&](arith::ConstantOp constant) {
        Expr expr = constantElement(context, constant, indices);
        if (!expr)
          expr = affineConstantElement(context, constant, indices);
        return expr ? expr : leaf(tensor, indices);
      })
      .Case([&](linalg::LinalgOp linalgOp) {
        unsigned number = cast<OpResult>(tensor).getResultNumber();
        Expr expr = traceLinalg(linalgOp, number, indices);
        return expr ? expr : leaf(tensor, indices);
      })
      .Default([&](Operation *) {
        Expr expr = traceElementwise(op, indices);
        return expr ? expr : leaf(tensor, indices);
      });
}

/// What was inserted, or what was there before, where every index tells.
Expr ElementTracer::traceInsertSlice(tensor::InsertSliceOp op,
                                     ArrayRef<Expr> indices) {
  if (op.getSourceType().getRank() != op.getDestType().getRank() ||
      ShapedType::isDynamicShape(op.getStaticOffsets()) ||
      ShapedType::isDynamicShape(op.getStaticSizes()) || !op.hasUnitStride())
    return nullptr;
  SmallVector<Expr> inside;
  bool isInside = true;
  for (auto [dim, index] : llvm::enumerate(indices)) {
    int64_t offset = op.getStaticOffsets()[dim];
    int64_t size = op.getStaticSizes()[dim];
    inside.push_back(context.add(index, context.index(-offset)));
    std::optional<IntRange> bounds = context.range(inside.back());
    if (bounds && (bounds->second < 0 || bounds->first >= size))
      return at(op.getDest(), indices);
    isInside &= bounds && bounds->first >= 0 && bounds->second < size;
  }
  return isInside ? at(op.getSource(), inside) : nullptr;
}

/// arith and math ops on whole tensors.
Expr ElementTracer::traceElementwise(Operation *op, ArrayRef<Expr> indices) {
  if (!OpTrait::hasElementwiseMappableTraits(op) || op->getNumResults() != 1)
    return nullptr;
  SmallVector<Expr> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<RankedTensorType>(operand.getType())
                           ? at(operand, indices)
                           : at(operand, {}));
  return applied(op, operands);
}

Expr ElementTracer::affine(AffineExpr expr, ArrayRef<Expr> dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return context.index(constant.getValue());
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return nullptr;
  Expr lhs = affine(binary.getLHS(), dims);
  if (!lhs)
    return nullptr;
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  switch (binary.getKind()) {
  case AffineExprKind::Add: {
    Expr rhs = affine(binary.getRHS(), dims);
    return rhs ? context.add(lhs, rhs) : nullptr;
  }
  case AffineExprKind::Mul:
    return constant ? context.scale(lhs, constant.getValue()) : nullptr;
  case AffineExprKind::FloorDiv:
    return constant ? context.floorDiv(lhs, constant.getValue()) : nullptr;
  case AffineExprKind::Mod:
    return constant ? context.mod(lhs, constant.getValue()) : nullptr;
  default:
    return nullptr;
  }
}

bool ElementTracer::bindLoops(linalg::LinalgOp op, unsigned resultNumber,
                              ArrayRef<Expr> indices, Loops &loops) {
  loops.op = op;
  loops.indices.assign(op.getNumLoops(), nullptr);
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(resultNumber));
  for (auto [expr, index] : llvm::zip(map.getResults(), indices)) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      // Off a diagonal, and beside a constant column, nothing is written.
      Expr &loop = loops.indices[dim.getPosition()];
      if (loop && loop != index)
        return false;
      loop = index;
      continue;
    }
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (!constant || !index->isIndex(constant.getValue()))
      return false;
  }
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [index, iterator] : llvm::zip(loops.indices, iterators))
    if (!index && iterator == utils::IteratorType::parallel)
      return false;
  return true;
}

Expr ElementTracer::operandAt(linalg::LinalgOp op, OpOperand &operand,
                              const Loops &loops) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return at(operand.get(), {});
  SmallVector<Expr> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
    Expr index = affine(expr, loops.indices);
    if (!index)
      return nullptr;
    indices.push_back(index);
  }
  return at(operand.get(), indices);
}

Expr ElementTracer::traceShortSum(linalg::LinalgOp op, unsigned resultNumber,
                                  Loops loops) {
  constexpr int64_t maxTerms = 8;
  auto sum = op.getBlock()
                 ->getTerminator()
                 ->getOperand(resultNumber)
                 .getDefiningOp<arith::AddIOp>();
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  if (!sum || reduced.size() != 1 || op->getNumResults() != 1)
    return nullptr;
  int64_t count = op.getStaticLoopRanges()[reduced.front()];
  Value accumulator = op.getRegionOutputArgs().front();
  unsigned side = sum.getLhs() == accumulator ? 1 : 0;
  if (ShapedType::isDynamic(count) || count > maxTerms ||
      sum->getOperand(1 - side) != accumulator)
    return nullptr;
  Expr total = operandAt(op, *op.getDpsInitOperand(0), loops);
  if (!total || !total->isIndex(0))
    return nullptr;
  for (int64_t i = 0; i < count; ++i) {
    loops.scalars.clear();
    loops.scalars[accumulator] = total;
    loops.indices[reduced.front()] = context.index(i);
    Expr term = scalar(sum->getOperand(side), loops);
    // Of what is not known, such as a mask, the sum says more.
    if (!term || !context.range(term))
      return nullptr;
    Expr operands[] = {total, term};
    total = integerOp(context.apply(sum, operands));
    if (!total)
      return nullptr;
  }
  return total;
}

Expr ElementTracer::inBody(linalg::LinalgOp op, Value value) {
  if (op.getNumReductionLoops() != 0)
    return nullptr;
  Loops loops;
  loops.op = op;
  for (int64_t extent : op.getStaticLoopRanges())
    loops.indices.push_back(context.var(extent));
  return scalar(value, loops);
}

Expr ElementTracer::traceLinalg(linalg::LinalgOp op, unsigned resultNumber,
                                ArrayRef<Expr> indices) {
  Loops loops;
  if (!bindLoops(op, resultNumber, indices, loops))
    return nullptr;
  if (op.getNumReductionLoops() != 0)
    return traceShortSum(op, resultNumber, std::move(loops));
  return scalar(op.getBlock()->getTerminator()->getOperand(resultNumber),
                loops);
}

Expr ElementTracer::scalar(Value value, Loops &loops) {
  if (Expr known = loops.scalars.lookup(value))
    return known;
  Expr expr = nullptr;
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && argument.getOwner() == loops.op.getBlock()) {
    expr = operandAt(loops.op, loops.op->getOpOperand(argument.getArgNumber()),
                     loops);
  } else if (Operation *op = value.getDefiningOp()) {
    expr = scalarOp(op, loops);
  } else {
    expr = leaf(value, {});
  }
  return loops.scalars[value] = expr;
}

/// Whether the loops that read dynamic dimensions of a tensor by their number
/// are as long as these.
bool ElementTracer::extractsWhole(tensor::ExtractOp op, ArrayRef<Expr> indices,
                                  const Loops &loops) {
  auto type = cast<RankedTensorType>(op.getTensor().getType());
  using Variable = ValueBoundsConstraintSet::Variable;
  auto isLoopOver = [&](int64_t dim) {
    for (OpOperand &operand : loops.op->getOpOperands()) {
      AffineMap map =
          linalg::LinalgOp(loops.op).getMatchingIndexingMap(&operand);
      for (auto [position, expr] : llvm::enumerate(map.getResults())) {
        auto loop = dyn_cast<AffineDimExpr>(expr);
        if (!loop || loops.indices[loop.getPosition()] != indices[dim])
          continue;
        FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
            Variable(operand.get(), position), Variable(op.getTensor(), dim));
        if (succeeded(equal) && *equal)
          return true;
      }
    }
    return false;
  };
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim) && !isLoopOver(dim))
      return false;
  return true;
}

Expr ElementTracer::scalarOp(Operation *op, Loops &loops) {
  if (auto index = dyn_cast<linalg::IndexOp>(op))
    return op->getParentOfType<linalg::LinalgOp>() == loops.op
               ? loops.indices[index.getDim()]
               : nullptr;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (Expr expr = constantElement(context, constant))
      return expr;
  // What the body does not compute is the same for every element.
  if (!loops.op->isProperAncestor(op))
    return op->getNumResults() != 1 ||
                   isa<RankedTensorType>(op->getResult(0).getType())
               ? nullptr
               : leaf(op->getResult(0), {});
  if (auto select = dyn_cast<arith::SelectOp>(op))
    if (std::optional<unsigned> dim = matchSizeOneBroadcast(select, loops.op))
      return loops.indices[*dim];
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    SmallVector<Expr> indices;
    for (Value index : extract.getIndices()) {
      indices.push_back(scalar(index, loops));
      if (!indices.back())
        return nullptr;
    }
    llvm::SaveAndRestore<bool> part(
        inPart, inPart || !extractsWhole(extract, indices, loops));
    return at(extract.getTensor(), indices);
  }
  // A part of a concatenation.
  if (auto branch = dyn_cast<scf::IfOp>(op);
      branch && op->getNumResults() == 1) {
    Expr condition = scalar(branch.getCondition(), loops);
    if (!condition || (!condition->isIndex(0) && !condition->isIndex(1)))
      return nullptr;
    Block *taken =
        condition->isIndex(1) ? branch.thenBlock() : branch.elseBlock();
    return scalar(taken->getTerminator()->getOperand(0), loops);
  }
  // A division has its value wherever it is computed at all.
  if (op->getNumRegions() != 0 || op->getNumResults() != 1 ||
      !isMemoryEffectFree(op))
    return nullptr;
  SmallVector<Expr> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(scalar(operand, loops));
    if (!operands.back())
      return nullptr;
  }
  return applied(op, operands);
}

Expr ElementTracer::yielded(linalg::LinalgOp op, ArrayRef<Expr> indices,
                            Expr old) {
  Loops loops;
  loops.op = op;
  loops.indices.assign(indices.begin(), indices.end());
  loops.scalars[op.getRegionOutputArgs().front()] = old;
  return scalar(op.getBlock()->getTerminator()->getOperand(0), loops);
}

std::optional<Reduction> ElementTracer::expand(Expr element, bool splitLoops) {
  if (element->kind != ElementExpr::Kind::Element ||
      stops.contains(element->value))
    return std::nullopt;
  auto op = element->value.getDefiningOp<linalg::LinalgOp>();
  if (!op || op.getNumReductionLoops() == 0)
    return std::nullopt;
  unsigned number = cast<OpResult>(element->value).getResultNumber();
  Loops loops;
  if (!bindLoops(op, number, element->operands, loops))
    return std::nullopt;

  BlockArgument accumulator = op.getRegionOutputArgs()[number];
  Operation *combiner =
      op.getBlock()->getTerminator()->getOperand(number).getDefiningOp();
  // A term that is left out under a condition is a zero there.
  auto mask = dyn_cast_or_null<arith::SelectOp>(combiner);
  if (mask) {
    combiner = mask.getTrueValue().getDefiningOp();
    if (mask.getFalseValue() != accumulator ||
        !isa_and_nonnull<arith::AddFOp, arith::AddIOp>(combiner))
      return std::nullopt;
  }
  if (!combiner || combiner->getNumOperands() != 2 ||
      combiner->getNumResults() != 1)
    return std::nullopt;
  unsigned side = combiner->getOperand(0) == accumulator ? 1 : 0;
  if (combiner->getOperand(1 - side) != accumulator)
    return std::nullopt;
  // The term itself must not look at what was accumulated so far, by this
  // result or another.
  auto isAccumulator = [&](Value value) {
    return llvm::is_contained(op.getRegionOutputArgs(), value);
  };
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.omitBlockArguments = true;
  options.filter = [&](Operation *user) {
    return user->getBlock() == op.getBlock();
  };
  for (Value read : {combiner->getOperand(side),
                     mask ? mask.getCondition() : combiner->getOperand(side)}) {
    if (isAccumulator(read))
      return std::nullopt;
    if (Operation *term = read.getDefiningOp()) {
      (void)getBackwardSlice(term, &slice, options);
      slice.insert(term);
    }
  }
  for (Operation *user : slice)
    if (user->getBlock() == op.getBlock() &&
        llvm::any_of(user->getOperands(), isAccumulator))
      return std::nullopt;

  Trace *known = find(element->value, element->operands);
  llvm::SaveAndRestore<bool> part(inPart, inPart || (known && !known->whole));
  Reduction reduction;
  reduction.combiner = combiner;
  reduction.init = operandAt(op, *op.getDpsInitOperand(number), loops);
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  for (auto [number, index] : llvm::enumerate(loops.indices)) {
    if (index)
      continue;
    SmallVector<int64_t> sizes{extents[number]};
    if (splitLoops)
      sizes = collapsedSizes(op, number).value_or(sizes);
    SmallVector<Expr> parts = llvm::map_to_vector(
        sizes, [&](int64_t size) { return context.var(size); });
    index = joinIndices(context, parts, sizes);
    llvm::append_range(reduction.vars, parts);
  }
  reduction.term = scalar(combiner->getOperand(side), loops);
  if (!reduction.init || !reduction.term)
    return std::nullopt;
  if (mask) {
    Expr condition = scalar(mask.getCondition(), loops);
    if (!condition)
      return std::nullopt;
    Expr zero =
        context.number(Builder(op->getContext()).getZeroAttr(mask.getType()));
    reduction.term = applied(mask, {condition, reduction.term, zero});
  }
  return reduction;
}
