// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads at places that other tensors say.
#include "TorchIndexing.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

Value torch::wrapIndex(OpBuilder &b, Location loc, Value number, Value zero,
                       Value extent) {
  Value negative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, number, zero);
  Value wrapped = arith::AddIOp::create(b, loc, number, extent);
  Value place = arith::SelectOp::create(b, loc, negative, wrapped, number);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), place);
}

FailureOr<Indexing> Indexing::read(Call &call, Value source,
                                   const std::vector<Item> &list) {
  FunctionImporter &f = call.f;
  Indexing result;
  result.source = f.sizesOf(source);
  size_t rank = result.source.size();
  for (const Item &item : list) {
    if (item.kind == Item::Kind::none) {
      result.indices.push_back({});
      continue;
    }
    Type dtype = item.tensor.dtype;
    if (isFloat(dtype))
      return call.error() << "indexes by " << dtype;
    if (!isBool(dtype) && dtype.getIntOrFloatBitWidth() > 8) {
      Type i64 = parseDtype(f.getContext(), "si64");
      result.indices.push_back(f.asType(item.tensor, i64).value);
      continue;
    }
    // A mask stands for as many dimensions as it has, each by its own numbers.
    Type i1 = parseDtype(f.getContext(), "i1");
    Tensor mask = f.asType(item.tensor, i1);
    size_t first = result.indices.size();
    Sizes sizes = f.sizesOf(mask.value);
    for (auto [dim, size] : llvm::enumerate(sizes))
      if (first + dim >= rank ||
          (isa<AffineConstantExpr>(size) &&
           isa<AffineConstantExpr>(result.source[first + dim]) &&
           size != result.source[first + dim]))
        return call.error() << "a mask of " << mask.getType()
                            << " does not fit what it indexes";
    if (sizes.empty())
      return call.error() << "indexes by a mask of rank 0";
    Value places = nonzero(f, mask.value);
    Size count = f.sizesOf(places)[0];
    for (size_t dim = 0; dim < sizes.size(); ++dim)
      result.indices.push_back(
          f.reshape(f.slice(places, 1, f.size(dim), f.size(1)), {count}));
  }
  if (result.indices.size() > rank)
    return call.error() << "indexes " << result.indices.size()
                        << " dimensions of a tensor of rank " << rank;
  result.indices.resize(rank);

  SmallVector<Sizes> shapes;
  SmallVector<unsigned> dims;
  Sizes rest;
  for (auto [dim, index] : llvm::enumerate(result.indices)) {
    if (index) {
      dims.push_back(dim);
      shapes.push_back(f.sizesOf(index));
      result.extents.push_back(f.toInteger(result.source[dim]));
    } else {
      rest.push_back(result.source[dim]);
      result.extents.push_back({});
    }
  }
  if (dims.empty())
    return call.error() << "indexes by nothing";
  FailureOr<Sizes> common =
      call.broadcast(SmallVector<ArrayRef<Size>>(shapes.begin(), shapes.end()));
  if (failed(common))
    return failure();
  result.common = *common;
  for (Value &index : result.indices)
    if (index && f.mayStretch(f.sizesOf(index), *common))
      index = f.broadcastTo(index, *common);
  // In the place of the dimensions they stand for, if these are neighbours.
  bool together = dims.back() - dims.front() + 1 == dims.size();
  result.position = together ? dims.front() : 0;
  result.result = rest;
  result.result.insert(result.result.begin() + result.position, common->begin(),
                       common->end());
  return result;
}

SmallVector<Value> Indexing::inputs() const {
  SmallVector<Value> result;
  for (Value index : indices)
    if (index)
      result.push_back(index);
  return result;
}

SmallVector<AffineMap> Indexing::maps(FunctionImporter &f) const {
  SmallVector<AffineMap> result;
  for (Value index : inputs()) {
    // As it stretches to the common shape, moved to where that stands.
    AffineMap map = f.stretch(f.sizesOf(index), common);
    SmallVector<AffineExpr> dims;
    for (unsigned i = 0; i < common.size(); ++i)
      dims.push_back(getAffineDimExpr(position + i, f.getContext()));
    result.push_back(
        map.replaceDimsAndSymbols(dims, {}, this->result.size(), 0));
  }
  return result;
}

bool Indexing::isLeading() const {
  size_t count = inputs().size();
  return llvm::all_of(ArrayRef(indices).take_front(count),
                      [](Value index) { return bool(index); });
}

FailureOr<Tensor> torch::readIndexed(Call &call, const Tensor &tensor,
                                     const std::vector<Item> &list) {
  FunctionImporter &f = call.f;
  Value source = tensor.value;
  FailureOr<Indexing> at = Indexing::read(call, source, list);
  if (failed(at))
    return failure();
  Value zero = f.constantInt(0);
  Value result = f.generic(
      at->inputs(), at->maps(f), at->result,
      getElementTypeOrSelf(source.getType()),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        SmallVector<Value> places;
        unsigned next = 0, dim = 0;
        for (auto [index, extent] : llvm::zip_equal(at->indices, at->extents)) {
          if (index) {
            places.push_back(wrapIndex(b, loc, in[next++], zero, extent));
            continue;
          }
          // Dimensions that are taken whole stand around the common ones.
          unsigned loop = dim < at->position ? dim : dim + at->common.size();
          places.push_back(linalg::IndexOp::create(b, loc, loop));
          ++dim;
        }
        return tensor::ExtractOp::create(b, loc, source, places);
      });
  return Tensor{result, tensor.dtype};
}

