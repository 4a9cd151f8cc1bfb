// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scaled_dot_product_attention: softmax(q @ k^T * scale + mask) @ v, in f32
// and rounded once where the tensors are narrow, as PyTorch's CPU kernel does.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

namespace {
/// Which operands are what.
struct Attention {
  unsigned dropout, causal, mask, scale;
  bool grouped;
};
} // namespace

/// Each head of `tensor` so many times in a row.
static Value repeatHeads(FunctionImporter &f, Value tensor, Size times) {
  if (times == f.size(1))
    return tensor;
  Sizes sizes = f.sizesOf(tensor);
  unsigned heads = sizes.size() - 3;
  Sizes apart(sizes), together(sizes);
  apart.insert(apart.begin() + heads + 1, f.size(1));
  Value value = f.reshape(tensor, apart);
  apart[heads + 1] = times;
  together[heads] = f.multiply(sizes[heads], times);
  return f.reshape(f.broadcastTo(value, apart), together);
}

/// Scores with the mask applied: added, or -infinity where it is false.
static FailureOr<Value> applyMask(Call &call, Value scores, const Tensor &mask,
                                  Type compute) {
  FunctionImporter &f = call.f;
  Sizes sizes = f.sizesOf(scores);
  FailureOr<Sizes> common = call.broadcast({sizes, f.sizesOf(mask.value)});
  if (failed(common))
    return failure();
  Value lowest = f.constant(compute, -INFINITY);
  return f.elementwise(
      ValueRange{scores, mask.value}, *common, compute,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        if (isBool(mask.dtype))
          return arith::SelectOp::create(b, loc, in[1], in[0], lowest);
        Value bias = f.convert(b, loc, in[1], mask.dtype, compute);
        return arith::AddFOp::create(b, loc, in[0], bias);
      });
}

static Value applyCausal(FunctionImporter &f, Value scores, Type compute) {
  Sizes sizes = f.sizesOf(scores);
  unsigned rank = sizes.size();
  Value lowest = f.constant(compute, -INFINITY);
  return f.elementwise(
      scores, sizes, compute,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value row = linalg::IndexOp::create(b, loc, rank - 2);
        Value column = linalg::IndexOp::create(b, loc, rank - 1);
        Value keep = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle,
                                           column, row);
        return arith::SelectOp::create(b, loc, keep, in[0], lowest);
      });
}

/// softmax along the last dimension; 0 where a row is -infinity throughout.
static Value safeSoftmax(FunctionImporter &f, Value scores, int64_t dim) {
  Type compute = getElementTypeOrSelf(scores.getType());
  Sizes sizes = f.sizesOf(scores);
  Value max = f.maxOf(scores, dim, /*keep=*/true);
  Value weights = f.softmax(scores, dim);
  Value lowest = f.constant(compute, -INFINITY);
  Value zero = f.constant(compute, 0.0);
  return f.elementwise(ValueRange{weights, max}, sizes, compute,
                       [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                         Value masked = arith::CmpFOp::create(
                             b, loc, arith::CmpFPredicate::OEQ, in[1], lowest);
                         return arith::SelectOp::create(b, loc, masked, zero,
                                                        in[0]);
                       });
}

