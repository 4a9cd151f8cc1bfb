// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts, and results as long as a count.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// Counts first, then writes the place of every true element behind the last.
Value torch::nonzero(FunctionImporter &f, Value tensor) {
  Sizes sizes = f.sizesOf(tensor);
  unsigned rank = sizes.size();
  Type i64 = f.builder.getI64Type();
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  Value numbers = f.elementwise(
      tensor, sizes, i64, [&](OpBuilder &b, Location loc, ValueRange in) {
        return Value(arith::ExtUIOp::create(b, loc, i64, in[0]));
      });
  Value total = f.sum(numbers, all, /*keep=*/false);
  Value count =
      tensor::ExtractOp::create(f.builder, f.loc, total, ValueRange());
  Sizes result{f.sizeOf(count), f.size(rank)};
  Value one = f.index(1);
  auto body = [&](OpBuilder &b, Location loc, ValueRange ivs,
                  ValueRange state) -> SmallVector<Value> {
    Value hit = tensor::ExtractOp::create(b, loc, tensor, ivs);
    auto branch = scf::IfOp::create(
        b, loc, hit,
        [&](OpBuilder &b, Location loc) {
          Value out = state[0];
          for (unsigned dim = 0; dim < rank; ++dim) {
            Value place = arith::IndexCastOp::create(b, loc, i64, ivs[dim]);
            out = tensor::InsertOp::create(b, loc, place, out,
                                           ValueRange{state[1], f.index(dim)});
          }
          Value next = arith::AddIOp::create(b, loc, state[1], one);
          scf::YieldOp::create(b, loc, ValueRange{out, next});
        },
        [&](OpBuilder &b, Location loc) {
          scf::YieldOp::create(b, loc, state);
        });
    return llvm::to_vector(ValueRange(branch.getResults()));
  };
  SmallVector<Value> init{f.empty(result, i64), f.index(0)};
  return f.loops(sizes, init, body)[0];
}

static LogicalResult importNonzero(Call &call) {
  Type i1 = parseDtype(call.f.getContext(), "i1");
  return call.give(nonzero(call.f, call.f.asType(call.tensor(0), i1).value));
}

/// A vector per dimension.
static LogicalResult importNonzeroNumpy(Call &call) {
  FunctionImporter &f = call.f;
  Type i1 = parseDtype(f.getContext(), "i1");
  Type si64 = parseDtype(f.getContext(), "si64");
  Value places = nonzero(f, f.asType(call.tensor(0), i1).value);
  Item list;
  list.kind = Item::Kind::list;
  Size count = f.sizesOf(places)[0];
  for (int64_t dim = 0; dim < call.tensor(0).getRank(); ++dim) {
    Value column =
        f.reshape(f.slice(places, 1, f.size(dim), f.size(1)), {count});
    list.list.push_back({Item::Kind::tensor, {column, si64}, {}, {}, {}});
  }
  return call.giveItem(std::move(list));
}

/// counts[i] = sum over n of weight[n] where bins[n] = i. A number per bin and
/// element, none of which waits for another.
static Value countBins(FunctionImporter &f, Value bins, Value weights,
                       Size count, Type dtype) {
  Type element = signless(dtype), i64 = f.builder.getI64Type();
  Value zero = f.constant(dtype, 0.0), one = f.constant(dtype, 1.0);
  Value out = f.fill({count}, zero);
  MLIRContext *context = f.getContext();
  AffineMap bin = AffineMap::get(2, 0, getAffineDimExpr(0, context));
  AffineMap entry = AffineMap::get(2, 0, getAffineDimExpr(1, context));
  SmallVector<Value> inputs{bins};
  SmallVector<AffineMap> maps{entry};
  if (weights) {
    inputs.push_back(weights);
    maps.push_back(entry);
  }
  maps.push_back(bin);
  auto op = linalg::GenericOp::create(
      f.builder, f.loc, TypeRange{out.getType()}, inputs, ValueRange{out}, maps,
      ArrayRef<utils::IteratorType>{utils::IteratorType::parallel,
                                    utils::IteratorType::reduction},
      [&](OpBuilder &b, Location loc, ValueRange in) {
        Value i = linalg::IndexOp::create(b, loc, 0);
        Value number = arith::IndexCastOp::create(b, loc, i64, i);
        Value hit = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          in[0], number);
        Value term =
            arith::SelectOp::create(b, loc, hit, weights ? in[1] : one, zero);
        Value sum;
        if (isa<FloatType>(element))
          sum = arith::AddFOp::create(b, loc, in.back(), term);
        else
          sum = arith::AddIOp::create(b, loc, in.back(), term);
        linalg::YieldOp::create(b, loc, sum);
      });
  f.setSizes(op.getResult(0), {count});
  return op.getResult(0);
}

