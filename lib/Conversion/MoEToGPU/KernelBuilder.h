// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the kernels of this folder are built with: one launch, and short names
// for index, i32 and f32 arithmetic and for what the lanes of a warp do
// together.
#ifndef MOE_CONVERSION_MOETOGPU_KERNELBUILDER_H
#define MOE_CONVERSION_MOETOGPU_KERNELBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::moe {

constexpr int64_t warpSize = 32;

/// Builds into whatever its insertion point is in; `launch` moves it into the
/// body of a new kernel.
class GPUKernelBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  /// Replaces `op` by a launch of `numBlocks` times `numThreads` (both along x)
  /// whose kernel is called "<function>_<stage>". Only code before `op` may
  /// have been built so far.
  gpu::LaunchOp launch(Operation *op, Value numBlocks, int64_t numThreads,
                       StringRef stage, Value numBlocksY = {});

  /// A block-shared buffer of the launch that is being built.
  Value sharedBuffer(gpu::LaunchOp launch, ArrayRef<int64_t> shape,
                     Type element);

  // Integer arithmetic on index, i32 and i64; a number becomes a constant of
  // the other operand's type.
  Value index(int64_t value);
  Value i32(int64_t value);
  Value toI32(Value index);
  Value toIndex(Value i32);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, like(a, b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return b == 1 ? a : mul(a, like(a, b)); }
  /// These are for values that are not negative.
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), b); }
  Value min(Value a, Value b);
  Value less(Value a, Value b);
  /// Unsigned.
  Value below(Value a, Value b);
  Value equal(Value a, Value b);
  Value dim(Value buffer, int64_t which);

  /// Emits `body` under `condition`, or for every thread if that is null.
  void ifThen(Value condition, function_ref<void()> body);

  // f32 arithmetic; conversions round to nearest even and take any float type.
  Value f32(double value);
  Value toF32(Value value);
  Value fromF32(Value value, Type element);
  /// Rounds an f32 (or a vector of them) to `type` and back.
  Value roundTo(Value value, FloatType type);
  Value fma(Value a, Value b, Value c);
  Value exp(Value value);
  Value choose(Value condition, Value a, Value b);

  // What all 32 lanes of a warp do together.
  Value lane(gpu::LaunchOp launch) {
    return rem(launch.getThreadIds().x, warpSize);
  }
  Value warp(gpu::LaunchOp launch) {
    return div(launch.getThreadIds().x, warpSize);
  }
  Value warpReduce(Value i32, NVVM::ReduxKind kind);
  Value warpSum(Value f32);
  /// NaN lanes take no part.
  Value warpMax(Value f32);
  /// Bit i of the result is lane i's `condition`.
  Value ballot(Value condition);
  /// Makes what the warp's lanes wrote visible to one another.
  void syncWarp();

private:
  Value like(Value a, int64_t value);
  Value butterfly(Value f32, function_ref<Value(Value, Value)> combine);
};

/// Memory of a block: identity layout in the workgroup address space.
MemRefType sharedMemRef(ArrayRef<int64_t> shape, Type element);

/// Elements that one access of up to 16 bytes may take along the last dimension
/// of `type`, which is 1 unless the layout proves every row aligned.
int64_t vectorWidth(MemRefType type);

/// `width` elements from `buffer` as f32: a scalar for width 1, else a vector.
Value loadF32(GPUKernelBuilder &b, Value buffer, ValueRange indices,
              int64_t width);

/// Rounds `value`, as `loadF32` gives it, to the elements of `buffer` and
/// stores it.
void storeF32(GPUKernelBuilder &b, Value value, Value buffer,
              ValueRange indices, int64_t width);

} // namespace mlir::moe

#endif // MOE_CONVERSION_MOETOGPU_KERNELBUILDER_H