static LogicalResult importAttention(Call &call, Attention at) {
  FunctionImporter &f = call.f;
  Type dtype = call.tensor(0).dtype;
  if (!isFloat(dtype))
    return call.error() << "takes floats, found " << dtype;
  if (call.number(at.dropout) != 0)
    return call.error() << "drops at random; export the model in eval mode";
  Type compute = mathType(dtype);
  Sizes query = call.sizesOf(0), key = call.sizesOf(1),
        values = call.sizesOf(2);
  size_t rank = query.size();
  if (rank < 2 || key.size() != rank || values.size() != rank)
    return call.error() << "expected a query, a key and a value of one rank";
  Value q = f.asType(call.tensor(0), compute).value;
  Value k = f.asType(call.tensor(1), compute).value;
  Value v = f.asType(call.tensor(2), compute).value;
  if (at.grouped && rank > 2) {
    k = repeatHeads(f, k, f.divide(query[rank - 3], key[rank - 3]));
    v = repeatHeads(f, v, f.divide(query[rank - 3], values[rank - 3]));
  }
  FailureOr<Sizes> batch = call.broadcast(
      {ArrayRef(query).drop_back(2), ArrayRef(f.sizesOf(k)).drop_back(2),
       ArrayRef(f.sizesOf(v)).drop_back(2)});
  if (failed(batch))
    return failure();
  auto stretch = [&](Value tensor) {
    Sizes sizes = f.sizesOf(tensor), wide(*batch);
    wide.append(sizes.end() - 2, sizes.end());
    return f.broadcastTo(tensor, wide);
  };
  q = stretch(q);
  k = stretch(k);
  v = stretch(v);
  SmallVector<int64_t> swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swap[rank - 1], swap[rank - 2]);
  Value scores = f.matmul(q, f.transpose(k, swap), compute);
  Value scale;
  if (!call.isNone(at.scale)) {
    scale = f.constant(compute, call.number(at.scale));
  } else if (auto width = dyn_cast<AffineConstantExpr>(query.back())) {
    scale = f.constant(compute, 1.0 / std::sqrt(double(width.getValue())));
  } else {
    return call.error() << "the width of a head is not known";
  }
  scores =
      f.elementwise(scores, f.sizesOf(scores), compute,
                    [&](OpBuilder &b, Location loc, ValueRange in) {
                      return Value(arith::MulFOp::create(b, loc, in[0], scale));
                    });
  bool masked = !call.isNone(at.mask);
  if (masked) {
    FailureOr<Value> result =
        applyMask(call, scores, call.tensor(at.mask), compute);
    if (failed(result))
      return failure();
    scores = *result;
  }
  if (call.flag(at.causal))
    scores = applyCausal(f, scores, compute);
  int64_t last = rank - 1;
  Value weights =
      masked ? safeSoftmax(f, scores, last) : f.softmax(scores, last);
  Value result = f.matmul(weights, v, compute);
  if (failed(call.give(f.asType({result, compute}, dtype))))
    return failure();
  if (call.op->getNumResults() < 2)
    return success();
  // log(sum(exp(scores))), which only a backward pass reads.
  Value max = f.maxOf(scores, last, /*keep=*/true);
  Sizes all = f.sizesOf(scores);
  Value exp =
      f.elementwise(ValueRange{scores, max}, all, compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value shifted =
                          arith::SubFOp::create(b, loc, in[0], in[1]);
                      return math::ExpOp::create(b, loc, shifted);
                    });
  Value total = f.sum(exp, last, /*keep=*/false);
  Sizes rows = f.sizesOf(total);
  Value sums =
      f.elementwise(ValueRange{total, f.reshape(max, rows)}, rows, compute,
                    [](OpBuilder &b, Location loc, ValueRange in) -> Value {
                      Value log = math::LogOp::create(b, loc, in[0]);
                      return arith::AddFOp::create(b, loc, log, in[1]);
                    });
  return call.give(f.asType({sums, compute}, call.resultDtype(1)), 1);
}

static LogicalResult importPlain(Call &call) {
  return importAttention(call, {4, 5, 3, 6, call.size() > 7 && call.flag(7)});
}

static LogicalResult importFlash(Call &call) {
  return importAttention(call, {3, 4, 5, 6, false});
}

static LogicalResult importSafeSoftmax(Call &call) {
  Type dtype = call.resultDtype();
  if (!dtype || !isFloat(dtype))
    return call.error() << "should give floats";
  Type compute = mathType(dtype);
  Value scores = call.f.asType(call.tensor(0), compute).value;
  if (call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  Value result = safeSoftmax(call.f, scores, call.dimension(1));
  return call.give(call.f.asType({result, compute}, dtype));
}

void torch::addAttentionOps(Table &table) {
  table["aten.scaled_dot_product_attention"] = {"TTTtfbFb", importPlain};
  table["aten._scaled_dot_product_flash_attention_for_cpu"] = {"TTTfbtF",
                                                               importFlash};
  table["aten._safe_softmax"] = {"TDo", importSafeSoftmax};
}
