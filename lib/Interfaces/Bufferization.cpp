// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"
#include "moe/Interfaces/ExternalModels.h"

#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace mlir::moe;

namespace {
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
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
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
  });
}