static LogicalResult importIndex(Call &call) {
  FailureOr<Tensor> result =
      readIndexed(call, call.tensor(0), call.item(1).list);
  return failed(result) ? failure() : call.give(*result);
}

/// Rows of `source` along `dim` at `index`, whose shape takes the place of it.
static LogicalResult giveRows(Call &call, const Tensor &source, int64_t dim,
                              const Tensor &index) {
  FunctionImporter &f = call.f;
  if (isFloat(index.dtype))
    return call.error() << "indexes by " << index.dtype;
  Sizes sizes = f.sizesOf(source.value), common(f.sizesOf(index.value));
  sizes.erase(sizes.begin() + dim);
  sizes.insert(sizes.begin() + dim, common.begin(), common.end());
  SmallVector<AffineExpr> exprs;
  for (size_t i = 0; i < common.size(); ++i)
    exprs.push_back(getAffineDimExpr(dim + i, f.getContext()));
  Value result = f.generic(
      index.value, AffineMap::get(sizes.size(), 0, exprs, f.getContext()),
      sizes, signless(source.dtype),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        SmallVector<Value> places;
        for (int64_t i = 0; i < source.getRank(); ++i) {
          if (i == dim)
            places.push_back(
                arith::IndexCastOp::create(b, loc, b.getIndexType(), in[0]));
          else
            places.push_back(linalg::IndexOp::create(
                b, loc, i < dim ? i : i - 1 + common.size()));
        }
        return tensor::ExtractOp::create(b, loc, source.value, places);
      });
  return call.give(Tensor{result, source.dtype});
}

static LogicalResult importEmbedding(Call &call) {
  if (call.tensor(0).getRank() != 2)
    return call.error() << "should have a matrix of weights";
  return giveRows(call, call.tensor(0), 0, call.tensor(1));
}

static LogicalResult importIndexSelect(Call &call) {
  FunctionImporter &f = call.f;
  Tensor index = call.tensor(2);
  if (index.getRank() > 1 || call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more and a vector";
  index.value = f.reshape(index.value, {f.product(call.sizesOf(2))});
  return giveRows(call, call.tensor(0), call.dimension(1), index);
}

/// out[i, j] = self[index[i, j], j] for dim = 0, and so on.
LogicalResult torch::giveGathered(Call &call, const Tensor &source, int64_t dim,
                                  const Tensor &index) {
  FunctionImporter &f = call.f;
  int64_t rank = source.getRank();
  if (index.getRank() != rank || isFloat(index.dtype))
    return call.error() << "takes integers of rank " << rank << " as index";
  Value result = f.elementwise(
      index.value, f.sizesOf(index.value), signless(source.dtype),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        SmallVector<Value> places;
        for (int64_t i = 0; i < rank; ++i) {
          if (i == dim)
            places.push_back(
                arith::IndexCastOp::create(b, loc, b.getIndexType(), in[0]));
          else
            places.push_back(linalg::IndexOp::create(b, loc, i));
        }
        return tensor::ExtractOp::create(b, loc, source.value, places);
      });
  return call.give(Tensor{result, source.dtype});
}

static LogicalResult importGather(Call &call) {
  return giveGathered(call, call.tensor(0), call.dimension(1), call.tensor(2));
}

/// 1 where the last index is the class.
static LogicalResult importOneHot(Call &call) {
  FunctionImporter &f = call.f;
  Size classes = f.sizeOf(call.item(1).scalar);
  if (classes == f.size(-1))
    return call.error() << "has as many classes as its largest element says; "
                           "export with a number";
  if (isFloat(call.tensor(0).dtype))
    return call.error() << "takes integers, found " << call.tensor(0).dtype;
  Type i64 = parseDtype(f.getContext(), "si64");
  Value input = f.asType(call.tensor(0), i64).value;
  Sizes sizes = call.sizesOf(0);
  unsigned last = sizes.size();
  sizes.push_back(classes);
  AffineMap map = AffineMap::getMultiDimIdentityMap(last, f.getContext());
  map = AffineMap::get(last + 1, 0, map.getResults(), f.getContext());
  Value result = f.generic(
      input, map, sizes, signless(i64),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value i = linalg::IndexOp::create(b, loc, last);
        Value number = arith::IndexCastOp::create(b, loc, signless(i64), i);
        Value hit = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          in[0], number);
        return arith::ExtUIOp::create(b, loc, signless(i64), hit);
      });
  return call.give(Tensor{result, i64});
}

void torch::addIndexOps(Table &table) {
  for (StringRef name : {"aten.index.Tensor", "aten.index.Tensor_hacked_twin",
                         "aten._unsafe_index.Tensor"})
    table[name] = {"TO", importIndex};
  table["aten.embedding"] = {"TTxxx", importEmbedding};
  table["aten.index_select"] = {"TDT", importIndexSelect};
  table["aten.gather"] = {"TDTx", importGather};
  table["aten.one_hot"] = {"TI", importOneHot};
}