/// As many equal bins from `min` to `max`, which the last one holds, too. What
/// is outside does not count.
static LogicalResult importHistc(Call &call) {
  FunctionImporter &f = call.f;
  const Tensor &tensor = call.tensor(0);
  Type dtype = tensor.dtype;
  if (!isFloat(dtype) || call.integer(1) < 1)
    return call.error() << "takes floats and a positive number of bins";
  Type compute = mathType(dtype), i64 = f.builder.getI64Type();
  double low = call.number(2), high = call.number(3);
  Sizes flat{f.product(call.sizesOf(0))};
  Value input = f.reshape(f.asType(tensor, compute).value, flat);
  Value from, to;
  if (low == high && low == 0) {
    // Those of the data.
    Value largest = f.maxOf(input, 0, /*keep=*/false);
    Value smallest = f.reduce(
        input, 0, /*keep=*/false, f.constant(compute, INFINITY),
        [](OpBuilder &b, Location loc, ValueRange in) {
          return Value(arith::MinimumFOp::create(b, loc, in[0], in[1]));
        });
    from = tensor::ExtractOp::create(f.builder, f.loc, smallest, ValueRange());
    to = tensor::ExtractOp::create(f.builder, f.loc, largest, ValueRange());
    // Of one value, one bin around it.
    Value same = arith::CmpFOp::create(f.builder, f.loc,
                                       arith::CmpFPredicate::OEQ, from, to);
    Value one = f.constant(compute, 1.0);
    Value below = arith::SubFOp::create(f.builder, f.loc, from, one);
    Value above = arith::AddFOp::create(f.builder, f.loc, to, one);
    from = arith::SelectOp::create(f.builder, f.loc, same, below, from);
    to = arith::SelectOp::create(f.builder, f.loc, same, above, to);
  } else {
    if (!(low <= high))
      return call.error() << "has bins from " << low << " to " << high;
    from = f.constant(compute, low == high ? low - 1 : low);
    to = f.constant(compute, low == high ? high + 1 : high);
  }
  Value width = arith::SubFOp::create(f.builder, f.loc, to, from);
  Value count = f.constant(compute, double(call.integer(1)));
  Value last = f.constantInt(call.integer(1) - 1), outside = f.constantInt(-1);
  Value bins = f.elementwise(
      input, flat, i64,
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value offset = arith::SubFOp::create(b, loc, in[0], from);
        Value scaled = arith::MulFOp::create(b, loc, offset, count);
        Value bin = arith::DivFOp::create(b, loc, scaled, width);
        Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE,
                                            in[0], from);
        Value below =
            arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLE, in[0], to);
        Value inside = arith::AndIOp::create(b, loc, above, below);
        // No number outside of i64 is converted.
        Value zero = f.constant(compute, 0.0);
        bin = arith::SelectOp::create(b, loc, inside, bin, zero);
        Value number = arith::FPToSIOp::create(b, loc, i64, bin);
        number = arith::MinSIOp::create(b, loc, number, last);
        return arith::SelectOp::create(b, loc, inside, number, outside);
      });
  Value counts = countBins(f, bins, {}, f.size(call.integer(1)), compute);
  return call.give(f.asType({counts, compute}, dtype));
}

