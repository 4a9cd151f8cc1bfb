// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiler with a dialect of its own, which happens to be called stablehlo,
// and passes before and after ours:
//   host-opt FILE (prepare | raise | fuse | optimize | lower | to-cpu)...
#include "moe/Contract.h"
#include "moe/InitAll.h"
#include "moe/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace {
/// %y = stablehlo.scale %x by 2.0 : tensor<6x8xf32>
class ScaleOp : public Op<ScaleOp, OpTrait::ZeroRegions, OpTrait::OneResult,
                          OpTrait::OneTypedResult<RankedTensorType>::Impl,
                          OpTrait::ZeroSuccessors, OpTrait::OneOperand,
                          OpTrait::SameOperandsAndResultType,
                          MemoryEffectOpInterface::Trait> {
public:
  using Op::Op;

  static StringRef getOperationName() { return "stablehlo.scale"; }
  static ArrayRef<StringRef> getAttributeNames() {
    static StringRef names[] = {"factor"};
    return names;
  }
  void getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &) {}
  FloatAttr getFactor() { return (*this)->getAttrOfType<FloatAttr>("factor"); }

  static ParseResult parse(OpAsmParser &parser, OperationState &state) {
    OpAsmParser::UnresolvedOperand operand;
    FloatAttr factor;
    Type type;
    return failure(parser.parseOperand(operand) || parser.parseKeyword("by") ||
                   parser.parseAttribute(factor,
                                         parser.getBuilder().getF32Type(),
                                         "factor", state.attributes) ||
                   parser.parseOptionalAttrDict(state.attributes) ||
                   parser.parseColonType(type) ||
                   parser.resolveOperand(operand, type, state.operands) ||
                   parser.addTypeToList(type, state.types));
  }
  void print(OpAsmPrinter &printer) {
    printer << " " << (*this)->getOperand(0) << " by ";
    printer.printAttributeWithoutType(getFactor());
    printer.printOptionalAttrDict((*this)->getAttrs(), {"factor"});
    printer << " : " << (*this)->getResult(0).getType();
  }
};

class HostDialect : public Dialect {
public:
  explicit HostDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<HostDialect>()) {
    addOperations<ScaleOp>();
  }
  static StringRef getDialectNamespace() { return "stablehlo"; }
};

/// The host's work before ours.
struct Prepare : PassWrapper<Prepare, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Prepare)
  void runOnOperation() override {
    getOperation().walk([](ScaleOp op) {
      op->setAttr("host.prepared", UnitAttr::get(op.getContext()));
    });
  }
};

/// The host's work after ours: its operations become arith on tensors.
struct Lower : PassWrapper<Lower, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Lower)
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect>();
  }
  void runOnOperation() override {
    getOperation().walk([](ScaleOp op) {
      OpBuilder builder(op);
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      Value factor = arith::ConstantOp::create(
          builder, op.getLoc(), DenseElementsAttr::get(type, op.getFactor()));
      op->replaceAllUsesWith(arith::MulFOp::create(builder, op.getLoc(),
                                                   op->getOperand(0), factor));
      op->erase();
    });
  }
};

bool addStage(OpPassManager &pm, StringRef name) {
  if (name == "prepare") {
    pm.addPass(std::make_unique<Prepare>());
  } else if (name == "raise") {
    moe::RaiseOptions options;
    options.require = true;
    moe::buildRaisePipeline(pm, options);
  } else if (name == "fuse") {
    moe::buildFusePipeline(pm);
  } else if (name == "optimize") {
    moe::OptimizeOptions options;
    options.target = "cpu";
    moe::buildOptimizePipeline(pm, options);
  } else if (name == "lower") {
    pm.addPass(std::make_unique<Lower>());
  } else if (name == "to-cpu") {
    moe::CPUOptions options;
    options.cpu = "x86-64-v3";
    moe::buildToCPUPipeline(pm, options);
  } else {
    return false;
  }
  return true;
}
} // namespace

int main(int argc, char **argv) {
  if (argc < 2)
    return 1;
  DialectRegistry registry;
  registry.insert<HostDialect>();
  moe::registerAllMoEDialects(registry);
  moe::registerAllMoEExtensions(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  PassManager pm(&context);
  for (int i = 2; i < argc; ++i)
    if (!addStage(pm, argv[i]))
      return 1;
  if (failed(pm.run(*module)))
    return 1;
  module->print(llvm::outs(),
                OpPrintingFlags().enableDebugInfo().useLocalScope());
  llvm::outs() << "\n// " << (moe::isRaised(*module) ? "raised" : "not raised")
               << "\n";
  return 0;
}
