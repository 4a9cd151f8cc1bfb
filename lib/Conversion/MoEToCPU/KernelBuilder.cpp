// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "moe/Conversion/GateBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/X86TargetParser.h"

#include <array>

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether the target of `function`, as moe-attach-cpu-target writes it, has
/// vectors of 512 bits.
bool hasAVX512(Operation *function) {
  if (auto features = function->getAttrOfType<LLVM::TargetFeaturesAttr>(
          "target_features")) {
    if (features.contains("-avx512f"))
      return false;
    if (features.contains("+avx512f"))
      return true;
  }
  auto cpu = function->getAttrOfType<StringAttr>("target_cpu");
  if (!cpu || llvm::X86::parseArchX86(cpu) == llvm::X86::CK_None)
    return false;
  SmallVector<StringRef> implied;
  llvm::X86::getFeaturesForCPU(cpu, implied);
  // The list leaves out what others in it imply, avx512f among them.
  return llvm::any_of(
      implied, [](StringRef feature) { return feature.starts_with("avx512"); });
}
} // namespace

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value KernelBuilder::add(Value a, Value b) {
  return arith::AddIOp::create(*this, a, b);
}

Value KernelBuilder::sub(Value a, Value b) {
  return arith::SubIOp::create(*this, a, b);
}

Value KernelBuilder::mul(Value a, int64_t b) {
  return b == 1 ? a : Value(arith::MulIOp::create(*this, a, index(b)));
}

// Operands of divisions are never negative here; unsigned is cheaper.
Value KernelBuilder::div(Value a, int64_t b) {
  return b == 1 ? a : Value(arith::DivUIOp::create(*this, a, index(b)));
}

Value KernelBuilder::rem(Value a, int64_t b) {
  return arith::RemUIOp::create(*this, a, index(b));
}

Value KernelBuilder::min(Value a, Value b) {
  return arith::MinSIOp::create(*this, a, b);
}

Value KernelBuilder::ceilDiv(Value a, int64_t b) {
  return div(add(a, b - 1), b);
}

Value KernelBuilder::toIndex(Value i32) {
  return arith::IndexCastOp::create(*this, getIndexType(), i32);
}

Value KernelBuilder::toI32(Value index) {
  return arith::IndexCastOp::create(*this, getI32Type(), index);
}

Value KernelBuilder::dim(Value buffer, int64_t which) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.isDynamicDim(which))
    return index(type.getDimSize(which));
  return memref::DimOp::create(*this, buffer, which);
}

Value KernelBuilder::load(Value buffer, ValueRange indices) {
  return memref::LoadOp::create(*this, buffer, indices);
}

void KernelBuilder::store(Value value, Value buffer, ValueRange indices) {
  memref::StoreOp::create(*this, value, buffer, indices);
}

Value KernelBuilder::zeroVector(int64_t lanes) {
  auto type = VectorType::get({lanes}, getF32Type());
  return arith::ConstantOp::create(*this, getZeroAttr(type));
}

/// Elements of a row as they lie, those from `valid` on zero and not read.
Value KernelBuilder::loadElements(const RowRef &row, Value from, int64_t lanes,
                                  int64_t valid) {
  Type element = cast<MemRefType>(row.buffer.getType()).getElementType();
  auto loadAt = [&](int64_t offset, int64_t count) -> Value {
    SmallVector<Value> indices = row.indices;
    indices.push_back(add(from, offset));
    return vector::LoadOp::create(*this, VectorType::get({count}, element),
                                  row.buffer, indices);
  };
  if (valid == lanes && llvm::isPowerOf2_64(lanes))
    return loadAt(0, lanes);

  // Loads of falling powers of two touch exactly what is there.
  auto type = VectorType::get({lanes}, element);
  Value whole = arith::ConstantOp::create(*this, getZeroAttr(type));
  for (int64_t offset = 0; offset < valid;) {
    int64_t count = llvm::bit_floor(static_cast<uint64_t>(valid - offset));
    whole = vector::InsertStridedSliceOp::create(
        *this, loadAt(offset, count), whole, ArrayRef<int64_t>{offset},
        ArrayRef<int64_t>{1});
    offset += count;
  }
  return whole;
}

Value KernelBuilder::loadRow(const RowRef &row, Value from, int64_t lanes,
                             int64_t valid) {
  return buildFloatCast(*this, getLoc(), loadElements(row, from, lanes, valid),
                        getF32Type());
}

Value KernelBuilder::loadStrided(const RowRef &row, Value from, int64_t stride,
                                 int64_t lanes, int64_t valid) {
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < lanes; ++lane)
    places.push_back(std::min(lane, valid - 1) * stride);
  // Further apart, vectors would hold little that is wanted.
  if (stride <= 4 &&
      cast<MemRefType>(row.buffer.getType()).isLastDimUnitStride()) {
    int64_t span = places.back() + 1;
    return pick(loadElements(row, from, span, span), places);
  }
  SmallVector<Value> elements;
  for (int64_t place : places) {
    SmallVector<Value> indices = row.indices;
    indices.push_back(add(from, place));
    elements.push_back(load(row.buffer, indices));
  }
  auto type = VectorType::get({lanes}, elements.front().getType());
  return vector::FromElementsOp::create(*this, type, elements);
}

