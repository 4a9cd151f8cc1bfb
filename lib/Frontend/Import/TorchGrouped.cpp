// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of runs of rows with a matrix each: what transformers and torchtitan
// call for their experts says what it is, and becomes moe.experts at once.
#include "TorchImporter.h"

#include "moe/Frontend/BuildExperts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::moe;
using namespace mlir::moe::torch;

/// [E, N, K] if `weights` is that with its matrices transposed; null otherwise.
static Value storedTransposed(Value weights) {
  auto transpose = weights.getDefiningOp<linalg::TransposeOp>();
  if (!transpose || transpose.getPermutation() != ArrayRef<int64_t>{0, 2, 1})
    return {};
  return transpose.getInput();
}

/// out[r] = rows[r] @ weights[e] for offsets[e-1] <= r < offsets[e]; rows
/// behind the last run are zero.
///
///   grouped_mm(%x, %w, %offs)
/// =>
///   moe.experts rows(%x) weights(%w) offsets([0] + %offs) { linalg.matmul }
static LogicalResult importGrouped(Call &call) {
  FunctionImporter &f = call.f;
  OpBuilder &b = f.builder;
  Type dtype = call.resultDtype();
  const Tensor &rows = call.tensor(0), &weights = call.tensor(1);
  if (!dtype || !isFloat(dtype) || rows.dtype != dtype ||
      weights.dtype != dtype)
    return call.error() << "takes and gives floats of one type";
  if (call.isNone(2) || rows.getRank() != 2 || weights.getRank() != 3)
    return call.error() << "should multiply runs of rows [N, K] by matrices "
                           "[E, K, D] with offsets; other forms are not "
                           "imported";
  if (!call.isNone(3))
    return call.error() << "adds a bias, which is not imported";
  RankedTensorType type = weights.getType();
  Sizes sizes = call.sizesOf(0);
  Size extent = call.sizesOf(2)[0];
  if (!type.hasStaticShape() || rows.getType().isDynamicDim(1) ||
      call.tensor(2).getRank() != 1 || isFloat(call.tensor(2).dtype))
    return call.error() << "should have known sizes except for the number of "
                           "rows, and a vector of offsets";
  int64_t experts = type.getDimSize(0), depth = type.getDimSize(1),
          width = type.getDimSize(2);
  if (rows.getType().getDimSize(1) != depth ||
      (isa<AffineConstantExpr>(extent) && extent != f.size(experts)))
    return call.error() << "multiplies rows of " << rows.getType().getDimSize(1)
                        << " by " << experts << " matrices of " << depth
                        << " rows, with " << toText(extent) << " offsets";

  // The first run starts at zero.
  Type i32 = b.getI32Type();
  Value ends =
      f.asType(call.tensor(2), parseDtype(f.getContext(), "si32")).value;
  Value zeros = f.fill({f.size(experts + 1)}, f.constant(i32, 0.0));
  Value offsets = tensor::InsertSliceOp::create(
      b, f.loc, ends, zeros, ArrayRef<OpFoldResult>{b.getIndexAttr(1)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(experts)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});

  Value stored = storedTransposed(weights.value);
  Value stack = stored ? stored : weights.value;
  auto resultType = RankedTensorType::get({rows.getType().getDimSize(0), width},
                                          signless(dtype));
  Value result = buildGroupedMatmul(b, f.loc, rows.value, stack,
                                    /*isOutIn=*/stored != Value(), offsets,
                                    resultType, mathType(dtype));
  sizes[1] = f.size(width);
  f.setSizes(result, sizes);
  return call.give(Tensor{result, dtype});
}

void torch::addGroupedOps(Table &table) {
  table["transformers.grouped_mm_fallback"] = {"TTt", importGrouped};
  table["aten._grouped_mm"] = {"TTttx", importGrouped};
}
