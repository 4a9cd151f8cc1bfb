// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes as expressions, and reshapes, which need to know which are equal.
#include "TorchImporter.h"

#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

std::string torch::toText(Size size) {
  auto known = dyn_cast<AffineConstantExpr>(size);
  return known ? std::to_string(known.getValue()) : "?";
}

Size FunctionImporter::size(int64_t constant) {
  return getAffineConstantExpr(constant, getContext());
}

Size FunctionImporter::symbol(Value index) {
  symbols.push_back(index);
  Size result = getAffineSymbolExpr(symbols.size() - 1, getContext());
  indices[result] = index;
  return result;
}

Size FunctionImporter::sizeOf(Value integer) {
  APInt constant;
  if (matchPattern(integer, m_ConstantInt(&constant)))
    return size(constant.getSExtValue());
  Size &known = integers[integer];
  if (!known) {
    Type type = builder.getIndexType();
    Value index = arith::IndexCastOp::create(builder, loc, type, integer);
    Size result = symbol(index);
    // `known` may have moved.
    integers[integer] = result;
    return result;
  }
  return known;
}

Sizes FunctionImporter::sizesOf(Value tensor) {
  auto known = shapes.find(tensor);
  if (known != shapes.end())
    return known->second;
  Sizes result;
  auto type = cast<RankedTensorType>(tensor.getType());
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(extent)) {
      result.push_back(size(extent));
      continue;
    }
    Value number = index(dim);
    result.push_back(
        symbol(tensor::DimOp::create(builder, loc, tensor, number)));
  }
  shapes[tensor] = result;
  return result;
}

void FunctionImporter::setSizes(Value tensor, ArrayRef<Size> sizes) {
  Sizes known(sizes);
  // What a type says holds as well.
  auto type = cast<RankedTensorType>(tensor.getType());
  for (auto [extent, expr] : llvm::zip_equal(type.getShape(), known))
    if (!ShapedType::isDynamic(extent))
      expr = size(extent);
  shapes[tensor] = std::move(known);
}

Value FunctionImporter::toIndex(Size expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return index(constant.getValue());
  Value &known = indices[expr];
  if (!known) {
    Value result =
        affine::expandAffineExpr(builder, loc, expr, ValueRange(), symbols);
    indices[expr] = result;
    return result;
  }
  return known;
}

OpFoldResult FunctionImporter::toFold(Size expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return builder.getIndexAttr(constant.getValue());
  return toIndex(expr);
}

Value FunctionImporter::toInteger(Size expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constantInt(constant.getValue());
  Value value = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                           toIndex(expr));
  integers[value] = expr;
  return value;
}

namespace {
/// coefficient * atoms, which are no products.
struct Monomial {
  int64_t coefficient = 1;
  SmallVector<AffineExpr> atoms;

  explicit Monomial(AffineExpr expr) { add(expr); }
  Monomial() = default;

  void add(AffineExpr expr) {
    if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
      coefficient *= constant.getValue();
      return;
    }
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (binary && binary.getKind() == AffineExprKind::Mul) {
      add(binary.getLHS());
      add(binary.getRHS());
      return;
    }
    atoms.push_back(expr);
  }

  AffineExpr build(MLIRContext *context) {
    if (coefficient == 0)
      return getAffineConstantExpr(0, context);
    // Symbols by number, so that equal products are equal expressions.
    llvm::sort(atoms, [](AffineExpr lhs, AffineExpr rhs) {
      auto left = dyn_cast<AffineSymbolExpr>(lhs);
      auto right = dyn_cast<AffineSymbolExpr>(rhs);
      return left && (!right || left.getPosition() < right.getPosition());
    });
    AffineExpr result;
    for (AffineExpr atom : atoms)
      result = result ? result * atom : atom;
    AffineExpr factor = getAffineConstantExpr(coefficient, context);
    return result ? result * factor : factor;
  }
};
} // namespace

Size FunctionImporter::multiply(Size lhs, Size rhs) {
  Monomial result(lhs);
  result.add(rhs);
  return result.build(getContext());
}

Size FunctionImporter::product(ArrayRef<Size> sizes) {
  Monomial result;
  for (Size size : sizes)
    result.add(size);
  return result.build(getContext());
}

Size FunctionImporter::divide(Size lhs, Size rhs) {
  Monomial dividend(lhs), divisor(rhs), rest;
  for (AffineExpr atom : divisor.atoms) {
    auto *same = llvm::find(dividend.atoms, atom);
    if (same == dividend.atoms.end())
      rest.atoms.push_back(atom);
    else
      dividend.atoms.erase(same);
  }
  if (rest.atoms.empty() && divisor.coefficient != 0 &&
      dividend.coefficient % divisor.coefficient == 0) {
    dividend.coefficient /= divisor.coefficient;
    return dividend.build(getContext());
  }
  rest.coefficient = divisor.coefficient;
  // A size of zero divides nothing; any result is one of no elements then.
  Value one = index(1);
  Value denominator = arith::MaxSIOp::create(
      builder, loc, toIndex(rest.build(getContext())), one);
  return symbol(arith::DivSIOp::create(
      builder, loc, toIndex(dividend.build(getContext())), denominator));
}

