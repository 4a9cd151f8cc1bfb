// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums, means, extremes and running sums along dimensions.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// The smallest or largest value of `dtype`.
static Value extreme(FunctionImporter &f, Type dtype, bool largest) {
  if (isFloat(dtype))
    return f.constant(dtype, largest ? INFINITY : -INFINITY);
  unsigned width = dtype.getIntOrFloatBitWidth();
  APInt value = isUnsigned(dtype) ? (largest ? APInt::getMaxValue(width)
                                             : APInt::getMinValue(width))
                                  : (largest ? APInt::getSignedMaxValue(width)
                                             : APInt::getSignedMinValue(width));
  return f.constant(IntegerAttr::get(signless(dtype), value));
}

/// Whether x goes before y: larger, or smaller. NaN goes before all.
static Value isBefore(OpBuilder &b, Location loc, Type dtype, bool largest,
                      Value x, Value y) {
  if (!isFloat(dtype)) {
    using I = arith::CmpIPredicate;
    I predicate = isUnsigned(dtype) ? (largest ? I::ugt : I::ult)
                                    : (largest ? I::sgt : I::slt);
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  using F = arith::CmpFPredicate;
  Value beyond = arith::CmpFOp::create(b, loc, largest ? F::OGT : F::OLT, x, y);
  Value nan = arith::CmpFOp::create(b, loc, F::UNO, x, x);
  Value number = arith::CmpFOp::create(b, loc, F::ORD, y, y);
  Value first = arith::AndIOp::create(b, loc, nan, number);
  return arith::OrIOp::create(b, loc, beyond, first);
}

LogicalResult torch::giveSum(Call &call, const Tensor &tensor,
                             ArrayRef<int64_t> dims, bool keep) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Type compute = mathType(dtype);
  FunctionImporter &f = call.f;
  Value total = f.sum(f.asType(tensor, compute).value, dims, keep);
  return call.give(f.asType({total, compute}, dtype));
}

static LogicalResult importSumAll(Call &call) {
  return giveSum(call, call.tensor(0), call.dimensions(call.size()), false);
}

static LogicalResult importSum(Call &call) {
  return giveSum(call, call.tensor(0), call.dimensions(1), call.flag(2));
}

/// How many elements of operand 0 go into one, as a number of type `type`.
static Value countOf(Call &call, ArrayRef<int64_t> dims, Type type,
                     double less = 0) {
  Sizes sizes = call.sizesOf(0), reduced;
  for (int64_t dim : dims)
    reduced.push_back(sizes[dim]);
  FunctionImporter &f = call.f;
  Size count = f.product(reduced);
  if (auto known = dyn_cast<AffineConstantExpr>(count))
    return f.constant(type, std::max(known.getValue() - less, 0.0));
  Value number = f.convert(
      Item{Item::Kind::integer, {}, f.toInteger(count), {}, {}}, type);
  if (less == 0)
    return number;
  number =
      arith::SubFOp::create(f.builder, f.loc, number, f.constant(type, less));
  return arith::MaximumFOp::create(f.builder, f.loc, number,
                                   f.constant(type, 0.0));
}

static Value divideBy(FunctionImporter &f, Value tensor, Value divisor) {
  return f.elementwise(tensor, f.sizesOf(tensor), divisor.getType(),
                       [&](OpBuilder &b, Location loc, ValueRange in) {
                         return Value(
                             arith::DivFOp::create(b, loc, in[0], divisor));
                       });
}

LogicalResult torch::giveMean(Call &call, ArrayRef<int64_t> dims, bool keep) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype);
  Value total = f.sum(f.asType(call.tensor(0), compute).value, dims, keep);
  Value mean = divideBy(f, total, countOf(call, dims, compute));
  return call.give(f.asType({mean, compute}, dtype));
}

static LogicalResult importMeanAll(Call &call) {
  return giveMean(call, call.dimensions(call.size()), false);
}

static LogicalResult importMean(Call &call) {
  return giveMean(call, call.dimensions(1), call.flag(2));
}

