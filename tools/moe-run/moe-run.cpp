// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Backend.h"
#include "Npy.h"
#include "Options.h"
#include "support/FusedCopy.h"
#include "support/Input.h"
#include "support/ShimDialects.h"

#include "moe/InitAll.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Validation/Compare.h"
#include "moe/Validation/RoutingEdges.h"

#include "mlir/Analysis/CallGraph.h"
#include "mlir/IR/Remarks.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/ADT/SCCIterator.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

#include <chrono>

using namespace mlir;
using namespace mlir::moe;

namespace {
int report(llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error), [](const Reported &) {},
      [](const llvm::ErrorInfoBase &info) {
        llvm::WithColor::error() << info.message() << "\n";
      });
  return 1;
}

/// What a backend gave, and how long it took.
struct Run {
  std::vector<Array> results;
  double compileMs;
  std::vector<double> callMs;
};

llvm::Error enableRemarks(MLIRContext &context, const RunOptions &options) {
  if (failed(remark::enableOptimizationRemarks(
          context, nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(),
          options.remarks, /*printAsEmitRemarks=*/true)))
    return llvm::createStringError("cannot set up remarks");
  return llvm::Error::success();
}

/// Finds an operation of a dialect that MLIR does not have; there is no way on
/// for it, and bufferization would not say why.
LogicalResult checkImported(ModuleOp module) {
  WalkResult result = module.walk<WalkOrder::PreOrder>([](Operation *op) {
    if (op->isRegistered())
      return WalkResult::advance();
    op->emitError() << "'" << op->getName() << "' is not among the operations "
                    << "that moe-import takes";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Finds calls that nothing could end: of functions that are not there, and of
/// functions that lead back to themselves.
LogicalResult checkCalls(ModuleOp module) {
  SymbolTableCollection tables;
  WalkResult result = module.walk([&](CallOpInterface call) {
    Operation *callee = call.resolveCallableInTable(&tables);
    auto function = dyn_cast_or_null<FunctionOpInterface>(callee);
    if (!function || !function.isDeclaration())
      return WalkResult::advance();
    call.emitError() << "'" << function.getName() << "' has no body, and "
                     << "moe-run links nothing";
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();
  CallGraph graph(module);
  const CallGraph *view = &graph;
  for (auto group = llvm::scc_begin(view); !group.isAtEnd(); ++group)
    for (CallGraphNode *node : *group)
      if (!node->isExternal() && group.hasCycle())
        return node->getCallableRegion()->getParentOp()->emitError(
            "calls itself; moe-run runs no recursion");
  return success();
}

/// Parses and imports; the error of a text that does not parse is already out.
llvm::Expected<OwningOpRef<ModuleOp>>
load(const std::string &path, llvm::SourceMgr &sources, MLIRContext &context) {
  auto buffer = openInput(path);
  if (!buffer)
    return buffer.takeError();
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return llvm::make_error<Reported>();
  PassManager pm(&context);
  buildImportPipeline(pm);
  if (llvm::Error error = runPasses(pm, *module))
    return error;
  if (failed(checkImported(*module)) || failed(checkCalls(*module)))
    return llvm::make_error<Reported>();
  return module;
}

/// One warm-up call comes first where times are wanted.
llvm::Expected<Run> execute(Backend &backend, ModuleOp module,
                            const Signature &signature,
                            std::vector<Array> &arguments, int64_t repeats,
                            bool warmUp) {
  Run run;
  auto start = std::chrono::steady_clock::now();
  if (llvm::Error error = backend.compile(module, signature))
    return error;
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  run.compileMs = time.count();
  SmallVector<ArrayView> views(arguments.begin(), arguments.end());
  for (int64_t i = warmUp ? -1 : 0; i < repeats; ++i) {
    llvm::Expected<Invocation> invocation = backend.run(views);
    if (!invocation)
      return invocation.takeError();
    if (i >= 0)
      run.callMs.push_back(invocation->milliseconds);
    run.results = std::move(invocation->results);
  }
  return run;
}

/// Reads what the results are compared with.
llvm::Expected<std::vector<Array>>
readExpected(const Signature &signature,
             const std::vector<std::string> &files) {
  std::vector<Array> arrays;
  for (auto [number, path] : llvm::enumerate(files)) {
    auto array = readNpy(path, signature.results[number].dtype);
    if (!array)
      return llvm::createStringError("result " + Twine(number) + ": " +
                                     llvm::toString(array.takeError()));
    if (!signature.results[number].accepts(*array))
      return llvm::createStringError(path + " holds " + array->describe() +
                                     ", but result " + Twine(number) + " is " +
                                     signature.results[number].describe());
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

/// Prints one line for each result; false if one differs.
llvm::Expected<bool> compareResults(ArrayRef<Array> actual,
                                    ArrayRef<Array> expected,
                                    ArrayRef<std::string> names,
                                    const RunOptions &options) {
  bool agree = true;
  for (size_t i : llvm::seq(expected.size())) {
    if (actual[i].getShape() != expected[i].getShape())
      return llvm::createStringError(names[i] + " holds " +
                                     expected[i].describe() + ", but result " +
                                     Twine(i) + " is " + actual[i].describe());
    Tolerance tolerance = getDefaultTolerance(actual[i].getDType());
    if (isFloat(actual[i].getDType())) {
      tolerance.rtol = options.rtol.value_or(tolerance.rtol);
      tolerance.atol = options.atol.value_or(tolerance.atol);
    }
    Comparison comparison = compare(actual[i], expected[i], tolerance);
    bool same = comparison.mismatches == 0;
    agree &= same;
    (same ? llvm::outs() : llvm::WithColor::error())
        << "result " << i << " against " << names[i] << ": "
        << describe(comparison, actual[i], expected[i]) << "\n";
  }
  return agree;
}

/// What feeds the routers of the entry; nothing where none is recognised.
RouterArguments findRouters(ModuleOp module, StringRef entry) {
  OwningOpRef<ModuleOp> copy = fuseCopy(module);
  if (!copy)
    return {};
  return findRouterArguments(copy->lookupSymbol<FunctionOpInterface>(entry));
}

/// Runs both on unusual arguments.
llvm::Expected<bool> compareEdges(Backend &backend, Backend &reference,
                                  std::vector<RoutingEdge> edges,
                                  MutableArrayRef<Array> arguments,
                                  const RunOptions &options) {
  bool agree = true;
  for (RoutingEdge &edge : edges) {
    SmallVector<ArrayView> views = edge.apply(arguments);
    auto actual = backend.run(views);
    if (!actual)
      return actual.takeError();
    auto expected = reference.run(views);
    if (!expected)
      return expected.takeError();
    std::vector<std::string> names(expected->results.size(),
                                   options.compare + " on " + edge.name);
    auto same =
        compareResults(actual->results, expected->results, names, options);
    if (!same)
      return same.takeError();
    agree &= *same;
  }
  return agree;
}

/// What a result holds, for a run that asks for nothing else.
void printResult(const Array &array, size_t number) {
  constexpr int64_t kMost = 16;
  llvm::outs() << "result " << number << ": " << array.describe() << " = [";
  int64_t count = array.getNumElements();
  for (int64_t i = 0; i < std::min(count, kMost); ++i) {
    llvm::outs() << (i ? ", " : "");
    printElement(llvm::outs(), array, i);
  }
  llvm::outs() << (count > kMost ? ", ...]" : "]") << "\n";
}

void printTimes(const Run &run) {
  std::vector<double> times = run.callMs;
  llvm::sort(times);
  size_t middle = times.size() / 2;
  double median = times.size() % 2 ? times[middle]
                                   : (times[middle - 1] + times[middle]) / 2;
  llvm::outs() << llvm::format("{\"median_ms\": %.6f, \"min_ms\": %.6f, "
                               "\"repeats\": %zu, \"compile_ms\": %.3f}\n",
                               median, times.front(), times.size(),
                               run.compileMs);
}

llvm::Error checkCounts(const Signature &signature, const RunOptions &options) {
  for (auto [flag, files] : {std::pair("--output", &options.outputs),
                             std::pair("--expect", &options.expected)})
    if (files->size() > signature.results.size())
      return llvm::createStringError(
          Twine(files->size()) + " times " + flag + ", but '" + signature.name +
          "' has " + Twine(signature.results.size()) + " results");
  return llvm::Error::success();
}

/// Returns whether all comparisons agree.
llvm::Expected<bool> runTool(const RunOptions &options,
                             DialectRegistry &registry) {
  auto backend = createBackend(options.backend, options.backendOptions);
  if (!backend)
    return backend.takeError();
  std::unique_ptr<Backend> other;
  if (!options.compare.empty())
    if (auto error = createBackend(options.compare, options.backendOptions)
                         .moveInto(other))
      return error;

  MLIRContext context(registry);
  // A whole function behind every message helps nobody.
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  if (llvm::Error error = enableRemarks(context, options))
    return error;
  auto module = load(options.input, sources, context);
  if (!module)
    return module.takeError();
  auto signature = getSignature(**module, options.entry);
  if (!signature)
    return signature.takeError();
  if (llvm::Error error = checkCounts(*signature, options))
    return error;
  auto arguments = makeArguments(*signature, options.arguments);
  if (!arguments)
    return arguments.takeError();
  auto expected = readExpected(*signature, options.expected);
  if (!expected)
    return expected.takeError();

  OwningOpRef<ModuleOp> copy = other ? module->get().clone() : nullptr;
  RouterArguments routers;
  if (options.edges)
    routers = findRouters(**module, options.entry);
  auto run = execute(**backend, **module, *signature, *arguments,
                     options.repeat, options.time);
  if (!run)
    return run.takeError();
  for (auto [path, result] : llvm::zip(options.outputs, run->results))
    if (llvm::Error error = writeNpy(path, result))
      return error;

  auto agree =
      compareResults(run->results, *expected, options.expected, options);
  if (!agree)
    return agree.takeError();
  if (other) {
    auto reference = execute(*other, *copy, *signature, *arguments,
                             /*repeats=*/1, /*warmUp=*/false);
    if (!reference)
      return reference.takeError();
    std::vector<std::string> names(reference->results.size(), options.compare);
    auto same =
        compareResults(run->results, reference->results, names, options);
    if (!same)
      return same.takeError();
    auto edges = compareEdges(
        **backend, *other,
        makeRoutingEdges(routers, *arguments, options.arguments.invent.seed),
        *arguments, options);
    if (!edges)
      return edges.takeError();
    *agree &= *same && *edges;
  }
  if (options.outputs.empty() && options.expected.empty() && !other)
    for (auto [number, result] : llvm::enumerate(run->results))
      printResult(result, number);
  if (options.time)
    printTimes(*run);
  return *agree;
}
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::Expected<RunOptions> options = parseOptions(argc, argv);
  if (!options)
    return report(options.takeError());
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registerAllMoEDialects(registry);
  registerAllMoEExtensions(registry);
  registerShimDialects(registry);
  for (const std::string &path : options->plugins) {
    llvm::Expected<DialectPlugin> plugin = DialectPlugin::load(path);
    if (!plugin)
      return report(plugin.takeError());
    plugin->registerDialectRegistryCallbacks(registry);
  }
  return runOnLargeStack([&] {
    llvm::Expected<bool> agree = runTool(*options, registry);
    if (!agree)
      return report(agree.takeError());
    return *agree ? 0 : 1;
  });
}
