// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEGATHERSUMTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Sums columns of one token, in registers of at most `lanes` elements each.
class ColumnSum {
public:
  /// `width` columns of `token` from `from` on.
  ColumnSum(KernelBuilder &b, GatherSumOp op, Value token, Value from,
            int64_t width, int64_t lanes)
      : b(b), op(op), token(token), from(from) {
    for (int64_t at = 0; at < width; at += lanes)
      registers.push_back({at, std::min(lanes, width - at)});
  }

  void emit() {
    SmallVector<Value> sums =
        op.getResidual() ? load(op.getResidual(), token) : zeros();
    if (op.getX())
      sums = addIdentity(sums);
    sums = op.getEntries()
               ? addEntries(sums)
               : addSlots(0, op.getNumRoutedSlots(), sums, op.getSumFloatType(),
                          !op.getUnweighted());
    if (op.getNumAlwaysOn() > 0)
      addAlwaysOn(sums);
    for (auto [sum, range] : llvm::zip_equal(sums, registers))
      b.storeRow(sum, {op.getOut(), {token}}, b.add(from, range.first));
  }

private:
  SmallVector<Value> load(Value buffer, Value row) {
    SmallVector<Value> values;
    for (auto [at, size] : registers)
      values.push_back(b.loadRow({buffer, {row}}, b.add(from, at), size, size));
    return values;
  }

  SmallVector<Value> zeros() {
    return llvm::map_to_vector(
        registers, [&](auto range) { return b.zeroVector(range.second); });
  }

  Value toF32(Value scalar) {
    return buildFloatCast(b, b.getLoc(), scalar, b.getF32Type());
  }

  /// The f32 values with the precision of `type`.
  Value roundTo(Value value, FloatType type) {
    return buildFloatCast(b, b.getLoc(),
                          buildFloatCast(b, b.getLoc(), value, type),
                          b.getF32Type());
  }

  /// `sum` + `weight` * `row`, with the product rounded as the op says.
  Value addProduct(Value weight, Value row, Value sum) {
    weight = vector::BroadcastOp::create(b, sum.getType(), weight);
    Value next;
    if (op.getProductFloatType().isF32())
      next = vector::FMAOp::create(b, weight, row, sum);
    else
      next =
          arith::AddFOp::create(b, sum,
                                roundTo(arith::MulFOp::create(b, weight, row),
                                        op.getProductFloatType()));
    return next;
  }

  /// Adds the token's own row for every slot of an identity column.
  SmallVector<Value> addIdentity(ValueRange sums) {
    auto constant = [&](int64_t value) {
      return arith::ConstantIntOp::create(b, value, 32);
    };
    return b.forLoop(
        b.index(0), b.index(op.getNumRoutedSlots()), 1, sums,
        [&](Value slot, ValueRange carried) {
          Value id = b.load(op.getExperts(), {token, slot});
          // As unsigned, an id below the first is too large as well.
          Value which = arith::SubIOp::create(b, id, constant(*op.getFirst()));
          Value isIdentity = arith::CmpIOp::create(
              b, arith::CmpIPredicate::ult, which, constant(*op.getCount()));
          auto branch =
              scf::IfOp::create(b, carried.getTypes(), isIdentity, true, true);
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(branch.elseBlock());
          scf::YieldOp::create(b, carried);
          b.setInsertionPointToStart(branch.thenBlock());
          Value weight = toF32(b.load(op.getWeights(), {token, slot}));
          SmallVector<Value> next;
          for (auto [row, sum] :
               llvm::zip_equal(load(op.getX(), token), carried))
            next.push_back(vector::FMAOp::create(
                b, vector::BroadcastOp::create(b, sum.getType(), weight), row,
                sum));
          scf::YieldOp::create(b, next);
          return llvm::to_vector_of<Value>(branch.getResults());
        });
  }

  /// Adds the rows of slots `first` to `end` - 1, with their weights or
  /// without, rounding sums to `sumType`.
  SmallVector<Value> addSlots(int64_t first, int64_t end, ValueRange sums,
                              FloatType sumType, bool weighed) {
    return b.forLoop(b.index(first), b.index(end), 1, sums,
                     [&](Value slot, ValueRange carried) {
                       return addSlot({token, slot}, carried, sumType, weighed);
                     });
  }

