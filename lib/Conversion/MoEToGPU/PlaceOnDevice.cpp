// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "HostCode.h"

#include "moe/Conversion/Passes.h"
#include "moe/IR/MoEDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEPLACEONDEVICEPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;
using namespace mlir::moe;

namespace {
/// `buffer` and all that may name the same memory: views, and the results and
/// arguments of control flow.
SetVector<Value> aliasesOf(Value buffer) {
  SetVector<Value> aliases;
  auto follow = [&](ValueRange values) {
    for (Value value : values)
      if (isa<MemRefType>(value.getType()))
        aliases.insert(value);
  };
  follow(buffer);
  for (unsigned next = 0; next < aliases.size(); ++next)
    for (Operation *user : aliases[next].getUsers()) {
      follow(user->getResults());
      Operation *parent = user;
      if (user->hasTrait<OpTrait::IsTerminator>()) {
        parent = user->getParentOp();
        if (isa<RegionBranchOpInterface>(parent))
          follow(parent->getResults());
      }
      if (isa<RegionBranchOpInterface>(parent))
        for (Region &region : parent->getRegions())
          follow(region.getArguments());
    }
  return aliases;
}

bool writes(Operation *op, Value buffer) {
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface)
    return !op->hasTrait<OpTrait::IsTerminator>() &&
           !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>();
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  return llvm::any_of(effects, [&](auto &effect) {
    return isa<MemoryEffects::Write>(effect.getEffect()) &&
           (!effect.getValue() || effect.getValue() == buffer);
  });
}

bool isWritten(Value buffer) {
  return llvm::any_of(aliasesOf(buffer), [](Value alias) {
    return llvm::any_of(alias.getUsers(),
                        [&](Operation *user) { return writes(user, alias); });
  });
}

class Placement {
public:
  explicit Placement(func::FuncOp function)
      : function(function), b(function.getLoc(), function) {}

  LogicalResult run();

private:
  LogicalResult check();
  LogicalResult copyArguments();
  void copyConstants();
  void moveAllocations();
  void moveCopies();
  LogicalResult copyResults();
  LogicalResult freeAll();
  Value allocateLike(Value buffer);
  SmallVector<Value> dynamicSizes(Value buffer);
  bool hoist(ArrayRef<Value> values);

  func::FuncOp function;
  ImplicitLocOpBuilder b;
  SmallVector<gpu::AllocOp> allocations;
  /// Device copies of arguments that the function writes.
  SmallVector<std::pair<Value, Value>> toCopyBack;
  /// The first op of the original body; all copies in go before it.
  Operation *bodyBegin = nullptr;
};
} // namespace

LogicalResult Placement::run() {
  if (failed(check()))
    return failure();
  Block &entry = function.getBody().front();
  bodyBegin = &entry.front();
  if (failed(copyArguments()))
    return failure();
  copyConstants();
  moveAllocations();
  moveCopies();
  if (failed(copyResults()))
    return failure();
  return freeAll();
}

/// Refuses what cannot be placed before anything is changed.
LogicalResult Placement::check() {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError(
        "has control flow between blocks; the GPU needs "
        "structured control flow");
  return walkHostCode(function, [&](Operation *op) -> LogicalResult {
    auto isBuffer = [](Type type) { return isa<BaseMemRefType>(type); };
    if (isa<CallOpInterface>(op) &&
        (llvm::any_of(op->getOperandTypes(), isBuffer) ||
         llvm::any_of(op->getResultTypes(), isBuffer)))
      return op->emitOpError("passes buffers to another function, which cannot "
                             "be placed on the device; inline it first");
    if (auto global = dyn_cast<memref::GetGlobalOp>(op)) {
      auto symbol = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
          op, global.getNameAttr());
      if (symbol && !symbol.getConstant())
        return op->emitOpError("reads a global that may change, which cannot "
                               "be placed on the device");
    }
    return success();
  });
}

SmallVector<Value> Placement::dynamicSizes(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(b.createOrFold<memref::DimOp>(buffer, i));
  return sizes;
}

