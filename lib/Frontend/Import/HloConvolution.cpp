// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HloWindows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Where one of the three tensors keeps what: `[b, f, 0, 1]`, `[o, i, 0, 1]`.
struct Layout {
  int64_t outer = -1, inner = -1;
  SmallVector<int64_t> spatial;

  static std::optional<Layout> parse(StringRef text, char outer, char inner);
  int64_t rank() const { return spatial.size() + 2; }
};

std::optional<Layout> Layout::parse(StringRef text, char outer, char inner) {
  SmallVector<StringRef> parts;
  if (!text.consume_front("[") || !text.consume_back("]"))
    return std::nullopt;
  text.split(parts, ',');
  if (parts.size() < 2)
    return std::nullopt;
  Layout layout;
  layout.spatial.assign(parts.size() - 2, -1);
  for (auto [place, part] : llvm::enumerate(parts)) {
    part = part.trim();
    unsigned number;
    int64_t *slot = nullptr;
    if (part == StringRef(&outer, 1))
      slot = &layout.outer;
    else if (part == StringRef(&inner, 1))
      slot = &layout.inner;
    else if (!part.getAsInteger(10, number) && number < layout.spatial.size())
      slot = &layout.spatial[number];
    // As many names as places: if none comes twice, none is missing.
    if (!slot || *slot != -1)
      return std::nullopt;
    *slot = place;
  }
  return layout;
}

struct Convolution {
  Layout lhs, rhs, out;
  hlo::Windows windows;
  SmallVector<bool> reversed;
  int64_t groups, batchGroups;
  RankedTensorType lhsType, rhsType, outType;

  /// Batches of the left side in each group; input features in each group.
  int64_t batches() const {
    return lhsType.getDimSize(lhs.outer) / batchGroups;
  }
  int64_t features() const { return rhsType.getDimSize(rhs.inner); }
  /// How many output features share one group of any kind.
  int64_t featuresOfGroup() const {
    return rhsType.getDimSize(rhs.outer) / std::max(groups, batchGroups);
  }

  LogicalResult readWindows(Operation *op);
  LogicalResult check(Operation *op) const;
  Value build(Operation *op, OpBuilder &b) const;
  Value readLeft(OpBuilder &b, Location loc, Value tensor, Value &inside) const;
};

/// `#stablehlo.conv<[b, f, 0]x[o, i, 0]->[b, f, 0]>`
LogicalResult readLayouts(Operation *op, Convolution &conv) {
  Attribute numbers = op->getAttr("dimension_numbers");
  std::string text = numbers ? hlo::textOf(numbers) : "";
  StringRef rest(text);
  std::optional<Layout> lhs, rhs, out;
  if (rest.consume_front("conv<") && rest.consume_back(">")) {
    auto [inputs, result] = rest.split("->");
    auto [left, right] = inputs.split('x');
    lhs = Layout::parse(left.trim(), 'b', 'f');
    rhs = Layout::parse(right.trim(), 'o', 'i');
    out = Layout::parse(result.trim(), 'b', 'f');
  }
  if (!lhs || !rhs || !out || lhs->rank() != conv.lhsType.getRank() ||
      rhs->rank() != conv.rhsType.getRank() ||
      out->rank() != conv.outType.getRank() || lhs->rank() != rhs->rank() ||
      lhs->rank() != out->rank())
    return hlo::malformed(op, "dimension numbers that name each dimension of ")
           << conv.lhsType << ", " << conv.rhsType << " and " << conv.outType;
  conv.lhs = *lhs;
  conv.rhs = *rhs;
  conv.out = *out;
  return success();
}

LogicalResult Convolution::readWindows(Operation *op) {
  size_t rank = rhs.spatial.size();
  auto list = [&](StringRef name) {
    SmallVector<int64_t> values = hlo::integers(op, name);
    if (values.empty())
      values.assign(rank, 1);
    return values;
  };
  for (int64_t dim : rhs.spatial)
    windows.sizes.push_back(rhsType.getDimSize(dim));
  windows.strides = list("window_strides");
  windows.baseDilations = list("lhs_dilation");
  windows.windowDilations = list("rhs_dilation");
  SmallVector<int64_t> flags = hlo::integers(op, "window_reversal");
  if (flags.empty())
    flags.assign(rank, 0);
  for (int64_t flag : flags)
    reversed.push_back(flag != 0);
  bool fits = windows.pad(hlo::integers(op, "padding")) && flags.size() == rank;
  // A kernel may be empty, unlike the windows of a reduction.
  hlo::Windows rest = windows;
  rest.sizes.assign(rank, 1);
  if (!fits || !rest.isPositive())
    return hlo::malformed(op, "positive strides and dilations, two paddings "
                              "and one window_reversal, for each spatial "
                              "dimension");
  return success();
}

LogicalResult Convolution::check(Operation *op) const {
  int64_t batch = lhsType.getDimSize(lhs.outer);
  int64_t feature = lhsType.getDimSize(lhs.inner);
  int64_t outputs = rhsType.getDimSize(rhs.outer);
  if (groups < 1 || batchGroups < 1 || (groups > 1 && batchGroups > 1) ||
      feature % groups != 0 || batch % batchGroups != 0 ||
      outputs % std::max(groups, batchGroups) != 0 ||
      feature / groups != features())
    return hlo::malformed(op, "group counts that divide batch and features of ")
           << lhsType << " and " << rhsType;
  bool fits = outType.getDimSize(out.outer) == batches() &&
              outType.getDimSize(out.inner) == outputs;
  for (auto [dim, from, to] : llvm::enumerate(lhs.spatial, out.spatial))
    fits &=
        windows.count(dim, lhsType.getDimSize(from)) == outType.getDimSize(to);
  if (!fits)
    return hlo::malformed(op, "windows that take ")
           << lhsType << " and " << rhsType << " to " << outType;
  return success();
}

