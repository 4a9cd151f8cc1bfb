// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of matrices. Narrow floats are summed in f32 and rounded once.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

Value FunctionImporter::matmul(Value lhs, Value rhs, Type element) {
  Sizes left = sizesOf(lhs), right(sizesOf(rhs));
  size_t rank = left.size();
  Sizes sizes(left);
  sizes[rank - 1] = right[rank - 1];
  if (rank > 3) {
    auto flat = [&](Value tensor, const Sizes &all) {
      return reshape(tensor, {product(ArrayRef(all).drop_back(2)),
                              all[rank - 2], all[rank - 1]});
    };
    Value result = matmul(flat(lhs, left), flat(rhs, right), element);
    return reshape(result, sizes);
  }
  Type source = getElementTypeOrSelf(lhs.getType());
  Type sum = mathType(source);
  Value init = fill(sizes, constant(sum, 0.0));
  Operation *op;
  if (rank == 2)
    op = linalg::MatmulOp::create(builder, loc, init.getType(),
                                  ValueRange{lhs, rhs}, ValueRange{init});
  else
    op = linalg::BatchMatmulOp::create(builder, loc, init.getType(),
                                       ValueRange{lhs, rhs}, ValueRange{init});
  setSizes(op->getResult(0), sizes);
  return asType({op->getResult(0), sum}, element).value;
}

/// Whether [.., M, K] and [.., K, N] go together.
static LogicalResult checkDepth(Call &call, Value lhs, Value rhs) {
  Size left = call.f.sizesOf(lhs).back();
  Sizes sizes(call.f.sizesOf(rhs));
  Size right = sizes[sizes.size() - 2];
  if (left == right)
    return success();
  if (isa<AffineConstantExpr>(left) && isa<AffineConstantExpr>(right))
    return call.error() << "multiplies rows of " << toText(left)
                        << " with columns of " << toText(right);
  call.f.assertTrue(arith::CmpIOp::create(
                        call.f.builder, call.f.loc, arith::CmpIPredicate::eq,
                        call.f.toIndex(left), call.f.toIndex(right)),
                    "rows and columns of a product differ in length");
  return success();
}

/// Two matrices, or two stacks of as many, in the type of the result.
static FailureOr<std::pair<Value, Value>> readPair(Call &call, unsigned lhs,
                                                   unsigned rhs, int64_t rank) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Value values[2];
  unsigned operands[] = {lhs, rhs};
  for (auto [i, value] : llvm::zip_equal(operands, values)) {
    if (call.tensor(i).getRank() != rank)
      return call.error() << "operand " << i << " should have rank " << rank
                          << ", found " << call.tensor(i).getType();
    value = call.f.asType(call.tensor(i), dtype).value;
  }
  if (rank == 3) {
    Size left = call.sizesOf(lhs)[0], right = call.sizesOf(rhs)[0];
    if (left != right && isa<AffineConstantExpr>(left) &&
        isa<AffineConstantExpr>(right))
      return call.error() << "multiplies " << toText(left) << " matrices with "
                          << toText(right);
  }
  if (failed(checkDepth(call, values[0], values[1])))
    return failure();
  return std::make_pair(values[0], values[1]);
}

template <int rank> static LogicalResult importMm(Call &call) {
  auto pair = readPair(call, 0, 1, rank);
  if (failed(pair))
    return failure();
  return call.give(
      call.f.matmul(pair->first, pair->second, signless(call.resultDtype())));
}

/// beta * self + alpha * (lhs @ rhs), rounded once.
template <int rank> static LogicalResult importAddMm(Call &call) {
  auto pair = readPair(call, 1, 2, rank);
  if (failed(pair))
    return failure();
  FunctionImporter &f = call.f;
  Type result = call.resultDtype(), compute = mathType(result);
  Item product{
      Item::Kind::tensor,
      {f.matmul(pair->first, pair->second, signless(compute)), compute},
      {},
      {},
      {}};
  auto factor = [&](unsigned i) -> Value {
    return call.knownNumber(i) == 1.0 ? Value()
                                      : f.convert(call.item(i), compute);
  };
  Value beta = factor(3), alpha = factor(4);
  // What beta of zero multiplies may be NaN, and counts for nothing.
  bool alone = call.knownNumber(3) == 0.0;
  SmallVector<const Item *> inputs{&product};
  if (!alone)
    inputs.push_back(&call.item(0));
  return call.elementwise(
      inputs, compute, result, [&](OpBuilder &b, Location loc, ValueRange in) {
        auto mul = [&](Value x, Value y) -> Value {
          if (isFloat(compute))
            return arith::MulFOp::create(b, loc, x, y);
          return arith::MulIOp::create(b, loc, x, y);
        };
        Value value = alpha ? mul(in[0], alpha) : in[0];
        if (!alone) {
          Value self = beta ? mul(in[1], beta) : in[1];
          if (isFloat(compute))
            value = arith::AddFOp::create(b, loc, value, self);
          else
            value = arith::AddIOp::create(b, loc, value, self);
        }
        return f.convert(b, loc, value, compute, result);
      });
}

