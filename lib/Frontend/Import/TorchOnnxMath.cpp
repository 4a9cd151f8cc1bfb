// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ONNX operators that compute.
#include "TorchOnnx.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// All operands together, by a function of what came before and the next.
static LogicalResult
importFold(Call &call,
           function_ref<Value(OpBuilder &, Location, Value, Value)> fold,
           bool mean = false) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  Type dtype = call.resultDtype();
  Type compute = dtype && mean ? mathType(dtype) : dtype;
  if (mean && (!dtype || !isFloat(dtype)))
    return call.error() << "should give floats";
  SmallVector<const Item *> inputs;
  for (unsigned i = 0; i < call.size(); ++i)
    inputs.push_back(&call.item(i));
  Value count = mean ? call.f.constant(compute, call.size()) : Value();
  return call.elementwise(
      inputs, compute, dtype, [&](OpBuilder &b, Location loc, ValueRange in) {
        Value result = in[0];
        for (Value next : in.drop_front())
          result = fold(b, loc, result, next);
        if (mean)
          result = arith::DivFOp::create(b, loc, result, count);
        return call.f.convert(b, loc, result, compute, dtype);
      });
}

template <typename Float, typename Signed, typename Unsigned, bool mean = false>
static LogicalResult importFoldOf(Call &call) {
  Type dtype = call.resultDtype();
  return importFold(
      call,
      [&](OpBuilder &b, Location loc, Value x, Value y) -> Value {
        if (isFloat(dtype))
          return Float::create(b, loc, x, y);
        if (isUnsigned(dtype))
          return Unsigned::create(b, loc, x, y);
        return Signed::create(b, loc, x, y);
      },
      mean);
}

/// Integers: with the sign of the divisor, or with `fmod` that of the dividend.
static LogicalResult importMod(Call &call) {
  bool fmod = Onnx(call).integer("fmod", 0) != 0;
  Type dtype = call.resultDtype();
  if (!dtype || (isFloat(dtype) && !fmod))
    return call.error() << "takes integers unless fmod is 1";
  Value zero = call.f.constant(dtype, 0.0);
  return call.elementwiseOf(
      {0u, 1u}, dtype, dtype,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isFloat(dtype))
          return arith::RemFOp::create(b, loc, in[0], in[1]);
        if (isUnsigned(dtype))
          return arith::RemUIOp::create(b, loc, in[0], in[1]);
        Value rest = arith::RemSIOp::create(b, loc, in[0], in[1]);
        if (fmod)
          return rest;
        using I = arith::CmpIPredicate;
        Value some = arith::CmpIOp::create(b, loc, I::ne, rest, zero);
        Value left = arith::CmpIOp::create(b, loc, I::slt, rest, zero);
        Value right = arith::CmpIOp::create(b, loc, I::slt, in[1], zero);
        Value apart = arith::XOrIOp::create(b, loc, left, right);
        Value carry = arith::AndIOp::create(b, loc, some, apart);
        Value sum = arith::AddIOp::create(b, loc, rest, in[1]);
        return arith::SelectOp::create(b, loc, carry, sum, rest);
      });
}

static LogicalResult importCast(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Tensor result = call.f.asType(call.tensor(0), dtype);
  auto known = call.f.contents.find(call.value(0));
  if (known != call.f.contents.end() && !isFloat(dtype)) {
    Sizes elements = known->second;
    call.f.contents[result.value] = elements;
  }
  return call.give(result);
}

static LogicalResult importGelu(Call &call) {
  return giveGelu(call, Onnx(call).text("approximate", "none"));
}

/// A function of floats with numbers from attributes.
static LogicalResult
importFunction(Call &call,
               function_ref<Value(OpBuilder &, Location, Type, Value)> body) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  Type compute = mathType(dtype);
  return call.elementwiseOf(
      {0u}, compute, dtype, [&](OpBuilder &b, Location loc, ValueRange in) {
        Value value = body(b, loc, compute, in[0]);
        return call.f.convert(b, loc, value, compute, dtype);
      });
}

