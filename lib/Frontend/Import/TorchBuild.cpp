// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

Value FunctionImporter::constant(TypedAttr attr) {
  Value &known = constants[attr];
  if (!known) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    known = arith::ConstantOp::create(builder, function.getLoc(), attr);
  }
  return known;
}

Value FunctionImporter::constant(Type type, double value) {
  if (auto real = dyn_cast<FloatType>(type)) {
    APFloat number(value);
    bool lossy;
    number.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &lossy);
    return constant(FloatAttr::get(real, number));
  }
  auto integer = cast<IntegerType>(signless(type));
  return constant(IntegerAttr::get(
      integer, APInt(64, uint64_t(int64_t(value))).trunc(integer.getWidth())));
}

Value FunctionImporter::constantInt(int64_t value) {
  return constant(builder.getI64IntegerAttr(value));
}

Value FunctionImporter::index(int64_t value) {
  return constant(builder.getIndexAttr(value));
}

Value FunctionImporter::fill(ArrayRef<Size> sizes, Value scalar) {
  Value init = empty(sizes, scalar.getType());
  Value result =
      linalg::FillOp::create(builder, loc, scalar, init).getResult(0);
  setSizes(result, sizes);
  return result;
}

AffineMap FunctionImporter::stretch(ArrayRef<Size> sizes, ArrayRef<Size> to) {
  SmallVector<AffineExpr> exprs;
  unsigned lead = to.size() - sizes.size();
  for (auto [dim, extent] : llvm::enumerate(sizes)) {
    bool stretched = extent == size(1) && to[lead + dim] != size(1);
    exprs.push_back(stretched ? size(0)
                              : getAffineDimExpr(lead + dim, getContext()));
  }
  return AffineMap::get(to.size(), 0, exprs, getContext());
}

Value FunctionImporter::generic(ValueRange inputs, ArrayRef<AffineMap> maps,
                                ArrayRef<Size> sizes, Type element, Body body) {
  Value init = empty(sizes, element);
  SmallVector<AffineMap> all(maps);
  all.push_back(builder.getMultiDimIdentityMap(sizes.size()));
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(
      builder, loc, TypeRange{init.getType()}, inputs, ValueRange{init}, all,
      iterators, [&](OpBuilder &b, Location loc, ValueRange scalars) {
        linalg::YieldOp::create(b, loc, body(b, loc, scalars.drop_back()));
      });
  setSizes(op.getResult(0), sizes);
  return op.getResult(0);
}

bool FunctionImporter::mayStretch(ArrayRef<Size> sizes, ArrayRef<Size> to) {
  return llvm::any_of(llvm::zip_equal(sizes, to.take_back(sizes.size())),
                      [&](auto pair) {
                        auto [extent, wide] = pair;
                        return extent != wide && extent != size(1);
                      });
}

Value FunctionImporter::elementwise(ValueRange inputs, ArrayRef<Size> sizes,
                                    Type element, Body body) {
  SmallVector<AffineMap> maps;
  SmallVector<Value> tensors;
  for (Value input : inputs) {
    tensors.push_back(
        mayStretch(sizesOf(input), sizes) ? broadcastTo(input, sizes) : input);
    maps.push_back(stretch(sizesOf(tensors.back()), sizes));
  }
  return generic(tensors, maps, sizes, element, body);
}

Value FunctionImporter::broadcastTo(Value tensor, ArrayRef<Size> sizes) {
  Sizes from = sizesOf(tensor);
  if (ArrayRef<Size>(from) == sizes)
    return tensor;
  if (mayStretch(from, sizes)) {
    SmallVector<Value> extents =
        llvm::map_to_vector(from, [&](Size size) { return toIndex(size); });
    Value zero = index(0), one = index(1);
    unsigned lead = sizes.size() - from.size();
    return generic({}, {}, sizes, getElementTypeOrSelf(tensor.getType()),
                   [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                     SmallVector<Value> places;
                     for (auto [dim, extent] : llvm::enumerate(extents)) {
                       Value i = linalg::IndexOp::create(b, loc, lead + dim);
                       Value single = arith::CmpIOp::create(
                           b, loc, arith::CmpIPredicate::eq, extent, one);
                       places.push_back(
                           arith::SelectOp::create(b, loc, single, zero, i));
                     }
                     return tensor::ExtractOp::create(b, loc, tensor, places);
                   });
  }
  return elementwise(
      tensor, sizes, getElementTypeOrSelf(tensor.getType()),
      [](OpBuilder &, Location, ValueRange in) { return in[0]; });
}

