// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strategy mma_sync: four warps multiply a tile with mma.sync m16n8k16. Blocks
// of depth come in through a ring of shared memory stages that cp.async fills
// ahead; fragments of the next step of 16 are loaded while one is multiplied,
// also across the border of two blocks. Addresses in shared memory are 32 bits,
// in global memory 64.
#include "MmaSyncPlan.h"

#include "moe/Conversion/PartViews.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Shared memory a warp can touch at once without a conflict.
constexpr int64_t bankBytes = 128;

/// Registers of one step of 16: four per tile of 16 rows, two per tile of 8
/// columns.
struct Fragments {
  SmallVector<Value> lhs, weights;
};

class MmaSyncTile {
public:
  MmaSyncTile(GPUKernelBuilder &b, GroupedMatmulOp op, const MmaPlan &plan,
              const TileContext &tile);
  void build();

private:
  Value toI64(Value value) {
    return value.getType().isIndex()
               ? arith::IndexCastOp::create(b, b.getI64Type(), value)
                     .getResult()
               : arith::ExtUIOp::create(b, b.getI64Type(), value).getResult();
  }
  /// Unsigned, unlike the builder's.
  Value toIndex(Value value) {
    return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
  }

  Value sharedPointer(Value address, int64_t offset);
  Value swizzled(Value row, Value chunk);

  void findSources();
  Value address(Value buffer, Value row, int64_t length, Value at);
  Value weightSource(int64_t part, Value row);
  Value alwaysSource(const ExpertKind &kind, int64_t part, Value column);
  void copyRows(ArrayRef<Value> sources, int64_t rows, Value to, Value offset,
                Value size);
  void copyBlock(Value stage, Value block);
  void loadMatrices(Value address, int64_t offset, SmallVectorImpl<Value> &to);
  Fragments load(Value stage, int64_t step);
  void multiply(MutableArrayRef<Value> sums, const Fragments &fragments);
  void waitForNextBlock();
  Value nextStage(Value stage);
  SmallVector<Value> multiplyBlocks();
  void store(ArrayRef<Value> sums);
  void storePair(ValueRange sums, ArrayRef<SmallVector<Value>> vectors,
                 Value row, Value column);

  GPUKernelBuilder &b;
  GroupedMatmulOp op;
  const MmaPlan &plan;
  const TileContext &tile;
  Type element;
  Value thread, lane, warpDown, warpAcross; // i32
  Value shared;                             // i32 address of stage 0
  /// Copying, a thread stands at one chunk of one of the rows of a pass.
  Value copyChunk, copyRow, copyTo;
  SmallVector<Value> lhsSources, weightSources; // one pointer per pass
  /// Where the lane's row of the first fragment lies in stage 0, per step.
  SmallVector<Value> lhsFragments, weightFragments;
};

MmaSyncTile::MmaSyncTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                         const MmaPlan &plan, const TileContext &tile)
    : b(b), op(op), plan(plan), tile(tile),
      element(op.getLhs().getType().getElementType()) {
  thread = b.toI32(tile.thread);
  lane = b.rem(thread, warpSize);
  Value warp = b.div(thread, warpSize);
  warpDown = b.div(warp, plan.warpsAcross);
  warpAcross = b.rem(warp, plan.warpsAcross);
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(b, tile.shared[0]);
  shared = b.toI32(base);

  copyRow = b.div(thread, plan.chunks());
  copyChunk = b.rem(thread, plan.chunks());
  copyTo = b.add(shared, swizzled(copyRow, copyChunk));

  // ldmatrix takes the address of one row of 8 from each lane: of a 16 x 16
  // piece of lhs, lanes 0-15 name the rows and 16-31 the same further along.
  Value row = b.add(b.mul(warpDown, plan.warpRows()), b.rem(lane, 16));
  Value half = b.div(lane, 16);
  // Of 16 weight columns, the halves alternate every 8 lanes instead, so that
  // the results are two operands of 8 columns.
  Value eight = b.rem(lane, 8);
  Value column = b.add(b.mul(warpAcross, plan.warpColumns()),
                       b.add(eight, b.mul(half, 8)));
  Value columnHalf = b.rem(b.div(lane, 8), 2);
  for (int64_t step = 0; step < plan.steps(); ++step) {
    Value chunk = b.i32(2 * step);
    lhsFragments.push_back(b.add(shared, swizzled(row, b.add(half, chunk))));
    weightFragments.push_back(
        b.add(b.add(shared, plan.lhsBytes()),
              swizzled(column, b.add(columnHalf, chunk))));
  }
}