/// The factor of the left side, in the loops of `build`, and whether there is
/// one.
Value Convolution::readLeft(OpBuilder &b, Location loc, Value tensor,
                            Value &inside) const {
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  int64_t rank = outType.getRank();
  SmallVector<Value> at(rank);
  at[lhs.outer] = linalg::IndexOp::create(b, loc, out.outer);
  at[lhs.inner] = linalg::IndexOp::create(b, loc, rank);
  if (groups > 1 || batchGroups > 1) {
    Value feature = linalg::IndexOp::create(b, loc, out.inner);
    Value group =
        arith::DivUIOp::create(b, loc, feature, number(featuresOfGroup()));
    auto [dim, size] = groups > 1 ? std::pair(lhs.inner, features())
                                  : std::pair(lhs.outer, batches());
    Value first = arith::MulIOp::create(b, loc, group, number(size));
    at[dim] = arith::AddIOp::create(b, loc, at[dim], first);
  }
  inside = arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  for (auto [dim, from, to] : llvm::enumerate(lhs.spatial, out.spatial)) {
    Value window = linalg::IndexOp::create(b, loc, to);
    Value part = linalg::IndexOp::create(b, loc, rank + 1 + dim);
    auto [index, fits] =
        windows.place(b, loc, dim, lhsType.getDimSize(from), window, part);
    at[from] = index;
    inside = arith::AndIOp::create(b, loc, inside, fits);
  }
  return tensor::ExtractOp::create(b, loc, tensor, at);
}

/// Over the result, the input features and the kernel.
Value Convolution::build(Operation *op, OpBuilder &b) const {
  Location loc = op->getLoc();
  Type element = outType.getElementType();
  RankedTensorType sumType =
      outType.clone(outType.getShape(), hlo::accumulatorType(op, b, element));
  int64_t rank = outType.getRank();
  unsigned loops = rank + 1 + windows.sizes.size();
  SmallVector<AffineExpr> kernel(rank);
  kernel[rhs.outer] = b.getAffineDimExpr(out.inner);
  kernel[rhs.inner] = b.getAffineDimExpr(rank);
  for (auto [dim, place] : llvm::enumerate(rhs.spatial)) {
    AffineExpr part = b.getAffineDimExpr(rank + 1 + dim);
    kernel[place] = reversed[dim] ? windows.sizes[dim] - 1 - part : part;
  }
  // The sizes of loops are read off their plain maps.
  SmallVector<AffineExpr> plain;
  SmallVector<int64_t> sizes{features()};
  sizes.append(windows.sizes);
  for (unsigned loop = rank; loop < loops; ++loop)
    plain.push_back(b.getAffineDimExpr(loop));
  Value parts = tensor::EmptyOp::create(b, loc, sizes, element);
  MLIRContext *context = b.getContext();
  AffineMap maps[] = {
      AffineMap::get(loops, 0, kernel, context),
      AffineMap::get(loops, 0, plain, context),
      AffineMap::getMultiDimIdentityMap(loops, context).getMajorSubMap(rank)};
  Value left = op->getOperand(0);
  Value sum = hlo::buildReduction(
      b, loc, sumType, {op->getOperand(1), parts}, maps,
      [&](OpBuilder &b, Location loc, ValueRange scalars) -> Value {
        Value inside;
        Value factor = readLeft(b, loc, left, inside);
        Value next =
            hlo::accumulateProduct(op, b, loc, factor, scalars[0], scalars[2]);
        return arith::SelectOp::create(b, loc, inside, next, scalars[2]);
      });
  return hlo::buildCast(b, loc, outType, sum);
}

///   "stablehlo.convolution"(%x, %k)
///   =>  linalg.generic over the result and %k { add(mul(extract %x, %k)) }
LogicalResult importConvolution(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = hlo::resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      hlo::tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  if (inputs->size() != 2)
    return hlo::malformed(op, "two operands");
  Convolution conv{};
  std::tie(conv.lhsType, conv.rhsType, conv.outType) =
      std::tuple((*inputs)[0], (*inputs)[1], *type);
  if (failed(
          hlo::needsStatic(op, {conv.lhsType, conv.rhsType, conv.outType})) ||
      failed(readLayouts(op, conv)) || failed(conv.readWindows(op)))
    return failure();
  conv.groups = hlo::integer(op, "feature_group_count").value_or(1);
  conv.batchGroups = hlo::integer(op, "batch_group_count").value_or(1);
  if (failed(conv.check(op)) ||
      failed(hlo::checkProduct(op, conv.lhsType, conv.rhsType, *type)))
    return failure();

  rewriter.setInsertionPoint(op);
  // Nothing of it can be read.
  if (conv.lhsType.getNumElements() == 0 ||
      conv.rhsType.getNumElements() == 0) {
    Value zero = hlo::buildZero(rewriter, op->getLoc(), type->getElementType());
    rewriter.replaceOp(op, hlo::buildFill(rewriter, op->getLoc(), *type, zero));
    return success();
  }
  rewriter.replaceOp(op, conv.build(op, rewriter));
  return success();
}
} // namespace

ArrayRef<hlo::ImporterEntry> hlo::convolutionImporters() {
  static constexpr ImporterEntry table[] = {
      {"stablehlo.convolution", importConvolution},
  };
  return table;
}
