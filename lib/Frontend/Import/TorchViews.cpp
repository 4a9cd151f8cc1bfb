// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The same elements in another shape or order.
#include "TorchImporter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

FailureOr<Value> torch::viewAs(Call &call, Value tensor, Sizes sizes) {
  FunctionImporter &f = call.f;
  Size total = f.product(f.sizesOf(tensor));
  Size inferred = f.size(-1);
  if (llvm::count(sizes, inferred) > 1)
    return call.error() << "only one size may be -1";
  for (Size &size : sizes) {
    if (size != inferred) {
      if (auto known = dyn_cast<AffineConstantExpr>(size))
        if (known.getValue() < 0)
          return call.error() << "size " << known.getValue() << " is negative";
      continue;
    }
    Sizes others;
    for (Size other : sizes)
      if (other != inferred)
        others.push_back(other);
    Size divisor = f.product(others);
    auto whole = dyn_cast<AffineConstantExpr>(total);
    auto part = dyn_cast<AffineConstantExpr>(divisor);
    if (part && part.getValue() == 0)
      return call.error() << "a size of -1 beside one of 0 says nothing";
    if (whole && part && whole.getValue() % part.getValue() != 0)
      return call.error() << "cannot view " << whole.getValue()
                          << " elements in rows of " << part.getValue();
    size = f.divide(total, divisor);
    break;
  }
  Size viewed = f.product(sizes);
  if (isa<AffineConstantExpr>(viewed) && isa<AffineConstantExpr>(total) &&
      viewed != total)
    return call.error() << "views " << toText(total) << " elements as "
                        << toText(viewed);
  return f.reshape(tensor, sizes);
}

static LogicalResult giveView(Call &call, const Sizes &sizes) {
  FailureOr<Value> value = viewAs(call, call.value(0), sizes);
  return failed(value) ? failure()
                       : call.give(Tensor{*value, call.tensor(0).dtype});
}

static LogicalResult importView(Call &call) {
  return giveView(call, call.integers(1));
}

static LogicalResult importFlatten(Call &call) {
  Sizes sizes = call.sizesOf(0);
  if (sizes.empty())
    return giveView(call, {call.f.size(1)});
  int64_t start = call.dimension(1), end = call.dimension(2);
  if (start > end)
    return call.error() << "flattens from dimension " << start << " to " << end;
  Size flat = call.f.product(ArrayRef(sizes).slice(start, end - start + 1));
  sizes.erase(sizes.begin() + start, sizes.begin() + end + 1);
  sizes.insert(sizes.begin() + start, flat);
  return giveView(call, sizes);
}

static LogicalResult importUnflatten(Call &call) {
  FunctionImporter &f = call.f;
  Sizes sizes = call.sizesOf(0), parts = call.integers(2);
  int64_t dim = call.dimension(1);
  for (Size &part : parts) {
    if (part != f.size(-1))
      continue;
    Sizes others;
    for (Size other : parts)
      if (other != part)
        others.push_back(other);
    part = f.divide(sizes[dim], f.product(others));
    break;
  }
  sizes.erase(sizes.begin() + dim);
  sizes.insert(sizes.begin() + dim, parts.begin(), parts.end());
  return giveView(call, sizes);
}

static LogicalResult importUnsqueeze(Call &call) {
  Sizes sizes = call.sizesOf(0);
  int64_t dim = call.integer(1);
  if (dim < 0)
    dim += sizes.size() + 1;
  sizes.insert(sizes.begin() + dim, call.f.size(1));
  return giveView(call, sizes);
}

/// Dimensions of size one go, others stay.
static LogicalResult importSqueeze(Call &call) {
  Sizes sizes = call.sizesOf(0), kept;
  SmallVector<int64_t> dims = call.dimensions(1);
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (size != call.f.size(1) || !llvm::is_contained(dims, int64_t(dim)))
      kept.push_back(size);
  return giveView(call, kept);
}

static LogicalResult givePermuted(Call &call, ArrayRef<int64_t> permutation) {
  return call.give(Tensor{call.f.transpose(call.value(0), permutation),
                          call.tensor(0).dtype});
}

static LogicalResult importPermute(Call &call) {
  std::optional<SmallVector<int64_t>> dims = call.knownIntegers(1);
  int64_t rank = call.tensor(0).getRank();
  if (!dims || int64_t(dims->size()) != rank)
    return call.error() << "expected " << rank << " dimensions";
  SmallVector<bool> seen(rank);
  for (int64_t &dim : *dims) {
    dim += dim < 0 ? rank : 0;
    if (seen[dim])
      return call.error() << "names dimension " << dim << " twice";
    seen[dim] = true;
  }
  return givePermuted(call, *dims);
}

static LogicalResult importTranspose(Call &call) {
  SmallVector<int64_t> dims =
      llvm::to_vector(llvm::seq<int64_t>(0, call.tensor(0).getRank()));
  if (!dims.empty())
    std::swap(dims[call.dimension(1)], dims[call.dimension(2)]);
  return givePermuted(call, dims);
}

static LogicalResult importReverseAll(Call &call) {
  SmallVector<int64_t> dims =
      llvm::to_vector(llvm::seq<int64_t>(0, call.tensor(0).getRank()));
  if (call.op->getName().stripDialect() == "aten.t" && dims.size() > 2)
    return call.error() << "takes a matrix, found rank " << dims.size();
  std::reverse(dims.begin(), dims.end());
  return givePermuted(call, dims);
}