static LogicalResult importBincount(Call &call) {
  FunctionImporter &f = call.f;
  Tensor tensor = call.tensor(0);
  if (tensor.getRank() != 1 || isFloat(tensor.dtype) || call.integer(2) < 0)
    return call.error() << "takes a vector of integers and a number of bins";
  Type si64 = parseDtype(f.getContext(), "si64");
  Value bins = f.asType(tensor, si64).value;
  Value largest =
      f.reduce(bins, 0, /*keep=*/false, f.constantInt(-1),
               [](OpBuilder &b, Location loc, ValueRange in) {
                 return Value(arith::MaxSIOp::create(b, loc, in[0], in[1]));
               });
  Value last =
      tensor::ExtractOp::create(f.builder, f.loc, largest, ValueRange());
  Value one = f.constantInt(1);
  Value needed = arith::AddIOp::create(f.builder, f.loc, last, one);
  needed = arith::MaxSIOp::create(f.builder, f.loc, needed,
                                  f.constantInt(call.integer(2)));
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  Value weights;
  if (!call.isNone(1))
    weights = f.asType(call.tensor(1), dtype).value;
  return call.give(
      Tensor{countBins(f, bins, weights, f.sizeOf(needed), dtype), dtype});
}

/// How many boundaries of a sorted vector are below each value; with `right`,
/// not above it.
template <int boundaries, int values, int isRight, int isNarrow>
static LogicalResult importSearch(Call &call) {
  FunctionImporter &f = call.f;
  const Tensor &edges = call.tensor(boundaries), &input = call.tensor(values);
  if (edges.getRank() != 1)
    return call.error() << "takes a vector of boundaries";
  Type compute = call.promote({&call.item(0), &call.item(1)});
  Type dtype =
      parseDtype(f.getContext(), call.flag(isNarrow) ? "si32" : "si64");
  Sizes sizes = f.sizesOf(input.value);
  unsigned rank = sizes.size();
  Value out = f.fill(sizes, f.constant(dtype, 0.0));
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  AffineMap places = AffineMap::get(
      rank + 1, 0,
      AffineMap::getMultiDimIdentityMap(rank, f.getContext()).getResults(),
      f.getContext());
  AffineMap edge =
      AffineMap::get(rank + 1, 0, getAffineDimExpr(rank, f.getContext()));
  bool right = call.flag(isRight);
  auto op = linalg::GenericOp::create(
      f.builder, f.loc, TypeRange{out.getType()},
      ValueRange{f.asType(input, compute).value,
                 f.asType(edges, compute).value},
      ValueRange{out}, ArrayRef<AffineMap>{places, edge, places}, iterators,
      [&](OpBuilder &b, Location loc, ValueRange in) {
        Value below;
        if (isFloat(compute))
          below = arith::CmpFOp::create(b, loc,
                                        right ? arith::CmpFPredicate::OLE
                                              : arith::CmpFPredicate::OLT,
                                        in[1], in[0]);
        else
          below = arith::CmpIOp::create(b, loc,
                                        right ? arith::CmpIPredicate::sle
                                              : arith::CmpIPredicate::slt,
                                        in[1], in[0]);
        Value one = arith::ExtUIOp::create(b, loc, signless(dtype), below);
        linalg::YieldOp::create(
            b, loc, Value(arith::AddIOp::create(b, loc, in[2], one)));
      });
  f.setSizes(op.getResult(0), sizes);
  return call.give(Tensor{op.getResult(0), dtype});
}

void torch::addCountOps(Table &table) {
  table["aten.nonzero"] = {"T", importNonzero};
  table["aten.nonzero_numpy"] = {"T", importNonzeroNumpy};
  table["aten.histc"] = {"Tiff", importHistc};
  table["aten.bincount"] = {"Tti", importBincount};
  table["aten.bucketize.Tensor"] = {"TTbb", importSearch<1, 0, 3, 2>};
}
