// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "KernelBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::moe;

gpu::LaunchOp GPUKernelBuilder::launch(Operation *op, Value numBlocks,
                                       int64_t numThreads, StringRef stage,
                                       Value numBlocksY) {
  setInsertionPoint(op);
  Value one = index(1);
  auto function = op->getParentOfType<FunctionOpInterface>();
  auto name = FlatSymbolRefAttr::get(getContext(),
                                     (function.getName() + "_" + stage).str());
  auto launch = gpu::LaunchOp::create(
      *this, numBlocks, numBlocksY ? numBlocksY : one, one, index(numThreads),
      one, one, /*dynamicSharedMemorySize=*/Value(), /*asyncTokenType=*/Type(),
      /*asyncDependencies=*/ValueRange(), /*workgroupAttributions=*/TypeRange(),
      /*privateAttributions=*/TypeRange(), Value(), Value(), Value(),
      /*module=*/FlatSymbolRefAttr(), name);
  setInsertionPointToStart(&launch.getBody().front());
  auto end = gpu::TerminatorOp::create(*this);
  setInsertionPoint(end);
  return launch;
}

Value GPUKernelBuilder::sharedBuffer(gpu::LaunchOp launch,
                                     ArrayRef<int64_t> shape, Type element) {
  return launch.addWorkgroupAttribution(sharedMemRef(shape, element), getLoc());
}

Value GPUKernelBuilder::like(Value a, int64_t value) {
  return arith::ConstantOp::create(*this, getIntegerAttr(a.getType(), value));
}

void GPUKernelBuilder::ifThen(Value condition, function_ref<void()> body) {
  InsertionGuard guard(*this);
  if (condition)
    setInsertionPointToStart(scf::IfOp::create(*this, condition).thenBlock());
  body();
}

Value GPUKernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}
Value GPUKernelBuilder::add(Value a, Value b) {
  return arith::AddIOp::create(*this, a, b);
}
Value GPUKernelBuilder::sub(Value a, Value b) {
  return arith::SubIOp::create(*this, a, b);
}
Value GPUKernelBuilder::mul(Value a, Value b) {
  return arith::MulIOp::create(*this, a, b);
}
Value GPUKernelBuilder::div(Value a, int64_t b) {
  return b == 1 ? a : Value(arith::DivUIOp::create(*this, a, like(a, b)));
}
Value GPUKernelBuilder::rem(Value a, int64_t b) {
  return arith::RemUIOp::create(*this, a, like(a, b));
}
Value GPUKernelBuilder::min(Value a, Value b) {
  return arith::MinUIOp::create(*this, a, b);
}
Value GPUKernelBuilder::less(Value a, Value b) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, a, b);
}
Value GPUKernelBuilder::dim(Value buffer, int64_t which) {
  return createOrFold<memref::DimOp>(buffer, which);
}

Value GPUKernelBuilder::i32(int64_t value) {
  return arith::ConstantIntOp::create(*this, value, 32);
}
Value GPUKernelBuilder::toI32(Value value) {
  return arith::IndexCastOp::create(*this, getI32Type(), value);
}
Value GPUKernelBuilder::toIndex(Value value) {
  return arith::IndexCastOp::create(*this, getIndexType(), value);
}
Value GPUKernelBuilder::equal(Value a, Value b) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, a, b);
}
Value GPUKernelBuilder::below(Value a, Value b) {
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, a, b);
}

Value GPUKernelBuilder::f32(double value) {
  return arith::ConstantOp::create(*this, getF32FloatAttr(value));
}

Value GPUKernelBuilder::toF32(Value value) {
  Type from = getElementTypeOrSelf(value);
  if (from.isF32())
    return value;
  Type to = getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(to);
  if (from.getIntOrFloatBitWidth() > 32)
    return arith::TruncFOp::create(*this, to, value);
  return arith::ExtFOp::create(*this, to, value);
}