static LogicalResult importMovedim(Call &call) {
  SmallVector<int64_t> dims =
      llvm::to_vector(llvm::seq<int64_t>(0, call.tensor(0).getRank()));
  int64_t from = call.dimension(1), to = call.dimension(2);
  dims.erase(dims.begin() + from);
  dims.insert(dims.begin() + to, from);
  return givePermuted(call, dims);
}

static LogicalResult giveExpanded(Call &call, Sizes wanted) {
  FunctionImporter &f = call.f;
  Sizes have = call.sizesOf(0);
  if (wanted.size() < have.size())
    return call.error() << "expands rank " << have.size() << " to "
                        << wanted.size();
  unsigned lead = wanted.size() - have.size();
  for (auto [dim, size] : llvm::enumerate(wanted)) {
    Size from = dim < lead ? f.size(1) : have[dim - lead];
    if (size == f.size(-1))
      size = from;
    if (size == from || from == f.size(1))
      continue;
    if (isa<AffineConstantExpr>(size) && isa<AffineConstantExpr>(from))
      return call.error() << "expands a size of " << toText(from) << " to "
                          << toText(size);
    f.assertTrue(arith::CmpIOp::create(f.builder, f.loc,
                                       arith::CmpIPredicate::eq,
                                       f.toIndex(size), f.toIndex(from)),
                 "an expanded size is not what it was");
    size = from;
  }
  return call.give(
      Tensor{f.broadcastTo(call.value(0), wanted), call.tensor(0).dtype});
}

static LogicalResult importExpand(Call &call) {
  return giveExpanded(call, call.integers(1));
}

static LogicalResult importExpandAs(Call &call) {
  return giveExpanded(call, call.sizesOf(1));
}

/// Every dimension so many times, new ones in front.
///
///   [n, d] repeat (e, 1)  =>  generic [n, d] -> [e, n, 1, d], collapse
static LogicalResult importRepeat(Call &call) {
  FunctionImporter &f = call.f;
  Sizes counts = call.integers(1), sizes = call.sizesOf(0);
  if (counts.size() < sizes.size())
    return call.error() << "repeats rank " << sizes.size() << " by "
                        << counts.size() << " numbers";
  unsigned lead = counts.size() - sizes.size();
  Sizes apart, together;
  SmallVector<AffineExpr> exprs;
  for (auto [dim, count] : llvm::enumerate(counts)) {
    if (dim < lead) {
      apart.push_back(count);
      together.push_back(count);
      continue;
    }
    Size size = sizes[dim - lead];
    together.push_back(f.multiply(count, size));
    if (count != f.size(1))
      apart.push_back(count);
    apart.push_back(size);
    exprs.push_back(getAffineDimExpr(apart.size() - 1, f.getContext()));
  }
  Value value = call.value(0);
  if (apart != sizes)
    value =
        f.generic(value, AffineMap::get(apart.size(), 0, exprs, f.getContext()),
                  apart, getElementTypeOrSelf(value.getType()),
                  [](OpBuilder &, Location, ValueRange in) { return in[0]; });
  return call.give(Tensor{f.reshape(value, together), call.tensor(0).dtype});
}

/// Every element so many times in a row.
static LogicalResult importRepeatInterleave(Call &call) {
  FunctionImporter &f = call.f;
  Value value = call.value(0);
  Sizes sizes = call.sizesOf(0);
  Size count = f.sizeOf(call.item(1).scalar);
  int64_t dim = 0;
  if (call.isNone(2)) {
    sizes = {f.product(sizes)};
    value = f.reshape(value, sizes);
  } else {
    dim = call.dimension(2);
  }
  Sizes apart(sizes), together(sizes);
  apart.insert(apart.begin() + dim + 1, count);
  together[dim] = f.multiply(sizes[dim], count);
  SmallVector<AffineExpr> exprs;
  for (unsigned i = 0; i < apart.size(); ++i)
    if (i != unsigned(dim) + 1)
      exprs.push_back(getAffineDimExpr(i, f.getContext()));
  value =
      f.generic(value, AffineMap::get(apart.size(), 0, exprs, f.getContext()),
                apart, getElementTypeOrSelf(value.getType()),
                [](OpBuilder &, Location, ValueRange in) { return in[0]; });
  return call.give(Tensor{f.reshape(value, together), call.tensor(0).dtype});
}

void torch::addViewOps(Table &table) {
  for (StringRef name : {"aten.view", "aten.reshape", "aten._unsafe_view",
                         "aten.view_copy", "aten._reshape_copy"})
    table[name] = {"TL", importView};
  table["aten._reshape_alias"] = {"TLx", importView};
  table["aten.flatten.using_ints"] = {"TDD", importFlatten};
  table["aten.unflatten.int"] = {"TDL", importUnflatten};
  table["aten.unsqueeze"] = {"TU", importUnsqueeze};
  table["aten.squeeze"] = {"T", importSqueeze};
  table["aten.squeeze.dim"] = {"TD", importSqueeze};
  table["aten.squeeze.dims"] = {"TE", importSqueeze};
  table["prims.squeeze"] = {"TE", importSqueeze};
  table["aten.permute"] = {"TE", importPermute};
  table["aten.transpose.int"] = {"TDD", importTranspose};
  table["aten.t"] = {"T", importReverseAll};
  table["aten.numpy_T"] = {"T", importReverseAll};
  table["aten.movedim.int"] = {"TDD", importMovedim};
  table["aten.expand"] = {"TLx", importExpand};
  table["aten.broadcast_to"] = {"TL", importExpand};
  table["aten.expand_as"] = {"TT", importExpandAs};
  table["aten.repeat"] = {"TL", importRepeat};
  table["aten.repeat_interleave.self_int"] = {"TIoo", importRepeatInterleave};
}