/// The mean square distance to the mean, over `correction` elements fewer.
static LogicalResult giveVar(Call &call, ArrayRef<int64_t> dims, bool keep,
                             double correction, bool root, int meanResult) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype);
  Value input = f.asType(call.tensor(0), compute).value;
  Value mean = divideBy(f, f.sum(input, dims, /*keep=*/true),
                        countOf(call, dims, compute));
  Value squares =
      f.elementwise(ValueRange{input, mean}, call.sizesOf(0), compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value d = arith::SubFOp::create(b, loc, in[0], in[1]);
                      return arith::MulFOp::create(b, loc, d, d);
                    });
  Value var = divideBy(f, f.sum(squares, dims, keep),
                       countOf(call, dims, compute, correction));
  if (root)
    var = f.elementwise(var, f.sizesOf(var), compute,
                        [](OpBuilder &b, Location loc, ValueRange in) {
                          return Value(math::SqrtOp::create(b, loc, in[0]));
                        });
  if (failed(call.give(f.asType({var, compute}, dtype))))
    return failure();
  if (meanResult == 0)
    return success();
  mean = f.reshape(mean, f.sizesOf(var));
  return call.give(f.asType({mean, compute}, dtype), meanResult);
}

template <bool root, int mean>
static LogicalResult importVarCorrection(Call &call) {
  double correction = call.isNone(2) ? 1 : call.number(2);
  return giveVar(call, call.dimensions(1), call.flag(3), correction, root,
                 mean);
}

template <bool root> static LogicalResult importVarDim(Call &call) {
  return giveVar(call, call.dimensions(1), call.flag(3), call.flag(2), root, 0);
}

template <bool root> static LogicalResult importVarAll(Call &call) {
  return giveVar(call, call.dimensions(call.size()), false, call.flag(1), root,
                 0);
}

LogicalResult torch::giveExtreme(Call &call, ArrayRef<int64_t> dims, bool keep,
                                 bool largest) {
  FunctionImporter &f = call.f;
  const Tensor &tensor = call.tensor(0);
  Type dtype = tensor.dtype;
  Value result =
      f.reduce(tensor.value, dims, keep, extreme(f, dtype, !largest),
               [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                 Value x = in[0], y = in[1];
                 if (isFloat(dtype) && largest)
                   return arith::MaximumFOp::create(b, loc, x, y);
                 if (isFloat(dtype))
                   return arith::MinimumFOp::create(b, loc, x, y);
                 if (isUnsigned(dtype) && largest)
                   return arith::MaxUIOp::create(b, loc, x, y);
                 if (isUnsigned(dtype))
                   return arith::MinUIOp::create(b, loc, x, y);
                 if (largest)
                   return arith::MaxSIOp::create(b, loc, x, y);
                 return arith::MinSIOp::create(b, loc, x, y);
               });
  return call.give(Tensor{result, dtype});
}

template <bool largest> static LogicalResult importExtremeAll(Call &call) {
  return giveExtreme(call, call.dimensions(call.size()), false, largest);
}

template <bool largest> static LogicalResult importExtremes(Call &call) {
  return giveExtreme(call, call.dimensions(1), call.flag(2), largest);
}

