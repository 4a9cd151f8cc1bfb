// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"
#include "moe/Interfaces/ExternalModels.h"

#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::moe;

namespace {
FailureOr<Value> allocateLike(RewriterBase &rewriter, Location loc,
                              Value buffer,
                              const BufferizationOptions &options) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (auto [dim, size] : llvm::enumerate(type.getShape()))
    if (ShapedType::isDynamic(size))
      sizes.push_back(memref::DimOp::create(rewriter, loc, buffer, dim));
  return options.createAlloc(
      rewriter, loc, MemRefType::get(type.getShape(), type.getElementType()),
      sizes);
}

/// Codegen ops overwrite their destinations and read everything else. A matmul
/// that scatters adds to its destination.
template <typename OpTy>
struct CodegenOpModel
    : DstBufferizableOpInterfaceExternalModel<CodegenOpModel<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto matmul = dyn_cast<GroupedMatmulOp>(op);
    return (matmul && matmul.scatters()) ||
           !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> operands;
    SmallPtrSet<Value, 8> taken;
    for (OpOperand &operand : op->getOpOperands()) {
      Value tensor = operand.get();
      if (!isa<TensorType>(tensor.getType())) {
        operands.push_back(tensor);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, tensor, options, state);
      // Equal tensor.empty ops become one, but destinations do not overlap.
      if (succeeded(buffer) &&
          cast<DestinationStyleOpInterface>(op).isDpsInit(&operand) &&
          !taken.insert(tensor).second)
        buffer = allocateLike(rewriter, op->getLoc(), *buffer, options);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    OperationState onBuffers(op->getLoc(), op->getName(), operands,
                             /*types=*/TypeRange(),
                             op->getAttrDictionary().getValue());
    for (Region &region : op->getRegions())
      onBuffers.addRegion()->takeBody(region);
    rewriter.setInsertionPoint(op);
    Operation *newOp = rewriter.create(onBuffers);
    SmallVector<Value> destinations;
    for (Value init : cast<DestinationStyleOpInterface>(newOp).getDpsInits())
      destinations.push_back(init);
    replaceOpWithBufferizedValues(rewriter, op, destinations);
    return success();
  }
};
} // namespace

void moe::registerBufferizationModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MoEDialect *) {
    GateOp::attachInterface<CodegenOpModel<GateOp>>(*context);
    SelectIntoOp::attachInterface<CodegenOpModel<SelectIntoOp>>(*context);
    PlanIntoOp::attachInterface<CodegenOpModel<PlanIntoOp>>(*context);
    GroupedMatmulOp::attachInterface<CodegenOpModel<GroupedMatmulOp>>(*context);
    GatherSumOp::attachInterface<CodegenOpModel<GatherSumOp>>(*context);
    MaskedFfnOp::attachInterface<CodegenOpModel<MaskedFfnOp>>(*context);
  });
}
