// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Epilogue.h"
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"
#include "moe/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEMASKEDFFNTOCPUPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Tiles that one task takes: they share what its block of weights left in the
/// cache.
constexpr int64_t kTilesPerTask = 16;
/// Columns of `down` that one task takes, in vectors.
constexpr int64_t kVectorsPerTask = 8;
/// Blocks of units whose part of `down`, a task's columns, stays in the cache.
constexpr int64_t kBlocksAtATime = 8;

class MaskedFfnEmitter {
public:
  MaskedFfnEmitter(MaskedFfnOp op, KernelBuilder &b, int64_t lanes)
      : op(op), b(b), lanes(lanes), samples(op.getSamples()),
        tile(op.getTile()), numUnits(op.getNumUnits()),
        numBlocks(op.getNumBlocks()) {}

  void emit() {
    numTokens = b.dim(op.getX(), 0);
    numTiles = b.ceilDiv(numTokens, tile);
    numChunks = b.ceilDiv(numTiles, kTilesPerTask);
    liveSamples = b.index(samples);
    if (Value count = op.getCount()) {
      if (!count.getType().isIndex())
        count = b.toIndex(count);
      liveSamples =
          b.min(arith::MaxSIOp::create(b, count, b.index(0)), liveSamples);
    }
    b.parallelLoop(numTiles, [&](Value at) {
      emitFactors(at);
      emitLists(at);
    });
    b.parallelLoop(b.mul(numChunks, numBlocks),
                   [&](Value task) { emitHidden(task); });
    emitOut();
  }

private:
  // Tiles.

  Value firstToken(Value at) { return b.mul(at, tile); }
  Value endToken(Value at) {
    return b.min(b.add(firstToken(at), tile), numTokens);
  }
  Value endTile(Value firstTile) {
    return b.min(b.add(firstTile, kTilesPerTask), numTiles);
  }