static LogicalResult importLeakyRelu(Call &call) {
  double alpha = Onnx(call).number("alpha", 0.01);
  return importFunction(
      call, [&](OpBuilder &b, Location loc, Type type, Value x) -> Value {
        Value zero = call.f.constant(type, 0.0);
        Value scaled =
            arith::MulFOp::create(b, loc, x, call.f.constant(type, alpha));
        Value below =
            arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, zero);
        return arith::SelectOp::create(b, loc, below, scaled, x);
      });
}

/// log(1 + exp(x)), without overflow.
static LogicalResult importSoftplus(Call &call) {
  return importFunction(
      call, [&](OpBuilder &b, Location loc, Type type, Value x) -> Value {
        Value zero = call.f.constant(type, 0.0);
        Value above = arith::MaximumFOp::create(b, loc, x, zero);
        Value size = math::AbsFOp::create(b, loc, x);
        Value negative = arith::NegFOp::create(b, loc, size);
        Value exp = math::ExpOp::create(b, loc, negative);
        Value log = math::Log1pOp::create(b, loc, exp);
        return arith::AddFOp::create(b, loc, above, log);
      });
}

static LogicalResult importClip(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  Type dtype = call.tensor(0).dtype;
  SmallVector<const Item *> inputs{&call.item(0)};
  bool low = !call.isNone(1), high = !call.isNone(2);
  for (unsigned i : {1u, 2u})
    if (!call.isNone(i))
      inputs.push_back(&call.item(i));
  return call.elementwise(
      inputs, dtype, dtype,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value x = in[0];
        if (low && isFloat(dtype))
          x = arith::MaximumFOp::create(b, loc, x, in[1]);
        else if (low)
          x = arith::MaxSIOp::create(b, loc, x, in[1]);
        if (high && isFloat(dtype))
          x = arith::MinimumFOp::create(b, loc, x, in.back());
        else if (high)
          x = arith::MinSIOp::create(b, loc, x, in.back());
        return x;
      });
}

/// alpha * A' @ B' + beta * C, rounded once.
static LogicalResult importGemm(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FunctionImporter &f = call.f;
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype) || call.tensor(0).getRank() != 2 ||
      call.tensor(1).getRank() != 2)
    return call.error() << "should multiply matrices of floats";
  Type compute = mathType(dtype);
  Value lhs = call.value(0), rhs = call.value(1);
  if (onnx.integer("transA", 0))
    lhs = f.transpose(lhs, {1, 0});
  if (onnx.integer("transB", 0))
    rhs = f.transpose(rhs, {1, 0});
  Size left = f.sizesOf(lhs)[1], right = f.sizesOf(rhs)[0];
  if (left != right && isa<AffineConstantExpr>(left) &&
      isa<AffineConstantExpr>(right))
    return call.error() << "multiplies rows of " << toText(left)
                        << " with columns of " << toText(right);
  double alpha = onnx.number("alpha", 1), beta = onnx.number("beta", 1);
  bool biased = !call.isNone(2);
  if (!biased && alpha == 1)
    return call.give(Tensor{f.matmul(lhs, rhs, dtype), dtype});
  Item product{
      Item::Kind::tensor, {f.matmul(lhs, rhs, compute), compute}, {}, {}, {}};
  SmallVector<const Item *> inputs{&product};
  if (biased)
    inputs.push_back(&call.item(2));
  return call.elementwise(
      inputs, compute, dtype, [&](OpBuilder &b, Location loc, ValueRange in) {
        auto scaled = [&](Value x, double factor) -> Value {
          if (factor == 1)
            return x;
          return arith::MulFOp::create(b, loc, x, f.constant(compute, factor));
        };
        Value value = scaled(in[0], alpha);
        if (biased)
          value = arith::AddFOp::create(b, loc, value, scaled(in[1], beta));
        return f.convert(b, loc, value, compute, dtype);
      });
}