void KernelBuilder::storeRow(Value vector, const RowRef &row, Value from) {
  auto element =
      cast<FloatType>(cast<MemRefType>(row.buffer.getType()).getElementType());
  SmallVector<Value> indices = row.indices;
  indices.push_back(from);
  vector::StoreOp::create(*this,
                          buildFloatCast(*this, getLoc(), vector, element),
                          row.buffer, indices);
}

Value KernelBuilder::concat(ArrayRef<Value> vectors) {
  Value result = vectors.front();
  for (Value more : vectors.drop_front()) {
    int64_t size = cast<VectorType>(result.getType()).getDimSize(0) +
                   cast<VectorType>(more.getType()).getDimSize(0);
    result = vector::ShuffleOp::create(*this, result, more,
                                       llvm::to_vector(llvm::seq(size)));
  }
  return result;
}

Value KernelBuilder::pick(Value vector, ArrayRef<int64_t> lanes) {
  int64_t size = cast<VectorType>(vector.getType()).getDimSize(0);
  if (llvm::equal(lanes, llvm::seq<int64_t>(0, size)))
    return vector;
  return vector::ShuffleOp::create(*this, vector, vector, lanes);
}

Value KernelBuilder::slice(Value vector, int64_t from, int64_t count) {
  if (cast<VectorType>(vector.getType()).getDimSize(0) == count)
    return vector;
  return vector::ExtractStridedSliceOp::create(
      *this, vector, ArrayRef<int64_t>{from}, ArrayRef<int64_t>{count},
      ArrayRef<int64_t>{1});
}

SmallVector<Value> KernelBuilder::forLoop(Value from, Value to, int64_t step,
                                          ValueRange inits, LoopBody body) {
  auto loop = scf::ForOp::create(*this, from, to, index(step), inits);
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  // Without carried values the loop comes with its terminator.
  if (!inits.empty())
    scf::YieldOp::create(*this, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

void KernelBuilder::forLoop(Value from, Value to, int64_t step,
                            function_ref<void(Value)> body) {
  forLoop(from, to, step, {}, [&](Value induction, ValueRange) {
    body(induction);
    return SmallVector<Value>();
  });
}

void KernelBuilder::parallelLoop(Value count, function_ref<void(Value)> body) {
  auto loop = scf::ForallOp::create(
      *this, ArrayRef<OpFoldResult>{getAsOpFoldResult(count)}, ValueRange(),
      std::nullopt);
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar(0));
}

void KernelBuilder::ifThen(Value condition, function_ref<void()> body) {
  auto op = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  body();
}

void KernelBuilder::forEachCount(Value count, int64_t first, int64_t last,
                                 function_ref<void(int64_t)> body) {
  if (first > last)
    return;
  auto cases = llvm::to_vector(llvm::seq_inclusive(first, last));
  auto op = scf::IndexSwitchOp::create(*this, TypeRange(), count, cases,
                                       cases.size());
  InsertionGuard guard(*this);
  for (auto [value, region] : llvm::zip_equal(cases, op.getCaseRegions())) {
    setInsertionPointToStart(&region.emplaceBlock());
    body(value);
    scf::YieldOp::create(*this);
  }
  setInsertionPointToStart(&op.getDefaultRegion().emplaceBlock());
  scf::YieldOp::create(*this);
}

/// 2 * `lanes` elements of a row of bf16 as two vectors of f32: those at even
/// places and those at odd ones, one instruction each. A dot product does not
/// mind the order as long as both sides have the same.
static std::array<Value, 2> loadPairs(KernelBuilder &b, const RowRef &row,
                                      Value from, int64_t lanes) {
  SmallVector<Value> indices = row.indices;
  indices.push_back(from);
  Value raw = vector::LoadOp::create(
      b, VectorType::get({2 * lanes}, b.getBF16Type()), row.buffer, indices);
  auto intType = VectorType::get({lanes}, b.getI32Type());
  auto floatType = VectorType::get({lanes}, b.getF32Type());
  auto constant = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(intType, b.getI32IntegerAttr(value)));
  };
  Value bits = vector::BitCastOp::create(b, intType, raw);
  Value even = arith::ShLIOp::create(b, bits, constant(16));
  Value odd = arith::AndIOp::create(b, bits, constant(-65536));
  return {arith::BitcastOp::create(b, floatType, even),
          arith::BitcastOp::create(b, floatType, odd)};
}

int64_t moe::chooseDotRows(Type lhs, Type rhs, int64_t lanes) {
  if (lhs.isBF16() && rhs.isBF16())
    return lanes >= 16 ? 4 : 2;
  return lanes >= 16 ? 6 : 3;
}

