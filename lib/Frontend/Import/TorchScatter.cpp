// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes at places that other tensors say, in order: of two to one place the
// last one stays.
#include "TorchIndexing.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

namespace {
/// What becomes of an element (first) and what comes to it.
using Combine = function_ref<Value(OpBuilder &, Location, Value, Value)>;
} // namespace

static Value addScalars(OpBuilder &b, Location loc, Type dtype, Value x,
                        Value y) {
  if (isFloat(dtype))
    return arith::AddFOp::create(b, loc, x, y);
  if (isBool(dtype))
    return arith::OrIOp::create(b, loc, x, y);
  return arith::AddIOp::create(b, loc, x, y);
}

static bool isLonger(Size size, Size limit) {
  auto known = dyn_cast<AffineConstantExpr>(size);
  auto most = dyn_cast<AffineConstantExpr>(limit);
  return known && most && known.getValue() > most.getValue();
}

/// out[index[i, j], j] = combine(out[..], source[i, j]) for dim = 0, and so on.
/// `source` is a tensor, or one number.
static LogicalResult scatter(Call &call, const Tensor &self, int64_t dim,
                             const Tensor &index, Value source,
                             Combine combine) {
  FunctionImporter &f = call.f;
  int64_t rank = self.getRank();
  auto sourceType = dyn_cast<RankedTensorType>(source.getType());
  if (rank == 0 || index.getRank() != rank || isFloat(index.dtype) ||
      (sourceType && sourceType.getRank() != rank))
    return call.error() << "takes integers of rank "
                        << std::max<int64_t>(rank, 1)
                        << " as index, and a source of that rank";
  Sizes sizes = f.sizesOf(index.value), limits(f.sizesOf(self.value));
  if (sourceType)
    for (auto [i, size, from] : llvm::enumerate(sizes, f.sizesOf(source))) {
      if (isLonger(size, from) ||
          (int64_t(i) != dim && isLonger(size, limits[i])))
        return call.error() << "the index is longer than what it scatters in "
                            << "dimension " << i;
    }
  auto body = [&](OpBuilder &b, Location loc, ValueRange ivs,
                  ValueRange state) -> SmallVector<Value> {
    SmallVector<Value> places(ivs);
    Value number = tensor::ExtractOp::create(b, loc, index.value, ivs);
    places[dim] = arith::IndexCastOp::create(b, loc, b.getIndexType(), number);
    Value value = source;
    if (sourceType)
      value = tensor::ExtractOp::create(b, loc, source, ivs);
    if (combine) {
      Value old = tensor::ExtractOp::create(b, loc, state[0], places);
      value = combine(b, loc, old, value);
    }
    return {tensor::InsertOp::create(b, loc, value, state[0], places)};
  };
  Value result = f.loops(sizes, self.value, body)[0];
  return call.give(Tensor{result, self.dtype});
}

static LogicalResult importScatter(Call &call) {
  return giveScattered(call, call.tensor(0), call.dimension(1), call.tensor(2),
                       call.tensor(3), "none");
}

static LogicalResult importScatterValue(Call &call) {
  const Tensor &self = call.tensor(0);
  Value source = call.f.convert(call.item(3), self.dtype);
  return scatter(call, self, call.dimension(1), call.tensor(2), source, {});
}

static LogicalResult importScatterAdd(Call &call) {
  return giveScattered(call, call.tensor(0), call.dimension(1), call.tensor(2),
                       call.tensor(3), "sum");
}

/// By sum, product or extreme, of all that comes together with what is there.
LogicalResult torch::giveScattered(Call &call, const Tensor &self, int64_t dim,
                                   const Tensor &index, const Tensor &source,
                                   StringRef kind) {
  Type dtype = self.dtype;
  Value values = call.f.asType(source, dtype).value;
  if (kind == "none")
    return scatter(call, self, dim, index, values, {});
  bool sum = kind == "sum" || kind == "add",
       product = kind == "prod" || kind == "multiply" || kind == "mul";
  bool max = kind == "amax" || kind == "max";
  bool min = kind == "amin" || kind == "min";
  if (!sum && !product && !max && !min)
    return call.error() << "reduces by '" << kind
                        << "'; sum, prod, amax or amin is expected";
  return scatter(call, self, dim, index, values,
                 [&](OpBuilder &b, Location loc, Value x, Value y) -> Value {
                   if (sum)
                     return addScalars(b, loc, dtype, x, y);
                   if (isFloat(dtype)) {
                     if (product)
                       return arith::MulFOp::create(b, loc, x, y);
                     if (max)
                       return arith::MaximumFOp::create(b, loc, x, y);
                     return arith::MinimumFOp::create(b, loc, x, y);
                   }
                   if (product)
                     return arith::MulIOp::create(b, loc, x, y);
                   if (isUnsigned(dtype) && max)
                     return arith::MaxUIOp::create(b, loc, x, y);
                   if (isUnsigned(dtype))
                     return arith::MinUIOp::create(b, loc, x, y);
                   if (max)
                     return arith::MaxSIOp::create(b, loc, x, y);
                   return arith::MinSIOp::create(b, loc, x, y);
                 });
}