std::pair<Value, Value> torch::locate(FunctionImporter &f, const Tensor &tensor,
                                      int64_t dim, bool keep, bool largest) {
  Sizes sizes = f.sizesOf(tensor.value), kept(sizes), squeezed(sizes);
  Type dtype = tensor.dtype, i64 = f.builder.getI64Type();
  squeezed.erase(squeezed.begin() + dim);
  kept[dim] = f.size(1);
  SmallVector<AffineExpr> exprs;
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  iterators[dim] = utils::IteratorType::reduction;
  for (unsigned i = 0; i < sizes.size(); ++i)
    if (i != unsigned(dim))
      exprs.push_back(getAffineDimExpr(i, f.getContext()));
  AffineMap map = AffineMap::get(sizes.size(), 0, exprs, f.getContext());
  SmallVector<Value> out{f.fill(squeezed, extreme(f, dtype, !largest)),
                         f.fill(squeezed, f.constantInt(0))};
  auto op = linalg::GenericOp::create(
      f.builder, f.loc, ValueRange(out).getTypes(), ValueRange{tensor.value},
      out,
      ArrayRef<AffineMap>{f.builder.getMultiDimIdentityMap(sizes.size()), map,
                          map},
      iterators, [&](OpBuilder &b, Location loc, ValueRange in) {
        Value i = linalg::IndexOp::create(b, loc, dim);
        Value number = arith::IndexCastOp::create(b, loc, i64, i);
        Value better = isBefore(b, loc, dtype, largest, in[0], in[1]);
        Value value = arith::SelectOp::create(b, loc, better, in[0], in[1]);
        Value place = arith::SelectOp::create(b, loc, better, number, in[2]);
        linalg::YieldOp::create(b, loc, ValueRange{value, place});
      });
  for (Value result : op.getResults())
    f.setSizes(result, squeezed);
  if (!keep)
    return {op.getResult(0), op.getResult(1)};
  return {f.reshape(op.getResult(0), kept), f.reshape(op.getResult(1), kept)};
}

template <bool largest> static LogicalResult importMaxDim(Call &call) {
  const Tensor &tensor = call.tensor(0);
  if (tensor.getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  auto [value, place] =
      locate(call.f, tensor, call.dimension(1), call.flag(2), largest);
  if (failed(call.give(Tensor{value, tensor.dtype}, 0)))
    return failure();
  return call.give(place, 1);
}

template <bool largest> static LogicalResult importArgmax(Call &call) {
  FunctionImporter &f = call.f;
  Tensor tensor = call.tensor(0);
  Sizes sizes = call.sizesOf(0);
  if (!call.isNone(1) && !sizes.empty())
    return call.give(
        locate(f, tensor, call.dimension(1), call.flag(2), largest).second);
  tensor.value = f.reshape(tensor.value, {f.product(sizes)});
  Value place = locate(f, tensor, 0, false, largest).second;
  Sizes kept(call.resultShape().size(), f.size(1));
  return call.give(f.reshape(place, kept));
}

template <bool all>
static LogicalResult giveAny(Call &call, ArrayRef<int64_t> dims, bool keep) {
  FunctionImporter &f = call.f;
  Type i1 = parseDtype(f.getContext(), "i1"), dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Value result = f.reduce(
      f.asType(call.tensor(0), i1).value, dims, keep, f.constant(i1, all),
      [](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (all)
          return arith::AndIOp::create(b, loc, in[0], in[1]);
        return arith::OrIOp::create(b, loc, in[0], in[1]);
      });
  return call.give(f.asType({result, i1}, dtype));
}

template <bool all> static LogicalResult importAnyAll(Call &call) {
  return giveAny<all>(call, call.dimensions(call.size()), false);
}

template <bool all> static LogicalResult importAny(Call &call) {
  return giveAny<all>(call, call.dimensions(1), call.flag(2));
}

LogicalResult torch::giveProduct(Call &call, ArrayRef<int64_t> dims,
                                 bool keep) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype);
  Value result =
      f.reduce(f.asType(call.tensor(0), compute).value, dims, keep,
               f.constant(compute, 1.0),
               [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                 if (isFloat(compute))
                   return arith::MulFOp::create(b, loc, in[0], in[1]);
                 return arith::MulIOp::create(b, loc, in[0], in[1]);
               });
  return call.give(f.asType({result, compute}, dtype));
}

static LogicalResult importProductAll(Call &call) {
  return giveProduct(call, call.dimensions(call.size()), false);
}
static LogicalResult importProduct(Call &call) {
  return giveProduct(call, call.dimensions(1), call.flag(2));
}

