// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/Passes.h"
#include "moe/Support/Remarks.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::moe {
#define GEN_PASS_DEF_MOEOUTLINEPARALLELLOOPSPASS
#include "moe/Conversion/Passes.h.inc"
} // namespace mlir::moe

using namespace mlir;

namespace {
constexpr StringLiteral kPass = "moe-outline-parallel-loops";
constexpr StringLiteral kRuntime = "moe_parallel_for";

Value castTo(OpBuilder &builder, Location loc, Type type, Value value) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(builder, loc, type, value)
      .getResult(0);
}

Value constantIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

bool isConstant(Value value) {
  Operation *producer = value.getDefiningOp();
  return producer && producer->hasTrait<OpTrait::ConstantLike>();
}

/// The bounds of a loop nest as values in front of it.
struct Bounds {
  SmallVector<Value> lower, step, trips;
  Value total;
};

/// ceil((upper - lower) / step) of every dimension, 0 where the range is empty,
/// and their product.
Bounds computeBounds(OpBuilder &builder, scf::ForallOp loop) {
  Location loc = loop.getLoc();
  auto toValues = [&](ArrayRef<OpFoldResult> list) {
    return getValueOrCreateConstantIndexOp(builder, loc, list);
  };
  Bounds bounds;
  bounds.lower = toValues(loop.getMixedLowerBound());
  bounds.step = toValues(loop.getMixedStep());
  SmallVector<Value> upper = toValues(loop.getMixedUpperBound());
  for (auto [low, high, step] :
       llvm::zip_equal(bounds.lower, upper, bounds.step)) {
    Value trips = high;
    if (!matchPattern(low, m_Zero()))
      trips = arith::SubIOp::create(builder, loc, trips, low);
    if (!matchPattern(step, m_One()))
      trips = arith::CeilDivSIOp::create(builder, loc, trips, step);
    trips = arith::MaxSIOp::create(builder, loc, trips,
                                   constantIndex(builder, loc, 0));
    bounds.trips.push_back(trips);
    bounds.total =
        bounds.total ? arith::MulIOp::create(builder, loc, bounds.total, trips)
                     : trips;
  }
  if (!bounds.total)
    bounds.total = constantIndex(builder, loc, 1);
  return bounds;
}

/// Splits the linear index; the last dimension runs fastest.
SmallVector<Value> delinearize(OpBuilder &builder, Location loc, Value index,
                               const Bounds &bounds) {
  SmallVector<Value> ivs(bounds.trips.size());
  for (size_t dim = ivs.size(); dim-- > 0;) {
    Value position = index;
    if (dim > 0) {
      Value trips = bounds.trips[dim];
      position = arith::RemSIOp::create(builder, loc, index, trips);
      index = arith::DivSIOp::create(builder, loc, index, trips);
    }
    if (!matchPattern(bounds.step[dim], m_One()))
      position =
          arith::MulIOp::create(builder, loc, position, bounds.step[dim]);
    if (!matchPattern(bounds.lower[dim], m_Zero()))
      position =
          arith::AddIOp::create(builder, loc, position, bounds.lower[dim]);
    ivs[dim] = position;
  }
  return ivs;
}

/// Outlines the parallel loops of one module.
class Outliner {
public:
  Outliner(ModuleOp module)
      : module(module), symbols(module), typeConverter(module.getContext()) {}

  /// Fails without a change if the loop has to stay.
  LogicalResult check(scf::ForallOp loop);
  /// Outlines a loop that check() took.
  void outline(func::FuncOp function, scf::ForallOp loop, unsigned number);
  /// Makes `moe_parallel_for` known to the module.
  LogicalResult declareRuntime();

private:
  /// What the new function needs of the old one: constants and the rest.
  struct Captures {
    SmallVector<Operation *> constants;
    SmallVector<Value> values;
    LLVM::LLVMStructType type;
  };
  Captures capture(scf::ForallOp loop, const Bounds &bounds);
  func::FuncOp createBody(func::FuncOp function, scf::ForallOp loop,
                          const Captures &captures, const Bounds &bounds,
                          unsigned number);
  Value pack(OpBuilder &builder, func::FuncOp function, Location loc,
             const Captures &captures);