static LogicalResult importScatterReduce(Call &call) {
  if (call.size() > 5 && !call.flag(5))
    return call.error() << "leaves out what is there (include_self = false), "
                           "which is not imported";
  return giveScattered(call, call.tensor(0), call.dimension(1), call.tensor(2),
                       call.tensor(3), call.text(4));
}

/// Writes `values`, of the shape of the result of the same indexing.
static LogicalResult put(Call &call, const Tensor &self, const Indexing &at,
                         Value values, bool accumulate) {
  FunctionImporter &f = call.f;
  Type dtype = self.dtype, element = signless(dtype);
  Value zero = f.constantInt(0);
  SmallVector<Value> inputs = at.inputs();
  SmallVector<Sizes> shapes;
  for (Value index : inputs)
    shapes.push_back(f.sizesOf(index));
  // Whole slices where the places are those of leading dimensions.
  bool slices = at.isLeading() && inputs.size() < at.source.size();
  Sizes loops = slices ? at.common : at.result;
  Sizes rest(at.source.begin() + inputs.size(), at.source.end());
  SmallVector<OpFoldResult> folds(at.common.size(), f.builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sourceFolds(inputs.size(),
                                        f.builder.getIndexAttr(1));
  RankedTensorType sliceType;
  if (slices) {
    SmallVector<int64_t> shape;
    for (Size size : rest) {
      folds.push_back(f.toFold(size));
      sourceFolds.push_back(f.toFold(size));
      auto known = dyn_cast<AffineConstantExpr>(size);
      shape.push_back(known ? known.getValue() : ShapedType::kDynamic);
    }
    sliceType = RankedTensorType::get(shape, element);
  }
  auto body = [&](OpBuilder &b, Location loc, ValueRange ivs,
                  ValueRange state) -> SmallVector<Value> {
    // The place in the source of a place in the result.
    SmallVector<Value> places;
    unsigned whole = 0, next = 0;
    for (auto [index, extent] : llvm::zip_equal(at.indices, at.extents)) {
      if (!index) {
        if (!slices) {
          unsigned loop =
              whole < at.position ? whole : whole + at.common.size();
          places.push_back(ivs[loop]);
        }
        ++whole;
        continue;
      }
      const Sizes &shape = shapes[next++];
      SmallVector<Value> where;
      unsigned lead = at.common.size() - shape.size();
      for (auto [dim, size] : llvm::enumerate(shape))
        where.push_back(size == f.size(1) ? f.index(0)
                                          : ivs[at.position + lead + dim]);
      Value number = tensor::ExtractOp::create(b, loc, index, where);
      places.push_back(wrapIndex(b, loc, number, zero, extent));
    }
    if (!slices) {
      Value value = tensor::ExtractOp::create(b, loc, values, ivs);
      if (accumulate) {
        Value old = tensor::ExtractOp::create(b, loc, state[0], places);
        value = addScalars(b, loc, dtype, old, value);
      }
      return {tensor::InsertOp::create(b, loc, value, state[0], places)};
    }
    SmallVector<OpFoldResult> offsets(ivs.begin(), ivs.end());
    offsets.append(rest.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
    Value value = tensor::ExtractSliceOp::create(b, loc, sliceType, values,
                                                 offsets, folds, strides);
    SmallVector<OpFoldResult> target(places.begin(), places.end());
    target.append(rest.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> ones(target.size(), b.getIndexAttr(1));
    if (accumulate) {
      Value old = tensor::ExtractSliceOp::create(b, loc, sliceType, state[0],
                                                 target, sourceFolds, ones);
      AffineMap identity = b.getMultiDimIdentityMap(rest.size());
      SmallVector<utils::IteratorType> iterators(rest.size(),
                                                 utils::IteratorType::parallel);
      value =
          linalg::GenericOp::create(
              b, loc, TypeRange{sliceType}, ValueRange{value}, ValueRange{old},
              ArrayRef<AffineMap>{identity, identity}, iterators,
              [&](OpBuilder &b, Location loc, ValueRange in) {
                linalg::YieldOp::create(
                    b, loc, addScalars(b, loc, dtype, in[1], in[0]));
              })
              .getResult(0);
    }
    return {tensor::InsertSliceOp::create(b, loc, value, state[0], target,
                                          sourceFolds, ones)};
  };
  return call.give(Tensor{f.loops(loops, self.value, body)[0], dtype});
}

LogicalResult torch::giveIndexPut(Call &call, const Tensor &self,
                                  const std::vector<Item> &list,
                                  const Tensor &source, bool accumulate) {
  FunctionImporter &f = call.f;
  FailureOr<Indexing> at = Indexing::read(call, self.value, list);
  if (failed(at))
    return failure();
  Tensor values = f.asType(source, self.dtype);
  Sizes have = f.sizesOf(values.value);
  FailureOr<Sizes> common = call.broadcast({at->result, have});
  if (failed(common))
    return failure();
  if (common->size() != at->result.size())
    return call.error() << "puts values of rank " << have.size()
                        << " where rank " << at->result.size() << " is taken";
  return put(call, self, *at, f.broadcastTo(values.value, at->result),
             accumulate);
}

static LogicalResult importIndexPut(Call &call) {
  return giveIndexPut(call, call.tensor(0), call.item(1).list, call.tensor(2),
                      call.flag(3));
}

/// self[.., index[i], ..] += alpha * source[.., i, ..], or = source.
template <bool accumulate> static LogicalResult importIndexAdd(Call &call) {
  FunctionImporter &f = call.f;
  const Tensor &self = call.tensor(0);
  int64_t dim = call.dimension(1);
  if (self.getRank() == 0 || call.tensor(2).getRank() > 1 ||
      call.tensor(3).getRank() != self.getRank())
    return call.error() << "takes a vector as index, and a source of the rank "
                           "of what it is added to";
  std::vector<Item> list(dim + 1);
  Item &index = list.back();
  index = call.item(2);
  index.tensor.value =
      f.reshape(index.tensor.value, {f.product(call.sizesOf(2))});
  FailureOr<Indexing> at = Indexing::read(call, self.value, list);
  if (failed(at))
    return failure();
  Tensor source = f.asType(call.tensor(3), self.dtype);
  if (accumulate) {
    Value alpha = f.convert(call.item(4), self.dtype);
    Type dtype = self.dtype;
    source.value =
        f.elementwise(source.value, call.sizesOf(3), signless(dtype),
                      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
                        if (isFloat(dtype))
                          return arith::MulFOp::create(b, loc, in[0], alpha);
                        return arith::MulIOp::create(b, loc, in[0], alpha);
                      });
  }
  if (failed(call.broadcast({at->result, call.sizesOf(3)})))
    return failure();
  return put(call, self, *at, source.value, accumulate);
}

/// `source` written over a slice of self.
static LogicalResult giveInserted(Call &call, Value source, int64_t dim,
                                  Size offset, int64_t step) {
  FunctionImporter &f = call.f;
  const Tensor &self = call.tensor(0);
  source = f.asType({source, call.tensor(1).dtype}, self.dtype).value;
  Sizes sizes = f.sizesOf(source), whole = call.sizesOf(0);
  if (sizes.size() != whole.size())
    return call.error() << "writes rank " << sizes.size() << " into rank "
                        << whole.size();
  SmallVector<OpFoldResult> offsets(sizes.size(), f.builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), f.builder.getIndexAttr(1));
  offsets[dim] = f.toFold(offset);
  strides[dim] = f.builder.getIndexAttr(step);
  SmallVector<OpFoldResult> folds =
      llvm::map_to_vector(sizes, [&](Size size) { return f.toFold(size); });
  Value result = tensor::InsertSliceOp::create(
      f.builder, f.loc, source, self.value, offsets, folds, strides);
  f.setSizes(result, whole);
  return call.give(Tensor{result, self.dtype});
}

/// From the end where negative, and not beyond it.
static Size boundOf(FunctionImporter &f, Size bound, Size size) {
  auto known = dyn_cast<AffineConstantExpr>(bound);
  if (known && known.getValue() < 0)
    return f.maximum(size + bound, f.size(0));
  return known && known.getValue() == 0 ? bound : f.minimum(bound, size);
}

static LogicalResult importSliceScatter(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(2), step = call.integer(5);
  if (step < 1)
    return call.error() << "step " << step << " should be positive";
  Size start = call.isNone(3) ? f.size(0)
                              : boundOf(f, f.sizeOf(call.item(3).scalar),
                                        call.sizesOf(0)[dim]);
  return giveInserted(call, call.value(1), dim, start, step);
}

static LogicalResult importSelectScatter(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(2);
  Sizes sizes = call.sizesOf(1);
  if (dim > int64_t(sizes.size()))
    return call.error() << "writes rank " << sizes.size() << " into one of "
                        << call.tensor(0).getRank();
  sizes.insert(sizes.begin() + dim, f.size(1));
  return giveInserted(
      call, f.reshape(call.value(1), sizes), dim,
      boundOf(f, f.sizeOf(call.item(3).scalar), call.sizesOf(0)[dim]), 1);
}

void torch::addScatterOps(Table &table) {
  table["aten.scatter.src"] = {"TDTT", importScatter};
  table["aten.scatter.value"] = {"TDTN", importScatterValue};
  table["aten.scatter_add"] = {"TDTT", importScatterAdd};
  table["aten.scatter.reduce"] = {"TDTTs", importScatterReduce};
  table["aten.scatter_reduce.two"] = {"TDTTsb", importScatterReduce};
  for (StringRef name :
       {"aten.index_put", "aten.index_put.hacked_twin",
        "aten._unsafe_index_put", "aten._unsafe_index_put.hacked_twin"})
    table[name] = {"TOTb", importIndexPut};
  table["aten._index_put_impl"] = {"TOTbx", importIndexPut};
  table["aten.index_add"] = {"TDTTN", importIndexAdd<true>};
  table["aten.index_copy"] = {"TDTT", importIndexAdd<false>};
  table["aten.slice_scatter"] = {"TTDnni", importSliceScatter};
  table["aten.select_scatter"] = {"TTDI", importSelectScatter};
}
