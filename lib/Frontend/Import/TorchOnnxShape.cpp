// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ONNX operators that move elements. Integers that a graph computes shapes from
// are followed as sizes, so that a shape that it puts together is known.
#include "TorchOnnx.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

static LogicalResult give(Call &call, Value value, unsigned i = 0) {
  return call.give(Tensor{value, call.tensor(0).dtype}, i);
}

/// The same integers in another shape.
static LogicalResult giveShaped(Call &call, const Sizes &sizes) {
  FailureOr<Value> value = viewAs(call, call.value(0), sizes);
  if (failed(value))
    return failure();
  auto known = call.f.contents.find(call.value(0));
  if (known != call.f.contents.end() && sizes.size() <= 1) {
    Sizes elements = known->second;
    call.f.contents[*value] = elements;
  }
  return give(call, *value);
}

static LogicalResult importReshape(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FailureOr<Sizes> sizes = onnx.contents(1);
  if (failed(sizes))
    return failure();
  Sizes from = call.sizesOf(0);
  bool zeros = onnx.integer("allowzero", 0) != 0;
  for (auto [dim, size] : llvm::enumerate(*sizes)) {
    if (zeros || size != call.f.size(0))
      continue;
    if (dim >= from.size())
      return call.error() << "keeps dimension " << dim << " of rank "
                          << from.size();
    size = from[dim];
  }
  return giveShaped(call, *sizes);
}

static LogicalResult importFlatten(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  Sizes sizes = call.sizesOf(0);
  int64_t rank = sizes.size(), axis = onnx.integer("axis", 1);
  if (axis < -rank || axis > rank)
    return call.error() << "dimension " << axis << " is out of range for rank "
                        << rank;
  axis += axis < 0 ? rank : 0;
  return giveShaped(call, {call.f.product(ArrayRef(sizes).take_front(axis)),
                           call.f.product(ArrayRef(sizes).drop_front(axis))});
}

static LogicalResult importUnsqueeze(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  auto axes = onnx.axes(1);
  if (failed(axes))
    return failure();
  if (!*axes)
    return call.error() << "has no axes";
  Sizes sizes = call.sizesOf(0);
  auto dims = onnx.dimensions(**axes, sizes.size() + (*axes)->size());
  if (failed(dims))
    return failure();
  for (int64_t dim : *dims)
    sizes.insert(sizes.begin() + dim, call.f.size(1));
  return giveShaped(call, sizes);
}

static LogicalResult importSqueeze(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  auto axes = onnx.axes(1);
  if (failed(axes))
    return failure();
  Sizes sizes = call.sizesOf(0), kept;
  SmallVector<int64_t> dims;
  if (*axes) {
    auto wrapped = onnx.dimensions(**axes, sizes.size());
    if (failed(wrapped))
      return failure();
    dims = *wrapped;
  } else {
    for (auto [dim, size] : llvm::enumerate(sizes))
      if (size == call.f.size(1))
        dims.push_back(dim);
  }
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!llvm::is_contained(dims, int64_t(dim)))
      kept.push_back(size);
  return giveShaped(call, kept);
}

static LogicalResult importTranspose(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  int64_t rank = call.tensor(0).getRank();
  SmallVector<int64_t> permutation =
      llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank)));
  if (auto given = onnx.integers("perm"))
    permutation = *given;
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, rank)))
    return call.error() << "expected a permutation of " << rank
                        << " dimensions";
  return give(call, call.f.transpose(call.value(0), permutation));
}

/// Both the shape and the tensor may be stretched.
static LogicalResult importExpand(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FailureOr<Sizes> wanted = onnx.contents(1);
  if (failed(wanted))
    return failure();
  FailureOr<Sizes> sizes = call.broadcast({*wanted, call.sizesOf(0)});
  if (failed(sizes))
    return failure();
  return give(call, call.f.broadcastTo(call.value(0), *sizes));
}