/// Before opset 13 over all dimensions from the axis on, as one.
template <bool log> static LogicalResult importSoftmax(Call &call) {
  Onnx onnx(call);
  bool old = onnx.opset() < 13;
  int64_t rank = call.tensor(0).getRank();
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", old ? 1 : -1), rank);
  if (failed(axis))
    return failure();
  if (old && *axis != rank - 1)
    return call.error() << "has the meaning it had before opset 13, over "
                           "several dimensions; convert the model";
  return giveSoftmax(call, *axis, log);
}

enum class Reduction { sum, mean, product, max, min };

template <Reduction kind> static LogicalResult importReduce(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  auto axes = onnx.axes(1);
  if (failed(axes))
    return failure();
  int64_t rank = call.tensor(0).getRank();
  bool keep = onnx.integer("keepdims", 1) != 0;
  bool all = !*axes || (*axes)->empty();
  if (all && onnx.integer("noop_with_empty_axes", 0) != 0)
    return call.give(call.tensor(0));
  SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (!all) {
    auto wrapped = onnx.dimensions(**axes, rank);
    if (failed(wrapped))
      return failure();
    dims = *wrapped;
  }
  switch (kind) {
  case Reduction::sum:
    return giveSum(call, call.tensor(0), dims, keep);
  case Reduction::mean:
    return giveMean(call, dims, keep);
  case Reduction::product:
    return giveProduct(call, dims, keep);
  case Reduction::max:
  case Reduction::min:
    return giveExtreme(call, dims, keep, kind == Reduction::max);
  }
  return failure();
}

template <bool largest> static LogicalResult importArg(Call &call) {
  Onnx onnx(call);
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", 0), call.tensor(0).getRank());
  if (failed(axis))
    return failure();
  if (onnx.integer("select_last_index", 0))
    return call.error() << "picks the last of equals, which is not imported";
  return call.give(locate(call.f, call.tensor(0), *axis,
                          onnx.integer("keepdims", 1) != 0, largest)
                       .second);
}

static LogicalResult importTopK(Call &call) {
  Onnx onnx(call);
  FailureOr<Sizes> k = onnx.contents(1);
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", -1), call.tensor(0).getRank());
  if (failed(k) || failed(axis))
    return failure();
  if (k->size() != 1)
    return call.error() << "should have one k";
  return giveTopK(call, call.tensor(0), k->front(), *axis,
                  onnx.integer("largest", 1) != 0);
}

template <bool rms> static LogicalResult importNormalization(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", -1), call.tensor(0).getRank());
  if (failed(axis))
    return failure();
  double eps = onnx.number("epsilon", 1e-5);
  return rms ? giveRmsNorm(call, *axis, eps) : giveLayerNorm(call, *axis, eps);
}

static LogicalResult importCumSum(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FailureOr<SmallVector<int64_t>> axis = onnx.knownContents(1);
  if (failed(axis) || axis->size() != 1)
    return call.error() << "should have one known axis";
  if (onnx.integer("exclusive", 0) || onnx.integer("reverse", 0))
    return call.error() << "is exclusive or reversed, which is not imported";
  FailureOr<int64_t> dim =
      onnx.dimension(axis->front(), call.tensor(0).getRank());
  return failed(dim) ? failure()
                     : giveCumulative(call, *dim, /*product=*/false);
}

