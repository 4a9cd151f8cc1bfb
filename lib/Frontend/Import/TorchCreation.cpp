// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors out of nothing. A tensor that torch leaves uninitialised is zero.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

static LogicalResult give(Call &call, ArrayRef<Size> sizes, Value scalar) {
  for (Size size : sizes)
    if (auto known = dyn_cast<AffineConstantExpr>(size))
      if (known.getValue() < 0)
        return call.error() << "size " << known.getValue() << " is negative";
  return call.give(call.f.fill(sizes, scalar));
}

static FailureOr<Type> resultDtype(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  return dtype;
}

/// full and the like: sizes in operand `sizes`, the value in `value`.
template <int sizes, int value> static LogicalResult importFull(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  return give(call, call.integers(sizes),
              call.f.convert(call.item(value), *dtype));
}

template <int sizes, int constant>
static LogicalResult importFilled(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  return give(call, call.integers(sizes), call.f.constant(*dtype, constant));
}

template <int value> static LogicalResult importFullLike(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  return give(call, call.sizesOf(0), call.f.convert(call.item(value), *dtype));
}

template <int constant> static LogicalResult importFilledLike(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  return give(call, call.sizesOf(0), call.f.constant(*dtype, constant));
}

static LogicalResult importFillTensor(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  Tensor value = call.f.asType(call.tensor(1), *dtype);
  return call.give(call.f.broadcastTo(value.value, call.sizesOf(0)));
}

static LogicalResult importScalarTensor(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  return give(call, {}, call.f.convert(call.item(0), *dtype));
}

/// tensor([a, b, ...]) of numbers.
static LogicalResult importTensor(Call &call) {
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  const Item &item = call.item(0);
  if (item.isNumber())
    return importScalarTensor(call);
  if (item.kind != Item::Kind::list ||
      !llvm::all_of(item.list, [](const Item &i) { return i.isNumber(); }))
    return call.error() << "expected a number or a list of numbers";
  SmallVector<Value> parts;
  for (const Item &number : item.list)
    parts.push_back(
        call.f.fill({call.f.size(1)}, call.f.convert(number, *dtype)));
  if (parts.empty())
    return give(call, {call.f.size(0)}, call.f.constant(*dtype, 0.0));
  return call.give(call.f.concat(parts, 0));
}

/// start + i * step, computed as PyTorch does: in integers, or in double.
static LogicalResult importRange(Call &call, const Item *start, const Item &end,
                                 const Item *step) {
  FunctionImporter &f = call.f;
  FailureOr<Type> dtype = resultDtype(call);
  if (failed(dtype))
    return failure();
  Type wide = parseDtype(f.getContext(), isFloat(*dtype) ? "f64" : "si64");
  Value first = start ? f.convert(*start, wide) : f.constant(wide, 0.0);
  Value stride = step ? f.convert(*step, wide) : f.constant(wide, 1.0);
  Value last = f.convert(end, wide);
  Size count;
  if (std::optional<int64_t> known = call.knownSize(0)) {
    count = f.size(*known);
  } else if (isFloat(*dtype)) {
    return call.error() << "a range of floats should have a known size";
  } else {
    APInt by;
    if (!matchPattern(stride, m_ConstantInt(&by)) || by.isZero())
      return call.error() << "the step should be a constant other than zero";
    Size span = f.sizeOf(last) - f.sizeOf(first);
    int64_t width = by.getSExtValue();
    Size positive = width > 0 ? span : -span;
    count = f.maximum(positive.ceilDiv(uint64_t(std::abs(width))), f.size(0));
    // Sizes of tensors are not negative, so that a plain range needs no check.
    if (width == 1 && f.sizeOf(first) == f.size(0))
      count = f.sizeOf(last);
  }
  Value result =
      f.generic({}, {}, count, signless(*dtype),
                [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                  Value i = linalg::IndexOp::create(b, loc, 0);
                  Value number =
                      arith::IndexCastOp::create(b, loc, b.getI64Type(), i);
                  if (isFloat(*dtype)) {
                    number = arith::SIToFPOp::create(b, loc, wide, number);
                    number = arith::MulFOp::create(b, loc, number, stride);
                    number = arith::AddFOp::create(b, loc, number, first);
                    return f.convert(b, loc, number, wide, *dtype);
                  }
                  if (!matchPattern(stride, m_One()))
                    number = arith::MulIOp::create(b, loc, number, stride);
                  if (!matchPattern(first, m_Zero()))
                    number = arith::AddIOp::create(b, loc, number, first);
                  return f.convert(b, loc, number, wide, *dtype);
                });
  return call.give(result);
}

static LogicalResult importArange(Call &call) {
  return importRange(call, nullptr, call.item(0), nullptr);
}
static LogicalResult importArangeStart(Call &call) {
  return importRange(call, &call.item(0), call.item(1), nullptr);
}
static LogicalResult importArangeStep(Call &call) {
  return importRange(call, &call.item(0), call.item(1), &call.item(2));
}

void torch::addCreationOps(Table &table) {
  table["aten.full"] = {"LNxxxx", importFull<0, 1>};
  table["aten.new_full"] = {"TLNxxxx", importFull<1, 2>};
  table["aten.zeros"] = {"Lxxxx", importFilled<0, 0>};
  table["aten.ones"] = {"Lxxxx", importFilled<0, 1>};
  table["aten.empty.memory_format"] = {"Lxxxxx", importFilled<0, 0>};
  table["aten.empty_strided"] = {"Lxxxxx", importFilled<0, 0>};
  table["aten.new_zeros"] = {"TLxxxx", importFilled<1, 0>};
  table["aten.new_ones"] = {"TLxxxx", importFilled<1, 1>};
  table["aten.new_empty"] = {"TLxxxx", importFilled<1, 0>};
  table["aten.new_empty_strided"] = {"TLxxxxx", importFilled<1, 0>};
  table["aten.full_like"] = {"TNxxxxx", importFullLike<1>};
  table["aten.fill.Scalar"] = {"TN", importFullLike<1>};
  table["aten.fill.Tensor"] = {"TT", importFillTensor};
  table["aten.zeros_like"] = {"Txxxxx", importFilledLike<0>};
  table["aten.ones_like"] = {"Txxxxx", importFilledLike<1>};
  table["aten.empty_like"] = {"Txxxxx", importFilledLike<0>};
  table["aten.zero"] = {"T", importFilledLike<0>};
  table["aten.scalar_tensor"] = {"Nxxxx", importScalarTensor};
  table["prim.NumToTensor.Scalar"] = {"N", importScalarTensor};
  for (StringRef name : {"aten.tensor.int", "aten.tensor.float",
                         "aten.tensor.bool", "aten.tensor"})
    table[name] = {"xxxx", importTensor};
  table["aten.arange"] = {"Nxxxx", importArange};
  table["aten.arange.start"] = {"NNxxxx", importArangeStart};
  table["aten.arange.start_step"] = {"NNNxxxx", importArangeStep};
}