  /// Adds the rows of the entries of bins that name the token.
  SmallVector<Value> addEntries(ValueRange sums) {
    Value begin = b.toIndex(b.load(op.getOffsets(), token));
    Value end = b.toIndex(b.load(op.getOffsets(), b.add(token, 1)));
    Value width = b.dim(op.getWeights(), 1);
    return b.forLoop(begin, end, 1, sums, [&](Value entry, ValueRange carried) {
      Value pair = b.toIndex(b.load(op.getEntries(), entry));
      Value bin = arith::DivUIOp::create(b, pair, width);
      Value column = arith::RemUIOp::create(b, pair, width);
      return addSlot({bin, column}, carried, op.getSumFloatType(),
                     !op.getUnweighted());
    });
  }

  /// Adds the row of one slot, unless that is empty.
  SmallVector<Value> addSlot(ValueRange slot, ValueRange sums,
                             FloatType sumType, bool weighed) {
    Value position = b.load(op.getPositions(), slot);
    Value live = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position,
                                       arith::ConstantIntOp::create(b, 0, 32));
    auto branch = scf::IfOp::create(b, sums.getTypes(), live, true, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, sums);
    b.setInsertionPointToStart(branch.thenBlock());
    Value weight = weighed ? toF32(b.load(op.getWeights(), slot)) : Value();
    SmallVector<Value> next;
    for (auto [row, sum] :
         llvm::zip_equal(load(op.getRows(), b.toIndex(position)), sums))
      next.push_back(roundTo(weight ? addProduct(weight, row, sum)
                                    : arith::AddFOp::create(b, sum, row),
                             sumType));
    scf::YieldOp::create(b, next);
    return llvm::to_vector_of<Value>(branch.getResults());
  }

  void addAlwaysOn(MutableArrayRef<Value> sums) {
    int64_t numRouted = op.getNumRoutedSlots();
    SmallVector<Value> always =
        addSlots(numRouted, numRouted + op.getNumAlwaysOn(), zeros(),
                 b.getF32Type(), /*weighed=*/false);
    Value gate;
    if (op.getGate())
      gate = toF32(b.load(op.getGate(), {token, b.index(0)}));
    for (auto [sum, own] : llvm::zip_equal(sums, always)) {
      if (gate)
        own = arith::MulFOp::create(
            b, vector::BroadcastOp::create(b, own.getType(), gate), own);
      FloatType type = op.getAlwaysFloatType();
      sum = arith::AddFOp::create(b, roundTo(sum, type), roundTo(own, type));
    }
  }

  KernelBuilder &b;
  GatherSumOp op;
  Value token, from;
  /// Offset and size of each register.
  SmallVector<std::pair<int64_t, int64_t>> registers;
};

LogicalResult lowerGatherSum(GatherSumOp op, KernelBuilder &b, int64_t lanes) {
  int64_t width = op.getOut().getType().getDimSize(1);
  // Enough columns at a time to make the slot loop worth its branch.
  int64_t tile = 4 * lanes;
  int64_t whole = width - width % tile;
  // Small tasks cost more to hand out than to do.
  constexpr int64_t elementsPerTask = 8192;
  int64_t tokensPerTask =
      std::max<int64_t>(1, elementsPerTask / std::max<int64_t>(1, width));

  Value numTokens = b.dim(op.getOut(), 0);
  b.parallelLoop(b.ceilDiv(numTokens, tokensPerTask), [&](Value block) {
    Value first = b.mul(block, tokensPerTask);
    Value end = b.min(b.add(first, tokensPerTask), numTokens);
    b.forLoop(first, end, 1, [&](Value token) {
      b.forLoop(b.index(0), b.index(whole), tile, [&](Value from) {
        ColumnSum(b, op, token, from, tile, lanes).emit();
      });
      if (whole < width)
        ColumnSum(b, op, token, b.index(whole), width - whole, lanes).emit();
    });
  });
  return success();
}

struct GatherSumToCPU : moe::impl::MoEGatherSumToCPUPassBase<GatherSumToCPU> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int64_t> width = chooseLanes(getOperation(), lanes);
    if (failed(width) ||
        failed(lowerAll<GatherSumOp>(getOperation(), getArgument(),
                                     [&](GatherSumOp op, KernelBuilder &b) {
                                       return lowerGatherSum(op, b, *width);
                                     })))
      signalPassFailure();
  }
};
} // namespace