static LogicalResult importTile(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FunctionImporter &f = call.f;
  FailureOr<Sizes> counts = onnx.contents(1);
  if (failed(counts))
    return failure();
  Sizes sizes = call.sizesOf(0), apart, wide, together;
  if (counts->size() != sizes.size())
    return call.error() << "repeats " << sizes.size() << " dimensions by "
                        << counts->size() << " numbers";
  for (auto [count, size] : llvm::zip_equal(*counts, sizes)) {
    apart.append({f.size(1), size});
    wide.append({count, size});
    together.push_back(f.multiply(count, size));
  }
  Value value = f.broadcastTo(f.reshape(call.value(0), apart), wide);
  return give(call, f.reshape(value, together));
}

static LogicalResult importConcat(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  FunctionImporter &f = call.f;
  SmallVector<Value> parts;
  Sizes elements, first = call.sizesOf(0);
  bool followed =
      call.tensor(0).getRank() == 1 && !isFloat(call.tensor(0).dtype);
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", 0), call.tensor(0).getRank());
  if (failed(axis))
    return failure();
  for (unsigned i = 0; i < call.size(); ++i) {
    parts.push_back(call.value(i));
    Sizes sizes = call.sizesOf(i);
    if (sizes.size() != first.size() ||
        call.tensor(i).dtype != call.tensor(0).dtype)
      return call.error() << "the ranks or element types of its tensors differ";
    for (auto [dim, one, other] : llvm::enumerate(first, sizes))
      if (int64_t(dim) != *axis && one != other &&
          isa<AffineConstantExpr>(one) && isa<AffineConstantExpr>(other))
        return call.error()
               << "sizes " << toText(one) << " and " << toText(other)
               << " of dimension " << dim << " differ";
    if (!followed)
      continue;
    // A long or unknown vector is no shape.
    auto length = dyn_cast<AffineConstantExpr>(sizes[0]);
    followed = length && length.getValue() <= 8;
    if (!followed)
      continue;
    FailureOr<Sizes> part = onnx.contents(i);
    if (failed(part))
      return failure();
    elements.append(*part);
  }
  Value value = f.concat(parts, *axis);
  if (followed)
    f.contents[value] = elements;
  return give(call, value);
}

static LogicalResult importSplit(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  FunctionImporter &f = call.f;
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", 0), call.tensor(0).getRank());
  if (failed(axis))
    return failure();
  unsigned count = call.op->getNumResults();
  Size size = call.sizesOf(0)[*axis];
  Sizes lengths;
  if (!call.isNone(1)) {
    FailureOr<Sizes> given = onnx.contents(1);
    if (failed(given))
      return failure();
    lengths = *given;
  } else if (auto given = onnx.integers("split")) {
    for (int64_t length : *given)
      lengths.push_back(f.size(length));
  } else {
    // Equal parts, the last of which may be shorter.
    auto known = dyn_cast<AffineConstantExpr>(size);
    if (!known)
      return call.error() << "splits a size that is not known";
    int64_t length = (known.getValue() + count - 1) / count;
    for (unsigned i = 0; i < count; ++i)
      lengths.push_back(f.size(std::max<int64_t>(
          0, std::min(length, known.getValue() - int64_t(i) * length))));
  }
  Size total = f.size(0);
  for (Size length : lengths)
    total = total + length;
  if (lengths.size() != count ||
      (isa<AffineConstantExpr>(total) && isa<AffineConstantExpr>(size) &&
       total != size))
    return call.error() << "splits a size of " << toText(size) << " into "
                        << lengths.size() << " parts of " << toText(total)
                        << " together, and has " << count << " results";
  Size offset = f.size(0);
  for (auto [i, length] : llvm::enumerate(lengths)) {
    if (failed(give(call, f.slice(call.value(0), *axis, offset, length), i)))
      return failure();
    offset = offset + length;
  }
  return success();
}

