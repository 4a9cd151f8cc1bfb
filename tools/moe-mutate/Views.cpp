// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
using Make = function_ref<Value(OpBuilder &, Location, Value)>;

/// Lets one use, or all uses, read what `make` makes of the value.
bool readThrough(Site &site, function_ref<bool(RankedTensorType)> fits,
                 Make make) {
  SmallVector<OpOperand *> uses;
  for (OpOperand *use : site.getTensorUses())
    if (fits(cast<RankedTensorType>(use->get().getType())))
      uses.push_back(use);
  if (uses.empty())
    return false;
  OpOperand *use = site.pickFrom(uses);
  Value value = use->get();
  bool all = site.toss();
  if (all)
    site.rewriter.setInsertionPointAfterValue(value);
  else
    site.rewriter.setInsertionPoint(use->getOwner());
  Operation *before = &*site.rewriter.getInsertionPoint();
  Value made = make(site.rewriter, value.getLoc(), value);
  if (!all) {
    use->set(made);
    return true;
  }
  // What was made just now reads the value itself.
  Block *block = before->getBlock();
  value.replaceUsesWithIf(made, [&](OpOperand &other) {
    Operation *owner = block->findAncestorOpInBlock(*other.getOwner());
    return !owner || !owner->isBeforeInBlock(before);
  });
  return true;
}

Value sliceAll(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, loc, type, value, offsets,
                                        tensor::getMixedSizes(b, loc, value),
                                        strides);
}

Value shape(OpBuilder &b, Location loc, ArrayRef<int64_t> sizes) {
  return tosa::ConstShapeOp::create(
      b, loc, tosa::shapeType::get(b.getContext(), sizes.size()),
      b.getIndexTensorAttr(sizes));
}

Value tosaSliceAll(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> zeros(type.getRank());
  return tosa::SliceOp::create(b, loc, type, value, shape(b, loc, zeros),
                               shape(b, loc, type.getShape()));
}

/// A unit dimension before or behind dimension `dim`.
struct UnitDim {
  int64_t dim;
  bool before;

  RankedTensorType expand(RankedTensorType type) const {
    SmallVector<int64_t> sizes(type.getShape());
    sizes.insert(sizes.begin() + dim + !before, 1);
    return type.clone(sizes);
  }
  SmallVector<ReassociationIndices> groups(int64_t rank) const {
    SmallVector<ReassociationIndices> groups;
    for (int64_t i = 0, next = 0; i < rank; ++i) {
      groups.push_back({next++});
      if (i == dim)
        groups.back().push_back(next++);
    }
    return groups;
  }
};

/// The next wider type that holds every value of `type`; null without one.
Type widen(Type type) {
  MLIRContext *context = type.getContext();
  if (type.isF16() || type.isBF16())
    return Float32Type::get(context);
  if (type.isF32())
    return Float64Type::get(context);
  if (type.isSignlessInteger(1))
    return IntegerType::get(context, 8);
  if (type.isSignlessInteger(32))
    return IntegerType::get(context, 64);
  return {};
}

Value castThere(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType(), wider = widen(element);
  Type wide = type.clone(wider);
  if (isa<FloatType>(element))
    return arith::TruncFOp::create(b, loc, type,
                                   arith::ExtFOp::create(b, loc, wide, value));
  Value extended = element.isInteger(1)
                       ? Value(arith::ExtUIOp::create(b, loc, wide, value))
                       : Value(arith::ExtSIOp::create(b, loc, wide, value));
  return arith::TruncIOp::create(b, loc, type, extended);
}

Value forgetSizes(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> unknown(type.getRank(), ShapedType::kDynamic);
  Value cast = tensor::CastOp::create(b, loc, type.clone(unknown), value);
  return tensor::CastOp::create(b, loc, type, cast);
}

bool hasElements(RankedTensorType type) {
  return type.getRank() > 0 && !llvm::is_contained(type.getShape(), 0);
}
} // namespace

bool moe::addSlice(Site &site) {
  if (site.isTosa())
    return readThrough(
        site,
        [](RankedTensorType type) {
          return hasElements(type) && type.hasStaticShape();
        },
        tosaSliceAll);
  return readThrough(site, hasElements, sliceAll);
}

bool moe::addReshape(Site &site) {
  uint64_t seed = site.random.next();
  auto choose = [&](RankedTensorType type) {
    return UnitDim{int64_t(seed / 2 % type.getRank()), seed % 2 == 0};
  };
  if (site.isTosa())
    return readThrough(
        site,
        [](RankedTensorType type) {
          return hasElements(type) && type.hasStaticShape() &&
                 type.getRank() < 6;
        },
        [&](OpBuilder &b, Location loc, Value value) -> Value {
          auto type = cast<RankedTensorType>(value.getType());
          RankedTensorType expanded = choose(type).expand(type);
          Value there = tosa::ReshapeOp::create(
              b, loc, expanded, value, shape(b, loc, expanded.getShape()));
          return tosa::ReshapeOp::create(b, loc, type, there,
                                         shape(b, loc, type.getShape()));
        });
  return readThrough(
      site, hasElements, [&](OpBuilder &b, Location loc, Value value) -> Value {
        auto type = cast<RankedTensorType>(value.getType());
        UnitDim unit = choose(type);
        auto groups = unit.groups(type.getRank());
        SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
        sizes.insert(sizes.begin() + unit.dim + !unit.before,
                     b.getIndexAttr(1));
        Value there = tensor::ExpandShapeOp::create(b, loc, unit.expand(type),
                                                    value, groups, sizes);
        return tensor::CollapseShapeOp::create(b, loc, type, there, groups);
      });
}

bool moe::addCast(Site &site) {
  if (!site.isTosa() && site.toss())
    return readThrough(
        site, [](RankedTensorType type) { return type.getRank() > 0; },
        forgetSizes);
  return readThrough(
      site,
      [](RankedTensorType type) { return bool(widen(type.getElementType())); },
      castThere);
}