/// The p-norm: of the largest, the number of others than zero, or a root.
template <int order, int dim, int keep>
static LogicalResult importNorm(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype);
  double p = call.isNone(order) ? 2 : call.number(order);
  SmallVector<int64_t> dims = call.dimensions(dim);
  Value exponent = f.constant(compute, p), zero = f.constant(compute, 0.0);
  Value one = f.constant(compute, 1.0), root = f.constant(compute, 1 / p);
  Value terms = f.elementwise(
      f.asType(call.tensor(0), compute).value, call.sizesOf(0), compute,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (p == 2)
          return arith::MulFOp::create(b, loc, in[0], in[0]);
        Value size = math::AbsFOp::create(b, loc, in[0]);
        if (p == 1 || std::isinf(p))
          return size;
        if (p != 0)
          return math::PowFOp::create(b, loc, size, exponent);
        Value some = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE,
                                           size, zero);
        return arith::SelectOp::create(b, loc, some, one, zero);
      });
  Value norm;
  bool keeps = call.flag(keep);
  if (p == INFINITY)
    norm = f.maxOf(terms, dims, keeps);
  else if (p == -INFINITY)
    norm = f.reduce(terms, dims, keeps, f.constant(compute, INFINITY),
                    [](OpBuilder &b, Location loc, ValueRange in) {
                      return Value(
                          arith::MinimumFOp::create(b, loc, in[0], in[1]));
                    });
  else
    norm = f.sum(terms, dims, keeps);
  if (p != 0 && p != 1 && !std::isinf(p))
    norm =
        f.elementwise(norm, f.sizesOf(norm), compute,
                      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                        if (p == 2)
                          return math::SqrtOp::create(b, loc, in[0]);
                        return math::PowFOp::create(b, loc, in[0], root);
                      });
  return call.give(f.asType({norm, compute}, dtype));
}

/// max + log(sum(exp(x - max))), where an infinite max counts as zero.
static LogicalResult importLogSumExp(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype);
  SmallVector<int64_t> dims = call.dimensions(1);
  Value input = f.asType(call.tensor(0), compute).value;
  Value zero = f.constant(compute, 0.0),
        infinity = f.constant(compute, INFINITY);
  Value max = f.maxOf(input, dims, /*keep=*/true);
  max = f.elementwise(max, f.sizesOf(max), compute,
                      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                        Value size = math::AbsFOp::create(b, loc, in[0]);
                        Value infinite = arith::CmpFOp::create(
                            b, loc, arith::CmpFPredicate::OEQ, size, infinity);
                        return arith::SelectOp::create(b, loc, infinite, zero,
                                                       in[0]);
                      });
  Value exp =
      f.elementwise(ValueRange{input, max}, call.sizesOf(0), compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value d = arith::SubFOp::create(b, loc, in[0], in[1]);
                      return math::ExpOp::create(b, loc, d);
                    });
  Value total = f.sum(exp, dims, call.flag(2));
  Sizes sizes = f.sizesOf(total);
  Value result =
      f.elementwise(ValueRange{total, f.reshape(max, sizes)}, sizes, compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value log = math::LogOp::create(b, loc, in[0]);
                      return arith::AddFOp::create(b, loc, log, in[1]);
                    });
  return call.give(f.asType({result, compute}, dtype));
}