Value MmaSyncTile::sharedPointer(Value address, int64_t offset) {
  Type type = LLVM::LLVMPointerType::get(
      b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared));
  Value pointer = LLVM::IntToPtrOp::create(b, type, address);
  if (offset == 0)
    return pointer;
  return LLVM::GEPOp::create(
      b, type, b.getI8Type(), pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

/// Byte offset of a chunk of a row. Chunks are exchanged within the row by an
/// exclusive or that makes 8 rows in a column of chunks cover all banks. It
/// depends on the row modulo 8 alone, so rows further by multiples of 8 lie at
/// a constant distance.
Value MmaSyncTile::swizzled(Value row, Value chunk) {
  Value key = b.rem(b.div(row, bankBytes / plan.rowBytes()), plan.chunks());
  Value at = arith::XOrIOp::create(b, chunk, key);
  return b.add(b.mul(row, plan.rowBytes()), b.mul(at, chunkBytes));
}

/// Address of `row` of the weight columns of a stage, as far as it belongs to
/// `part`; the columns of a part follow each other. Columns past the end read
/// the last one: they are never stored.
Value MmaSyncTile::weightSource(int64_t part, Value row) {
  Value weights = op.getWeights()[op.getPartWeights()[part]];
  int64_t columns = cast<MemRefType>(weights.getType()).getDimSize(1);
  Value column = b.sub(row, b.i32(part * plan.columns));
  column = b.add(tile.firstColumn, toIndex(column));
  column = b.min(column, b.index(op.getInit().getType().getDimSize(1) - 1));
  Value expert = tile.expert, always;
  ExpertKind kind;
  if (op.getAlwaysOn() > 0) {
    kind = buildExpertKind(b, op, expert);
    expert = kind.routed;
    always = alwaysSource(kind, part, column);
  }
  column = b.add(b.mul(column, op.getPartStrides()[part]),
                 op.getPartOffsets()[part]);
  column = b.add(b.mul(expert, columns), column);
  Value source = address(weights, column, op.getDepth(), Value());
  return always ? b.choose(kind.isAlways, always, source) : source;
}

/// The same for an expert that is always on.
Value MmaSyncTile::alwaysSource(const ExpertKind &kind, int64_t part,
                                Value column) {
  Value weights = op.getAlwaysWeights(part);
  AlwaysStart start = buildAlwaysStart(b, op, kind.always, part);
  int64_t stride = op.getPartStrides()[plan.parts + part];
  Value first = getValueOrCreateConstantIndexOp(b, b.getLoc(), start.column);
  return address(weights, b.add(first, b.mul(column, stride)),
                 cast<MemRefType>(weights.getType()).getDimSize(1),
                 getValueOrCreateConstantIndexOp(b, b.getLoc(), start.depth));
}

/// Of element `at` (an index; the first if null) of row `row` in rows of
/// `length` elements.
Value MmaSyncTile::address(Value buffer, Value row, int64_t length, Value at) {
  Value offset = b.mul(toI64(row), length * 2);
  if (at)
    offset = b.add(offset, b.mul(toI64(at), 2));
  return b.add(toI64(memref::ExtractAlignedPointerAsIndexOp::create(b, buffer)),
               offset);
}

void MmaSyncTile::findSources() {
  Type pointer = LLVM::LLVMPointerType::get(
      b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  // Where the depth ends inside a block, the offset within the row is limited
  // later on; otherwise it is part of the pointer.
  bool isRagged = op.getDepth() % plan.depth != 0;
  Value chunk = toI64(b.mul(copyChunk, chunkBytes));
  auto along = [&](Value address) {
    Value start = isRagged ? address : b.add(address, chunk);
    return LLVM::IntToPtrOp::create(b, pointer, start);
  };
  Value lhs =
      toI64(memref::ExtractAlignedPointerAsIndexOp::create(b, op.getLhs()));
  for (int64_t first = 0; first < plan.rows; first += plan.rowsPerPass()) {
    Value row = buildLhsRow(b, op, tile, toIndex(b.add(copyRow, first)));
    lhsSources.push_back(
        along(b.add(lhs, b.mul(toI64(row), op.getDepth() * 2))));
  }
  int64_t rows = plan.parts * plan.columns;
  for (int64_t first = 0; first < rows; first += plan.rowsPerPass()) {
    // Few passes meet more than one part.
    int64_t last = std::min(first + plan.rowsPerPass(), rows) - 1;
    Value row = b.add(copyRow, first);
    Value source;
    for (int64_t part = first / plan.columns; part <= last / plan.columns;
         ++part) {
      Value own = weightSource(part, row);
      source = source ? b.choose(b.below(row, b.i32(part * plan.columns)),
                                 source, own)
                      : own;
    }
    weightSources.push_back(along(source));
  }
}

/// One asynchronous copy of a chunk per pass. `size`, where given, is 0 for
/// chunks beyond the depth: nothing is read then, and zeros are written.
void MmaSyncTile::copyRows(ArrayRef<Value> sources, int64_t rows, Value to,
                           Value offset, Value size) {
  for (auto [pass, source] : llvm::enumerate(sources)) {
    int64_t first = pass * plan.rowsPerPass();
    Value inside;
    if (first + plan.rowsPerPass() > rows)
      inside = b.below(copyRow, b.i32(rows - first));
    b.ifThen(inside, [&, source = source] {
      Value from = LLVM::GEPOp::create(b, source.getType(), b.getI8Type(),
                                       source, ArrayRef<LLVM::GEPArg>{offset});
      NVVM::CpAsyncOp::create(b, sharedPointer(to, first * plan.rowBytes()),
                              from, chunkBytes, NVVM::LoadCacheModifierKind::CG,
                              size);
    });
  }
}

/// Starts the copies of one block of depth (i32) into a stage (byte offset).
void MmaSyncTile::copyBlock(Value stage, Value block) {
  Value offset = b.mul(block, plan.rowBytes());
  Value size;
  if (op.getDepth() % plan.depth != 0) {
    offset = b.add(offset, b.mul(copyChunk, chunkBytes));
    Value inside = b.below(offset, b.i32(op.getDepth() * 2));
    size = b.choose(inside, b.i32(chunkBytes), b.i32(0));
    offset = b.choose(inside, offset, b.i32(0));
  }
  offset = toI64(offset);
  Value to = b.add(copyTo, stage);
  copyRows(lhsSources, plan.rows, to, offset, size);
  copyRows(weightSources, plan.parts * plan.columns, b.add(to, plan.lhsBytes()),
           offset, size);
}

void MmaSyncTile::loadMatrices(Value address, int64_t offset,
                               SmallVectorImpl<Value> &to) {
  Type word = b.getI32Type();
  Type four = LLVM::LLVMStructType::getLiteral(b.getContext(),
                                               {word, word, word, word});
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  Value loaded = NVVM::LdMatrixOp::create(
      b, four, sharedPointer(address, offset), 4, NVVM::MMALayout::row, shape,
      NVVM::LdStMatrixEltType::B16);
  for (int64_t i = 0; i < 4; ++i) {
    Value value = LLVM::ExtractValueOp::create(b, loaded, i);
    // For f16 the multiply wants to see the pairs.
    if (element.isF16())
      value = LLVM::BitcastOp::create(b, VectorType::get({2}, element), value);
    to.push_back(value);
  }
}

Fragments MmaSyncTile::load(Value stage, int64_t step) {
  Fragments fragments;
  Value lhs = b.add(lhsFragments[step], stage);
  for (int64_t i = 0; i < plan.rowTiles(); ++i)
    loadMatrices(lhs, i * 16 * plan.rowBytes(), fragments.lhs);
  Value weights = b.add(weightFragments[step], stage);
  for (int64_t part = 0; part < plan.parts; ++part)
    for (int64_t column = 0; column < plan.warpColumns(); column += 16)
      loadMatrices(weights, (part * plan.columns + column) * plan.rowBytes(),
                   fragments.weights);
  return fragments;
}

/// Accumulators lie as [row tile][part][column tile][4].
void MmaSyncTile::multiply(MutableArrayRef<Value> sums,
                           const Fragments &fragments) {
  Type f32 = b.getF32Type();
  Type four =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  NVVM::MMATypes type =
      element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  ArrayRef<Value> lhs = fragments.lhs;
  ArrayRef<Value> weights = fragments.weights;
  int64_t across = plan.parts * plan.columnTiles();
  for (int64_t i = 0; i < plan.rowTiles(); ++i) {
    for (int64_t n = 0; n < across; ++n) {
      // Turning back at the end of a row reuses the operand just read.
      int64_t j = i % 2 ? across - 1 - n : n;
      MutableArrayRef<Value> own = sums.slice((i * across + j) * 4, 4);
      Value product = NVVM::MmaOp::create(
          b, four, lhs.slice(4 * i, 4), weights.slice(2 * j, 2),
          ArrayRef<Value>(own), ArrayRef<int64_t>{16, 8, 16}, std::nullopt,
          std::nullopt, std::array<NVVM::MMATypes, 2>{type, type},
          std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                         NVVM::MMALayout::col});
      for (int64_t q = 0; q < 4; ++q)
        own[q] = LLVM::ExtractValueOp::create(b, product, q);
    }
  }
}

/// All copies but those of the last stages - 2 blocks have come in, for every
/// thread; and every thread has read what the next copies overwrite.
void MmaSyncTile::waitForNextBlock() {
  NVVM::CpAsyncWaitGroupOp::create(b, plan.stages - 2);
  NVVM::BarrierOp::create(b);
}

Value MmaSyncTile::nextStage(Value stage) {
  Value next = b.add(stage, plan.stageBytes());
  Value end = b.i32(plan.stages * plan.stageBytes());
  return b.choose(b.equal(next, end), b.i32(0), next);
}

SmallVector<Value> MmaSyncTile::multiplyBlocks() {
  int64_t ahead = plan.stages - 1;
  for (int64_t block = 0; block < ahead; ++block) {
    copyBlock(b.i32(block * plan.stageBytes()), b.i32(block));
    NVVM::CpAsyncCommitGroupOp::create(b);
  }
  waitForNextBlock();
  Fragments fragments = load(b.i32(0), 0);
  Value zero = b.f32(0.0);

  // Carried: the stage to read, the stage to fill, accumulators, fragments.
  SmallVector<Value> state{b.i32(0), b.i32(ahead * plan.stageBytes())};
  state.append(plan.accumulators(), zero);
  llvm::append_range(state, fragments.lhs);
  llvm::append_range(state, fragments.weights);
  auto unpack = [&](ValueRange values, SmallVector<Value> &sums) {
    values = values.drop_front(2);
    sums.assign(values.begin(), values.begin() + plan.accumulators());
    values = values.drop_front(plan.accumulators());
    Fragments current;
    current.lhs.assign(values.begin(), values.begin() + fragments.lhs.size());
    values = values.drop_front(fragments.lhs.size());
    current.weights.assign(values.begin(), values.end());
    return current;
  };

  auto loop =
      scf::ForOp::create(b, b.i32(0), b.i32(plan.blocks - 1), b.i32(1), state);
  SmallVector<Value> sums;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value read = loop.getRegionIterArg(0);
    Value fill = loop.getRegionIterArg(1);
    Fragments current = unpack(loop.getRegionIterArgs(), sums);
    // The stage to fill was multiplied in the iteration before. A group is
    // committed even if empty: the waits count groups.
    Value block = b.add(loop.getInductionVar(), ahead);
    b.ifThen(b.below(block, b.i32(plan.blocks)),
             [&] { copyBlock(fill, block); });
    NVVM::CpAsyncCommitGroupOp::create(b);
    Value next = nextStage(read);
    for (int64_t step = 0; step < plan.steps(); ++step) {
      bool isLast = step + 1 == plan.steps();
      if (isLast)
        waitForNextBlock();
      Fragments following = isLast ? load(next, 0) : load(read, step + 1);
      multiply(sums, current);
      current = following;
    }
    SmallVector<Value> carried{next, nextStage(fill)};
    llvm::append_range(carried, sums);
    llvm::append_range(carried, current.lhs);
    llvm::append_range(carried, current.weights);
    scf::YieldOp::create(b, carried);
  }

  // The last block has none to load after it.
  Value read = loop.getResult(0);
  Fragments current = unpack(loop.getResults(), sums);
  for (int64_t step = 0; step < plan.steps(); ++step) {
    multiply(sums, current);
    if (step + 1 < plan.steps())
      current = load(read, step + 1);
  }
  return sums;
}

