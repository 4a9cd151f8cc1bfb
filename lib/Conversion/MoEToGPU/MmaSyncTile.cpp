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
  Value swizzled(Value row, Value chunk, int64_t rowBytes);

  Value weightAddress(const PartGroup &group);
  void findSources();
  Value columnSource(int64_t area, Value row);
  Value chooseArea(Value number, int64_t size, int64_t first, int64_t last,
                   function_ref<Value(int64_t)> valueOf);
  Value depthSource(int64_t area, Value number);
  void findDepthRows();
  void copyDepthRows(Value stage, Value block);
  Value alwaysSource(const ExpertKind &kind, int64_t part, Value column);
  void copyRows(ArrayRef<Value> sources, int64_t rows, Value to, Value offset,
                Value size);
  void copyBlock(Value stage, Value block);
  void loadMatrices(Value address, int64_t offset, NVVM::MMALayout layout,
                    SmallVectorImpl<Value> &to);
  Fragments load(Value stage, int64_t step);
  void multiply(MutableArrayRef<Value> sums, const Fragments &fragments);
  void waitForNextBlock();
  Value nextStage(Value stage);
  SmallVector<Value> multiplyBlocks();
  void store(ArrayRef<Value> sums);
  void storeOne(RowStore &result, ValueRange sums, ValueRange vectors,
                Value column);
  void storePair(RowStore &result, ArrayRef<SmallVector<Value>> sums,
                 ArrayRef<SmallVector<Value>> vectors, Value row, Value column);

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
  /// One chunk of [in, out] weights per pass: `row` of a block of depth, of
  /// which the next lies `blockBytes` (i64) further on.
  struct DepthCopy {
    Value source, blockBytes, row, to, inside;
    int64_t toOffset;
  };
  SmallVector<DepthCopy> depthCopies;
  /// Where the lane's row of the first fragment lies in stage 0: of lhs and of
  /// [out, in] weights per step, of [in, out] weights per 16 columns.
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
  copyTo = b.add(shared, swizzled(copyRow, copyChunk, plan.rowBytes()));

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
  Value sharedWeights = b.add(shared, plan.lhsBytes());
  for (int64_t step = 0; step < plan.steps(); ++step) {
    Value chunk = b.i32(2 * step);
    lhsFragments.push_back(
        b.add(shared, swizzled(row, b.add(half, chunk), plan.rowBytes())));
    if (!plan.isInOut)
      weightFragments.push_back(
          b.add(sharedWeights,
                swizzled(column, b.add(columnHalf, chunk), plan.rowBytes())));
  }
  if (!plan.isInOut)
    return;
  // Rows of [in, out] weights are depths. The same lanes name the same two
  // operands, whose halves of depth are now rows.
  Value firstChunk =
      b.add(b.mul(warpAcross, plan.warpAreaColumns() / chunkElements), half);
  for (int64_t chunk = 0; chunk < plan.warpAreaColumns() / chunkElements;
       chunk += 2)
    weightFragments.push_back(
        b.add(sharedWeights, swizzled(b.rem(lane, 16), b.add(firstChunk, chunk),
                                      plan.weightRowBytes())));
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
Value MmaSyncTile::swizzled(Value row, Value chunk, int64_t rowBytes) {
  int64_t chunks = rowBytes / chunkBytes;
  // Exchanged chunks must be chunks of the row.
  int64_t exchanged = std::min(bankBytes / chunkBytes, chunks & -chunks);
  int64_t rowsInBanks = std::max<int64_t>(1, bankBytes / rowBytes);
  Value key = b.rem(b.div(row, rowsInBanks), exchanged);
  Value at = arith::XOrIOp::create(b, chunk, key);
  return b.add(b.mul(row, rowBytes), b.mul(at, chunkBytes));
}

Value MmaSyncTile::weightAddress(const PartGroup &group) {
  return toI64(memref::ExtractAlignedPointerAsIndexOp::create(
      b, op.getWeights()[group.weights]));
}

