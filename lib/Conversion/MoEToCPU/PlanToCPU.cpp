// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEPLANTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Counting sort with `offsets` as the counters: sequential, for its time is
/// far below that of any expert.
class PlanEmitter {
public:
  PlanEmitter(PlanIntoOp op, KernelBuilder &b)
      : op(op), b(b), offsets(op.getOffsets()) {}

  void emit() {
    numTokens = b.dim(op.getExperts(), 0);
    numRoutedSlots = b.dim(op.getExperts(), 1);
    numSlots = b.dim(op.getPositions(), 1);
    numExperts = b.sub(b.dim(offsets, 0), b.index(1 + op.getAlwaysOn()));
    one = arith::ConstantIntOp::create(b, 1, 32);
    none = arith::ConstantIntOp::create(b, -1, 32);
    emitCounts();
    emitPrefixSum();
    emitPairs();
    emitStarts();
    for (int64_t i = 0, n = op.getAlwaysOn(); i < n; ++i)
      emitAlwaysOn(i);
    emitRest();
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }

  Value addI32(Value x, Value y) { return arith::AddIOp::create(b, x, y); }

  /// Runs `live` on every token, slot and id of an expert that exists, and
  /// `empty` on the others.
  void forEachPair(function_ref<void(Value, Value, Value)> live,
                   function_ref<void(Value, Value)> empty) {
    b.forLoop(b.index(0), numTokens, 1, [&](Value token) {
      b.forLoop(b.index(0), numRoutedSlots, 1, [&](Value slot) {
        Value id = b.load(op.getExperts(), {token, slot});
        // As unsigned, a negative id is too large as well.
        Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, id,
                                             b.toI32(numExperts));
        auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/
                                        static_cast<bool>(empty));
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(branch.thenBlock());
        live(token, slot, b.toIndex(id));
        if (!empty)
          return;
        b.setInsertionPointToStart(branch.elseBlock());
        empty(token, slot);
      });
    });
  }

  /// offsets[e + 1] = number of pairs of expert e; offsets[0] = 0.
  void emitCounts() {
    b.forLoop(b.index(0), b.add(numExperts, 1), 1,
              [&](Value e) { b.store(constant(0), offsets, e); });
    forEachPair(
        [&](Value, Value, Value expert) {
          Value at = b.add(expert, 1);
          b.store(addI32(b.load(offsets, at), one), offsets, at);
        },
        {});
  }

  /// offsets[e] = where the run of expert e begins.
  void emitPrefixSum() {
    b.forLoop(b.index(0), numExperts, 1, [&](Value e) {
      Value next = b.add(e, 1);
      b.store(addI32(b.load(offsets, e), b.load(offsets, next)), offsets, next);
    });
  }

  /// Puts the pair of `token` and `slot` at `entry` (i32).
  void emitPair(Value token, Value slot, Value entry) {
    Value first = arith::MulIOp::create(b, token, numSlots);
    Value pair = b.add(first, slot);
    b.store(b.toI32(pair), op.getPairs(), b.toIndex(entry));
    b.store(entry, op.getPositions(), {token, slot});
  }

  /// Hands out entries in the order of pairs, which makes the sort stable.
  /// Leaves in offsets[e] where the run of expert e ends.
  void emitPairs() {
    forEachPair(
        [&](Value token, Value slot, Value expert) {
          Value entry = b.load(offsets, expert);
          b.store(addI32(entry, one), offsets, expert);
          emitPair(token, slot, entry);
        },
        [&](Value token, Value slot) {
          b.store(none, op.getPositions(), {token, slot});
        });
  }

  /// The end of one run is the start of the next.
  void emitStarts() {
    auto loop = b.forLoop(b.index(0), numExperts, 1, {constant(0)},
                          [&](Value e, ValueRange start) {
                            Value end = b.load(offsets, e);
                            b.store(start[0], offsets, e);
                            return SmallVector<Value>{end};
                          });
    b.store(loop[0], offsets, numExperts);
  }

  /// The `which`-th expert that is always on follows the ones before with all
  /// tokens.
  void emitAlwaysOn(int64_t which) {
    Value start = b.load(offsets, b.add(numExperts, which));
    Value slot = b.index(op.getNumRoutedSlots() + which);
    b.forLoop(b.index(0), numTokens, 1, [&](Value token) {
      emitPair(token, slot, addI32(start, b.toI32(token)));
    });
    b.store(addI32(start, b.toI32(numTokens)), offsets,
            b.add(numExperts, which + 1));
  }

  /// Entries without a pair are -1.
  void emitRest() {
    Value end = b.add(numExperts, op.getAlwaysOn());
    Value live = b.toIndex(b.load(offsets, end));
    b.forLoop(live, b.dim(op.getPairs(), 0), 1,
              [&](Value entry) { b.store(none, op.getPairs(), entry); });
  }

  PlanIntoOp op;
  KernelBuilder &b;
  Value offsets, numTokens, one, none;
  /// Without those that are always on, as indices.
  Value numExperts, numRoutedSlots;
  Value numSlots;
};

struct PlanToCPU : moe::impl::MoEPlanToCPUPassBase<PlanToCPU> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(lowerAll<PlanIntoOp>(getOperation(), getArgument(),
                                    [](PlanIntoOp op, KernelBuilder &b) {
                                      PlanEmitter(op, b).emit();
                                      return success();
                                    })))
      signalPassFailure();
  }
};
} // namespace