/// values[1] where the index is that of the class, values[0] elsewhere.
static LogicalResult importOneHot(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(3)))
    return failure();
  FunctionImporter &f = call.f;
  FailureOr<Sizes> depth = onnx.contents(1);
  Sizes sizes = call.sizesOf(0);
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", -1), sizes.size() + 1);
  if (failed(depth) || failed(axis))
    return failure();
  const Tensor &values = call.tensor(2);
  if (isFloat(call.tensor(0).dtype) || depth->size() != 1 ||
      values.getType().getShape() != ArrayRef<int64_t>{2})
    return call.error() << "takes integers, one depth and two values";
  Type si64 = parseDtype(f.getContext(), "si64"), i64 = signless(si64);
  Value input = f.asType(call.tensor(0), si64).value;
  SmallVector<AffineExpr> exprs;
  for (size_t dim = 0; dim < sizes.size(); ++dim)
    exprs.push_back(
        getAffineDimExpr(dim < size_t(*axis) ? dim : dim + 1, f.getContext()));
  Size classes = depth->front();
  sizes.insert(sizes.begin() + *axis, classes);
  Value off = tensor::ExtractOp::create(f.builder, f.loc, values.value,
                                        ValueRange{f.index(0)});
  Value on = tensor::ExtractOp::create(f.builder, f.loc, values.value,
                                       ValueRange{f.index(1)});
  Value extent = f.toInteger(classes), zero = f.constantInt(0);
  Value result = f.generic(
      input, AffineMap::get(sizes.size(), 0, exprs, f.getContext()), sizes,
      signless(values.dtype),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        using I = arith::CmpIPredicate;
        Value negative = arith::CmpIOp::create(b, loc, I::slt, in[0], zero);
        Value wrapped = arith::AddIOp::create(b, loc, in[0], extent);
        Value index = arith::SelectOp::create(b, loc, negative, wrapped, in[0]);
        Value i = linalg::IndexOp::create(b, loc, *axis);
        Value number = arith::IndexCastOp::create(b, loc, i64, i);
        Value hit = arith::CmpIOp::create(b, loc, I::eq, index, number);
        return arith::SelectOp::create(b, loc, hit, on, off);
      });
  return call.give(Tensor{result, values.dtype});
}

static LogicalResult importEinsum(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  SmallVector<Tensor> tensors;
  for (unsigned i = 0; i < call.size(); ++i)
    tensors.push_back(call.tensor(i));
  return giveEinsum(call, onnx.text("equation", ""), tensors);
}

void torch::addOnnxMathOps(Table &table) {
  using namespace arith;
  table["onnx.Add"] = {"TT", importFoldOf<AddFOp, AddIOp, AddIOp>};
  table["onnx.Sub"] = {"TT", importFoldOf<SubFOp, SubIOp, SubIOp>};
  table["onnx.Div"] = {"TT", importFoldOf<DivFOp, DivSIOp, DivUIOp>};
  table["onnx.Sum"] = {"*", importFoldOf<AddFOp, AddIOp, AddIOp>};
  table["onnx.Mean"] = {"*", importFoldOf<AddFOp, AddIOp, AddIOp, true>};
  table["onnx.Max"] = {"*", importFoldOf<MaximumFOp, MaxSIOp, MaxUIOp>};
  table["onnx.Min"] = {"*", importFoldOf<MinimumFOp, MinSIOp, MinUIOp>};
  table["onnx.Mod"] = {"TT", importMod};
  table["onnx.Cast"] = {"T", importCast};
  table["onnx.Gelu"] = {"T", importGelu};
  table["onnx.LeakyRelu"] = {"T", importLeakyRelu};
  table["onnx.Softplus"] = {"T", importSoftplus};
  table["onnx.Clip"] = {"*", importClip};
  table["onnx.Gemm"] = {"*", importGemm};
  table["onnx.Einsum"] = {"*", importEinsum};
  table["onnx.Softmax"] = {"T", importSoftmax<false>};
  table["onnx.LogSoftmax"] = {"T", importSoftmax<true>};
  table["onnx.ReduceSum"] = {"*", importReduce<Reduction::sum>};
  table["onnx.ReduceMean"] = {"*", importReduce<Reduction::mean>};
  table["onnx.ReduceProd"] = {"*", importReduce<Reduction::product>};
  table["onnx.ReduceMax"] = {"*", importReduce<Reduction::max>};
  table["onnx.ReduceMin"] = {"*", importReduce<Reduction::min>};
  table["onnx.ArgMax"] = {"T", importArg<true>};
  table["onnx.ArgMin"] = {"T", importArg<false>};
  table["onnx.TopK"] = {"TT", importTopK};
  table["onnx.LayerNormalization"] = {"*", importNormalization<false>};
  table["onnx.RMSNormalization"] = {"*", importNormalization<true>};
  table["onnx.CumSum"] = {"*", importCumSum};
  table["onnx.OneHot"] = {"*", importOneHot};
}