/// Stores two neighbouring results of a row; `sums` holds two accumulators per
/// part, `vectors` the elements of vectors for each of the two.
void MmaSyncTile::storePair(ValueRange sums,
                            ArrayRef<SmallVector<Value>> vectors, Value row,
                            Value column) {
  auto init = cast<MemRefType>(op.getInit().getType());
  int64_t columns = init.getDimSize(1);
  bool isRagged = columns % plan.columns != 0;
  auto result = [&](int64_t which) {
    SmallVector<Value> parts;
    for (int64_t part = 0; part < plan.parts; ++part)
      parts.push_back(sums[2 * part + which]);
    return buildEpilogue(b, op, parts, vectors[which]);
  };
  // An even width keeps pairs together and aligned to their size.
  if (columns % 2 == 0 && init.getLayout().isIdentity()) {
    Value inside = isRagged ? b.below(column, b.index(columns)) : Value();
    b.ifThen(inside, [&] {
      auto pairType = VectorType::get({2}, init.getElementType());
      SmallVector<Value> pair{result(0), result(1)};
      Value both = vector::FromElementsOp::create(b, pairType, pair);
      llvm::Align alignment(init.getElementTypeBitWidth() / 4);
      vector::StoreOp::create(b, both, op.getInit(), ValueRange{row, column},
                              /*nontemporal=*/false, alignment);
    });
    return;
  }
  for (int64_t i = 0; i < 2; ++i) {
    Value own = b.add(column, i);
    Value inside = isRagged ? b.below(own, b.index(columns)) : Value();
    b.ifThen(inside, [&] {
      memref::StoreOp::create(b, result(i), op.getInit(), ValueRange{row, own});
    });
  }
}

