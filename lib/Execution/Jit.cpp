// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Execution/Jit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

#include <chrono>
#include <cstring>
#include <set>

using namespace mlir;
using namespace mlir::moe;

namespace {
/// A ranked memref as generated code sees it:
///   { allocated, aligned, offset, sizes[rank], strides[rank] }
/// Every field is eight bytes wide.
class Descriptor {
public:
  static int64_t getNumWords(size_t rank) { return 3 + 2 * rank; }

  explicit Descriptor(size_t rank) : words(getNumWords(rank)) {}
  explicit Descriptor(ArrayView array) : Descriptor(array.shape.size()) {
    size_t rank = array.shape.size();
    words[0] = words[1] = reinterpret_cast<intptr_t>(array.data);
    int64_t stride = 1;
    for (size_t dim = rank; dim-- > 0;) {
      words[3 + dim] = array.shape[dim];
      words[3 + rank + dim] = stride;
      stride *= array.shape[dim];
    }
  }

  void *data() { return words.data(); }
  void load(const char *from) {
    std::memcpy(words.data(), from, words.size() * sizeof(int64_t));
  }
  void *getAllocated() const { return reinterpret_cast<void *>(words[0]); }
  ArrayRef<int64_t> getSizes() const {
    return ArrayRef(words).slice(3, (words.size() - 3) / 2);
  }
  ArrayRef<int64_t> getStrides() const {
    return ArrayRef(words).take_back((words.size() - 3) / 2);
  }
  const char *getStart(int64_t elementSize) const {
    return reinterpret_cast<const char *>(words[1]) + words[2] * elementSize;
  }

private:
  SmallVector<int64_t> words;
};

/// Copies dimension `dim` and the ones inside it to a dense array.
char *copyOut(const Descriptor &source, size_t dim, const char *from, char *to,
              int64_t elementSize) {
  if (dim == source.getSizes().size()) {
    std::memcpy(to, from, elementSize);
    return to + elementSize;
  }
  int64_t size = source.getSizes()[dim], stride = source.getStrides()[dim];
  if (dim + 1 == source.getSizes().size() && stride == 1) {
    std::memcpy(to, from, size * elementSize);
    return to + size * elementSize;
  }
  for (int64_t i = 0; i < size; ++i)
    to = copyOut(source, dim + 1, from + i * stride * elementSize, to,
                 elementSize);
  return to;
}

int64_t getResultSize(const ValueType &type) {
  return type.isScalar
             ? getSize(type.dtype)
             : Descriptor::getNumWords(type.shape.size()) * sizeof(int64_t);
}

/// Where each result lies in what the entry returns: one value, or a struct.
SmallVector<int64_t> layOutResults(ArrayRef<ValueType> results, int64_t &size) {
  SmallVector<int64_t> offsets;
  size = 0;
  for (const ValueType &type : results) {
    int64_t alignment = type.isScalar ? getSize(type.dtype) : sizeof(int64_t);
    size = llvm::alignTo(size, alignment);
    offsets.push_back(size);
    size += getResultSize(type);
  }
  return offsets;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createHostMachine() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  return builder->createTargetMachine();
}

/// Code for a CPU that can do more than this one would end the process.
llvm::Error checkCPU(ModuleOp module, const llvm::TargetMachine &machine) {
  std::set<std::pair<StringRef, std::string>> targets;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (std::optional<StringRef> cpu = function.getTargetCpu()) {
      LLVM::TargetFeaturesAttr features = function.getTargetFeaturesAttr();
      targets.emplace(*cpu, features ? features.getFeaturesString() : "");
    }
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (const auto &[cpu, features] : targets) {
    std::unique_ptr<llvm::MCSubtargetInfo> needed(
        machine.getTarget().createMCSubtargetInfo(machine.getTargetTriple(),
                                                  cpu, features));
    SmallVector<StringRef> missing;
    for (const auto &entry : host)
      if (!entry.second && needed->checkFeatures(("+" + entry.first()).str()))
        missing.push_back(entry.first());
    llvm::sort(missing);
    if (!missing.empty())
      return llvm::createStringError("this machine lacks " +
                                     llvm::join(missing, ", ") +
                                     ", which code for '" + cpu + "' uses");
  }
  return llvm::Error::success();
}
} // namespace