Tensor FunctionImporter::asType(const Tensor &tensor, Type dtype) {
  if (tensor.dtype == dtype)
    return tensor;
  // Only the reading of the bits differs.
  if (signless(tensor.dtype) == signless(dtype))
    return {tensor.value, dtype};
  Value value =
      elementwise(tensor.value, sizesOf(tensor.value), signless(dtype),
                  [&](OpBuilder &b, Location loc, ValueRange in) {
                    return convert(b, loc, in[0], tensor.dtype, dtype);
                  });
  return {value, dtype};
}

Value FunctionImporter::reduce(Value tensor, ArrayRef<int64_t> dims, bool keep,
                               Value init, Body body) {
  Sizes sizes = sizesOf(tensor), kept, squeezed;
  SmallVector<AffineExpr> exprs;
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  for (int64_t dim : dims)
    iterators[dim] = utils::IteratorType::reduction;
  for (auto [dim, extent] : llvm::enumerate(sizes)) {
    bool reduced = iterators[dim] == utils::IteratorType::reduction;
    kept.push_back(reduced ? size(1) : extent);
    if (reduced)
      continue;
    squeezed.push_back(extent);
    exprs.push_back(getAffineDimExpr(dim, getContext()));
  }
  Value out = fill(squeezed, init);
  auto op = linalg::GenericOp::create(
      builder, loc, TypeRange{out.getType()}, ValueRange{tensor},
      ValueRange{out},
      ArrayRef<AffineMap>{builder.getMultiDimIdentityMap(sizes.size()),
                          AffineMap::get(sizes.size(), 0, exprs, getContext())},
      iterators, [&](OpBuilder &b, Location loc, ValueRange scalars) {
        linalg::YieldOp::create(b, loc, body(b, loc, scalars));
      });
  setSizes(op.getResult(0), squeezed);
  return keep ? reshape(op.getResult(0), kept) : op.getResult(0);
}

Value FunctionImporter::iota(ArrayRef<Size> sizes, int64_t dim, Type element) {
  return generic({}, {}, sizes, element,
                 [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                   Value i = linalg::IndexOp::create(b, loc, dim);
                   if (element.isIndex())
                     return i;
                   return arith::IndexCastOp::create(b, loc, element, i);
                 });
}

SmallVector<Value>
FunctionImporter::loops(ArrayRef<Size> sizes, ValueRange init,
                        function_ref<SmallVector<Value>(OpBuilder &, Location,
                                                        ValueRange, ValueRange)>
                            body) {
  SmallVector<Value> lower(sizes.size(), index(0)),
      step(sizes.size(), index(1));
  SmallVector<Value> upper =
      llvm::map_to_vector(sizes, [&](Size size) { return toIndex(size); });
  if (sizes.empty())
    return body(builder, loc, {}, init);
  scf::LoopNest nest = scf::buildLoopNest(
      builder, loc, lower, upper, step, init,
      [&](OpBuilder &b, Location loc, ValueRange ivs, ValueRange state) {
        return scf::ValueVector(body(b, loc, ivs, state));
      });
  SmallVector<Value> results(nest.results);
  for (auto [result, before] : llvm::zip_equal(results, init))
    if (isa<RankedTensorType>(result.getType()))
      setSizes(result, sizesOf(before));
  return results;
}

Value FunctionImporter::sum(Value tensor, ArrayRef<int64_t> dims, bool keep) {
  Type element = getElementTypeOrSelf(tensor.getType());
  return reduce(tensor, dims, keep, constant(element, 0.0),
                [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                  if (isa<FloatType>(element))
                    return arith::AddFOp::create(b, loc, in[0], in[1]);
                  return arith::AddIOp::create(b, loc, in[0], in[1]);
                });
}

Value FunctionImporter::maxOf(Value tensor, ArrayRef<int64_t> dims, bool keep) {
  Type element = getElementTypeOrSelf(tensor.getType());
  Value init = constant(element, -std::numeric_limits<double>::infinity());
  return reduce(tensor, dims, keep, init,
                [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                  return arith::MaximumFOp::create(b, loc, in[0], in[1]);
                });
}