/// Positive steps; bounds count from the end if negative, and are cut.
static LogicalResult importSlice(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(3)))
    return failure();
  FunctionImporter &f = call.f;
  FailureOr<Sizes> starts = onnx.contents(1), ends = onnx.contents(2);
  if (failed(starts) || failed(ends))
    return failure();
  int64_t rank = call.tensor(0).getRank();
  SmallVector<int64_t> dims =
      llvm::to_vector(llvm::seq<int64_t>(0, starts->size()));
  SmallVector<int64_t> steps(starts->size(), 1);
  if (!call.isNone(3)) {
    FailureOr<SmallVector<int64_t>> given = onnx.knownContents(3);
    if (failed(given))
      return failure();
    dims = *given;
  }
  if (!call.isNone(4)) {
    FailureOr<SmallVector<int64_t>> given = onnx.knownContents(4);
    if (failed(given))
      return failure();
    steps = *given;
  }
  if (ends->size() != starts->size() || dims.size() != starts->size() ||
      steps.size() != starts->size())
    return call.error() << "has different numbers of starts, ends, axes and "
                           "steps";
  Value value = call.value(0);
  for (auto [start, end, dim, step] :
       llvm::zip_equal(*starts, *ends, dims, steps)) {
    FailureOr<int64_t> wrapped = onnx.dimension(dim, rank);
    if (failed(wrapped))
      return failure();
    if (step < 1)
      return call.error() << "step " << step << " should be positive";
    Size size = f.sizesOf(value)[*wrapped];
    auto cut = [&](Size bound) {
      auto known = dyn_cast<AffineConstantExpr>(bound);
      if (known && known.getValue() < 0)
        return f.maximum(size + bound, f.size(0));
      if (known && known.getValue() == 0)
        return bound;
      if (known && known.getValue() >= std::numeric_limits<int32_t>::max())
        return size;
      return f.minimum(bound, size);
    };
    Size from = cut(start), to = cut(end);
    Size length = f.maximum(to - from, f.size(0));
    if (step > 1)
      length = length.ceilDiv(uint64_t(step));
    value = f.slice(value, *wrapped, from, length, step);
  }
  return give(call, value);
}

static LogicalResult importShape(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  FunctionImporter &f = call.f;
  Sizes sizes = call.sizesOf(0);
  int64_t rank = sizes.size();
  auto cut = [&](int64_t bound) {
    return std::clamp<int64_t>(bound < 0 ? bound + rank : bound, 0, rank);
  };
  int64_t start = cut(onnx.integer("start", 0));
  int64_t end = cut(onnx.integer("end", rank));
  ArrayRef<Size> part =
      ArrayRef(sizes).slice(start, std::max<int64_t>(end - start, 0));
  SmallVector<Value> parts;
  for (Size size : part)
    parts.push_back(f.fill({f.size(1)}, f.toInteger(size)));
  Value value = parts.empty() ? f.fill({f.size(0)}, f.constantInt(0))
                              : f.concat(parts, 0);
  f.contents[value] = Sizes(part);
  return call.give(value);
}

static LogicalResult importSizeOp(Call &call) {
  FunctionImporter &f = call.f;
  Size count = f.product(call.sizesOf(0));
  Value value = f.fill({}, f.toInteger(count));
  f.contents[value] = {count};
  return call.give(value);
}

static LogicalResult importConstantOfShape(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  FailureOr<Sizes> sizes = onnx.contents(0);
  if (failed(sizes))
    return failure();
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  double number = 0;
  if (auto value =
          call.op->getAttrOfType<DenseElementsAttr>("torch.onnx.value")) {
    if (value.getNumElements() != 1)
      return call.error() << "expected one element as value";
    if (isa<FloatType>(value.getElementType()))
      number = (*value.value_begin<APFloat>()).convertToDouble();
    else
      number = double((*value.value_begin<APInt>()).getSExtValue());
  } else if (call.op->getAttr("torch.onnx.value")) {
    return call.error() << "expected dense elements as value";
  }
  return call.give(call.f.fill(*sizes, call.f.constant(dtype, number)));
}

/// Rows along `axis` at indices that may count from the end.
static LogicalResult importGather(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  FailureOr<int64_t> axis =
      onnx.dimension(onnx.integer("axis", 0), call.tensor(0).getRank());
  if (failed(axis))
    return failure();
  // A number of a shape stays followed.
  Sizes picked;
  auto known = call.f.contents.find(call.value(0));
  if (known != call.f.contents.end() && call.tensor(0).getRank() == 1 &&
      call.tensor(1).getRank() <= 1) {
    Sizes elements = known->second;
    FailureOr<Sizes> places = onnx.contents(1);
    if (failed(places))
      return failure();
    for (Size place : *places) {
      auto number = dyn_cast<AffineConstantExpr>(place);
      int64_t i = number ? number.getValue() : -1 - int64_t(elements.size());
      i += i < 0 ? elements.size() : 0;
      if (i >= 0 && i < int64_t(elements.size()))
        picked.push_back(elements[i]);
    }
    if (picked.size() != places->size())
      picked.clear();
  }
  std::vector<Item> list(*axis + 1);
  list.back() = call.item(1);
  FailureOr<Tensor> result = readIndexed(call, call.tensor(0), list);
  if (failed(result))
    return failure();
  if (!picked.empty())
    call.f.contents[result->value] = picked;
  return call.give(*result);
}