Jit::Jit(std::unique_ptr<ExecutionEngine> engine, void (*entry)(void **),
         const Signature &signature)
    : engine(std::move(engine)), entry(entry), signature(signature) {}

Jit::~Jit() = default;

llvm::Expected<std::unique_ptr<Jit>> Jit::create(ModuleOp module,
                                                 const Signature &signature,
                                                 RuntimeSymbols symbols) {
  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  if (llvm::Error error = checkCPU(module, **machine))
    return error;
  auto optimize = makeOptimizingTransformer(3, /*sizeLevel=*/0, machine->get());
  ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto engine = ExecutionEngine::create(module, options, std::move(*machine));
  if (!engine)
    return engine.takeError();
  (*engine)->registerSymbols([&](llvm::orc::MangleAndInterner interner) {
    llvm::orc::SymbolMap map;
    for (auto [name, address] : symbols)
      map[interner(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                             llvm::JITSymbolFlags::Exported};
    return map;
  });
  auto entry = (*engine)->lookupPacked("_mlir_ciface_" + signature.name);
  if (!entry)
    return entry.takeError();
  (*engine)->initialize();
  return std::unique_ptr<Jit>(new Jit(std::move(*engine), *entry, signature));
}

llvm::Expected<Invocation> Jit::run(ArrayRef<ArrayView> arguments) {
  int64_t resultSize;
  SmallVector<int64_t> offsets = layOutResults(signature.results, resultSize);
  // In words, so that it is aligned for whatever is returned.
  SmallVector<int64_t> returned(llvm::divideCeil(resultSize, 8) + 1);
  void *returnedAddress = returned.data();
  // A struct is returned through a first argument, a scalar through the last.
  bool byStruct =
      signature.results.size() > 1 ||
      (signature.results.size() == 1 && !signature.results.front().isScalar);

  std::vector<Descriptor> descriptors;
  descriptors.reserve(arguments.size());
  std::vector<void *> addresses;
  addresses.reserve(arguments.size());
  std::vector<void *> packed;
  if (byStruct)
    packed.push_back(&returnedAddress);
  for (auto [array, type] : llvm::zip_equal(arguments, signature.arguments)) {
    if (type.isScalar) {
      packed.push_back(array.data);
      continue;
    }
    addresses.push_back(descriptors.emplace_back(array).data());
    packed.push_back(&addresses.back());
  }
  if (!byStruct)
    packed.push_back(returnedAddress);

  auto start = std::chrono::steady_clock::now();
  entry(packed.data());
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;

  Invocation invocation{{}, time.count()};
  llvm::Error error = llvm::Error::success();
  llvm::SmallPtrSet<void *, 8> toFree;
  const char *base = reinterpret_cast<const char *>(returned.data());
  for (auto [type, offset] : llvm::zip_equal(signature.results, offsets)) {
    if (type.isScalar) {
      Array &scalar =
          invocation.results.emplace_back(type.dtype, ArrayRef<int64_t>());
      std::memcpy(scalar.getData(), base + offset, getSize(type.dtype));
      continue;
    }
    Descriptor descriptor(type.shape.size());
    descriptor.load(base + offset);
    toFree.insert(descriptor.getAllocated());
    llvm::Expected<Array> array =
        Array::create(type.dtype, descriptor.getSizes());
    if (!array) {
      error = llvm::joinErrors(std::move(error), array.takeError());
      continue;
    }
    int64_t elementSize = getSize(type.dtype);
    if (array->getNumElements() > 0)
      copyOut(descriptor, 0, descriptor.getStart(elementSize), array->getData(),
              elementSize);
    invocation.results.push_back(std::move(*array));
  }
  // One buffer may be returned twice, and an argument may come back.
  for (ArrayView array : arguments)
    toFree.erase(array.data);
  for (void *pointer : toFree)
    std::free(pointer);
  if (error)
    return std::move(error);
  return invocation;
}