Size FunctionImporter::broadcastSize(Size lhs, Size rhs) {
  Value left = toIndex(lhs), right = toIndex(rhs), one = index(1);
  auto equal = [&](Value x, Value y) -> Value {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, x, y);
  };
  Value single = equal(left, one);
  Value fits = arith::OrIOp::create(builder, loc, single, equal(right, one));
  fits = arith::OrIOp::create(builder, loc, fits, equal(left, right));
  assertTrue(fits, "sizes do not broadcast");
  for (Size side : {lhs, rhs})
    if (isa<AffineConstantExpr>(side))
      return side;
  return symbol(arith::SelectOp::create(builder, loc, single, right, left));
}

Size FunctionImporter::minimum(Size lhs, Size rhs) {
  auto left = dyn_cast<AffineConstantExpr>(lhs);
  auto right = dyn_cast<AffineConstantExpr>(rhs);
  if (lhs == rhs)
    return lhs;
  if (left && right)
    return size(std::min(left.getValue(), right.getValue()));
  return symbol(
      arith::MinSIOp::create(builder, loc, toIndex(lhs), toIndex(rhs)));
}

Size FunctionImporter::maximum(Size lhs, Size rhs) {
  auto left = dyn_cast<AffineConstantExpr>(lhs);
  auto right = dyn_cast<AffineConstantExpr>(rhs);
  if (lhs == rhs)
    return lhs;
  if (left && right)
    return size(std::max(left.getValue(), right.getValue()));
  return symbol(
      arith::MaxSIOp::create(builder, loc, toIndex(lhs), toIndex(rhs)));
}

static SmallVector<int64_t> toShape(ArrayRef<Size> sizes) {
  return llvm::map_to_vector(sizes, [](Size size) {
    auto constant = dyn_cast<AffineConstantExpr>(size);
    return constant ? constant.getValue() : ShapedType::kDynamic;
  });
}

Value FunctionImporter::empty(ArrayRef<Size> sizes, Type element) {
  SmallVector<OpFoldResult> folds =
      llvm::map_to_vector(sizes, [&](Size size) { return toFold(size); });
  Value result = tensor::EmptyOp::create(builder, loc, folds, element);
  setSizes(result, sizes);
  return result;
}

namespace {
/// Dimensions [.., in) of one shape hold what [.., out) of the other do.
struct Group {
  unsigned in, out;
};
} // namespace

/// Where products of leading sizes are equal, both shapes can be cut.
static SmallVector<Group> cut(FunctionImporter &f, ArrayRef<Size> in,
                              ArrayRef<Size> out) {
  SmallVector<Group> groups;
  unsigned from = 0;
  for (unsigned i = 1; i <= in.size(); ++i) {
    Size left = f.product(in.take_front(i));
    for (unsigned j = from + 1; j <= out.size(); ++j) {
      if (f.product(out.take_front(j)) != left)
        continue;
      groups.push_back({i, j});
      from = j;
      break;
    }
  }
  // Ones at the end go with what is before them, as does all that is unknown.
  if (groups.empty())
    groups.push_back({0, 0});
  groups.back() = {unsigned(in.size()), unsigned(out.size())};
  return groups;
}

/// Whether a group says nothing of its sizes but their product. Upstream's
/// lowering of memref.expand_shape cannot do without.
static bool isOpen(ArrayRef<Size> sizes,
                   ArrayRef<ReassociationIndices> groups) {
  return llvm::any_of(groups, [&](ArrayRef<int64_t> group) {
    return llvm::count_if(group, [&](int64_t dim) {
             return !isa<AffineConstantExpr>(sizes[dim]);
           }) > 1;
  });
}

/// An expansion element by element: the place of a group is that of its
/// dimensions in one.
static Value expandByElements(FunctionImporter &f, Value tensor,
                              ArrayRef<Size> sizes,
                              ArrayRef<ReassociationIndices> groups) {
  SmallVector<Value> extents =
      llvm::map_to_vector(sizes, [&](Size size) { return f.toIndex(size); });
  return f.generic({}, {}, sizes, getElementTypeOrSelf(tensor.getType()),
                   [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                     SmallVector<Value> places;
                     for (ArrayRef<int64_t> group : groups) {
                       Value place =
                           linalg::IndexOp::create(b, loc, group.front());
                       for (int64_t dim : group.drop_front()) {
                         Value i = linalg::IndexOp::create(b, loc, dim);
                         place =
                             arith::MulIOp::create(b, loc, place, extents[dim]);
                         place = arith::AddIOp::create(b, loc, place, i);
                       }
                       places.push_back(place);
                     }
                     return tensor::ExtractOp::create(b, loc, tensor, places);
                   });
}

