// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "TmTensorOps.h"
#include "TorchImporter.h"

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using torch::FunctionImporter;
using torch::Sizes;

namespace {
/// The small ops of the torch importers, in front of `op`.
struct LocalBuilder : FunctionImporter {
  explicit LocalBuilder(Operation *op)
      : FunctionImporter(op->getParentOfType<func::FuncOp>()) {
    builder.setInsertionPoint(op);
    loc = op->getLoc();
  }
};
} // namespace

/// The block of an op with a body of `arguments` values of type `element` that
/// yields one value; null if there is none.
static Block *bodyOf(Operation *op, unsigned arguments, Type element) {
  if (op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock())
    return nullptr;
  Block &block = op->getRegion(0).front();
  if (block.getNumArguments() != arguments || block.empty() ||
      block.back().getNumOperands() != 1 ||
      !llvm::all_of(block.getArgumentTypes(),
                    [&](Type type) { return type == element; }))
    return nullptr;
  return &block;
}

/// What `block` yields of `values`, cloned; its terminator is a foreign op.
static Value inlineBody(OpBuilder &b, Block *block, ValueRange values) {
  IRMapping map;
  map.map(block->getArguments(), values);
  Operation &yield = block->back();
  for (Operation &inner : *block)
    if (&inner != &yield)
      b.clone(inner, map);
  return map.lookupOrDefault(yield.getOperand(0));
}

/// Entry n of `updates` goes to the place that row n of `indices` says, in
/// order. The last dimensions of both are the same, from the place on.
///
///   out[indices[n, :] + s] = body(updates[n, s], out[..])
LogicalResult moe::importTmTensorScatter(Operation *op,
                                         RewriterBase &rewriter) {
  auto malformed = [&] {
    return op->emitError("malformed tm_tensor.scatter: expected updates [N, "
                         "..], indices [N, D], a tensor, a dimension_map of D "
                         "different dimensions and a body of two values");
  };
  auto map = op->getAttrOfType<DenseI64ArrayAttr>("dimension_map");
  if (!map || op->getNumOperands() != 3 || op->getNumResults() != 1 ||
      op->getResult(0).getType() != op->getOperand(2).getType())
    return malformed();
  auto updates = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  auto indices = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
  auto original = dyn_cast<RankedTensorType>(op->getOperand(2).getType());
  if (!updates || !indices || !original || indices.getRank() != 2 ||
      !indices.getElementType().isIntOrIndex() || updates.getRank() < 1 ||
      updates.getRank() - 1 > original.getRank() ||
      indices.getDimSize(1) != map.size() ||
      updates.getElementType() != original.getElementType())
    return malformed();
  int64_t rank = original.getRank(), lead = rank - (updates.getRank() - 1);
  SmallVector<bool> named(rank);
  for (int64_t dim : map.asArrayRef()) {
    if (dim < 0 || dim >= rank || named[dim])
      return malformed();
    named[dim] = true;
  }
  for (int64_t dim = 0; dim < lead; ++dim)
    if (!named[dim])
      return malformed();
  Block *body = bodyOf(op, 2, original.getElementType());
  if (!body)
    return malformed();

  LocalBuilder f(op);
  Value source = op->getOperand(0), places = op->getOperand(1);
  Sizes sizes = f.sizesOf(source);
  Value result = f.loops(
      sizes, op->getOperand(2),
      [&](OpBuilder &b, Location loc, ValueRange ivs,
          ValueRange state) -> SmallVector<Value> {
        SmallVector<Value> where(rank);
        for (auto [i, iv] : llvm::enumerate(ivs.drop_front()))
          where[lead + i] = iv;
        for (auto [i, dim] : llvm::enumerate(map.asArrayRef())) {
          Value place = tensor::ExtractOp::create(
              b, loc, places, ValueRange{ivs[0], f.index(i)});
          if (!place.getType().isIndex())
            place = arith::IndexCastOp::create(b, loc, b.getIndexType(), place);
          if (where[dim])
            place = arith::AddIOp::create(b, loc, place, where[dim]);
          where[dim] = place;
        }
        Value update = tensor::ExtractOp::create(b, loc, source, ivs);
        Value old;
        if (!body->getArgument(1).use_empty())
          old = tensor::ExtractOp::create(b, loc, state[0], where);
        Value value = inlineBody(b, body, {update, old});
        return {tensor::InsertOp::create(b, loc, value, state[0], where)};
      })[0];
  rewriter.replaceOp(op, result);
  return success();
}