Value FunctionImporter::softmax(Value tensor, int64_t dim) {
  Type element = getElementTypeOrSelf(tensor.getType());
  Sizes sizes = sizesOf(tensor);
  Value max = maxOf(tensor, dim, /*keep=*/true);
  Value shifted =
      elementwise(ValueRange{tensor, max}, sizes, element,
                  [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                    return arith::SubFOp::create(b, loc, in[0], in[1]);
                  });
  Value exp =
      elementwise(shifted, sizes, element,
                  [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                    return math::ExpOp::create(b, loc, in[0]);
                  });
  Value total = sum(exp, dim, /*keep=*/true);
  return elementwise(ValueRange{exp, total}, sizes, element,
                     [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                       return arith::DivFOp::create(b, loc, in[0], in[1]);
                     });
}

Value FunctionImporter::convert(OpBuilder &b, Location loc, Value value,
                                Type from, Type to) {
  Type target = signless(to);
  if (from == to || (value.getType() == target && !isBool(to)))
    return value;
  if (isBool(to)) {
    Value zero = constant(from, 0.0);
    if (isFloat(from))
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, value,
                                   zero);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
  }
  if (isFloat(from) && isFloat(to)) {
    unsigned width = from.getIntOrFloatBitWidth();
    unsigned wanted = to.getIntOrFloatBitWidth();
    // f16 and bf16 meet in f32.
    if (width == wanted)
      return convert(b, loc, convert(b, loc, value, from, b.getF32Type()),
                     b.getF32Type(), to);
    if (width < wanted)
      return arith::ExtFOp::create(b, loc, target, value);
    return arith::TruncFOp::create(b, loc, target, value);
  }
  if (isFloat(to)) {
    // Narrow floats do not hold what integers may.
    if (Type wide = mathType(to); wide != to)
      return convert(b, loc, convert(b, loc, value, from, wide), wide, to);
    if (isUnsigned(from))
      return arith::UIToFPOp::create(b, loc, target, value);
    return arith::SIToFPOp::create(b, loc, target, value);
  }
  if (isFloat(from)) {
    if (Type wide = mathType(from); wide != from)
      return convert(b, loc, convert(b, loc, value, from, wide), wide, to);
    if (!isUnsigned(to))
      return arith::FPToSIOp::create(b, loc, target, value);
    // By way of a wide integer, as C++ compilers wrap negative ones.
    Value wide = arith::FPToSIOp::create(b, loc, b.getI64Type(), value);
    return arith::TruncIOp::create(b, loc, target, wide);
  }
  unsigned width = from.getIntOrFloatBitWidth();
  unsigned wanted = to.getIntOrFloatBitWidth();
  if (width == wanted)
    return value;
  if (width > wanted)
    return arith::TruncIOp::create(b, loc, target, value);
  if (isUnsigned(from))
    return arith::ExtUIOp::create(b, loc, target, value);
  return arith::ExtSIOp::create(b, loc, target, value);
}

Type FunctionImporter::dtypeOf(const Item &number, MLIRContext *context) {
  switch (number.kind) {
  case Item::Kind::tensor:
    return number.tensor.dtype;
  case Item::Kind::real:
    return parseDtype(context, "f64");
  case Item::Kind::boolean:
    return parseDtype(context, "i1");
  default:
    return parseDtype(context, "si64");
  }
}

Value FunctionImporter::convert(const Item &number, Type to) {
  Type from = dtypeOf(number, getContext());
  if (from == to)
    return number.scalar;
  APInt integer;
  if (matchPattern(number.scalar, m_ConstantInt(&integer))) {
    int64_t value =
        isBool(from) ? integer.getZExtValue() : integer.getSExtValue();
    if (!isFloat(to) && !isBool(to))
      return constant(IntegerAttr::get(
          signless(to),
          APInt(64, uint64_t(value)).trunc(to.getIntOrFloatBitWidth())));
    return constant(to, isBool(to) ? value != 0 : double(value));
  }
  APFloat real(0.0);
  if (matchPattern(number.scalar, m_ConstantFloat(&real))) {
    double value = real.convertToDouble();
    return constant(to, isBool(to) ? value != 0 : value);
  }
  return convert(builder, loc, number.scalar, from, to);
}

void FunctionImporter::assertTrue(Value condition, const Twine &message) {
  APInt known;
  if (matchPattern(condition, m_ConstantInt(&known)) && !known.isZero())
    return;
  cf::AssertOp::create(builder, loc, condition, builder.getStringAttr(message));
}
