// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parts of tensors, and tensors put together.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// Python's bound: counted from the end if negative, and cut to [0, size].
static Size clampBound(FunctionImporter &f, Size bound, Size size) {
  if (auto known = dyn_cast<AffineConstantExpr>(bound)) {
    int64_t value = known.getValue();
    if (value == std::numeric_limits<int64_t>::max())
      return size;
    if (value == 0)
      return bound;
    if (value < 0)
      return f.maximum(size + value, f.size(0));
    return f.minimum(bound, size);
  }
  if (bound == size)
    return bound;
  Value zero = f.index(0), extent = f.toIndex(size), raw = f.toIndex(bound);
  OpBuilder &b = f.builder;
  Value negative =
      arith::CmpIOp::create(b, f.loc, arith::CmpIPredicate::slt, raw, zero);
  Value wrapped = arith::AddIOp::create(b, f.loc, raw, extent);
  Value value = arith::SelectOp::create(b, f.loc, negative, wrapped, raw);
  value = arith::MaxSIOp::create(b, f.loc, value, zero);
  return f.symbol(arith::MinSIOp::create(b, f.loc, value, extent));
}

static LogicalResult importSlice(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(1), step = call.integer(4);
  if (step < 1)
    return call.error() << "step " << step << " should be positive";
  if (call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  Size size = call.sizesOf(0)[dim];
  Size start = call.isNone(2)
                   ? f.size(0)
                   : clampBound(f, f.sizeOf(call.item(2).scalar), size);
  Size end = call.isNone(3)
                 ? size
                 : clampBound(f, f.sizeOf(call.item(3).scalar), size);
  Size length;
  if (std::optional<int64_t> known = call.knownSize(dim)) {
    length = f.size(*known);
  } else {
    length = end - start;
    // Bounds that the graph computes may cross.
    if (start != f.size(0))
      length = f.maximum(length, f.size(0));
    if (step > 1)
      length = length.ceilDiv(uint64_t(step));
  }
  auto offset = dyn_cast<AffineConstantExpr>(start);
  auto count = dyn_cast<AffineConstantExpr>(length);
  auto extent = dyn_cast<AffineConstantExpr>(size);
  if (offset && count && extent && count.getValue() > 0 &&
      offset.getValue() + (count.getValue() - 1) * step >= extent.getValue())
    return call.error() << "is declared to take " << count.getValue()
                        << " elements, but there are fewer";
  return call.give(Tensor{f.slice(call.value(0), dim, start, length, step),
                          call.tensor(0).dtype});
}

static LogicalResult importNarrow(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(1);
  Size start =
      clampBound(f, f.sizeOf(call.item(2).scalar), call.sizesOf(0)[dim]);
  return call.give(
      Tensor{f.slice(call.value(0), dim, start, f.sizeOf(call.item(3).scalar)),
             call.tensor(0).dtype});
}

/// One element along `dim`, without that dimension.
static Value selectAt(FunctionImporter &f, Value tensor, int64_t dim,
                      Size offset) {
  Value part = f.slice(tensor, dim, offset, f.size(1));
  Sizes sizes = f.sizesOf(part);
  sizes.erase(sizes.begin() + dim);
  return f.reshape(part, sizes);
}

static LogicalResult importSelect(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(1);
  if (call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  Size size = call.sizesOf(0)[dim];
  Size offset = f.sizeOf(call.item(2).scalar);
  auto known = dyn_cast<AffineConstantExpr>(offset);
  auto extent = dyn_cast<AffineConstantExpr>(size);
  if (known && extent &&
      (known.getValue() < -extent.getValue() ||
       known.getValue() >= extent.getValue()))
    return call.error() << "index " << known.getValue()
                        << " is out of range for size " << extent.getValue();
  if (known && known.getValue() < 0)
    offset = size + offset;
  else if (!known)
    offset = clampBound(f, offset, size);
  return call.give(
      Tensor{selectAt(f, call.value(0), dim, offset), call.tensor(0).dtype});
}

static LogicalResult giveParts(Call &call, int64_t dim,
                               ArrayRef<Size> lengths) {
  FunctionImporter &f = call.f;
  Item list;
  list.kind = Item::Kind::list;
  Size offset = f.size(0);
  for (Size length : lengths) {
    Value part = f.slice(call.value(0), dim, offset, length);
    list.list.push_back(
        {Item::Kind::tensor, {part, call.tensor(0).dtype}, {}, {}, {}});
    offset = offset + length;
  }
  return call.giveItem(std::move(list));
}

static LogicalResult importSplitSizes(Call &call) {
  int64_t dim = call.dimension(2);
  Sizes lengths = call.integers(1);
  Size total = call.f.size(0), size = call.sizesOf(0)[dim];
  for (Size length : lengths)
    total = total + length;
  if (isa<AffineConstantExpr>(total) && isa<AffineConstantExpr>(size) &&
      total != size)
    return call.error() << "splits a size of " << toText(size)
                        << " into parts of " << toText(total) << " together";
  return giveParts(call, dim, lengths);
}

/// Parts of `length`, the last of which may be shorter.
static LogicalResult splitEvery(Call &call, int64_t dim, int64_t length) {
  auto size = dyn_cast<AffineConstantExpr>(call.sizesOf(0)[dim]);
  if (!size)
    return call.error() << "splits a size that is not known";
  if (length < 1)
    return call.error() << "splits into parts of " << length;
  Sizes lengths;
  for (int64_t i = 0; i < std::max<int64_t>(size.getValue(), 1); i += length)
    lengths.push_back(call.f.size(std::min(length, size.getValue() - i)));
  return giveParts(call, dim, lengths);
}

static LogicalResult importSplit(Call &call) {
  return splitEvery(call, call.dimension(2), call.integer(1));
}

static LogicalResult importChunk(Call &call) {
  int64_t dim = call.dimension(2), count = call.integer(1);
  auto size = dyn_cast<AffineConstantExpr>(call.sizesOf(0)[dim]);
  if (!size || count < 1)
    return call.error() << "expected a known size and a positive count";
  int64_t length = (size.getValue() + count - 1) / count;
  return splitEvery(call, dim, std::max<int64_t>(length, 1));
}

static LogicalResult importUnbind(Call &call) {
  FunctionImporter &f = call.f;
  int64_t dim = call.dimension(1);
  if (call.tensor(0).getRank() == 0)
    return call.error() << "takes a tensor of rank 1 or more";
  auto size = dyn_cast<AffineConstantExpr>(call.sizesOf(0)[dim]);
  if (!size)
    return call.error() << "takes apart a size that is not known";
  Item list;
  list.kind = Item::Kind::list;
  for (int64_t i = 0; i < size.getValue(); ++i) {
    Value part = selectAt(f, call.value(0), dim, f.size(i));
    list.list.push_back(
        {Item::Kind::tensor, {part, call.tensor(0).dtype}, {}, {}, {}});
  }
  return call.giveItem(std::move(list));
}

/// Tensors of one type and rank that differ in dimension `dim` only.
static LogicalResult giveConcat(Call &call, ArrayRef<Tensor> tensors,
                                int64_t dim) {
  Type dtype = call.resultDtype();
  if (!dtype)
    return call.error() << "has an unsupported element type";
  FunctionImporter &f = call.f;
  SmallVector<Value> parts;
  for (const Tensor &tensor : tensors) {
    // PyTorch has always let empty vectors pass.
    if (tensor.getRank() == 1 && tensor.getType().getShape()[0] == 0 &&
        parts.size() + 1 < tensors.size() && tensors.size() > 1)
      continue;
    parts.push_back(f.asType(tensor, dtype).value);
  }
  if (parts.empty())
    return call.error() << "has no tensors";
  Sizes first = f.sizesOf(parts[0]);
  int64_t rank = first.size();
  if (rank == 0)
    return call.error() << "scalars cannot be concatenated";
  if (dim < -rank || dim >= rank)
    return call.error() << "dimension " << dim << " is out of range for rank "
                        << rank;
  dim += dim < 0 ? rank : 0;
  for (Value part : parts) {
    Sizes sizes = f.sizesOf(part);
    if (sizes.size() != first.size())
      return call.error() << "the ranks of its tensors differ";
    for (int64_t i = 0; i < rank; ++i)
      if (i != dim && sizes[i] != first[i] &&
          isa<AffineConstantExpr>(sizes[i]) &&
          isa<AffineConstantExpr>(first[i]))
        return call.error()
               << "sizes " << toText(first[i]) << " and " << toText(sizes[i])
               << " of dimension " << i << " differ";
  }
  return call.give(Tensor{f.concat(parts, dim), dtype});
}

static LogicalResult importCat(Call &call) {
  return giveConcat(call, call.tensors(0), call.integer(1));
}

static LogicalResult importStack(Call &call) {
  FunctionImporter &f = call.f;
  SmallVector<Tensor> tensors = call.tensors(0);
  int64_t dim = call.integer(1);
  for (Tensor &tensor : tensors) {
    Sizes sizes = f.sizesOf(tensor.value);
    int64_t rank = sizes.size() + 1;
    if (dim < -rank || dim >= rank)
      return call.error() << "dimension " << dim << " is out of range for rank "
                          << rank;
    sizes.insert(sizes.begin() + (dim < 0 ? dim + rank : dim), f.size(1));
    tensor.value = f.reshape(tensor.value, sizes);
  }
  return giveConcat(call, tensors, dim);
}

static LogicalResult importFlip(Call &call) {
  FunctionImporter &f = call.f;
  std::optional<SmallVector<int64_t>> known = call.knownIntegers(1);
  SmallVector<int64_t> dims = call.dimensions(1);
  if (!known || known->empty())
    return call.give(call.tensor(0));
  Sizes sizes = call.sizesOf(0);
  Value source = call.value(0);
  SmallVector<Value> last(sizes.size());
  for (int64_t dim : dims)
    last[dim] = f.toIndex(sizes[dim] - 1);
  Value result =
      f.generic({}, {}, sizes, getElementTypeOrSelf(source.getType()),
                [&](OpBuilder &b, Location loc, ValueRange) -> Value {
                  SmallVector<Value> indices;
                  for (auto [dim, end] : llvm::enumerate(last)) {
                    Value i = linalg::IndexOp::create(b, loc, dim);
                    if (end)
                      i = arith::SubIOp::create(b, loc, end, i);
                    indices.push_back(i);
                  }
                  return tensor::ExtractOp::create(b, loc, source, indices);
                });
  return call.give(Tensor{result, call.tensor(0).dtype});
}

/// The last `shift` elements go to the front.
static LogicalResult importRoll(Call &call) {
  FunctionImporter &f = call.f;
  std::optional<SmallVector<int64_t>> shifts = call.knownIntegers(1);
  std::optional<SmallVector<int64_t>> dims = call.knownIntegers(2);
  if (!shifts || !dims || (shifts->size() != dims->size() && !dims->empty()))
    return call.error() << "expected a known shift for every dimension";
  Sizes sizes = call.sizesOf(0);
  Value value = call.value(0);
  int64_t rank = sizes.size();
  if (dims->empty()) {
    value = f.reshape(value, {f.product(sizes)});
    dims->push_back(0);
    rank = 1;
  }
  for (auto [shift, dim] : llvm::zip(*shifts, *dims)) {
    if (dim < -rank || dim >= rank)
      return call.error() << "dimension " << dim << " is out of range for rank "
                          << rank;
    dim += dim < 0 ? rank : 0;
    auto extent = dyn_cast<AffineConstantExpr>(f.sizesOf(value)[dim]);
    if (!extent)
      return call.error() << "rolls a size that is not known";
    int64_t size = extent.getValue();
    int64_t cut = size == 0 ? 0 : ((-shift % size) + size) % size;
    if (cut == 0)
      continue;
    Value front = f.slice(value, dim, f.size(0), f.size(cut));
    Value back = f.slice(value, dim, f.size(cut), f.size(size - cut));
    value = f.concat({back, front}, dim);
  }
  return call.give(Tensor{f.reshape(value, sizes), call.tensor(0).dtype});
}

/// Pairs of (before, after) from the last dimension on; negative ones cut.
static LogicalResult importPad(Call &call) {
  FunctionImporter &f = call.f;
  std::optional<SmallVector<int64_t>> pads = call.knownIntegers(1);
  const Tensor &tensor = call.tensor(0);
  int64_t rank = tensor.getRank();
  if (!pads || pads->size() % 2 != 0 || int64_t(pads->size()) > 2 * rank)
    return call.error() << "expected two known pads for every dimension";
  SmallVector<OpFoldResult> low(rank, f.builder.getIndexAttr(0)), high(low);
  Sizes sizes = call.sizesOf(0);
  Value value = tensor.value;
  bool any = false;
  for (size_t i = 0; i < pads->size(); i += 2) {
    int64_t dim = rank - 1 - i / 2, before = (*pads)[i], after = (*pads)[i + 1];
    if (before < 0 || after < 0) {
      Size from = f.size(std::max<int64_t>(-before, 0));
      Size length = sizes[dim] + std::min<int64_t>(before, 0) +
                    std::min<int64_t>(after, 0);
      value = f.slice(value, dim, from, length);
      sizes[dim] = length;
    }
    before = std::max<int64_t>(before, 0);
    after = std::max<int64_t>(after, 0);
    any |= before + after > 0;
    low[dim] = f.builder.getIndexAttr(before);
    high[dim] = f.builder.getIndexAttr(after);
    sizes[dim] = sizes[dim] + (before + after);
  }
  if (any) {
    Value pad = f.convert(call.item(2), tensor.dtype);
    value =
        tensor::PadOp::create(f.builder, f.loc, Type(), value, low, high, pad);
    f.setSizes(value, sizes);
  }
  return call.give(Tensor{value, tensor.dtype});
}

void torch::addShapeOps(Table &table) {
  table["aten.slice.Tensor"] = {"TDnni", importSlice};
  table["aten.narrow"] = {"TDII", importNarrow};
  table["aten.select.int"] = {"TDI", importSelect};
  table["aten.split_with_sizes"] = {"TLD", importSplitSizes};
  table["aten.split.sizes"] = {"TLD", importSplitSizes};
  table["aten.split.Tensor"] = {"TiD", importSplit};
  table["aten.chunk"] = {"TiD", importChunk};
  table["aten.unbind.int"] = {"TD", importUnbind};
  table["aten.cat"] = {"Vi", importCat};
  table["aten.stack"] = {"Vi", importStack};
  table["aten.flip"] = {"TE", importFlip};
  table["aten.roll"] = {"TLL", importRoll};
  table["aten.constant_pad_nd"] = {"TLN", importPad};
}
