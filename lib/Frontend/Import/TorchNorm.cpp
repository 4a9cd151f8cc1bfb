// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Softmax and normalisations, in f32 and rounded once where tensors are narrow.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

LogicalResult torch::giveSoftmax(Call &call, int64_t dim, bool log) {
  FunctionImporter &f = call.f;
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  if (call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  Type compute = mathType(dtype);
  Value input = f.asType(call.tensor(0), compute).value;
  if (!log)
    return call.give(f.asType({f.softmax(input, dim), compute}, dtype));
  Sizes sizes = call.sizesOf(0);
  Value max = f.maxOf(input, dim, /*keep=*/true);
  Value shifted =
      f.elementwise(ValueRange{input, max}, sizes, compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      return arith::SubFOp::create(b, loc, in[0], in[1]);
                    });
  Value exp = f.elementwise(shifted, sizes, compute,
                            [](OpBuilder &b, Location loc, ValueRange in) {
                              return Value(math::ExpOp::create(b, loc, in[0]));
                            });
  Value total = f.sum(exp, dim, /*keep=*/true);
  Value result =
      f.elementwise(ValueRange{shifted, total}, sizes, compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value sum = math::LogOp::create(b, loc, in[1]);
                      return arith::SubFOp::create(b, loc, in[0], sum);
                    });
  return call.give(f.asType({result, compute}, dtype));
}

template <bool log> static LogicalResult importSoftmax(Call &call) {
  return giveSoftmax(call, call.dimension(1), log);
}

namespace {
/// (x - mean) * rstd * weight + bias over the last dimensions, the first and
/// the last of which may be missing.
struct Norm {
  Call &call;
  FunctionImporter &f;
  Type dtype, compute;
  Value input;
  SmallVector<int64_t> dims;

  Norm(Call &call) : call(call), f(call.f), dtype(call.resultDtype()) {}

  /// Over the dimensions from `first` on.
  LogicalResult read(int64_t first) {
    if (!dtype || !isFloat(dtype))
      return call.error() << "should give floats";
    compute = mathType(dtype);
    input = f.asType(call.tensor(0), compute).value;
    dims = llvm::to_vector(llvm::seq<int64_t>(first, call.tensor(0).getRank()));
    return success();
  }

  /// Over as many as operand 1 has sizes.
  LogicalResult read() {
    Sizes shape = call.integers(1), sizes = call.sizesOf(0);
    if (shape.empty() || shape.size() > sizes.size())
      return call.error() << "normalises over " << shape.size()
                          << " dimensions of " << sizes.size();
    for (auto [want, have] :
         llvm::zip_equal(shape, ArrayRef(sizes).take_back(shape.size())))
      if (want != have && isa<AffineConstantExpr>(want) &&
          isa<AffineConstantExpr>(have))
        return call.error() << "normalises over a size of " << toText(want)
                            << ", found " << toText(have);
    return read(sizes.size() - shape.size());
  }

  Value mean(Value tensor) {
    Sizes sizes = f.sizesOf(tensor), reduced;
    for (int64_t dim : dims)
      reduced.push_back(sizes[dim]);
    Item count{
        Item::Kind::integer, {}, f.toInteger(f.product(reduced)), {}, {}};
    Value divisor = f.convert(count, compute);
    Value total = f.sum(tensor, dims, /*keep=*/true);
    return f.elementwise(total, f.sizesOf(total), compute,
                         [&](OpBuilder &b, Location loc, ValueRange in) {
                           return Value(
                               arith::DivFOp::create(b, loc, in[0], divisor));
                         });
  }

  /// 1 / sqrt(mean(x * x) + eps)
  Value inverseRoot(Value tensor, double eps) {
    Sizes sizes = f.sizesOf(tensor);
    Value squares = f.elementwise(
        tensor, sizes, compute, [](OpBuilder &b, Location loc, ValueRange in) {
          return Value(arith::MulFOp::create(b, loc, in[0], in[0]));
        });
    Value average = mean(squares), small = f.constant(compute, eps);
    return f.elementwise(average, f.sizesOf(average), compute,
                         [&](OpBuilder &b, Location loc, ValueRange in) {
                           Value sum =
                               arith::AddFOp::create(b, loc, in[0], small);
                           return Value(math::RsqrtOp::create(b, loc, sum));
                         });
  }