Value Placement::allocateLike(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto alloc = gpu::AllocOp::create(
      b, MemRefType::get(type.getShape(), type.getElementType()),
      /*asyncToken=*/Type(), /*asyncDependencies=*/ValueRange(),
      dynamicSizes(buffer), /*symbolOperands=*/ValueRange());
  allocations.push_back(alloc);
  return alloc.getMemref();
}

LogicalResult Placement::copyArguments() {
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type) {
      if (isa<BaseMemRefType>(argument.getType()))
        return function.emitOpError(
            "has an argument without rank, which cannot "
            "be placed on the device");
      continue;
    }
    if (!type.getLayout().isIdentity())
      return function.emitOpError("argument ")
             << argument.getArgNumber() << " of type " << type
             << " is not contiguous, so it cannot be placed on the device";
    bool onlyDims = llvm::all_of(argument.getUsers(), [](Operation *user) {
      return isa<memref::DimOp>(user);
    });
    if (onlyDims)
      continue;
    bool written = isWritten(argument);
    b.setInsertionPoint(bodyBegin);
    Value onDevice = allocateLike(argument);
    gpu::MemcpyOp::create(b, Type(), ValueRange(), onDevice, argument);
    argument.replaceUsesWithIf(onDevice, [&](OpOperand &use) {
      return !isa<gpu::MemcpyOp, memref::DimOp>(use.getOwner());
    });
    if (written)
      toCopyBack.emplace_back(argument, onDevice);
  }
  return success();
}

void Placement::copyConstants() {
  llvm::MapVector<StringAttr, SmallVector<memref::GetGlobalOp>> uses;
  function.walk([&](memref::GetGlobalOp op) {
    uses[op.getNameAttr().getAttr()].push_back(op);
  });
  for (auto &[name, ops] : uses) {
    b.setInsertionPoint(bodyBegin);
    auto onHost = memref::GetGlobalOp::create(
        b, cast<MemRefType>(ops.front().getType()), name);
    Value onDevice = allocateLike(onHost);
    gpu::MemcpyOp::create(b, Type(), ValueRange(), onDevice, onHost);
    for (memref::GetGlobalOp op : ops) {
      op.replaceAllUsesWith(onDevice);
      if (op == bodyBegin)
        bodyBegin = op->getNextNode();
      op.erase();
    }
  }
}

void Placement::moveAllocations() {
  SmallVector<Operation *> old;
  (void)walkHostCode(function, [&](Operation *op) {
    if (isa<memref::AllocOp, memref::AllocaOp, memref::DeallocOp>(op))
      old.push_back(op);
    return success();
  });
  for (Operation *op : old) {
    if (op == bodyBegin)
      bodyBegin = op->getNextNode();
    if (op->getNumResults() == 1) {
      b.setInsertionPoint(op);
      auto alloc = gpu::AllocOp::create(
          b, cast<MemRefType>(op->getResult(0).getType()), Type(), ValueRange(),
          op->getOperands(), ValueRange());
      allocations.push_back(alloc);
      op->getResult(0).replaceAllUsesWith(alloc.getMemref());
    }
    op->erase();
  }
}

/// Contiguous copies are the driver's work; others become kernels later.
void Placement::moveCopies() {
  SmallVector<memref::CopyOp> copies;
  (void)walkHostCode(function, [&](Operation *op) {
    if (auto copy = dyn_cast<memref::CopyOp>(op))
      copies.push_back(copy);
    return success();
  });
  for (memref::CopyOp copy : copies) {
    auto isPlain = [](Value buffer) {
      auto type = dyn_cast<MemRefType>(buffer.getType());
      return type && type.getLayout().isIdentity();
    };
    if (!isPlain(copy.getSource()) || !isPlain(copy.getTarget()))
      continue;
    b.setInsertionPoint(copy);
    Value source = copy.getSource();
    if (source.getType() != copy.getTarget().getType())
      source = memref::CastOp::create(
          b, cast<MemRefType>(copy.getTarget().getType()), source);
    gpu::MemcpyOp::create(b, Type(), ValueRange(), copy.getTarget(), source);
    if (copy == bodyBegin)
      bodyBegin = copy->getNextNode();
    copy.erase();
  }
}

