// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What happens to a row of accumulators, whatever strategy made them.
#include "GroupedMatmul.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Adds an f32 to an element of `buffer`, which lies in global memory. Nobody
/// waits for the sum, and no order is asked for, so none is paid for.
void addAtomically(GPUKernelBuilder &b, Value element, Value buffer,
                   ValueRange indices) {
  auto layout = memref::ExtractStridedMetadataOp::create(b, buffer);
  Value offset = layout.getOffset();
  for (auto [index, stride] : llvm::zip(indices, layout.getStrides()))
    offset = b.add(offset, b.mul(index, stride));
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, buffer);
  address = b.add(address, b.mul(offset, int64_t(sizeof(float))));
  address = arith::IndexCastOp::create(b, b.getI64Type(), address);
  constexpr unsigned globalSpace = 1;
  Value pointer = LLVM::IntToPtrOp::create(
      b, LLVM::LLVMPointerType::get(b.getContext(), globalSpace), address);
  LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::fadd, pointer, element,
                            LLVM::AtomicOrdering::monotonic, "device");
}
} // namespace

RowStore::RowStore(GPUKernelBuilder &b, GroupedMatmulOp op, Value row)
    : b(b), op(op), row(row) {
  if (!op.scatters())
    return;
  int64_t slots = op.getScatterWeights().getType().getDimSize(1);
  // Pairs before the last expert's end are never -1.
  Value pair = b.toIndex(memref::LoadOp::create(b, op.getScatterPairs(), row));
  token = b.div(pair, slots);
  weight = loadF32(b, op.getScatterWeights(), {token, b.rem(pair, slots)},
                   /*width=*/1);
}

Value RowStore::build(ValueRange accumulators, ValueRange vectors,
                      Value column) {
  Block &epilogue = op.getEpilogue().front();
  IRMapping mapping;
  for (auto [argument, accumulator] :
       llvm::zip(epilogue.getArguments(), accumulators)) {
    Value value = accumulator;
    if (argument.getType().getIntOrFloatBitWidth() < 32)
      value = arith::TruncFOp::create(b, argument.getType(), value);
    else if (argument.getType() != value.getType())
      value = arith::ExtFOp::create(b, argument.getType(), value);
    mapping.map(argument, value);
  }
  Block::BlockArgListType others =
      epilogue.getArguments().drop_front(accumulators.size());
  mapping.map(others.take_front(vectors.size()), vectors);
  others = others.drop_front(vectors.size());
  if (!others.empty())
    column = b.min(column, b.index(op.getInit().getType().getDimSize(1) - 1));
  for (auto [argument, which, offset, stride] : llvm::zip_equal(
           others, op.getRowParts(), op.getRowOffsets(), op.getRowStrides())) {
    Value at = b.add(b.mul(column, stride), offset);
    mapping.map(argument, memref::LoadOp::create(b, op.getRows()[which],
                                                 ValueRange{row, at}));
  }
  for (Operation &inner : epilogue.without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(epilogue.getTerminator()->getOperand(0));
}

void RowStore::store(Value element, Value column) {
  if (!op.scatters()) {
    memref::StoreOp::create(b, element, op.getInit(), ValueRange{row, column});
    return;
  }
  addAtomically(b, arith::MulFOp::create(b, weight, element), op.getInit(),
                {token, column});
}

void moe::buildZeroRest(GroupedMatmulOp op) {
  GPUKernelBuilder b(op.getLoc(), op);
  constexpr int64_t threads = 128;
  int64_t columns = op.getInit().getType().getDimSize(1);
  Value rows = b.dim(op.getInit(), 0);
  gpu::LaunchOp launch = b.launch(op, rows, threads, "zero_rest");
  Value row = launch.getBlockIds().x;
  Value live = b.toIndex(memref::LoadOp::create(
      b, op.getOffsets(), ValueRange{b.index(op.getNumExperts())}));
  Value isRest = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, row, live);
  b.ifThen(isRest, [&] {
    Value zero = arith::ConstantOp::create(
        b, b.getZeroAttr(op.getInit().getType().getElementType()));
    auto loop = scf::ForOp::create(b, launch.getThreadIds().x, b.index(columns),
                                   b.index(threads));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    memref::StoreOp::create(b, zero, op.getInit(),
                            ValueRange{row, loop.getInductionVar()});
  });
}