  ModuleOp module;
  SymbolTable symbols;
  LLVMTypeConverter typeConverter;
  /// The function inserted last; they stand in the order of the loops.
  func::FuncOp last;
};

LogicalResult Outliner::declareRuntime() {
  Builder builder(module.getContext());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto type = builder.getFunctionType({pointer, pointer, builder.getI64Type()},
                                      TypeRange());
  if (Operation *existing = symbols.lookup(kRuntime)) {
    auto function = dyn_cast<func::FuncOp>(existing);
    if (function && function.getFunctionType() == type)
      return success();
    return existing->emitError()
           << "the name " << kRuntime << " belongs to the runtime; expected "
           << type;
  }
  auto declaration = func::FuncOp::create(module.getLoc(), kRuntime, type);
  declaration.setPrivate();
  symbols.insert(declaration, module.getBody()->begin());
  return success();
}

LogicalResult Outliner::check(scf::ForallOp loop) {
  if (loop.getNumResults() > 0)
    return moe::missed(loop, kPass,
                       "the loop has results; it is not bufferized");
  SetVector<Value> used;
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  for (Value value : used) {
    if (isConstant(value))
      continue;
    Type type = typeConverter.convertType(value.getType());
    if (type && LLVM::isCompatibleType(type))
      continue;
    std::string text;
    llvm::raw_string_ostream(text) << value.getType();
    return moe::missed(loop, kPass,
                       "captures a value of type " + text +
                           ", which has no form in the llvm dialect");
  }
  return success();
}

Outliner::Captures Outliner::capture(scf::ForallOp loop, const Bounds &bounds) {
  SetVector<Value> used;
  getUsedValuesDefinedAbove(loop.getRegion(), used);
  used.insert_range(bounds.lower);
  used.insert_range(bounds.step);
  // The first trip count is never divided by.
  if (!bounds.trips.empty())
    used.insert_range(ArrayRef(bounds.trips).drop_front());

  Captures captures;
  llvm::SetVector<Operation *> constants;
  SmallVector<Type> types;
  for (Value value : used) {
    if (isConstant(value)) {
      constants.insert(value.getDefiningOp());
      continue;
    }
    captures.values.push_back(value);
    types.push_back(typeConverter.convertType(value.getType()));
  }
  captures.constants = constants.takeVector();
  captures.type = LLVM::LLVMStructType::getLiteral(module.getContext(), types);
  return captures;
}

func::FuncOp Outliner::createBody(func::FuncOp function, scf::ForallOp loop,
                                  const Captures &captures,
                                  const Bounds &bounds, unsigned number) {
  Location loc = loop.getLoc();
  OpBuilder builder(module.getContext());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto body = func::FuncOp::create(
      loc, (function.getName() + "_parallel_" + Twine(number)).str(),
      builder.getFunctionType({pointer, builder.getI64Type()}, TypeRange()));
  body.setPrivate();
  for (StringRef name : {"target_cpu", "target_features"})
    if (Attribute target = function->getAttr(name))
      body->setAttr(name, target);
  // Two objects may both hold a function of that name.
  body->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(module.getContext(), LLVM::Linkage::Internal));
  symbols.insert(body, std::next(Block::iterator(number ? last : function)));
  last = body;

  Block *entry = body.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  IRMapping mapping;
  for (Operation *constant : captures.constants)
    builder.clone(*constant, mapping);
  Value context = entry->getArgument(0);
  for (auto [position, value] : llvm::enumerate(captures.values)) {
    Value address = LLVM::GEPOp::create(
        builder, loc, pointer, captures.type, context,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(position)});
    Value loaded = LLVM::LoadOp::create(
        builder, loc, captures.type.getBody()[position], address);
    mapping.map(value, castTo(builder, loc, value.getType(), loaded));
  }

  Bounds inside;
  auto lookUp = [&](Value value) { return mapping.lookupOrDefault(value); };
  inside.lower = llvm::map_to_vector(bounds.lower, lookUp);
  inside.step = llvm::map_to_vector(bounds.step, lookUp);
  inside.trips = llvm::map_to_vector(bounds.trips, lookUp);
  Value index = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           entry->getArgument(1));
  mapping.map(loop.getInductionVars(),
              delinearize(builder, loc, index, inside));
  for (Operation &op : loop.getBody()->without_terminator())
    builder.clone(op, mapping);
  func::ReturnOp::create(builder, loc);
  return body;
}