/// Of each product of 16 x 8 a lane holds columns 2c and 2c + 1, c = lane % 4,
/// of rows r and r + 8, r = lane / 4; of every part alike, so that the epilogue
/// has all it needs in registers.
void MmaSyncTile::store(ArrayRef<Value> sums) {
  Value row = b.add(b.mul(warpDown, plan.warpRows()), b.div(lane, 4));
  Value column =
      b.add(b.mul(warpAcross, plan.warpColumns()), b.mul(b.rem(lane, 4), 2));
  Value firstColumn = b.add(tile.firstColumn, toIndex(column));
  Value firstRow = b.add(tile.firstRow, toIndex(row));
  SmallVector<SmallVector<Value>> vectors; // [column tile][2]
  for (int64_t j = 0; j < plan.columnTiles(); ++j)
    for (int64_t which = 0; which < 2; ++which)
      vectors.push_back(
          buildVectorElements(b, op, tile, b.add(firstColumn, 8 * j + which)));
  for (int64_t i = 0; i < plan.rowTiles(); ++i) {
    for (int64_t half = 0; half < 2; ++half) {
      Value at = b.add(firstRow, 16 * i + 8 * half);
      b.ifThen(b.below(at, tile.endRow), [&] {
        for (int64_t j = 0; j < plan.columnTiles(); ++j) {
          SmallVector<Value> pairs;
          for (int64_t part = 0; part < plan.parts; ++part) {
            int64_t own =
                ((i * plan.parts + part) * plan.columnTiles() + j) * 4;
            llvm::append_range(pairs, sums.slice(own + 2 * half, 2));
          }
          storePair(pairs, ArrayRef(vectors).slice(2 * j, 2), at,
                    b.add(firstColumn, 8 * j));
        }
      });
    }
  }
}

void MmaSyncTile::build() {
  findSources();
  store(multiplyBlocks());
}
} // namespace

LogicalResult moe::buildMmaSyncTile(GPUKernelBuilder &b, GroupedMatmulOp op,
                                    ArrayRef<int64_t> tile, std::string &why) {
  MmaPlan plan;
  if (failed(makeMmaPlan(op, tile, plan, why)))
    return failure();
  // An element of shared memory is a chunk, which gives it the alignment that
  // cp.async and ldmatrix need.
  Type chunk =
      VectorType::get({chunkElements}, op.getLhs().getType().getElementType());
  int64_t chunks = plan.stages * plan.stageBytes() / chunkBytes;
  TileLaunch launch{
      plan.rows, plan.columns, numThreads, {sharedMemRef({chunks}, chunk)}};
  buildTileLaunch(b, op, launch,
                  [&](GPUKernelBuilder &b, const TileContext &tile) {
                    MmaSyncTile(b, op, plan, tile).build();
                  });
  return success();
}