/// A running sum or product: a loop over slices.
LogicalResult torch::giveCumulative(Call &call, int64_t dim, bool product) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  FunctionImporter &f = call.f;
  Type compute = mathType(dtype), element = signless(compute);
  Value input = f.asType(call.tensor(0), compute).value;
  Sizes sizes = call.sizesOf(0);
  if (sizes.empty())
    return call.give(f.asType({input, compute}, dtype));
  Sizes slice(sizes);
  slice[dim] = f.size(1);
  SmallVector<OpFoldResult> folds =
      llvm::map_to_vector(slice, [&](Size size) { return f.toFold(size); });
  SmallVector<OpFoldResult> strides(sizes.size(), f.builder.getIndexAttr(1));
  SmallVector<Value> init{f.empty(sizes, element),
                          f.fill(slice, f.constant(compute, product))};
  unsigned rank = sizes.size();
  auto body = [&](OpBuilder &b, Location loc, ValueRange ivs,
                  ValueRange state) -> SmallVector<Value> {
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
    offsets[dim] = ivs[0];
    auto type = cast<RankedTensorType>(state[1].getType());
    Value part = tensor::ExtractSliceOp::create(b, loc, type, input, offsets,
                                                folds, strides);
    SmallVector<AffineMap> maps(2, b.getMultiDimIdentityMap(rank));
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    auto next = linalg::GenericOp::create(
        b, loc, TypeRange{type}, ValueRange{part}, ValueRange{state[1]}, maps,
        iterators, [&](OpBuilder &b, Location loc, ValueRange in) {
          Value value;
          if (isFloat(compute) && product)
            value = arith::MulFOp::create(b, loc, in[1], in[0]);
          else if (isFloat(compute))
            value = arith::AddFOp::create(b, loc, in[1], in[0]);
          else if (product)
            value = arith::MulIOp::create(b, loc, in[1], in[0]);
          else
            value = arith::AddIOp::create(b, loc, in[1], in[0]);
          linalg::YieldOp::create(b, loc, value);
        });
    Value out = tensor::InsertSliceOp::create(
        b, loc, next.getResult(0), state[0], offsets, folds, strides);
    return {out, next.getResult(0)};
  };
  Value result = f.loops({sizes[dim]}, init, body)[0];
  return call.give(f.asType({result, compute}, dtype));
}

template <bool product> static LogicalResult importCumulative(Call &call) {
  return giveCumulative(call, call.dimension(1), product);
}

void torch::addReductionOps(Table &table) {
  table["aten.sum"] = {"Tx", importSumAll};
  table["aten.sum.dim_IntList"] = {"TEbx", importSum};
  table["aten.mean"] = {"Tx", importMeanAll};
  table["aten.mean.dim"] = {"TEbx", importMean};
  table["aten.prod"] = {"Tx", importProductAll};
  table["aten.prod.dim_int"] = {"TDbx", importProduct};
  table["aten.max"] = {"T", importExtremeAll<true>};
  table["aten.min"] = {"T", importExtremeAll<false>};
  table["aten.amax"] = {"TEb", importExtremes<true>};
  table["aten.amin"] = {"TEb", importExtremes<false>};
  table["aten.max.dim"] = {"TDb", importMaxDim<true>};
  table["aten.min.dim"] = {"TDb", importMaxDim<false>};
  table["aten.argmax"] = {"TEb", importArgmax<true>};
  table["aten.argmin"] = {"TEb", importArgmax<false>};
  table["aten.any"] = {"T", importAnyAll<false>};
  table["aten.all"] = {"T", importAnyAll<true>};
  table["aten.any.dim"] = {"TDb", importAny<false>};
  table["aten.all.dim"] = {"TDb", importAny<true>};
  table["aten.any.dims"] = {"TEb", importAny<false>};
  table["aten.all.dims"] = {"TEb", importAny<true>};
  table["aten.var"] = {"Tb", importVarAll<false>};
  table["aten.std"] = {"Tb", importVarAll<true>};
  table["aten.var.dim"] = {"TEbb", importVarDim<false>};
  table["aten.std.dim"] = {"TEbb", importVarDim<true>};
  table["aten.var.correction"] = {"TEFb", importVarCorrection<false, 0>};
  table["aten.std.correction"] = {"TEFb", importVarCorrection<true, 0>};
  table["aten.var_mean.correction"] = {"TEFb", importVarCorrection<false, 1>};
  table["aten.linalg_vector_norm"] = {"TfEbx", importNorm<1, 2, 3>};
  table["aten.norm.ScalarOpt_dim"] = {"TFEb", importNorm<1, 2, 3>};
  table["aten.logsumexp"] = {"TEb", importLogSumExp};
  table["aten.cumsum"] = {"TDo", importCumulative<false>};
  table["aten.cumprod"] = {"TDo", importCumulative<true>};
}