/// The k first of what the outputs hold and of the inputs, by the comparator,
/// and by their numbers where it says the same both ways.
///
///   tm_tensor.topk ins(%v) outs(%ov, %oi)
/// =>
///   moe.sort (%ov + %v), (%oi + numbers), slices [0, k)
LogicalResult moe::importTmTensorTopK(Operation *op, RewriterBase &rewriter) {
  auto malformed = [&] {
    return op->emitError("malformed tm_tensor.topk: expected values, numbers "
                         "or none, outputs for both, a dimension and a "
                         "comparator of two values");
  };
  auto dimension = op->getAttrOfType<IntegerAttr>("dimension");
  unsigned count = op->getNumOperands();
  if (!dimension || (count != 3 && count != 4) || op->getNumResults() != 2 ||
      op->getResultTypes() != op->getOperands().take_back(2).getTypes())
    return malformed();
  SmallVector<RankedTensorType> types;
  for (Type type : op->getOperandTypes()) {
    types.push_back(dyn_cast<RankedTensorType>(type));
    if (!types.back() || types.back().getRank() != types[0].getRank())
      return malformed();
  }
  RankedTensorType values = types[0], numbers = types.back();
  int64_t dim = dimension.getInt(), rank = values.getRank();
  if (dim < 0 || dim >= rank || !numbers.getElementType().isInteger() ||
      types[count - 2].getElementType() != values.getElementType() ||
      (count == 4 && types[1].getElementType() != numbers.getElementType()))
    return malformed();
  Block *body = bodyOf(op, 2, values.getElementType());
  if (!body)
    return malformed();

  LocalBuilder f(op);
  Value outValues = op->getOperand(count - 2);
  Value outNumbers = op->getOperand(count - 1);
  Sizes sizes = f.sizesOf(op->getOperand(0));
  Value inNumbers = count == 4 ? op->getOperand(1)
                               : f.iota(sizes, dim, numbers.getElementType());
  SmallVector<Value> inputs{f.concat({outValues, op->getOperand(0)}, dim),
                            f.concat({outNumbers, inNumbers}, dim)};
  auto sort = SortOp::create(f.builder, f.loc, ValueRange(inputs).getTypes(),
                             inputs, dim);
  {
    OpBuilder::InsertionGuard guard(f.builder);
    Type value = values.getElementType(), number = numbers.getElementType();
    Block *block = f.builder.createBlock(
        &sort.getComparator(), {}, TypeRange{value, value, number, number},
        SmallVector<Location>(4, f.loc));
    Value first =
        inlineBody(f.builder, body, block->getArguments().take_front(2));
    Value second = inlineBody(f.builder, body,
                              {block->getArgument(1), block->getArgument(0)});
    Value same = arith::CmpIOp::create(f.builder, f.loc,
                                       arith::CmpIPredicate::eq, first, second);
    Value lower =
        arith::CmpIOp::create(f.builder, f.loc, arith::CmpIPredicate::slt,
                              block->getArgument(2), block->getArgument(3));
    Value before =
        arith::SelectOp::create(f.builder, f.loc, same, lower, first);
    YieldOp::create(f.builder, f.loc, before);
  }
  SmallVector<Value> results;
  torch::Size k = f.sizesOf(outValues)[dim];
  for (auto [sorted, type] :
       llvm::zip_equal(sort->getResults(), op->getResultTypes())) {
    Sizes whole = f.sizesOf(inputs[results.size()]);
    f.setSizes(sorted, whole);
    Value front = f.slice(sorted, dim, f.size(0), k);
    if (front.getType() != type)
      front = tensor::CastOp::create(f.builder, f.loc, type, front);
    results.push_back(front);
  }
  rewriter.replaceOp(op, results);
  return success();
}

/// softmax(q @ k^T / sqrt(width) + mask) @ v
LogicalResult moe::importTmTensorAttention(Operation *op,
                                           RewriterBase &rewriter) {
  auto malformed = [&] {
    return op->emitError("malformed tm_tensor.attention: expected a query [.., "
                         "L, D], a key [.., S, D], a value [.., S, V], a mask "
                         "or none and an output [.., L, V] of one float type");
  };
  unsigned count = op->getNumOperands();
  if ((count != 4 && count != 5) || op->getNumResults() != 1 ||
      op->getResult(0).getType() != op->getOperand(count - 1).getType())
    return malformed();
  auto query = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
  if (!query || query.getRank() < 2 || !isa<FloatType>(query.getElementType()))
    return malformed();
  LocalBuilder f(op);
  int64_t rank = query.getRank();
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!type || type.getElementType() != query.getElementType() ||
        type.getRank() > rank)
      return malformed();
  }
  Sizes left = f.sizesOf(op->getOperand(0)),
        right = f.sizesOf(op->getOperand(1)),
        values = f.sizesOf(op->getOperand(2));
  auto differ = [](torch::Size lhs, torch::Size rhs) {
    return lhs != rhs && isa<AffineConstantExpr>(lhs) &&
           isa<AffineConstantExpr>(rhs);
  };
  if (int64_t(right.size()) != rank || int64_t(values.size()) != rank ||
      differ(left.back(), right.back()) ||
      differ(right[rank - 2], values[rank - 2]))
    return malformed();
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    if (differ(left[dim], right[dim]) || differ(left[dim], values[dim]))
      return malformed();

  Type element = query.getElementType(), compute = torch::mathType(element);
  auto widened = [&](Value tensor) {
    return f.asType({tensor, element}, compute).value;
  };
  SmallVector<int64_t> swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swap[rank - 1], swap[rank - 2]);
  Value key = f.transpose(widened(op->getOperand(1)), swap);
  Value scores = f.matmul(widened(op->getOperand(0)), key, compute);
  torch::Size width = left.back();
  Value number =
      arith::SIToFPOp::create(f.builder, f.loc, compute, f.toInteger(width));
  Value root = math::SqrtOp::create(f.builder, f.loc, number);
  SmallVector<Value> inputs{scores};
  if (count == 5)
    inputs.push_back(widened(op->getOperand(3)));
  scores =
      f.elementwise(inputs, f.sizesOf(scores), compute,
                    [&](OpBuilder &b, Location loc, ValueRange in) {
                      Value value = arith::DivFOp::create(b, loc, in[0], root);
                      if (in.size() > 1)
                        value = arith::AddFOp::create(b, loc, value, in[1]);
                      return value;
                    });
  Value weights = f.softmax(scores, rank - 1);
  Value result = f.matmul(weights, widened(op->getOperand(2)), compute);
  result = f.asType({result, compute}, element).value;
  if (result.getType() != op->getResult(0).getType())
    result = tensor::CastOp::create(f.builder, f.loc,
                                    op->getResult(0).getType(), result);
  rewriter.replaceOp(op, result);
  return success();
}