/// Moves the pure code that computes `values` before every copy, so that a host
/// allocation that needs them interrupts no asynchronous work.
bool Placement::hoist(ArrayRef<Value> values) {
  Block &entry = function.getBody().front();
  SetVector<Operation *> toMove;
  std::function<bool(Value)> collect = [&](Value value) {
    Operation *producer = value.getDefiningOp();
    if (!producer)
      return value.getParentBlock() == &entry;
    if (toMove.contains(producer))
      return true;
    if (producer->getBlock() != &entry || !isPure(producer) ||
        producer->getNumRegions() != 0 ||
        !llvm::all_of(producer->getOperands(), collect))
      return false;
    toMove.insert(producer);
    return true;
  };
  if (!llvm::all_of(values, collect))
    return false;
  Operation *first = &entry.front();
  for (Operation *op : toMove) {
    if (op == first)
      first = op->getNextNode();
    else
      op->moveBefore(first);
  }
  b.setInsertionPoint(first);
  return true;
}

namespace {
/// The size of dimension `i` of `buffer` in terms of what its allocation was
/// given, where views in between are only casts.
Value sizeAtAllocation(ImplicitLocOpBuilder &b, Value buffer, int64_t i) {
  Value root = buffer;
  while (auto cast = root.getDefiningOp<memref::CastOp>())
    root = cast.getSource();
  if (auto alloc = root.getDefiningOp<gpu::AllocOp>())
    if (alloc.getType().isDynamicDim(i))
      return alloc.getDynamicSizes()[alloc.getType().getDynamicDimIndex(i)];
  return b.createOrFold<memref::DimOp>(buffer, i);
}
} // namespace

LogicalResult Placement::copyResults() {
  Operation *end = function.getBody().front().getTerminator();
  for (OpOperand &result : end->getOpOperands()) {
    Value buffer = result.get();
    auto type = dyn_cast<MemRefType>(buffer.getType());
    if (!type || !type.getLayout().isIdentity()) {
      if (!isa<BaseMemRefType>(buffer.getType()))
        continue;
      return end->emitOpError("returns a buffer of type ")
             << buffer.getType()
             << ", which is not contiguous, so it cannot be copied back";
    }
    b.setInsertionPoint(end);
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (type.isDynamicDim(i))
        sizes.push_back(sizeAtAllocation(b, buffer, i));
    if (!hoist(sizes))
      b.setInsertionPoint(end);
    Value onHost = memref::AllocOp::create(b, type, sizes);
    b.setInsertionPoint(end);
    gpu::MemcpyOp::create(b, Type(), ValueRange(), onHost, buffer);
    result.set(onHost);
  }
  b.setInsertionPoint(end);
  for (auto [onHost, onDevice] : toCopyBack)
    gpu::MemcpyOp::create(b, Type(), ValueRange(), onHost, onDevice);
  return success();
}

/// Frees every buffer after its last use: memory is taken and given back in
/// stream order, so a free waits for nothing.
LogicalResult Placement::freeAll() {
  for (gpu::AllocOp alloc : allocations) {
    Block *block = alloc->getBlock();
    Operation *last = alloc;
    for (Value alias : aliasesOf(alloc.getMemref()))
      for (Operation *user : alias.getUsers()) {
        Operation *ancestor = block->findAncestorOpInBlock(*user);
        if (!ancestor || ancestor->hasTrait<OpTrait::IsTerminator>())
          return alloc.emitOpError("leaves the block it is made in, so it "
                                   "cannot be freed");
        if (last->isBeforeInBlock(ancestor))
          last = ancestor;
      }
    b.setInsertionPointAfter(last);
    gpu::DeallocOp::create(b, Type(), ValueRange(), alloc.getMemref());
  }
  return success();
}

namespace {
struct PlaceOnDevice : moe::impl::MoEPlaceOnDevicePassBase<PlaceOnDevice> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isPrivate() || function.isDeclaration())
      return;
    if (failed(Placement(function).run()))
      signalPassFailure();
  }
};
} // namespace
