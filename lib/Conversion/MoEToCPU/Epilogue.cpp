// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Epilogue.h"

#include "moe/Conversion/GateBuilder.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether `op` means the same on vectors, element by element.
bool worksOnVectors(Operation &op) {
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  if (!llvm::all_of(op.getResultTypes(), isScalar))
    return false;
  // Constants are broadcast.
  if (op.hasTrait<OpTrait::ConstantLike>())
    return true;
  return OpTrait::hasElementwiseMappableTraits(&op) &&
         llvm::all_of(op.getOperandTypes(), isScalar);
}

Value emitOnVectors(OpBuilder &b, Location loc, Block &block,
                    ArrayRef<Value> arguments, int64_t size) {
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  auto vectorOf = [&](Type type) { return VectorType::get({size}, type); };
  auto operandOf = [&](Value value) -> Value {
    if (Value mapped = mapping.lookupOrNull(value))
      return mapped;
    Value wide =
        vector::BroadcastOp::create(b, loc, vectorOf(value.getType()), value);
    mapping.map(value, wide);
    return wide;
  };
  for (Operation &op : block.without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>()) {
      Value scalar = b.clone(op)->getResult(0);
      mapping.map(op.getResult(0),
                  vector::BroadcastOp::create(
                      b, loc, vectorOf(scalar.getType()), scalar));
      continue;
    }
    for (Value operand : op.getOperands())
      operandOf(operand);
    Operation *wide = b.clone(op, mapping);
    for (auto [from, to] : llvm::zip_equal(op.getResults(), wide->getResults()))
      to.setType(vectorOf(from.getType()));
  }
  return operandOf(block.getTerminator()->getOperand(0));
}

Value emitOnScalars(OpBuilder &b, Location loc, Block &block,
                    ArrayRef<Value> arguments, int64_t size) {
  SmallVector<Value> elements;
  for (int64_t i = 0; i < size; ++i) {
    IRMapping mapping;
    for (auto [from, to] : llvm::zip_equal(block.getArguments(), arguments))
      mapping.map(from, vector::ExtractOp::create(b, loc, to, i));
    for (Operation &op : block.without_terminator())
      b.clone(op, mapping);
    elements.push_back(
        mapping.lookupOrDefault(block.getTerminator()->getOperand(0)));
  }
  auto type = VectorType::get({size}, elements.front().getType());
  return vector::FromElementsOp::create(b, loc, type, elements);
}
} // namespace

Value moe::buildOnVectors(OpBuilder &builder, Location loc, Block &block,
                          ArrayRef<Value> arguments) {
  int64_t size = cast<VectorType>(arguments.front().getType()).getDimSize(0);
  if (llvm::all_of(block.without_terminator(), worksOnVectors))
    return emitOnVectors(builder, loc, block, arguments, size);
  return emitOnScalars(builder, loc, block, arguments, size);
}

Value moe::buildEpilogue(OpBuilder &builder, Location loc, GroupedMatmulOp op,
                         ValueRange sums, ValueRange others) {
  Block &block = op.getEpilogue().front();
  SmallVector<Value> arguments;
  for (auto [sum, argument] :
       llvm::zip_equal(sums, block.getArguments().take_front(sums.size())))
    arguments.push_back(
        buildFloatCast(builder, loc, sum, cast<FloatType>(argument.getType())));
  llvm::append_range(arguments, others);
  return buildOnVectors(builder, loc, block, arguments);
}