/// numpy's matmul: vectors become matrices, other dimensions broadcast.
static LogicalResult importMatmul(Call &call) {
  FunctionImporter &f = call.f;
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Value lhs = f.asType(call.tensor(0), dtype).value;
  Value rhs = f.asType(call.tensor(1), dtype).value;
  Sizes left = f.sizesOf(lhs), right(f.sizesOf(rhs));
  if (left.empty() || right.empty())
    return call.error() << "scalars have no product of matrices";
  bool row = left.size() == 1, column = right.size() == 1;
  if (row)
    left.insert(left.begin(), f.size(1));
  if (column)
    right.push_back(f.size(1));
  lhs = f.reshape(lhs, left);
  rhs = f.reshape(rhs, right);
  if (failed(checkDepth(call, lhs, rhs)))
    return failure();
  // A stack of rows on one matrix is one matrix.
  Sizes batch;
  if (right.size() == 2) {
    batch.assign(left.begin(), left.end() - 2);
    if (!batch.empty())
      lhs =
          f.reshape(lhs, {f.product(ArrayRef(left).drop_back()), left.back()});
  } else {
    FailureOr<Sizes> common = call.broadcast(
        {ArrayRef(left).drop_back(2), ArrayRef(right).drop_back(2)});
    if (failed(common))
      return failure();
    batch = *common;
    auto stretch = [&](Value tensor, const Sizes &sizes) {
      Sizes wide(batch);
      wide.append(sizes.end() - 2, sizes.end());
      return f.broadcastTo(tensor, wide);
    };
    lhs = stretch(lhs, left);
    rhs = stretch(rhs, right);
  }
  Value result = f.matmul(lhs, rhs, signless(dtype));
  Sizes sizes(batch);
  if (!row)
    sizes.push_back(left[left.size() - 2]);
  if (!column)
    sizes.push_back(right.back());
  return call.give(Tensor{f.reshape(result, sizes), dtype});
}

/// x @ weight^T + bias; weight lies [out, in].
static LogicalResult importLinear(Call &call) {
  FunctionImporter &f = call.f;
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Type compute = mathType(dtype);
  Sizes sizes = call.sizesOf(0);
  if (sizes.empty() || call.tensor(1).getRank() != 2)
    return call.error() << "expected rows and a matrix of weights";
  Value rows = f.reshape(
      call.value(0), {f.product(ArrayRef(sizes).drop_back()), sizes.back()});
  Value weights = f.transpose(call.value(1), {1, 0});
  if (failed(checkDepth(call, rows, weights)))
    return failure();
  bool biased = !call.isNone(2);
  Value product = f.matmul(rows, weights, signless(biased ? compute : dtype));
  sizes.back() = call.sizesOf(1)[0];
  product = f.reshape(product, sizes);
  if (!biased)
    return call.give(Tensor{product, dtype});
  Item item{Item::Kind::tensor, {product, compute}, {}, {}, {}};
  return call.elementwise({&item, &call.item(2)}, compute, dtype,
                          [&](OpBuilder &b, Location loc, ValueRange in) {
                            Value sum =
                                arith::AddFOp::create(b, loc, in[0], in[1]);
                            return f.convert(b, loc, sum, compute, dtype);
                          });
}

