// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOELOWERDYNAMICEXPANSIONSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
/// Upstream divides to find the one size it does not know in a group.
bool isTakenUpstream(memref::ExpandShapeOp op) {
  return llvm::all_of(op.getReassociationIndices(), [&](ArrayRef<int64_t> dims) {
    return llvm::count_if(dims, [&](int64_t dim) {
             return op.getResultType().isDynamicDim(dim);
           }) <= 1;
  });
}

/// memref.expand_shape %x [[0, 1]] output_shape [%b, %s]
///   =>
/// memref.reinterpret_cast %x to offset: [o], sizes: [%b, %s], strides: [%s * s0, s0]
void lower(memref::ExpandShapeOp op) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  MemRefType type = op.getResultType();
  auto [knownStrides, knownOffset] = type.getStridesAndOffset();
  auto source = memref::ExtractStridedMetadataOp::create(b, loc, op.getSrc());
  auto prefer = [&](int64_t known, Value value) -> OpFoldResult {
    if (ShapedType::isDynamic(known))
      return value;
    return b.getIndexAttr(known);
  };

  SmallVector<OpFoldResult> sizes =
      getMixedValues(op.getStaticOutputShape(), op.getOutputShape(), b);
  SmallVector<OpFoldResult> strides(sizes.size());
  for (auto [group, dims] : llvm::enumerate(op.getReassociationIndices())) {
    Value stride = source.getStrides()[group];
    for (int64_t dim : llvm::reverse(dims)) {
      strides[dim] = prefer(knownStrides[dim], stride);
      if (dim != dims.front())
        stride = arith::MulIOp::create(
            b, loc, stride, getValueOrCreateConstantIndexOp(b, loc, sizes[dim]));
    }
  }
  Value cast = memref::ReinterpretCastOp::create(
      b, loc, type, op.getSrc(), prefer(knownOffset, source.getOffset()), sizes,
      strides);
  op.replaceAllUsesWith(cast);
  op.erase();
}

struct LowerDynamicExpansions
    : moe::impl::MoELowerDynamicExpansionsPassBase<LowerDynamicExpansions> {
  void runOnOperation() override {
    getOperation().walk([](memref::ExpandShapeOp op) {
      if (!isTakenUpstream(op))
        lower(op);
    });
  }
};
} // namespace