/// Address of `row` of the weight columns of a stage, as far as it belongs to
/// `area`. Columns past the end read the last one: they are never stored.
Value MmaSyncTile::columnSource(int64_t area, Value row) {
  const PartGroup &group = plan.groups[area];
  Value column = b.sub(row, b.i32(area * plan.columns));
  column = b.add(tile.firstColumn, toIndex(column));
  column = b.min(column, b.index(op.getInit().getType().getDimSize(1) - 1));
  Value expert = tile.expert, always;
  ExpertKind kind;
  if (op.getAlwaysOn() > 0) {
    kind = buildExpertKind(b, op, expert);
    expert = kind.routed;
    always = alwaysSource(kind, group.parts.front(), column);
  }
  column = b.add(b.mul(column, group.stride), group.offset);
  column = b.add(b.mul(expert, op.getNumColumns(group.weights)), column);
  Value source =
      b.add(weightAddress(group), b.mul(toI64(column), op.getDepth() * 2));
  return always ? b.choose(kind.isAlways, always, source) : source;
}

/// The same for an expert that is always on.
Value MmaSyncTile::alwaysSource(const ExpertKind &kind, int64_t part,
                                Value column) {
  Value weights = op.getAlwaysWeights(part);
  AlwaysStart start = buildAlwaysStart(b, op, kind.always, part);
  int64_t stride = op.getPartStrides()[op.getNumParts() + part];
  Value first = getValueOrCreateConstantIndexOp(b, b.getLoc(), start.column);
  int64_t length = cast<MemRefType>(weights.getType()).getDimSize(1);
  Value row = b.add(first, b.mul(column, stride));
  Value at = getValueOrCreateConstantIndexOp(b, b.getLoc(), start.depth);
  Value offset = b.mul(toI64(b.add(b.mul(row, length), at)), 2);
  return b.add(
      toI64(memref::ExtractAlignedPointerAsIndexOp::create(b, weights)),
      offset);
}

/// Address of chunk `number` of the rows of depth of a stage, as far as it
/// belongs to `area`. Chunks past the end read the last one.
Value MmaSyncTile::depthSource(int64_t area, Value number) {
  const PartGroup &group = plan.groups[area];
  int64_t perRow = plan.areaColumns() / chunkElements;
  number = b.sub(number, b.i32(area * plan.depth * perRow));
  Value row = b.min(b.div(number, perRow), b.i32(op.getDepth() - 1));
  Value column = b.mul(toIndex(b.rem(number, perRow)), chunkElements);
  column = b.add(b.mul(tile.firstColumn, plan.interleave()), column);
  int64_t last = group.span(op.getInit().getType().getDimSize(1)) - 1;
  column = b.min(column, b.index(last / chunkElements * chunkElements));
  row = b.add(b.mul(tile.expert, op.getDepth()), toIndex(row));
  Value at = b.add(b.mul(row, op.getNumColumns(group.weights)),
                   b.add(column, group.offset));
  return b.add(weightAddress(group), b.mul(toI64(at), 2));
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
  if (plan.isInOut)
    return findDepthRows();
  int64_t rows = plan.parts * plan.columns;
  for (int64_t first = 0; first < rows; first += plan.rowsPerPass()) {
    int64_t last = std::min(first + plan.rowsPerPass(), rows) - 1;
    Value row = b.add(copyRow, first);
    Value source =
        chooseArea(row, plan.columns, first, last,
                   [&](int64_t area) { return columnSource(area, row); });
    weightSources.push_back(along(source));
  }
}

/// What `valueOf` gives for the area of `number`, which lies between `first`
/// and `last`; an area has `size` numbers. Few passes meet more than one.
Value MmaSyncTile::chooseArea(Value number, int64_t size, int64_t first,
                              int64_t last,
                              function_ref<Value(int64_t)> valueOf) {
  Value chosen = valueOf(first / size);
  for (int64_t area = first / size + 1; area <= last / size; ++area)
    chosen =
        b.choose(b.below(number, b.i32(area * size)), chosen, valueOf(area));
  return chosen;
}

