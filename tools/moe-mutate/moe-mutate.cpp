// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Mutations.h"
#include "support/Input.h"
#include "support/ShimDialects.h"

#include "moe/InitAll.h"
#include "moe/Pipelines/Pipelines.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

#include <map>

using namespace mlir;
using namespace mlir::moe;
namespace cl = llvm::cl;

SmallVector<Operation *> Site::getOps() const {
  SmallVector<Operation *> ops;
  func::FuncOp here = function;
  for (Operation &op : here.getBody().front().without_terminator())
    ops.push_back(&op);
  return ops;
}

SmallVector<OpOperand *> Site::getTensorUses() const {
  SmallVector<OpOperand *> uses;
  for (Operation *op : getOps())
    for (OpOperand &operand : op->getOpOperands()) {
      Operation *definition = operand.get().getDefiningOp();
      if (isa<RankedTensorType>(operand.get().getType()) &&
          !(definition && definition->hasTrait<OpTrait::ConstantLike>()))
        uses.push_back(&operand);
    }
  return uses;
}

bool Site::isTosa() const {
  func::FuncOp here = function;
  return !here.getBody().front().getOps<tosa::ConstShapeOp>().empty();
}

namespace {
struct CommandLine {
  cl::OptionCategory category{"moe-mutate"};
  cl::opt<std::string> input{cl::Positional, cl::Required, cl::desc("IN.mlir"),
                             cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Where to write the mutant"),
                              cl::init("-"), cl::cat(category)};
  cl::opt<std::string> entry{"entry", cl::desc("Function to change"),
                             cl::init("main"), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed", cl::desc("Seed of the choices"), cl::init(0),
                         cl::cat(category)};
  cl::opt<unsigned> count{"count", cl::desc("Mutations to stack"), cl::init(8),
                          cl::cat(category)};
  cl::list<std::string> kinds{"kinds", cl::CommaSeparated,
                              cl::desc("Choose from these only"),
                              cl::cat(category)};
};

int fail(const Twine &message) {
  llvm::WithColor::error() << message << "\n";
  return 1;
}

SmallVector<Mutation> choose(ArrayRef<std::string> kinds,
                             std::string &unknown) {
  SmallVector<Mutation> chosen;
  for (const Mutation &mutation : mutations)
    if (kinds.empty() || llvm::is_contained(kinds, mutation.name))
      chosen.push_back(mutation);
  for (StringRef kind : kinds)
    if (llvm::none_of(chosen, [&](Mutation m) { return m.name == kind; }))
      unknown = kind;
  return chosen;
}

/// Stacks mutations; a kind that finds no place makes way for another.
LogicalResult mutate(ModuleOp module, func::FuncOp function,
                     const CommandLine &line, SmallVector<Mutation> kinds,
                     std::map<StringRef, unsigned> &counts) {
  Random random(line.seed * 0x9e3779b97f4a7c15u + 1);
  IRRewriter rewriter(module.getContext());
  Site site{function, rewriter, random};
  for (unsigned done = 0; done < line.count && !kinds.empty();) {
    size_t chosen = site.pick(kinds.size());
    Mutation kind = kinds[chosen];
    if (!kind.apply(site)) {
      kinds.erase(kinds.begin() + chosen);
      continue;
    }
    if (failed(verify(module)))
      return failure();
    ++counts[kind.name];
    ++done;
  }
  return success();
}

int run(const CommandLine &line, DialectRegistry &registry) {
  std::string unknown;
  SmallVector<Mutation> kinds = choose(line.kinds, unknown);
  if (!unknown.empty())
    return fail("no kind of mutation is called '" + unknown + "'");
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  auto buffer = openInput(line.input);
  if (!buffer)
    return fail(llvm::toString(buffer.takeError()));
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;
  PassManager pm(&context);
  buildImportPipeline(pm);
  if (failed(pm.run(*module)))
    return 1;
  auto function = module->lookupSymbol<func::FuncOp>(line.entry);
  if (!function || function.isDeclaration() ||
      !function.getBody().hasOneBlock())
    return fail(line.input + " has no function '" + line.entry +
                "' of one block");
  std::map<StringRef, unsigned> counts;
  if (failed(mutate(*module, function, line, kinds, counts)))
    return 1;
  std::string error;
  auto output = openOutputFile(line.output, &error);
  if (!output)
    return fail(error);
  module->print(output->os());
  output->os() << "\n";
  output->keep();
  llvm::interleaveComma(counts, llvm::errs(), [](const auto &entry) {
    llvm::errs() << entry.first << ' ' << entry.second;
  });
  llvm::errs() << "\n";
  return 0;
}
} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  if (refuseToOverwriteInput(llvm::ArrayRef(argv, argc)))
    return 1;
  CommandLine line;
  cl::HideUnrelatedOptions(line.category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "moe-mutate: changes a graph at random and keeps what it means\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllMoEDialects(registry);
  registerAllMoEExtensions(registry);
  registerShimDialects(registry);
  return runOnLargeStack([&] { return run(line, registry); });
}