  Value isNot0(Value i32) {
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(i32.getType()));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, i32, zero);
  }
  Value toF32(Value value) {
    return buildFloatCast(b, b.getLoc(), value, b.getF32Type());
  }
  Value zerosLike(Value value) {
    return arith::ConstantOp::create(b, b.getZeroAttr(value.getType()));
  }
  Value constantI32(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }

  void clearRow(Value buffer, Value row) {
    Type element = cast<MemRefType>(buffer.getType()).getElementType();
    auto vector = VectorType::get({lanes}, element);
    Value zeros = arith::ConstantOp::create(b, b.getZeroAttr(vector));
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(element));
    int64_t whole = numUnits - numUnits % lanes;
    b.forLoop(b.index(0), b.index(whole), lanes, [&](Value at) {
      vector::StoreOp::create(b, zeros, buffer, ValueRange{row, at});
    });
    b.forLoop(b.index(whole), b.index(numUnits), 1,
              [&](Value at) { b.store(zero, buffer, {row, at}); });
  }

  /// What the slots of a tile's tokens add to `factors` and `kept`.
  void emitFactors(Value at) {
    int64_t rowsPerToken = op.isPost() ? 1 : samples;
    b.forLoop(b.mul(firstToken(at), rowsPerToken),
              b.mul(endToken(at), rowsPerToken), 1,
              [&](Value row) { clearRow(op.getFactors(), row); });
    b.forLoop(firstToken(at), endToken(at), 1, [&](Value token) {
      clearRow(op.getKept(), token);
      b.forLoop(b.index(0), liveSamples, 1, [&](Value sample) {
        Value row = b.add(b.mul(token, samples), sample);
        int64_t slots = cast<MemRefType>(op.getUnits().getType()).getDimSize(1);
        b.forLoop(b.index(0), b.index(slots), 1,
                  [&](Value slot) { emitSlot(token, sample, row, slot); });
      });
    });
  }

  void emitSlot(Value token, Value sample, Value row, Value slot) {
    Value id = b.load(op.getUnits(), {row, slot});
    // As unsigned, a negative id is too large as well.
    Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, id,
                                         constantI32(numUnits));
    b.ifThen(exists, [&] {
      Value unit = b.toIndex(id);
      Value factor = toF32(b.load(op.getCoefficients(), {row, slot}));
      Value bit = constantI32(1);
      SmallVector<Value> place{token, unit};
      if (op.isPost()) {
        if (op.getSampleWeights())
          factor = arith::MulFOp::create(
              b, factor, toF32(b.load(op.getSampleWeights(), {token, sample})));
      } else {
        bit = arith::ShLIOp::create(b, bit, b.toI32(sample));
        bit = arith::OrIOp::create(b, bit, b.load(op.getKept(), place));
      }
      b.store(bit, op.getKept(), place);
      place[0] = op.isPost() ? token : row;
      Value sum =
          arith::AddFOp::create(b, b.load(op.getFactors(), place), factor);
      b.store(sum, op.getFactors(), place);
    });
  }

  void emitLists(Value at) {
    b.forLoop(b.index(0), b.index(numBlocks), 1, [&](Value block) {
      Value begin = b.mul(block, MaskedFfnOp::kBlock);
      Value end = b.min(b.add(begin, MaskedFfnOp::kBlock), b.index(numUnits));
      SmallVector<Value> behind =
          b.forLoop(begin, end, 1, begin, [&](Value unit, ValueRange place) {
            SmallVector<Value> any = b.forLoop(
                firstToken(at), endToken(at), 1, constantI32(0),
                [&](Value token, ValueRange bits) {
                  return SmallVector<Value>{arith::OrIOp::create(
                      b, bits[0], b.load(op.getKept(), {token, unit}))};
                });
            // The next unit overwrites one that nobody keeps.
            b.store(b.toI32(unit), op.getLists(), {at, place[0]});
            Value one = arith::SelectOp::create(b, isNot0(any[0]), b.index(1),
                                                b.index(0));
            return SmallVector<Value>{b.add(place[0], one)};
          });
      b.store(b.toI32(b.sub(behind[0], begin)), op.getCounts(), {at, block});
    });
  }

  // Up.

  /// Units at a time: with the tokens of a tile, three quarters of the
  /// registers.
  int64_t unitsAtATime(int64_t rows) {
    bool pairs = op.getX().getType().getElementType().isBF16() &&
                 op.getUp().getType().getElementType().isBF16();
    int64_t sums = (lanes >= 16 ? 24 : 12) / (pairs ? 2 : 1);
    return std::clamp<int64_t>(sums / rows, 1, 6);
  }

  void emitHidden(Value task) {
    Value block = b.rem(task, numBlocks);
    Value firstTile = b.mul(b.div(task, numBlocks), kTilesPerTask);
    Value base = b.mul(block, MaskedFfnOp::kBlock);
    b.forLoop(firstTile, endTile(firstTile), 1, [&](Value at) {
      Value count = b.toIndex(b.load(op.getCounts(), {at, block}));
      Value numRows = b.sub(endToken(at), firstToken(at));
      b.forEachCount(numRows, 1, tile, [&](int64_t rows) {
        int64_t step = unitsAtATime(rows);
        Value whole = b.sub(count, b.rem(count, step));
        b.forLoop(b.index(0), whole, step, [&](Value from) {
          emitDots(at, rows, b.add(base, from), step);
        });
        b.forLoop(whole, count, 1, [&](Value from) {
          emitDots(at, rows, b.add(base, from), 1);
        });
      });
    });
  }

  /// `rows` tokens of a tile times `columns` units of its list from `from` on.
  void emitDots(Value at, int64_t rows, Value from, int64_t columns) {
    SmallVector<RowRef> left, right;
    SmallVector<Value> tokens, units;
    for (int64_t r = 0; r < rows; ++r) {
      tokens.push_back(b.add(firstToken(at), r));
      left.push_back({op.getX(), {tokens.back()}});
    }
    for (int64_t c = 0; c < columns; ++c) {
      units.push_back(b.toIndex(b.load(op.getLists(), {at, b.add(from, c)})));
      right.push_back({op.getUp(), {units.back()}});
    }
    int64_t depth = op.getUp().getType().getDimSize(1);
    Value sums = buildLaneSums(b, buildDotTile(b, left, right, depth, lanes));
    auto perElement = [&](function_ref<Value(Value, Value)> make) -> Value {
      SmallVector<Value> elements;
      for (Value token : tokens)
        for (Value unit : units)
          elements.push_back(make(token, unit));
      auto type = VectorType::get({rows * columns}, elements[0].getType());
      return vector::FromElementsOp::create(b, type, elements);
    };
    if (op.getUpBias())
      sums = arith::AddFOp::create(b, sums, perElement([&](Value, Value unit) {
                                     return toF32(b.load(op.getUpBias(), unit));
                                   }));
    Value kept = perElement([&](Value token, Value unit) {
      return b.load(op.getKept(), {token, unit});
    });
    Value masked = op.isPost() ? maskAfter(sums, perElement)
                               : maskBefore(sums, kept, perElement);
    masked =
        arith::SelectOp::create(b, isNot0(kept), masked, zerosLike(masked));
    auto element = cast<FloatType>(op.getHidden().getType().getElementType());
    masked = buildFloatCast(b, b.getLoc(), masked, element);
    int64_t place = 0;
    for (Value token : tokens)
      for (Value unit : units)
        b.store(vector::ExtractOp::create(b, masked, place++), op.getHidden(),
                {token, unit});
  }

  using PerElement =
      function_ref<Value(function_ref<Value(Value token, Value unit)>)>;

  /// The region, on f32 but for its own types.
  Value activate(Value preactivations) {
    Block &block = op.getActivation().front();
    auto type = cast<FloatType>(block.getArgument(0).getType());
    Value argument = buildFloatCast(b, b.getLoc(), preactivations, type);
    return toF32(buildOnVectors(b, b.getLoc(), block, argument));
  }

  Value maskAfter(Value sums, PerElement perElement) {
    Value factors = perElement([&](Value token, Value unit) {
      return b.load(op.getFactors(), {token, unit});
    });
    return arith::MulFOp::create(b, factors, activate(sums));
  }

  Value maskBefore(Value sums, Value kept, PerElement perElement) {
    return b.forLoop(
        b.index(0), liveSamples, 1, zerosLike(sums),
        [&](Value sample, ValueRange carried) {
          Value bit = arith::ShLIOp::create(b, constantI32(1), b.toI32(sample));
          bit = vector::BroadcastOp::create(b, kept.getType(), bit);
          Value named = isNot0(arith::AndIOp::create(b, kept, bit));
          Value factors = perElement([&](Value token, Value unit) {
            Value row = b.add(b.mul(token, samples), sample);
            return b.load(op.getFactors(), {row, unit});
          });
          Value masked = arith::SelectOp::create(
              b, named, arith::MulFOp::create(b, factors, sums),
              zerosLike(sums));
          Value term = activate(masked);
          if (op.getSampleWeights())
            term = arith::MulFOp::create(
                b, perElement([&](Value token, Value) {
                  return toF32(b.load(op.getSampleWeights(), {token, sample}));
                }),
                term);
          return SmallVector<Value>{arith::AddFOp::create(b, carried[0], term)};
        })[0];
  }

  // Down.

  void emitOut() {
    int64_t width = op.getDown().getType().getDimSize(1);
    int64_t taskWidth = kVectorsPerTask * lanes;
    int64_t whole = width / taskWidth, rest = width % taskWidth;
    int64_t numTasks = llvm::divideCeil(width, taskWidth);
    if (numTasks == 0)
      return;
    b.parallelLoop(b.mul(numChunks, numTasks), [&](Value task) {
      Value which = b.rem(task, numTasks);
      Value firstTile = b.mul(b.div(task, numTasks), kTilesPerTask);
      Value from = b.mul(which, taskWidth);
      auto is = [&](arith::CmpIPredicate predicate) {
        return arith::CmpIOp::create(b, predicate, which, b.index(whole));
      };
      if (whole > 0)
        b.ifThen(is(arith::CmpIPredicate::ult),
                 [&] { emitColumns(firstTile, from, taskWidth); });
      if (rest > 0)
        b.ifThen(is(arith::CmpIPredicate::eq),
                 [&] { emitColumns(firstTile, from, rest); });
    });
  }

  /// `width` columns from `from` on, of a task's tiles. A few blocks of units
  /// at a time, so that their columns and hidden values are in the cache for
  /// all tiles; in between the sums are in memory.
  void emitColumns(Value firstTile, Value from, int64_t width) {
    auto type = MemRefType::get({kTilesPerTask * tile, width}, b.getF32Type());
    // On the heap: a stack slot in the body of a loop is not given back until
    // the function returns.
    Value buffer = memref::AllocOp::create(b, type);
    forEachPiece(firstTile, from, width, [&](const Piece &piece) {
      storeSums(buffer, piece, zerosOf(piece));
    });
    b.forLoop(b.index(0), b.index(numBlocks), kBlocksAtATime, [&](Value first) {
      Value end = b.min(b.add(first, kBlocksAtATime), b.index(numBlocks));
      forEachPiece(firstTile, from, width, [&](const Piece &piece) {
        storeSums(buffer, piece,
                  addRows(piece, first, end, loadSums(buffer, piece),
                          /*guarded=*/false));
      });
    });
    forEachPiece(firstTile, from, width, [&](const Piece &piece) {
      storeOut(piece, loadSums(buffer, piece));
    });
    memref::DeallocOp::create(b, buffer);
  }

  /// `size` columns of the first `rows` tokens of tile `at`: those from
  /// `column` on, which are those from `offset` on of a task, as the tile's
  /// first token is its token `row`.
  struct Piece {
    Value at, column, row, offset;
    int64_t rows, size;
  };

  /// In pieces whose sums fill half of the registers. The last tile may have
  /// fewer tokens than others.
  void forEachPiece(Value firstTile, Value from, int64_t width,
                    function_ref<void(const Piece &)> body) {
    Value end = endTile(firstTile);
    Value wholeEnd = b.min(end, b.div(numTokens, tile));
    auto emitTiles = [&](Value begin, Value end, int64_t rows) {
      int64_t sums = lanes >= 16 ? 16 : 8;
      int64_t size =
          std::clamp<int64_t>(sums / rows, 1, kVectorsPerTask) * lanes;
      int64_t whole = width - width % size;
      auto emitPiece = [&](Value offset, int64_t size) {
        b.forLoop(begin, end, 1, [&](Value at) {
          body({at, b.add(from, offset), b.mul(b.sub(at, firstTile), tile),
                offset, rows, size});
        });
      };
      b.forLoop(b.index(0), b.index(whole), size,
                [&](Value offset) { emitPiece(offset, size); });
      if (whole < width)
        emitPiece(b.index(whole), width - whole);
    };
    emitTiles(firstTile, wholeEnd, tile);
    Value last =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ult, wholeEnd, end);
    b.ifThen(last, [&] {
      b.forEachCount(b.rem(numTokens, tile), 1, tile - 1,
                     [&](int64_t rows) { emitTiles(wholeEnd, end, rows); });
    });
  }

  /// Offset and size of the registers that hold `width` columns.
  SmallVector<std::pair<int64_t, int64_t>> registersOf(int64_t width) const {
    SmallVector<std::pair<int64_t, int64_t>> registers;
    for (int64_t at = 0; at < width; at += lanes)
      registers.push_back({at, std::min(lanes, width - at)});
    return registers;
  }

  SmallVector<Value> zerosOf(const Piece &piece) {
    SmallVector<Value> zeros;
    for (int64_t r = 0; r < piece.rows; ++r)
      for (auto [offset, size] : registersOf(piece.size))
        zeros.push_back(b.zeroVector(size));
    return zeros;
  }

  SmallVector<Value> loadSums(Value buffer, const Piece &piece) {
    SmallVector<Value> sums;
    for (int64_t r = 0; r < piece.rows; ++r)
      for (auto [offset, size] : registersOf(piece.size))
        sums.push_back(b.loadRow({buffer, {b.add(piece.row, r)}},
                                 b.add(piece.offset, offset), size, size));
    return sums;
  }

  void storeSums(Value buffer, const Piece &piece, ArrayRef<Value> sums) {
    const Value *next = sums.begin();
    for (int64_t r = 0; r < piece.rows; ++r)
      for (auto [offset, size] : registersOf(piece.size))
        b.storeRow(*next++, {buffer, {b.add(piece.row, r)}},
                   b.add(piece.offset, offset));
  }

  void storeOut(const Piece &piece, SmallVector<Value> sums) {
    if (piece.rows > 1)
      sums = keepApart(piece, sums);
    const Value *next = sums.begin();
    for (int64_t r = 0; r < piece.rows; ++r)
      for (auto [offset, size] : registersOf(piece.size)) {
        Value from = b.add(piece.column, offset), sum = *next++;
        if (op.getDownBias())
          sum = arith::AddFOp::create(
              b, sum, b.loadRow({op.getDownBias(), {}}, from, size, size));
        b.storeRow(sum, {op.getOut(), {b.add(firstToken(piece.at), r)}}, from);
      }
  }

  /// A hidden value of a unit that a token does not keep is 0, and adds
  /// nothing unless the weights are not finite. That shows in the sums, which
  /// are then made again with every product guarded.
  SmallVector<Value> keepApart(const Piece &piece, ValueRange sums) {
    Value bad;
    for (Value sum : sums) {
      Value difference = arith::SubFOp::create(b, sum, sum);
      Value lanesBad = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE,
                                             difference, zerosLike(sum));
      Value any =
          vector::ReductionOp::create(b, vector::CombiningKind::OR, lanesBad);
      bad = bad ? Value(arith::OrIOp::create(b, bad, any)) : any;
    }
    auto branch = scf::IfOp::create(b, sums.getTypes(), bad, true, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, addRows(piece, b.index(0), b.index(numBlocks),
                                    zerosOf(piece), /*guarded=*/true));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, sums);
    return llvm::to_vector_of<Value>(branch.getResults());
  }

  /// Adds hidden values times rows of `down`, of what the tile's list has of
  /// blocks `firstBlock` to `endBlock` - 1. Sums lie row by row.
  SmallVector<Value> addRows(const Piece &piece, Value firstBlock,
                             Value endBlock, ValueRange initial, bool guarded) {
    auto addUnit = [&](Value place, ValueRange sums) {
      Value unit = b.toIndex(b.load(op.getLists(), {piece.at, place}));
      SmallVector<Value> weights, next(sums);
      for (auto [offset, size] : registersOf(piece.size))
        weights.push_back(b.loadRow({op.getDown(), {unit}},
                                    b.add(piece.column, offset), size, size));
      for (int64_t r = 0; r < piece.rows; ++r) {
        Value token = b.add(firstToken(piece.at), r);
        Value hidden = toF32(b.load(op.getHidden(), {token, unit}));
        Value keeps;
        if (guarded)
          keeps = isNot0(b.load(op.getKept(), {token, unit}));
        for (auto [w, weight] : llvm::enumerate(weights)) {
          Value &sum = next[r * weights.size() + w];
          Value product = vector::FMAOp::create(
              b, vector::BroadcastOp::create(b, weight.getType(), hidden),
              weight, sum);
          sum = guarded ? arith::SelectOp::create(b, keeps, product, sum)
                        : product;
        }
      }
      return next;
    };
    return b.forLoop(
        firstBlock, endBlock, 1, initial, [&](Value block, ValueRange carried) {
          Value begin = b.mul(block, MaskedFfnOp::kBlock);
          Value count = b.toIndex(b.load(op.getCounts(), {piece.at, block}));
          return b.forLoop(begin, b.add(begin, count), 1, carried, addUnit);
        });
  }

  MaskedFfnOp op;
  KernelBuilder &b;
  int64_t lanes, samples, tile, numUnits, numBlocks;
  Value numTokens, numTiles, numChunks, liveSamples;
};

struct MaskedFfnToCPU : moe::impl::MoEMaskedFfnToCPUPassBase<MaskedFfnToCPU> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<int64_t> width = chooseLanes(getOperation(), lanes);
    if (failed(width) ||
        failed(lowerAll<MaskedFfnOp>(getOperation(), getArgument(),
                                     [&](MaskedFfnOp op, KernelBuilder &b) {
                                       MaskedFfnEmitter(op, b, *width).emit();
                                       return success();
                                     })))
      signalPassFailure();
  }
};
} // namespace