void MmaSyncTile::findDepthRows() {
  Type pointer = LLVM::LLVMPointerType::get(
      b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  int64_t perRow = plan.areaColumns() / chunkElements;
  int64_t perArea = plan.depth * perRow;
  int64_t size = plan.areas() * perArea;
  // Eight rows further, chunks are exchanged alike.
  bool isRegular = numThreads % (8 * perRow) == 0;
  for (int64_t first = 0; first < size; first += numThreads) {
    int64_t last = std::min(first + numThreads, size) - 1;
    Value number = b.add(thread, first);
    auto choose = [&](function_ref<Value(int64_t)> valueOf) {
      return chooseArea(number, perArea, first, last, valueOf);
    };
    Value address =
        choose([&](int64_t area) { return depthSource(area, number); });
    Value blockBytes = choose([&](int64_t area) -> Value {
      int64_t columns = op.getNumColumns(plan.groups[area].weights);
      return arith::ConstantIntOp::create(b, plan.depth * columns * 2, 64);
    });
    DepthCopy copy;
    copy.source = LLVM::IntToPtrOp::create(b, pointer, address);
    copy.blockBytes = blockBytes;
    copy.row = b.rem(b.div(number, perRow), plan.depth);
    if (last + 1 < first + numThreads)
      copy.inside = b.below(number, b.i32(size));
    // Areas follow each other like their rows.
    Value base = isRegular ? thread : number;
    copy.to = b.add(b.add(shared, plan.lhsBytes()),
                    swizzled(b.div(base, perRow), b.rem(base, perRow),
                             plan.weightRowBytes()));
    copy.toOffset = isRegular ? first / perRow * plan.weightRowBytes() : 0;
    depthCopies.push_back(copy);
  }
}

/// As copyRows, of [in, out] weights: rows beyond the depth become zeros.
void MmaSyncTile::copyDepthRows(Value stage, Value block) {
  for (const DepthCopy &copy : depthCopies) {
    b.ifThen(copy.inside, [&] {
      Value offset = b.mul(toI64(block), copy.blockBytes);
      Value size;
      if (op.getDepth() % plan.depth != 0) {
        Value at = b.add(b.mul(block, plan.depth), copy.row);
        Value exists = b.below(at, b.i32(op.getDepth()));
        size = b.choose(exists, b.i32(chunkBytes), b.i32(0));
        Value start = arith::ConstantIntOp::create(b, 0, 64);
        offset = b.choose(exists, offset, start);
      }
      Value from =
          LLVM::GEPOp::create(b, copy.source.getType(), b.getI8Type(),
                              copy.source, ArrayRef<LLVM::GEPArg>{offset});
      NVVM::CpAsyncOp::create(
          b, sharedPointer(b.add(copy.to, stage), copy.toOffset), from,
          chunkBytes, NVVM::LoadCacheModifierKind::CG, size);
    });
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
  if (plan.isInOut)
    copyDepthRows(stage, block);
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
                               NVVM::MMALayout layout,
                               SmallVectorImpl<Value> &to) {
  Type word = b.getI32Type();
  Type four = LLVM::LLVMStructType::getLiteral(b.getContext(),
                                               {word, word, word, word});
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  Value loaded =
      NVVM::LdMatrixOp::create(b, four, sharedPointer(address, offset), 4,
                               layout, shape, NVVM::LdStMatrixEltType::B16);
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
    loadMatrices(lhs, i * 16 * plan.rowBytes(), NVVM::MMALayout::row,
                 fragments.lhs);
  for (int64_t area = 0; area < plan.areas(); ++area)
    for (int64_t i = 0; i < plan.warpAreaColumns() / 16; ++i) {
      int64_t row = plan.isInOut ? 16 * step : 16 * i;
      Value weights = b.add(weightFragments[plan.isInOut ? i : step], stage);
      // What lies depth by depth is transposed on the way.
      loadMatrices(weights,
                   area * plan.areaBytes() + row * plan.weightRowBytes(),
                   plan.isInOut ? NVVM::MMALayout::col : NVVM::MMALayout::row,
                   fragments.weights);
    }
  return fragments;
}

/// Accumulators lie as [row tile][area][column tile][4].
void MmaSyncTile::multiply(MutableArrayRef<Value> sums,
                           const Fragments &fragments) {
  Type f32 = b.getF32Type();
  Type four =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  NVVM::MMATypes type =
      element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  ArrayRef<Value> lhs = fragments.lhs;
  ArrayRef<Value> weights = fragments.weights;
  int64_t across = plan.areas() * plan.columnTiles();
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

/// Stores a result; `sums` holds an accumulator per part, `vectors` the
/// elements of vectors.
void MmaSyncTile::storeOne(RowStore &result, ValueRange sums,
                           ValueRange vectors, Value column) {
  int64_t columns = op.getInit().getType().getDimSize(1);
  bool isRagged = columns % plan.columns != 0;
  Value inside = isRagged ? b.below(column, b.index(columns)) : Value();
  b.ifThen(inside,
           [&] { result.store(result.build(sums, vectors, column), column); });
}

/// The same for two neighbouring results of a row.
void MmaSyncTile::storePair(RowStore &result, ArrayRef<SmallVector<Value>> sums,
                            ArrayRef<SmallVector<Value>> vectors, Value row,
                            Value column) {
  auto init = cast<MemRefType>(op.getInit().getType());
  int64_t columns = init.getDimSize(1);
  // An even width keeps pairs together and aligned to their size.
  if (columns % 2 != 0 || !init.getLayout().isIdentity() || op.scatters()) {
    for (int64_t i = 0; i < 2; ++i)
      storeOne(result, sums[i], vectors[i], b.add(column, i));
    return;
  }
  bool isRagged = columns % plan.columns != 0;
  Value inside = isRagged ? b.below(column, b.index(columns)) : Value();
  b.ifThen(inside, [&] {
    auto pairType = VectorType::get({2}, init.getElementType());
    SmallVector<Value> pair;
    for (int64_t i = 0; i < 2; ++i)
      pair.push_back(result.build(sums[i], vectors[i], b.add(column, i)));
    Value both = vector::FromElementsOp::create(b, pairType, pair);
    llvm::Align alignment(init.getElementTypeBitWidth() / 4);
    vector::StoreOp::create(b, both, op.getInit(), ValueRange{row, column},
                            /*nontemporal=*/false, alignment);
  });
}

/// Of each product of 16 x 8 a lane holds columns 2c and 2c + 1, c = lane % 4,
/// of rows r and r + 8, r = lane / 4; of every part alike, so that the epilogue
/// has all it needs in registers. Where two parts interleave, the two columns
/// are those of one result.
void MmaSyncTile::store(ArrayRef<Value> sums) {
  int64_t interleave = plan.interleave();
  int64_t perLane = 2 / interleave; // results beside each other
  int64_t perTile = 4 * perLane;
  Value row = b.add(b.mul(warpDown, plan.warpRows()), b.div(lane, 4));
  Value column = b.add(b.mul(warpAcross, plan.warpColumns()),
                       b.mul(b.rem(lane, 4), perLane));
  Value firstColumn = b.add(tile.firstColumn, toIndex(column));
  Value firstRow = b.add(tile.firstRow, toIndex(row));
  SmallVector<SmallVector<Value>> vectors; // [column tile][per lane]
  for (int64_t j = 0; j < plan.columnTiles(); ++j)
    for (int64_t which = 0; which < perLane; ++which)
      vectors.push_back(buildVectorElements(
          b, op, tile, b.add(firstColumn, perTile * j + which)));
  for (int64_t i = 0; i < plan.rowTiles(); ++i) {
    for (int64_t half = 0; half < 2; ++half) {
      Value at = b.add(firstRow, 16 * i + 8 * half);
      b.ifThen(b.below(at, tile.endRow), [&] {
        RowStore result(b, op, at);
        for (int64_t j = 0; j < plan.columnTiles(); ++j) {
          // [per lane][part]
          SmallVector<SmallVector<Value>> own(perLane,
                                              SmallVector<Value>(plan.parts));
          for (auto [area, group] : llvm::enumerate(plan.groups)) {
            int64_t first =
                ((i * plan.areas() + area) * plan.columnTiles() + j) * 4;
            for (int64_t q = 0; q < 2; ++q)
              own[q / interleave][group.parts[q % interleave]] =
                  sums[first + 2 * half + q];
          }
          Value to = b.add(firstColumn, perTile * j);
          auto ofTile = ArrayRef(vectors).slice(perLane * j, perLane);
          if (perLane == 2)
            storePair(result, own, ofTile, at, to);
          else
            storeOne(result, own[0], ofTile[0], to);
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
