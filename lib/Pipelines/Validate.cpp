// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Pipelines/Passes.h"
#include "moe/Pipelines/Pipelines.h"

#include "moe/Contract.h"
#include "moe/Execution/Jit.h"
#include "moe/Support/Remarks.h"
#include "moe/Validation/Arguments.h"
#include "moe/Validation/Compare.h"
#include "moe/Validation/RoutingEdges.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEVALIDATEPASS
#include "moe/Pipelines/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral passName = "moe-validate";

/// What the runtime does, in one thread: a compiler needs no more of it.
void runInOrder(void (*body)(void *, int64_t), void *context, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    body(context, i);
}

/// The same module before or after optimisation, on its way to be run.
class Version {
public:
  Version(ModuleOp module, function_ref<void(OpPassManager &)> lower)
      : module(module.clone()), manager(module.getContext()) {
    this->module->walk([](Operation *op) {
      if (isCodegenOp(op))
        op->removeAttr("schedule");
    });
    lower(manager);
  }

  /// Down to the llvm dialect. What the passes say was said before.
  LogicalResult lower() {
    ScopedDiagnosticHandler quiet(module->getContext(), [](Diagnostic &said) {
      return success(said.getSeverity() != DiagnosticSeverity::Error);
    });
    return manager.run(*module);
  }

  llvm::Expected<std::unique_ptr<Jit>> compile(const Signature &signature) {
    std::pair<StringRef, void *> symbols[] = {
        {"moe_parallel_for", reinterpret_cast<void *>(&runInOrder)}};
    return Jit::create(*module, signature, symbols);
  }

private:
  OwningOpRef<ModuleOp> module;
  PassManager manager;
};

/// One function of both.
class Check {
public:
  Check(func::FuncOp function, Signature signature)
      : function(function), signature(std::move(signature)),
        found(findRouterArguments(function)) {}

  LogicalResult compile(Version &before, Version &after) {
    if (llvm::Error error = before.compile(signature).moveInto(reference))
      return fail(std::move(error));
    if (llvm::Error error = after.compile(signature).moveInto(optimized))
      return fail(std::move(error));
    return success();
  }

  /// Random arguments of the seed, and their edges.
  LogicalResult run(const InventOptions &options, int64_t dim) {
    std::vector<Array> arguments;
    for (auto [number, type] : llvm::enumerate(signature.arguments)) {
      SmallVector<int64_t> shape(type.shape);
      llvm::replace(shape, ShapedType::kDynamic, dim);
      auto argument = inventArgument(type, shape, number, options);
      if (!argument)
        return fail(argument.takeError());
      arguments.push_back(std::move(*argument));
    }
    std::vector<RoutingEdge> edges =
        makeRoutingEdges(found, arguments, options.seed);
    edges.insert(edges.begin(), RoutingEdge{"random arguments", {}});
    for (RoutingEdge &edge : edges)
      if (failed(run(edge.name, edge.apply(arguments), options.seed)))
        return failure();
    runs += edges.size();
    return success();
  }

  size_t runs = 0;

private:
  LogicalResult run(StringRef name, ArrayRef<ArrayView> views, uint64_t seed) {
    auto expected = reference->run(views);
    if (!expected)
      return fail(expected.takeError());
    auto actual = optimized->run(views);
    if (!actual)
      return fail(actual.takeError());
    for (auto [number, got, wanted] :
         llvm::enumerate(actual->results, expected->results)) {
      auto differs = [&, number = number](const Twine &how) {
        return function.emitError()
               << "the optimised function differs from the graph it came from "
               << "on " << name << " of seed " << seed << ": result " << number
               << ": " << how.str();
      };
      if (got.getShape() != wanted.getShape())
        return differs("got " + got.describe() + ", expected " +
                       wanted.describe());
      Comparison comparison =
          compare(got, wanted, getDefaultTolerance(wanted.getDType()));
      if (comparison.mismatches)
        return differs(describe(comparison, got, wanted));
    }
    return success();
  }

  LogicalResult fail(llvm::Error error) {
    return function.emitError("cannot be validated: ")
           << llvm::toString(std::move(error));
  }

  func::FuncOp function;
  Signature signature;
  RouterArguments found;
  std::unique_ptr<Jit> reference, optimized;
};

struct Validate : moe::impl::MoEValidatePassBase<Validate> {
  using MoEValidatePassBase::MoEValidatePassBase;

  void buildOptimize(OpPassManager &pm) const {
    OptimizeOptions options;
    options.target = target.getValue();
    options.chip = chip.getValue();
    options.lanes = lanes.getValue();
    options.allowReassociation = allowReassociation.getValue();
    buildOptimizePipeline(pm, options);
  }
  static void buildCPU(OpPassManager &pm) {
    CPUOptions options;
    options.cpu = "native";
    buildToCPUPipeline(pm, options);
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    OpPassManager pm(ModuleOp::getOperationName());
    buildOptimize(pm);
    buildReferencePipeline(pm);
    buildCPU(pm);
    pm.getDependentDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
  }

  LogicalResult initialize(MLIRContext *context) override {
    if (seeds >= 0 && dim >= 0 && intMax >= 0)
      return success();
    return emitError(UnknownLoc::get(context),
                     "moe-validate: seeds, dim and int-max are not negative");
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Signature> signatures = findFunctions(module);
    Version before(module, buildReferencePipeline);
    OpPassManager pm(ModuleOp::getOperationName());
    buildOptimize(pm);
    if (failed(runPipeline(pm, module)))
      return signalPassFailure();
    if (signatures.empty())
      return;
    Version after(module, buildCPU);
    if (failed(before.lower()) || failed(after.lower()))
      return signalPassFailure();
    for (Signature &signature : signatures)
      if (failed(validate(module, signature, before, after)))
        return signalPassFailure();
  }

  LogicalResult validate(ModuleOp module, const Signature &signature,
                         Version &before, Version &after) {
    auto function = module.lookupSymbol<func::FuncOp>(signature.name);
    Check check(function, signature);
    if (failed(check.compile(before, after)))
      return failure();
    for (int64_t seed = 0; seed < seeds; ++seed)
      if (failed(check.run({uint64_t(seed), intMax}, dim)))
        return failure();
    fired(function, passName,
          "agrees with the graph it came from on " + Twine(check.runs) +
              " sets of arguments");
    return success();
  }

  /// Those that can be called.
  SmallVector<Signature> findFunctions(ModuleOp module) {
    SmallVector<Signature> signatures;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!function.isPublic() || function.isDeclaration())
        continue;
      bool done = function
                      .walk([](Operation *op) {
                        return isCodegenOp(op) ? WalkResult::interrupt()
                                               : WalkResult::advance();
                      })
                      .wasInterrupted();
      if (done) {
        (void)missed(function, passName,
                     "is not validated: it is optimised already");
        continue;
      }
      llvm::Expected<Signature> signature =
          getSignature(module, function.getName());
      if (signature)
        signatures.push_back(std::move(*signature));
      else
        (void)missed(function, passName,
                     "is not validated: " +
                         llvm::toString(signature.takeError()));
    }
    return signatures;
  }
};
} // namespace