Value GPUKernelBuilder::fromF32(Value value, Type element) {
  if (element.isF32())
    return value;
  Type to = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(to);
  if (element.getIntOrFloatBitWidth() > 32)
    return arith::ExtFOp::create(*this, to, value);
  return arith::TruncFOp::create(*this, to, value);
}

Value GPUKernelBuilder::roundTo(Value value, FloatType type) {
  if (type.getWidth() >= 32)
    return value;
  return toF32(fromF32(value, type));
}

Value GPUKernelBuilder::fma(Value a, Value b, Value c) {
  return math::FmaOp::create(*this, a, b, c);
}
Value GPUKernelBuilder::exp(Value value) {
  return math::ExpOp::create(*this, value);
}
Value GPUKernelBuilder::choose(Value condition, Value a, Value b) {
  return arith::SelectOp::create(*this, condition, a, b);
}

Value GPUKernelBuilder::warpReduce(Value value, NVVM::ReduxKind kind) {
  return NVVM::ReduxOp::create(*this, getI32Type(), value, kind, i32(-1));
}

Value GPUKernelBuilder::butterfly(Value value,
                                  function_ref<Value(Value, Value)> combine) {
  for (int64_t distance = warpSize / 2; distance > 0; distance /= 2) {
    Value other = NVVM::ShflOp::create(*this, getF32Type(), i32(-1), value,
                                       i32(distance), i32(warpSize - 1),
                                       NVVM::ShflKind::bfly, UnitAttr());
    value = combine(value, other);
  }
  return value;
}

Value GPUKernelBuilder::warpSum(Value value) {
  return butterfly(value, [&](Value a, Value b) -> Value {
    return arith::AddFOp::create(*this, a, b);
  });
}

Value GPUKernelBuilder::warpMax(Value value) {
  return butterfly(value, [&](Value a, Value b) -> Value {
    return arith::MaxNumFOp::create(*this, a, b);
  });
}

Value GPUKernelBuilder::ballot(Value condition) {
  return NVVM::VoteSyncOp::create(*this, getI32Type(), i32(-1), condition,
                                  NVVM::VoteSyncKind::ballot);
}

void GPUKernelBuilder::syncWarp() { NVVM::SyncWarpOp::create(*this, i32(-1)); }

MemRefType moe::sharedMemRef(ArrayRef<int64_t> shape, Type element) {
  auto space = gpu::AddressSpaceAttr::get(
      element.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  return MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space);
}

int64_t moe::vectorWidth(MemRefType type) {
  int64_t bits = type.getElementTypeBitWidth();
  if (!type.getLayout().isIdentity() || bits < 8)
    return 1;
  int64_t columns = type.getShape().back();
  if (ShapedType::isDynamic(columns))
    return 1;
  int64_t width = 128 / bits;
  while (width > 1 && columns % width != 0)
    width /= 2;
  return width;
}

namespace {
/// What a vector access of `width` elements needs, and `vectorWidth` proved.
llvm::MaybeAlign alignment(Type element, int64_t width) {
  return llvm::MaybeAlign(width * element.getIntOrFloatBitWidth() / 8);
}
} // namespace

Value moe::loadF32(GPUKernelBuilder &b, Value buffer, ValueRange indices,
                   int64_t width) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  if (width == 1)
    return b.toF32(memref::LoadOp::create(b, buffer, indices));
  return b.toF32(vector::LoadOp::create(b, VectorType::get({width}, element),
                                        buffer, indices, /*nontemporal=*/false,
                                        alignment(element, width)));
}

void moe::storeF32(GPUKernelBuilder &b, Value value, Value buffer,
                   ValueRange indices, int64_t width) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  value = b.fromF32(value, element);
  if (width == 1) {
    memref::StoreOp::create(b, value, buffer, indices);
    return;
  }
  vector::StoreOp::create(b, value, buffer, indices, /*nontemporal=*/false,
                          alignment(element, width));
}
