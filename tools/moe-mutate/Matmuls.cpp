// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Where in the shape of `operand` loop `dim` runs; -1 if it does not.
int64_t findDim(linalg::LinalgOp op, OpOperand &operand, unsigned dim) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [position, expr] : llvm::enumerate(map.getResults()))
    if (expr == getAffineDimExpr(dim, op.getContext()))
      return position;
  return -1;
}

/// A product of two tensors, and the loop over the columns of the second.
struct Product {
  linalg::LinalgOp op;
  unsigned column;
  int64_t size;

  static std::optional<Product> match(Operation *candidate) {
    auto op = dyn_cast<linalg::LinalgOp>(candidate);
    if (!op || !linalg::isaContractionOpInterface(op) ||
        op.getNumDpsInputs() != 2)
      return std::nullopt;
    auto dims = linalg::inferContractionDims(op);
    if (failed(dims) || dims->n.empty())
      return std::nullopt;
    unsigned column = dims->n.back();
    int64_t size = op.getStaticLoopRanges()[column];
    if (ShapedType::isDynamic(size) || size < 2)
      return std::nullopt;
    return Product{op, column, size};
  }

  Value getLhs() const { return op->getOperand(0); }
  OpOperand &getRhs() const { return op->getOpOperand(1); }
  OpOperand &getInit() const { return op->getOpOperand(2); }
};

struct Part {
  int64_t dim, offset, size;

  SmallVector<OpFoldResult> offsets(OpBuilder &b, int64_t rank) const {
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
    offsets[dim] = b.getIndexAttr(offset);
    return offsets;
  }
  SmallVector<OpFoldResult> sizes(OpBuilder &b, Location loc,
                                  Value whole) const {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, whole);
    sizes[dim] = b.getIndexAttr(size);
    return sizes;
  }
  Value extract(OpBuilder &b, Location loc, Value whole) const {
    int64_t rank = cast<RankedTensorType>(whole.getType()).getRank();
    SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
    return tensor::ExtractSliceOp::create(b, loc, whole, offsets(b, rank),
                                          sizes(b, loc, whole), strides);
  }
  Value insert(OpBuilder &b, Location loc, Value part, Value whole) const {
    int64_t rank = cast<RankedTensorType>(whole.getType()).getRank();
    SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b, loc, part, whole, offsets(b, rank),
                                         sizes(b, loc, whole), strides);
  }
};

/// The same op on other operands.
Value cloneWith(OpBuilder &b, linalg::LinalgOp op, Value lhs, Value rhs,
                Value init) {
  return mlir::clone(b, op, TypeRange{init.getType()},
                     ValueRange{lhs, rhs, init})
      ->getResult(0);
}

void split(Site &site, Product product) {
  IRRewriter &b = site.rewriter;
  Location loc = product.op.getLoc();
  b.setInsertionPoint(product.op);
  int64_t at = 1 + site.pick(product.size - 1);
  int64_t rhsDim = findDim(product.op, product.getRhs(), product.column);
  int64_t initDim = findDim(product.op, product.getInit(), product.column);
  Value whole = product.getInit().get();
  for (auto [offset, size] :
       {std::pair<int64_t, int64_t>(0, at), std::pair(at, product.size - at)}) {
    Part columns{rhsDim, offset, size}, out{initDim, offset, size};
    Value init = out.extract(b, loc, product.getInit().get());
    Value part =
        cloneWith(b, product.op, product.getLhs(),
                  columns.extract(b, loc, product.getRhs().get()), init);
    whole = out.insert(b, loc, part, whole);
  }
  b.replaceOp(product.op, whole);
}

/// Two tensors, one behind the other along `dim`.
Value join(OpBuilder &b, Location loc, Value first, Value second, int64_t dim) {
  auto type = cast<RankedTensorType>(first.getType());
  int64_t a = type.getDimSize(dim);
  int64_t c = cast<RankedTensorType>(second.getType()).getDimSize(dim);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, first);
  sizes[dim] = b.getIndexAttr(a + c);
  Value whole = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  whole = Part{dim, 0, a}.insert(b, loc, first, whole);
  return Part{dim, a, c}.insert(b, loc, second, whole);
}

/// Whether `second` is the same product with another right-hand side that is
/// there where `first` is.
bool canMerge(Product first, Product second) {
  linalg::LinalgOp a = first.op, b = second.op;
  if (a->getName() != b->getName() || first.getLhs() != second.getLhs() ||
      a.getIndexingMapsArray() != b.getIndexingMapsArray() ||
      a->getBlock() != b->getBlock() || !a->isBeforeInBlock(b) ||
      first.getRhs().get().getType() != second.getRhs().get().getType() ||
      a->getResultTypes() != b->getResultTypes())
    return false;
  if (isa<linalg::GenericOp>(a) && !OperationEquivalence::isRegionEquivalentTo(
                                       &a->getRegion(0), &b->getRegion(0),
                                       OperationEquivalence::IgnoreLocations))
    return false;
  return llvm::all_of(
      ArrayRef<Value>{second.getRhs().get(), second.getInit().get()},
      [&](Value operand) {
        Operation *definition = operand.getDefiningOp();
        return !definition || definition->getBlock() != a->getBlock() ||
               definition->isBeforeInBlock(a);
      });
}

void merge(Site &site, Product first, Product second) {
  IRRewriter &b = site.rewriter;
  Location loc = first.op.getLoc();
  b.setInsertionPoint(first.op);
  int64_t rhsDim = findDim(first.op, first.getRhs(), first.column);
  int64_t initDim = findDim(first.op, first.getInit(), first.column);
  Value rhs = join(b, loc, first.getRhs().get(), second.getRhs().get(), rhsDim);
  Value init =
      join(b, loc, first.getInit().get(), second.getInit().get(), initDim);
  Value both = cloneWith(b, first.op, first.getLhs(), rhs, init);
  Value low = Part{initDim, 0, first.size}.extract(b, loc, both);
  Value high = Part{initDim, first.size, first.size}.extract(b, loc, both);
  b.replaceOp(first.op, low);
  b.replaceOp(second.op, high);
}
} // namespace

bool moe::splitOrMergeMatmul(Site &site) {
  SmallVector<Product> products;
  for (Operation *op : site.getOps())
    if (auto product = Product::match(op))
      products.push_back(*product);
  if (products.empty())
    return false;
  SmallVector<std::pair<Product, Product>> pairs;
  for (auto [i, first] : llvm::enumerate(products))
    for (Product second : ArrayRef(products).drop_front(i + 1))
      if (canMerge(first, second))
        pairs.push_back({first, second});
  if (!pairs.empty() && site.toss()) {
    auto [first, second] = site.pickFrom(pairs);
    merge(site, first, second);
  } else {
    split(site, site.pickFrom(products));
  }
  return true;
}