  template <typename Op> Value combine(Value lhs, Value rhs) {
    return f.elementwise(ValueRange{lhs, rhs}, f.sizesOf(lhs), compute,
                         [](OpBuilder &b, Location loc, ValueRange in) {
                           return Value(Op::create(b, loc, in[0], in[1]));
                         });
  }

  LogicalResult finish(Value value, unsigned weight, unsigned bias) {
    for (unsigned i : {weight, bias}) {
      if (call.isNone(i))
        continue;
      Value other = f.asType(call.tensor(i), compute).value;
      if (call.tensor(i).getRank() != int64_t(dims.size()))
        return call.error()
               << "operand " << i << " should have rank " << dims.size();
      value = i == weight ? combine<arith::MulFOp>(value, other)
                          : combine<arith::AddFOp>(value, other);
    }
    return call.give(f.asType({value, compute}, dtype));
  }
};
} // namespace

static LogicalResult giveLayerNorm(Call &call, Norm &norm, unsigned weight,
                                   double eps) {
  Value mean = norm.mean(norm.input);
  Value centred = norm.combine<arith::SubFOp>(norm.input, mean);
  Value root = norm.inverseRoot(centred, eps);
  if (failed(norm.finish(norm.combine<arith::MulFOp>(centred, root), weight,
                         weight + 1)))
    return failure();
  Value statistics[] = {mean, root};
  for (auto [i, value] : llvm::enumerate(statistics))
    if (call.op->getNumResults() > i + 1 &&
        failed(call.give(
            call.f.asType({value, norm.compute}, call.resultDtype(i + 1)),
            i + 1)))
      return failure();
  return success();
}

static LogicalResult importLayerNorm(Call &call) {
  Norm norm(call);
  return failed(norm.read()) ? failure()
                             : giveLayerNorm(call, norm, 2, call.number(4));
}

LogicalResult torch::giveLayerNorm(Call &call, int64_t axis, double eps) {
  Norm norm(call);
  return failed(norm.read(axis)) ? failure()
                                 : ::giveLayerNorm(call, norm, 1, eps);
}

LogicalResult torch::giveRmsNorm(Call &call, int64_t axis, double eps) {
  Norm norm(call);
  if (failed(norm.read(axis)))
    return failure();
  Value root = norm.inverseRoot(norm.input, eps);
  return norm.finish(norm.combine<arith::MulFOp>(norm.input, root), 1,
                     call.size());
}

static LogicalResult importRmsNorm(Call &call) {
  Norm norm(call);
  if (failed(norm.read()))
    return failure();
  // Without eps it is that of the type it is computed in.
  double eps = !call.isNone(3)        ? call.number(3)
               : norm.compute.isF64() ? std::numeric_limits<double>::epsilon()
                                      : std::numeric_limits<float>::epsilon();
  Value root = norm.inverseRoot(norm.input, eps);
  if (failed(norm.finish(norm.combine<arith::MulFOp>(norm.input, root), 2,
                         call.size())))
    return failure();
  if (call.op->getNumResults() < 2)
    return success();
  return call.give(call.f.asType({root, norm.compute}, call.resultDtype(1)), 1);
}

void torch::addNormOps(Table &table) {
  table["aten._softmax"] = {"TDb", importSoftmax<false>};
  table["aten.softmax.int"] = {"TDo", importSoftmax<false>};
  table["aten._log_softmax"] = {"TDb", importSoftmax<true>};
  table["aten.log_softmax.int"] = {"TDo", importSoftmax<true>};
  table["aten.layer_norm"] = {"TLttfx", importLayerNorm};
  table["aten.native_layer_norm"] = {"TLttf", importLayerNorm};
  table["aten.rms_norm"] = {"TLtF", importRmsNorm};
  table["aten._fused_rms_norm"] = {"TLtF", importRmsNorm};
}