/// "bij,bjk->bik": a loop per letter, those that the result lacks are summed.
LogicalResult torch::giveEinsum(Call &call, StringRef text,
                                ArrayRef<Tensor> tensors) {
  FunctionImporter &f = call.f;
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  std::string equation = text.str();
  llvm::erase(equation, ' ');
  auto [terms, output] = StringRef(equation).split("->");
  SmallVector<StringRef> inputs;
  terms.split(inputs, ',');
  auto malformed = [&] {
    return call.error() << "malformed equation '" << text << "' for "
                        << tensors.size() << " tensors";
  };
  if (inputs.size() != tensors.size() || tensors.empty())
    return malformed();
  std::string implicit;
  if (!StringRef(equation).contains("->")) {
    // Letters that stand once, in order.
    for (char c : terms)
      if (c != ',' && terms.count(c) == 1)
        implicit.push_back(c);
    llvm::sort(implicit);
    output = implicit;
  }
  llvm::MapVector<char, Size> extents;
  for (char c : output)
    extents.insert({c, Size()});
  for (auto [term, tensor] : llvm::zip_equal(inputs, tensors)) {
    Sizes sizes = f.sizesOf(tensor.value);
    if (term.size() != sizes.size())
      return malformed();
    for (auto [c, size] : llvm::zip_equal(term, sizes)) {
      if (!llvm::isAlpha(c))
        return malformed();
      Size &known = extents[c];
      if (known && known != size && isa<AffineConstantExpr>(known) &&
          isa<AffineConstantExpr>(size))
        return call.error() << "'" << StringRef(&c, 1) << "' is both "
                            << toText(known) << " and " << toText(size);
      if (!known || isa<AffineConstantExpr>(size))
        known = size;
    }
  }
  DenseMap<char, unsigned> loops;
  Sizes sizes;
  for (auto [c, size] : extents) {
    if (!size)
      return malformed();
    if (loops.size() < output.size())
      sizes.push_back(size);
    loops.insert({c, loops.size()});
  }
  if (sizes.size() != output.size())
    return malformed();
  auto mapOf = [&](StringRef term) {
    auto exprs = llvm::map_to_vector(term, [&](char c) {
      return getAffineDimExpr(loops[c], f.getContext());
    });
    return AffineMap::get(loops.size(), 0, exprs, f.getContext());
  };
  SmallVector<AffineMap> maps = llvm::map_to_vector(inputs, mapOf);
  maps.push_back(mapOf(output));
  Type compute = mathType(dtype);
  SmallVector<utils::IteratorType> iterators(loops.size(),
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), output.size(), utils::IteratorType::parallel);
  SmallVector<Value> values;
  for (const Tensor &tensor : tensors)
    values.push_back(f.asType(tensor, dtype).value);
  Value init = f.fill(sizes, f.constant(compute, 0.0));
  auto op = linalg::GenericOp::create(
      f.builder, f.loc, TypeRange{init.getType()}, values, ValueRange{init},
      maps, iterators, [&](OpBuilder &b, Location loc, ValueRange in) {
        Value term;
        for (Value factor : in.drop_back()) {
          factor = f.convert(b, loc, factor, dtype, compute);
          if (!term)
            term = factor;
          else if (isFloat(compute))
            term = arith::MulFOp::create(b, loc, term, factor);
          else
            term = arith::MulIOp::create(b, loc, term, factor);
        }
        Value sum;
        if (isFloat(compute))
          sum = arith::AddFOp::create(b, loc, in.back(), term);
        else
          sum = arith::AddIOp::create(b, loc, in.back(), term);
        linalg::YieldOp::create(b, loc, sum);
      });
  f.setSizes(op.getResult(0), sizes);
  return call.give(f.asType({op.getResult(0), compute}, dtype));
}

static LogicalResult importEinsum(Call &call) {
  return giveEinsum(call, call.text(0), call.tensors(1));
}

void torch::addMatmulOps(Table &table) {
  table["aten.mm"] = {"TT", importMm<2>};
  table["aten.bmm"] = {"TT", importMm<3>};
  table["aten.addmm"] = {"TTTNN", importAddMm<2>};
  table["aten.baddbmm"] = {"TTTNN", importAddMm<3>};
  table["aten.matmul"] = {"TT", importMatmul};
  for (StringRef name : {"aten.dot", "aten.mv"})
    table[name] = {"TT", importMatmul};
  table["aten.linear"] = {"TTt", importLinear};
  table["aten.einsum"] = {"sVx", importEinsum};
}
