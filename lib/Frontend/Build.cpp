// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Frontend/Build.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::moe;

Value moe::emptyLike(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
                     Type elementType, Value like) {
  SmallVector<Value> sizes;
  for (auto [i, size] : llvm::enumerate(shape))
    if (ShapedType::isDynamic(size))
      sizes.push_back(tensor::DimOp::create(builder, loc, like, i));
  return tensor::EmptyOp::create(builder, loc, shape, elementType, sizes);
}

SelectOp moe::buildTopK(OpBuilder &builder, Location loc, Value key,
                        int64_t k) {
  auto keyType = cast<RankedTensorType>(key.getType());
  auto type =
      RankedTensorType::get({keyType.getDimSize(0), k}, builder.getI32Type());
  return SelectOp::create(builder, loc, type,
                          TopKAttr::get(builder.getContext(), k), key);
}

WeighOp moe::buildValues(OpBuilder &builder, Location loc, Value source,
                         Value experts) {
  auto type = RankedTensorType::get(
      cast<RankedTensorType>(experts.getType()).getShape(),
      cast<RankedTensorType>(source.getType()).getElementType());
  return WeighOp::create(builder, loc, type, WeighFn::value, source, experts);
}

bool moe::exceedsF32(Value tensor) {
  auto type = dyn_cast<FloatType>(getElementTypeOrSelf(tensor.getType()));
  return type && type.getWidth() > 32;
}

Value moe::castIds(OpBuilder &builder, Location loc, Value ids, Type type) {
  auto idsType = cast<RankedTensorType>(ids.getType());
  if (idsType.getElementType() == type)
    return ids;
  auto castType = idsType.clone(type);
  if (type.isIndex())
    return arith::IndexCastOp::create(builder, loc, castType, ids);
  if (type.getIntOrFloatBitWidth() > 32)
    return arith::ExtSIOp::create(builder, loc, castType, ids);
  return arith::TruncIOp::create(builder, loc, castType, ids);
}

Value moe::asMatrix(OpBuilder &builder, Location loc, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  if (rank == 2)
    return tensor;
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t i = 0; i + 1 < rank; ++i)
    groups[0].push_back(i);
  groups[1].push_back(rank - 1);
  // One that is there already is the same matrix to whoever compares.
  Block::iterator here = builder.getInsertionPoint();
  for (Operation *user : tensor.getUsers()) {
    auto known = dyn_cast<tensor::CollapseShapeOp>(user);
    if (known && known.getReassociationIndices() == groups &&
        known->getBlock() == builder.getInsertionBlock() &&
        (here == known->getBlock()->end() || known->isBeforeInBlock(&*here)))
      return known;
  }
  return tensor::CollapseShapeOp::create(builder, loc, tensor, groups);
}

Value moe::reshape(OpBuilder &builder, Location loc, Value tensor,
                   RankedTensorType type) {
  auto from = cast<RankedTensorType>(tensor.getType());
  if (from == type)
    return tensor;
  auto all = [](RankedTensorType ranked) {
    return llvm::to_vector<2>(llvm::seq<int64_t>(ranked.getRank()));
  };
  if (from.getRank() != 1)
    tensor = tensor::CollapseShapeOp::create(
        builder, loc, tensor, SmallVector<ReassociationIndices>{all(from)});
  if (type.getRank() == 1)
    return tensor;
  return tensor::ExpandShapeOp::create(
      builder, loc, type, tensor, SmallVector<ReassociationIndices>{all(type)});
}

Value moe::fromMatrix(OpBuilder &builder, Location loc, Value matrix,
                      Value like) {
  int64_t last = cast<RankedTensorType>(like.getType()).getRank() - 1;
  if (last == 1)
    return matrix;
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<int64_t> shape(cast<RankedTensorType>(like.getType()).getShape());
  shape.back() = type.getDimSize(1);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, like);
  sizes.back() = builder.getIndexAttr(shape.back());
  ReassociationIndices leading = llvm::to_vector<2>(llvm::seq<int64_t>(last));
  return tensor::ExpandShapeOp::create(
      builder, loc, type.clone(shape), matrix,
      ArrayRef<ReassociationIndices>{leading, {last}}, sizes);
}

Value moe::dropColumn(OpBuilder &builder, Location loc, Value column,
                      Value like) {
  auto type = cast<RankedTensorType>(like.getType())
                  .clone(getElementTypeOrSelf(column.getType()));
  Value rows = tensor::CollapseShapeOp::create(
      builder, loc, column, ArrayRef<ReassociationIndices>{{0, 1}});
  if (type.getRank() == 1)
    return rows;
  ReassociationIndices all =
      llvm::to_vector<2>(llvm::seq<int64_t>(type.getRank()));
  return tensor::ExpandShapeOp::create(
      builder, loc, cast<RankedTensorType>(type), rows,
      ArrayRef<ReassociationIndices>{all},
      tensor::getMixedSizes(builder, loc, like));
}

void moe::eraseDeadOps(Operation *root, RewriterBase &rewriter) {
  // Users come after producers, so that one walk in reverse is enough.
  root->walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (op != root && isOpTriviallyDead(op))
      rewriter.eraseOp(op);
  });
}