/// Columns of `indices`, for the dimensions behind the batch ones.
static FailureOr<std::vector<Item>> readColumns(Call &call, int64_t batch) {
  FunctionImporter &f = call.f;
  Sizes sizes = call.sizesOf(1);
  auto depth = sizes.empty() ? AffineConstantExpr()
                             : dyn_cast<AffineConstantExpr>(sizes.back());
  int64_t rank = call.tensor(0).getRank();
  if (!depth || depth.getValue() + batch > rank ||
      batch >= int64_t(sizes.size()))
    return call.error() << "should have indices of at most " << rank - batch
                        << " known dimensions";
  Sizes places(sizes.begin(), sizes.end() - 1);
  Type i64 = f.builder.getI64Type();
  Type si64 = parseDtype(f.getContext(), "si64");
  std::vector<Item> list;
  for (int64_t dim = 0; dim < batch; ++dim)
    list.push_back(
        {Item::Kind::tensor, {f.iota(places, dim, i64), si64}, {}, {}, {}});
  for (int64_t i = 0; i < depth.getValue(); ++i) {
    Value column =
        f.slice(call.value(1), sizes.size() - 1, f.size(i), f.size(1));
    list.push_back({Item::Kind::tensor,
                    {f.reshape(column, places), call.tensor(1).dtype},
                    {},
                    {},
                    {}});
  }
  return list;
}

static LogicalResult importGatherND(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(2)))
    return failure();
  auto list = readColumns(call, onnx.integer("batch_dims", 0));
  if (failed(list))
    return failure();
  FailureOr<Tensor> result = readIndexed(call, call.tensor(0), *list);
  return failed(result) ? failure() : call.give(*result);
}

static LogicalResult importScatterND(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(3)))
    return failure();
  StringRef kind = onnx.text("reduction", "none");
  if (kind != "none" && kind != "add")
    return call.error() << "reduces by '" << kind
                        << "'; none or add is imported";
  auto list = readColumns(call, 0);
  if (failed(list))
    return failure();
  return giveIndexPut(call, call.tensor(0), *list, call.tensor(2),
                      kind == "add");
}

/// Indices of a gather or scatter along `axis`, from zero on.
static Tensor wrapIndices(Call &call, const Tensor &index, int64_t axis) {
  FunctionImporter &f = call.f;
  Type dtype = index.dtype;
  Value zero = f.constant(dtype, 0.0);
  Item extent{
      Item::Kind::integer, {}, f.toInteger(call.sizesOf(0)[axis]), {}, {}};
  Value size = f.convert(extent, dtype);
  Value value = f.elementwise(
      index.value, f.sizesOf(index.value), signless(dtype),
      [&](OpBuilder &b, Location loc, ValueRange in) -> Value {
        Value negative = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::slt, in[0], zero);
        Value wrapped = arith::AddIOp::create(b, loc, in[0], size);
        return arith::SelectOp::create(b, loc, negative, wrapped, in[0]);
      });
  return {value, dtype};
}

static FailureOr<int64_t> readAxis(Call &call, unsigned count) {
  Onnx onnx(call);
  if (failed(onnx.tensors(count)))
    return failure();
  if (isFloat(call.tensor(1).dtype))
    return call.error() << "indexes by " << call.tensor(1).dtype;
  return onnx.dimension(onnx.integer("axis", 0), call.tensor(0).getRank());
}

static LogicalResult importGatherElements(Call &call) {
  FailureOr<int64_t> axis = readAxis(call, 2);
  if (failed(axis))
    return failure();
  return giveGathered(call, call.tensor(0), *axis,
                      wrapIndices(call, call.tensor(1), *axis));
}

