// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe-c/Execution.h"

#include "PipelineOptions.h"
#include "Support.h"

#include "moe/Execution/Jit.h"
#include "moe/Pipelines/Pipelines.h"
#include "moe/Runtime/Runtime.h"

#include "mlir/CAPI/IR.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
struct Executable {
  Signature signature;
  std::unique_ptr<Jit> jit;
};

Executable *unwrapExecutable(MoEExecutable executable) {
  return static_cast<Executable *>(executable.ptr);
}
std::vector<Array> *unwrapResults(MoEResults results) {
  return static_cast<std::vector<Array> *>(results.ptr);
}

// Both enumerations list the same types in one order.
static_assert(int(DType::f16) == MOE_F16 && int(DType::f64) == MOE_F64 &&
              int(DType::i1) == MOE_I1 && int(DType::i64) == MOE_I64);

llvm::Expected<ArrayView> readArgument(const MoEBuffer &buffer,
                                       const ValueType &type, size_t number) {
  auto refuse = [&](const Twine &what) {
    return llvm::createStringError("argument " + Twine(number) + " is " +
                                   type.describe() + ", but the buffer " +
                                   what);
  };
  if (buffer.type < MOE_F16 || buffer.type > MOE_I64)
    return refuse("has no element type of this library");
  if (buffer.rank < 0 || (buffer.rank > 0 && !buffer.shape))
    return refuse("has no shape");
  ArrayView view{DType(buffer.type),
                 ArrayRef<int64_t>(buffer.shape, size_t(buffer.rank)),
                 buffer.data};
  if (!type.accepts(view) ||
      llvm::any_of(view.shape, [](int64_t size) { return size < 0; }))
    return refuse("holds " + describe(view.dtype, view.shape));
  if (!view.data && !llvm::is_contained(view.shape, 0))
    return refuse("has no data");
  return view;
}

llvm::Expected<std::unique_ptr<Executable>>
compile(MlirModule module, MlirStringRef entry, const MoECPUOptions *given) {
  if (!module.ptr)
    return llvm::createStringError("no module to compile");
  llvm::Expected<MoECPUOptions> options = readOptions(given);
  if (!options)
    return options.takeError();
  if (options->prefix.length)
    return llvm::createStringError("a prefix is for object files; this module "
                                   "shares no names with the process");
  OwningOpRef<ModuleOp> copy = unwrap(module).clone();
  auto executable = std::make_unique<Executable>();
  if (llvm::Error error =
          getSignature(*copy, StringRef(entry.data, entry.length))
              .moveInto(executable->signature))
    return error;

  CPUOptions pipeline;
  pipeline.cpu = "native";
  setOptions(pipeline, *options);
  PassManager manager(copy->getContext());
  buildToCPUPipeline(manager, pipeline);
  if (llvm::Error error = runPasses(manager, *copy))
    return error;
  std::pair<StringRef, void *> symbols[] = {
      {"moe_parallel_for", reinterpret_cast<void *>(&moe_parallel_for)}};
  if (llvm::Error error = Jit::create(*copy, executable->signature, symbols)
                              .moveInto(executable->jit))
    return error;
  return executable;
}
} // namespace

char *moeCompileForCPU(MlirModule module, MlirStringRef entry,
                       const MoECPUOptions *options,
                       MoEExecutable *executable) {
  executable->ptr = nullptr;
  auto made = compile(module, entry, options);
  if (!made)
    return toError(made.takeError());
  executable->ptr = made->release();
  return nullptr;
}

void moeExecutableDestroy(MoEExecutable executable) {
  delete unwrapExecutable(executable);
}

char *moeExecutableCall(MoEExecutable executable, intptr_t count,
                        const MoEBuffer *arguments, MoEResults *results) {
  results->ptr = nullptr;
  if (!executable.ptr)
    return toError("nothing was compiled");
  Executable &compiled = *unwrapExecutable(executable);
  ArrayRef<ValueType> types = compiled.signature.arguments;
  if (count < 0 || size_t(count) != types.size())
    return toError("'" + compiled.signature.name + "' has " +
                   Twine(types.size()) + " arguments, but " + Twine(count) +
                   " were given");
  SmallVector<ArrayView> views;
  for (auto [number, type] : llvm::enumerate(types)) {
    llvm::Expected<ArrayView> view =
        readArgument(arguments[number], type, number);
    if (!view)
      return toError(view.takeError());
    views.push_back(*view);
  }
  llvm::Expected<Invocation> invocation = compiled.jit->run(views);
  if (!invocation)
    return toError(invocation.takeError());
  results->ptr = new std::vector<Array>(std::move(invocation->results));
  return nullptr;
}

intptr_t moeResultsGetCount(MoEResults results) {
  return results.ptr ? intptr_t(unwrapResults(results)->size()) : 0;
}

MoEBuffer moeResultsGet(MoEResults results, intptr_t index) {
  if (index < 0 || index >= moeResultsGetCount(results))
    return MoEBuffer{};
  Array &array = (*unwrapResults(results))[index];
  ArrayRef<int64_t> shape = array.getShape();
  return MoEBuffer{array.getData(), MoEElementType(array.getDType()),
                   intptr_t(shape.size()), shape.data()};
}

void moeResultsDestroy(MoEResults results) { delete unwrapResults(results); }