SmallVector<Value> moe::buildDotTile(KernelBuilder &b, ArrayRef<RowRef> rows,
                                     ArrayRef<RowRef> columns, int64_t depth,
                                     int64_t lanes) {
  auto accumulate = [&](ArrayRef<Value> left, Value right, size_t column,
                        MutableArrayRef<Value> sums) {
    for (auto [r, value] : llvm::enumerate(left)) {
      Value &sum = sums[r * columns.size() + column];
      sum = vector::FMAOp::create(b, value, right, sum);
    }
  };
  auto step = [&](Value from, int64_t valid, ValueRange sums) {
    SmallVector<Value> left, next(sums);
    for (const RowRef &row : rows)
      left.push_back(b.loadRow(row, from, lanes, valid));
    for (auto [c, column] : llvm::enumerate(columns))
      accumulate(left, b.loadRow(column, from, lanes, valid), c, next);
    return next;
  };
  auto pairStep = [&](Value from, ValueRange sums) {
    SmallVector<Value> even, odd, next(sums);
    for (const RowRef &row : rows) {
      auto [first, second] = loadPairs(b, row, from, lanes);
      even.push_back(first);
      odd.push_back(second);
    }
    for (auto [c, column] : llvm::enumerate(columns)) {
      auto [first, second] = loadPairs(b, column, from, lanes);
      accumulate(even, first, c, next);
      accumulate(odd, second, c, next);
    }
    return next;
  };

  auto isBF16 = [](const RowRef &row) {
    return cast<MemRefType>(row.buffer.getType()).getElementType().isBF16();
  };
  SmallVector<Value> sums(rows.size() * columns.size(), b.zeroVector(lanes));
  int64_t at = 0;
  if (llvm::all_of(rows, isBF16) && llvm::all_of(columns, isBF16)) {
    at = depth - depth % (2 * lanes);
    if (at > 0)
      sums = b.forLoop(b.index(0), b.index(at), 2 * lanes, sums, pairStep);
  } else if (depth >= lanes) {
    at = depth - depth % lanes;
    sums = b.forLoop(b.index(0), b.index(at), lanes, sums,
                     [&](Value from, ValueRange carried) {
                       return step(from, lanes, carried);
                     });
  }
  for (; at < depth; at += lanes)
    sums = step(b.index(at), std::min(lanes, depth - at), sums);
  return sums;
}

Value moe::buildLaneSums(KernelBuilder &b, ArrayRef<Value> vectors) {
  // A vector holds `groups` groups of `size` lanes, one for each of as many
  // inputs. Joining two vectors adds the halves of every group, so that the
  // result holds twice the groups of half the size in the same width.
  SmallVector<Value> level(vectors);
  auto halves = [&](Value first, Value second, int64_t groups, int64_t size) {
    int64_t width = groups * size;
    int64_t sources = first == second ? 1 : 2;
    SmallVector<int64_t> low, high;
    for (int64_t source = 0; source < sources; ++source)
      for (int64_t group = 0; group < groups; ++group)
        for (int64_t lane = 0; lane < size / 2; ++lane) {
          int64_t at = source * width + group * size + lane;
          low.push_back(at);
          high.push_back(at + size / 2);
        }
    return arith::AddFOp::create(
        b, vector::ShuffleOp::create(b, first, second, low),
        vector::ShuffleOp::create(b, first, second, high));
  };
  int64_t groups = 1;
  int64_t size = cast<VectorType>(vectors.front().getType()).getDimSize(0);
  for (; size > 1; size /= 2) {
    bool single = level.size() == 1;
    SmallVector<Value> next;
    for (size_t i = 0; i < level.size(); i += 2) {
      // An odd one out is joined with its neighbour for want of a partner;
      // the surplus lanes are cut off below.
      Value second = i + 1 < level.size() ? level[i + 1]
                     : single             ? level[i]
                                          : level[i - 1];
      next.push_back(halves(level[i], second, groups, size));
    }
    if (!single)
      groups *= 2;
    level = std::move(next);
  }
  // What is left are vectors of `groups` sums each.
  return b.slice(b.concat(level), 0, vectors.size());
}

LogicalResult moe::checkBuffers(Operation *op) {
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type)
      continue;
    Type element = type.getElementType();
    if (isa<FloatType>(element) && !element.isF32() && !element.isF16() &&
        !element.isBF16() && !element.isF64())
      return op->emitOpError("has no CPU lowering for elements of type ")
             << element;
    if (!type.isLastDimUnitStride())
      return op->emitOpError("needs rows without gaps on the CPU, found ")
             << type;
  }
  return success();
}

FailureOr<int64_t> moe::chooseLanes(Operation *function, int64_t requested) {
  if (requested == 0)
    return hasAVX512(function) ? 16 : 8;
  if (requested >= 1 && requested <= 64 && llvm::isPowerOf2_64(requested))
    return requested;
  return function->emitError("lanes is ")
         << requested << ", expected a power of two of at most 64";
}
