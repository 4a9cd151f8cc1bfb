// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the CPU lowerings of the codegen ops have in common.
#ifndef MOE_LIB_CONVERSION_MOETOCPU_KERNELBUILDER_H
#define MOE_LIB_CONVERSION_MOETOCPU_KERNELBUILDER_H

#include "moe/IR/MoEOps.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::moe {

/// An address but for its last index: a row that lies contiguously.
struct RowRef {
  Value buffer;
  SmallVector<Value> indices;
};

/// Index arithmetic, loads, stores and loops at one location. Bodies of loops
/// are emitted through the same builder, whose insertion point is put back
/// behind the loop.
class KernelBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, index(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value min(Value a, Value b);
  /// `a` rounded up to whole blocks of `b`, in blocks.
  Value ceilDiv(Value a, int64_t b);
  Value toIndex(Value i32);
  Value toI32(Value index);
  /// The size of a dimension, a constant where it is static.
  Value dim(Value buffer, int64_t which);

  Value load(Value buffer, ValueRange indices);
  void store(Value value, Value buffer, ValueRange indices);

  Value zeroVector(int64_t lanes);
  /// `lanes` floats of a row from `from` on, as f32; only the first `valid` are
  /// read, the others are zero.
  Value loadRow(const RowRef &row, Value from, int64_t lanes, int64_t valid);
  /// The same, but every `stride`-th element, as it lies; lanes from `valid` on
  /// repeat the one before. There is a valid one.
  Value loadStrided(const RowRef &row, Value from, int64_t stride,
                    int64_t lanes, int64_t valid);
  /// Rounds a vector of f32 to the element type of `row` and stores it.
  void storeRow(Value vector, const RowRef &row, Value from);

  /// All elements of `vectors`, of one width, in one.
  Value concat(ArrayRef<Value> vectors);
  /// The elements of `vector` that `lanes` number.
  Value pick(Value vector, ArrayRef<int64_t> lanes);
  /// `count` elements of `vector` from `from` on.
  Value slice(Value vector, int64_t from, int64_t count);

  using LoopBody =
      function_ref<SmallVector<Value>(Value induction, ValueRange carried)>;
  SmallVector<Value> forLoop(Value from, Value to, int64_t step,
                             ValueRange inits, LoopBody body);
  void forLoop(Value from, Value to, int64_t step,
               function_ref<void(Value)> body);
  /// Iterations 0 .. count-1 in any order or at once.
  void parallelLoop(Value count, function_ref<void(Value)> body);
  void ifThen(Value condition, function_ref<void()> body);
  /// Emits `body` for every count from `first` to `last`, and chooses at run
  /// time; other counts do nothing.
  void forEachCount(Value count, int64_t first, int64_t last,
                    function_ref<void(int64_t)> body);

private:
  Value loadElements(const RowRef &row, Value from, int64_t lanes,
                     int64_t valid);
};

/// Rows of a dot tile with four columns whose registers all fit: 16 of them
/// with 8 lanes, 32 with 16. Pairs of bf16 take two registers a row.
int64_t chooseDotRows(Type lhs, Type rhs, int64_t lanes);

/// Accumulators of the products of every row with every column, row by row:
/// vectors of `lanes` partial sums in f32 over `depth` elements.
SmallVector<Value> buildDotTile(KernelBuilder &b, ArrayRef<RowRef> rows,
                                ArrayRef<RowRef> columns, int64_t depth,
                                int64_t lanes);

/// Sums each vector over its lanes; element i of the result is the sum of
/// vector i. All have one width, a power of two.
Value buildLaneSums(KernelBuilder &b, ArrayRef<Value> vectors);

/// Fails with an error on `op` unless the CPU lowerings can handle all
/// operands: floats are f16, bf16, f32 or f64, and rows have no gaps.
LogicalResult checkBuffers(Operation *op);

/// Lanes of a vector of f32: `requested`, or what the CPU that `function` is
/// compiled for works with best where that is 0. Fails with an error on a width
/// that vectors cannot have.
FailureOr<int64_t> chooseLanes(Operation *function, int64_t requested);

/// Lowers every OpTy below `root`. One on tensors is left alone with a missed
/// remark of `pass`; fails if `lower` fails on any.
template <typename OpTy>
LogicalResult
lowerAll(Operation *root, StringRef pass,
         function_ref<LogicalResult(OpTy, KernelBuilder &)> lower);

} // namespace mlir::moe

#include "moe/Support/Remarks.h"

template <typename OpTy>
mlir::LogicalResult
mlir::moe::lowerAll(Operation *root, StringRef pass,
                    function_ref<LogicalResult(OpTy, KernelBuilder &)> lower) {
  SmallVector<OpTy> ops;
  root->walk([&](OpTy op) { ops.push_back(op); });
  for (OpTy op : ops) {
    if (!op.hasPureBufferSemantics()) {
      (void)missed(op, pass, "is on tensors: bufferize first");
      continue;
    }
    KernelBuilder b(op.getLoc(), op);
    if (failed(checkBuffers(op)) || failed(lower(op, b)))
      return failure();
    op.erase();
  }
  return success();
}

#endif // MOE_LIB_CONVERSION_MOETOCPU_KERNELBUILDER_H