static LogicalResult importScatterElements(Call &call) {
  FailureOr<int64_t> axis = readAxis(call, 3);
  if (failed(axis))
    return failure();
  return giveScattered(call, call.tensor(0), *axis,
                       wrapIndices(call, call.tensor(1), *axis), call.tensor(2),
                       Onnx(call).text("reduction", "none"));
}

static LogicalResult importTrilu(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  int64_t diagonal = 0;
  if (!call.isNone(1)) {
    FailureOr<SmallVector<int64_t>> given = onnx.knownContents(1);
    if (failed(given) || given->size() != 1)
      return call.error() << "should have one known diagonal";
    diagonal = given->front();
  }
  return giveTriangle(call, call.tensor(0), diagonal,
                      /*lower=*/onnx.integer("upper", 1) == 0);
}

static LogicalResult importNonZero(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(1)))
    return failure();
  Type i1 = parseDtype(call.f.getContext(), "i1");
  Value places = nonzero(call.f, call.f.asType(call.tensor(0), i1).value);
  return call.give(call.f.transpose(places, {1, 0}));
}

/// start, start + delta, ... below limit.
static LogicalResult importRange(Call &call) {
  Onnx onnx(call);
  if (failed(onnx.tensors(3)))
    return failure();
  FunctionImporter &f = call.f;
  if (isFloat(call.tensor(0).dtype))
    return call.error() << "is a range of floats, which is not imported";
  FailureOr<Sizes> start = onnx.contents(0), limit = onnx.contents(1);
  FailureOr<SmallVector<int64_t>> delta = onnx.knownContents(2);
  if (failed(start) || failed(limit) || failed(delta))
    return failure();
  int64_t step = delta->front();
  if (step == 0)
    return call.error() << "has a step of zero";
  Size span = step > 0 ? limit->front() - start->front()
                       : start->front() - limit->front();
  Size count =
      start->front() == f.size(0) && step == 1
          ? limit->front()
          : f.maximum(span.ceilDiv(uint64_t(std::abs(step))), f.size(0));
  Type dtype = call.tensor(0).dtype, si64 = parseDtype(f.getContext(), "si64");
  Value first = f.toInteger(start->front()), stride = f.constantInt(step);
  Value value =
      f.generic({}, {}, count, signless(dtype),
                [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                  Value i = linalg::IndexOp::create(b, loc, 0);
                  Value number =
                      arith::IndexCastOp::create(b, loc, b.getI64Type(), i);
                  number = arith::MulIOp::create(b, loc, number, stride);
                  number = arith::AddIOp::create(b, loc, number, first);
                  return f.convert(b, loc, number, si64, dtype);
                });
  return give(call, value);
}

void torch::addOnnxShapeOps(Table &table) {
  table["onnx.Concat"] = {"*", importConcat};
  table["onnx.ConstantOfShape"] = {"*", importConstantOfShape};
  table["onnx.Expand"] = {"*", importExpand};
  table["onnx.Flatten"] = {"*", importFlatten};
  table["onnx.Gather"] = {"*", importGather};
  table["onnx.GatherElements"] = {"*", importGatherElements};
  table["onnx.GatherND"] = {"*", importGatherND};
  table["onnx.NonZero"] = {"*", importNonZero};
  table["onnx.Range"] = {"*", importRange};
  table["onnx.Reshape"] = {"*", importReshape};
  table["onnx.ScatterElements"] = {"*", importScatterElements};
  table["onnx.ScatterND"] = {"*", importScatterND};
  table["onnx.Shape"] = {"*", importShape};
  table["onnx.Size"] = {"T", importSizeOp};
  table["onnx.Slice"] = {"*", importSlice};
  table["onnx.Split"] = {"*", importSplit};
  table["onnx.Squeeze"] = {"*", importSqueeze};
  table["onnx.Tile"] = {"*", importTile};
  table["onnx.Transpose"] = {"*", importTranspose};
  table["onnx.Trilu"] = {"*", importTrilu};
  table["onnx.Unsqueeze"] = {"*", importUnsqueeze};
}