/// The slot is in the entry block: an alloca in a loop would grow the stack.
Value Outliner::pack(OpBuilder &builder, func::FuncOp function, Location loc,
                     const Captures &captures) {
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  if (captures.values.empty())
    return LLVM::ZeroOp::create(builder, loc, pointer);
  Value slot;
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.front());
    Value one = LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                         builder.getI64IntegerAttr(1));
    slot = LLVM::AllocaOp::create(builder, loc, pointer, captures.type, one);
  }
  for (auto [position, value] : llvm::enumerate(captures.values)) {
    Value address = LLVM::GEPOp::create(
        builder, loc, pointer, captures.type, slot,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(position)});
    Value packed =
        castTo(builder, loc, captures.type.getBody()[position], value);
    LLVM::StoreOp::create(builder, loc, packed, address);
  }
  return slot;
}

void Outliner::outline(func::FuncOp function, scf::ForallOp loop,
                       unsigned number) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  Bounds bounds = computeBounds(builder, loop);
  Captures captures = capture(loop, bounds);
  func::FuncOp body = createBody(function, loop, captures, bounds, number);
  Value context = pack(builder, function, loc, captures);
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  Value address = func::ConstantOp::create(builder, loc, body.getFunctionType(),
                                           body.getSymName());
  address = castTo(builder, loc, pointer, address);
  Value count = arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                           bounds.total);
  auto call = func::CallOp::create(builder, loc, kRuntime, TypeRange(),
                                   ValueRange{address, context, count});
  loop.erase();
  moe::fired(call, kPass, "parallel loop outlined as @" + body.getName());
}

struct OutlineParallelLoops
    : moe::impl::MoEOutlineParallelLoopsPassBase<OutlineParallelLoops> {
  void runOnOperation() override {
    SmallVector<std::pair<func::FuncOp, scf::ForallOp>> loops;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk<WalkOrder::PreOrder>([&](scf::ForallOp loop) {
        loops.push_back({function, loop});
        return WalkResult::skip();
      });
    if (loops.empty())
      return;

    IRRewriter rewriter(&getContext());
    Outliner outliner(getOperation());
    if (failed(outliner.declareRuntime()))
      return signalPassFailure();
    DenseMap<Operation *, unsigned> numbers;
    for (auto [function, loop] : loops) {
      if (failed(outliner.check(loop)))
        continue;
      if (failed(makeInnerLoopsSequential(rewriter, loop)))
        return signalPassFailure();
      outliner.outline(function, loop, numbers[function]++);
    }
  }

private:
  static LogicalResult makeInnerLoopsSequential(RewriterBase &rewriter,
                                                scf::ForallOp outer) {
    SmallVector<scf::ForallOp> inner;
    outer.getRegion().walk([&](scf::ForallOp loop) {
      if (loop.getNumResults() == 0)
        inner.push_back(loop);
    });
    for (scf::ForallOp loop : inner) {
      rewriter.setInsertionPoint(loop);
      if (failed(scf::forallToForLoop(rewriter, loop)))
        return failure();
    }
    return success();
  }
};
} // namespace