Value FunctionImporter::reshape(Value tensor, ArrayRef<Size> sizes) {
  Sizes from = sizesOf(tensor);
  if (ArrayRef<Size>(from) == sizes)
    return tensor;
  Type element = getElementTypeOrSelf(tensor.getType());
  SmallVector<Group> groups = cut(*this, from, sizes);
  bool scalars = from.empty() || sizes.empty();
  if (scalars) {
    // All sizes are one, and have to say so.
    Sizes ones(from.size(), size(1));
    auto known = RankedTensorType::get(toShape(ones), element);
    if (tensor.getType() != known)
      tensor = tensor::CastOp::create(builder, loc, known, tensor);
  }
  SmallVector<ReassociationIndices> collapse, expand;
  Sizes middle;
  unsigned in = 0, out = 0;
  for (Group group : groups) {
    if (scalars)
      break;
    collapse.push_back(llvm::to_vector(llvm::seq<int64_t>(in, group.in)));
    expand.push_back(llvm::to_vector(llvm::seq<int64_t>(out, group.out)));
    // Known on one side is known.
    Size left = product(ArrayRef(from).slice(in, group.in - in));
    Size right = product(sizes.slice(out, group.out - out));
    middle.push_back(isa<AffineConstantExpr>(left) ? left : right);
    in = group.in;
    out = group.out;
  }
  if (middle.size() != from.size()) {
    // What was dynamic may be known now, but a collapse does not say so.
    Sizes derived;
    for (ArrayRef<int64_t> group : collapse)
      derived.push_back(
          product(ArrayRef(from).slice(group.front(), group.size())));
    auto type = RankedTensorType::get(toShape(derived), element);
    tensor =
        tensor::CollapseShapeOp::create(builder, loc, type, tensor, collapse);
    setSizes(tensor, derived);
  }
  auto type = RankedTensorType::get(toShape(middle), element);
  if (tensor.getType() != type)
    tensor = tensor::CastOp::create(builder, loc, type, tensor);
  setSizes(tensor, middle);
  if (middle.size() != sizes.size() && isOpen(sizes, expand))
    return expandByElements(*this, tensor, sizes, expand);
  if (middle.size() != sizes.size()) {
    SmallVector<OpFoldResult> folds =
        llvm::map_to_vector(sizes, [&](Size size) { return toFold(size); });
    auto result = RankedTensorType::get(toShape(sizes), element);
    // A dynamic size cannot become only known ones.
    SmallVector<int64_t> needed;
    for (ArrayRef<int64_t> group : expand) {
      Size whole = product(sizes.slice(group.front(), group.size()));
      needed.push_back(toShape({whole})[0]);
    }
    auto source = RankedTensorType::get(needed, element);
    if (!scalars && source != tensor.getType())
      tensor = tensor::CastOp::create(builder, loc, source, tensor);
    tensor = tensor::ExpandShapeOp::create(builder, loc, result, tensor, expand,
                                           folds);
  }
  setSizes(tensor, sizes);
  return tensor;
}

Value FunctionImporter::transpose(Value tensor, ArrayRef<int64_t> permutation) {
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return tensor;
  Sizes sizes = sizesOf(tensor);
  Sizes moved =
      llvm::map_to_vector(permutation, [&](int64_t dim) { return sizes[dim]; });
  Value init = empty(moved, getElementTypeOrSelf(tensor.getType()));
  Value result =
      linalg::TransposeOp::create(builder, loc, tensor, init, permutation)
          ->getResult(0);
  setSizes(result, moved);
  return result;
}

Value FunctionImporter::slice(Value tensor, int64_t dim, Size offset,
                              Size length, int64_t step) {
  Sizes sizes = sizesOf(tensor);
  if (offset == size(0) && length == sizes[dim] && step == 1)
    return tensor;
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets[dim] = toFold(offset);
  strides[dim] = builder.getIndexAttr(step);
  sizes[dim] = length;
  SmallVector<OpFoldResult> folds =
      llvm::map_to_vector(sizes, [&](Size size) { return toFold(size); });
  Value result = tensor::ExtractSliceOp::create(builder, loc, tensor, offsets,
                                                folds, strides);
  setSizes(result, sizes);
  return result;
}

Value FunctionImporter::concat(ArrayRef<Value> tensors, int64_t dim) {
  if (tensors.size() == 1)
    return tensors[0];
  Sizes sizes = sizesOf(tensors[0]);
  Size total = size(0);
  for (Value tensor : tensors)
    total = total + sizesOf(tensor)[dim];
  Sizes whole(sizes);
  whole[dim] = total;
  auto type = RankedTensorType::get(toShape(whole),
                                    getElementTypeOrSelf(tensors[0].getType()));
  Value result =
      tensor::ConcatOp::create(builder, loc, type, dim, ValueRange(tensors));
  setSizes(result, whole);
  return result;
}
