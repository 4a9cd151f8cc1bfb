// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral broadcastPrefix = "chlo.broadcast_";

SmallVector<const hlo::ScalarEntry *> findScalars(Operation *op) {
  SmallVector<const hlo::ScalarEntry *> found;
  StringRef name = op->getName().getStringRef();
  StringRef base = name;
  bool isBroadcast = base.consume_front(broadcastPrefix);
  for (ArrayRef<hlo::ScalarEntry> table :
       {hlo::arithmeticScalars(), hlo::mathScalars(), hlo::conversionScalars(),
        hlo::chloScalars(), hlo::specialScalars(), hlo::complexScalars()})
    for (const hlo::ScalarEntry &entry : table)
      if (isBroadcast ? entry.name.split('.').second == base
                      : entry.name == name)
        found.push_back(&entry);
  return found;
}

/// Ops that give a tensor of rank 0 as it is.
bool isIdentityOnScalars(Operation *op) {
  StringRef name = op->getName().getStringRef();
  return name == "stablehlo.reshape" || name == "stablehlo.broadcast_in_dim" ||
         name == "stablehlo.transpose" ||
         name == "stablehlo.optimization_barrier";
}

bool hasRank(Type type, int64_t rank) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() == rank;
}
} // namespace

Value hlo::Scalar::constant(Type type, double value) const {
  if (auto floating = dyn_cast<FloatType>(type))
    return make<arith::ConstantOp>(FloatAttr::get(type, value));
  return make<arith::ConstantOp>(
      IntegerAttr::get(type, static_cast<int64_t>(value)));
}

Value hlo::Scalar::constant(Type type, const APInt &value) const {
  return make<arith::ConstantOp>(IntegerAttr::get(type, value));
}

bool hlo::isElementwise(Operation *op) { return !findScalars(op).empty(); }

Value hlo::buildScalar(OpBuilder &b, Location loc, Operation *op,
                       ValueRange args) {
  if (op->getNumResults() != 1)
    return malformed(op, "one result"), nullptr;
  Scalar scalar{op, b, loc, llvm::to_vector(args),
                getElementTypeOrSelf(op->getResult(0).getType())};
  SmallVector<const ScalarEntry *> entries = findScalars(op);
  for (const ScalarEntry *entry : entries) {
    if (args.size() != entry->numOperands)
      return malformed(op, Twine(entry->numOperands) + " operands"), nullptr;
    if (Value value = entry->build(scalar)) {
      if (value.getType() == scalar.type)
        return value;
      return malformed(op, "a result of another type than ") << scalar.type,
             nullptr;
    }
  }
  InFlightDiagnostic error = op->emitOpError("is not imported on elements of ");
  llvm::interleaveComma(ValueRange(args).getTypes(), error);
  error << "; lower it to other operations before moe-import";
  return nullptr;
}

namespace {
/// The code of a body, in scalars.
struct BodyBuilder {
  OpBuilder &b;
  Location loc;
  IRMapping scalars;

  Value lookup(Value value) {
    if (!scalars.contains(value)) {
      Operation *op = value.getDefiningOp();
      // The op around the new body may be isolated from above.
      Value scalar = isa<RankedTensorType>(value.getType())
                         ? hlo::scalarOf(b, loc, value)
                     : op && op->hasTrait<OpTrait::ConstantLike>()
                         ? b.clone(*op)->getResult(0)
                         : value;
      scalars.map(value, scalar);
    }
    return scalars.lookup(value);
  }

  void clone(Operation &op) {
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (!op.isAncestor(operand.getParentBlock()->getParentOp()))
          (void)lookup(operand);
    });
    b.clone(op, scalars);
  }

  LogicalResult add(Operation &op);
  LogicalResult addGeneric(linalg::GenericOp op);
  LogicalResult addForeign(Operation &op);
};

/// Rank 0 in, rank 0 out: its body is scalar code already.
LogicalResult BodyBuilder::addGeneric(linalg::GenericOp op) {
  Block *body = op.getBody();
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (!argument.use_empty())
      scalars.map(argument, lookup(operand.get()));
  }
  for (Operation &inner : body->without_terminator())
    clone(inner);
  for (auto [result, value] :
       llvm::zip(op.getResults(), body->getTerminator()->getOperands()))
    scalars.map(result, lookup(value));
  return success();
}

LogicalResult BodyBuilder::addForeign(Operation &op) {
  for (Type type :
       llvm::concat<const Type>(SmallVector<Type>(op.getOperandTypes()),
                                SmallVector<Type>(op.getResultTypes())))
    if (!hasRank(type, 0))
      return hlo::malformed(&op, "tensors of rank 0 inside a body, found ")
             << type;
  if (op.getNumResults() == 1 && hlo::isSplat(op.getResult(0))) {
    scalars.map(op.getResult(0), hlo::scalarOf(b, loc, op.getResult(0)));
    return success();
  }
  SmallVector<Value> operands = llvm::map_to_vector(
      op.getOperands(), [&](Value value) { return lookup(value); });
  if (isIdentityOnScalars(&op) && operands.size() == op.getNumResults()) {
    scalars.map(op.getResults(), operands);
    return success();
  }
  if (!hlo::isElementwise(&op))
    return op.emitOpError("is not imported inside the body of another "
                          "operation; lower it before moe-import");
  Value result = hlo::buildScalar(b, loc, &op, operands);
  if (!result)
    return failure();
  scalars.map(op.getResult(0), result);
  return success();
}

LogicalResult BodyBuilder::add(Operation &op) {
  if (hlo::isForeign(&op))
    return addForeign(op);
  // Partly lowered: what is upstream already is scalar, or of rank 0.
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    if (generic.getNumLoops() == 0)
      return addGeneric(generic);
  bool hasTensors =
      llvm::any_of(op.getOperandTypes(), llvm::IsaPred<TensorType>) ||
      llvm::any_of(op.getResultTypes(), llvm::IsaPred<TensorType>);
  if (isa<tensor::EmptyOp>(op) && hasRank(op.getResult(0).getType(), 0))
    return success();
  if (op.hasTrait<OpTrait::ConstantLike>())
    return success();
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    if (extract.getIndices().empty()) {
      scalars.map(extract.getResult(), lookup(extract.getTensor()));
      return success();
    }
  if (auto single = dyn_cast<tensor::FromElementsOp>(op))
    if (hasRank(single.getType(), 0)) {
      scalars.map(single.getResult(), lookup(single.getElements().front()));
      return success();
    }
  if (hasTensors || op.getNumRegions() != 0)
    return op.emitOpError("is not imported inside the body of another "
                          "operation; lower it before moe-import");
  clone(op);
  return success();
}
} // namespace

FailureOr<SmallVector<Value>>
hlo::inlineScalars(OpBuilder &b, Location loc, Block &block, ValueRange args) {
  BodyBuilder builder{b, loc, {}};
  for (Type type : block.getArgumentTypes())
    if (!hasRank(type, 0))
      return malformed(block.getParentOp(), "a body of tensors of rank 0, "
                                            "found ")
                 << type,
             failure();
  builder.scalars.map(block.getArguments(), args);
  for (Operation &op : block) {
    if (isReturn(&op))
      return llvm::map_to_vector(
          op.getOperands(), [&](Value value) { return builder.lookup(value); });
    if (failed(builder.add(op)))
      return failure();
  }
  return block.getParentOp()->emitError("expected a body that returns"),
         failure();
}

bool hlo::isBroadcasting(Operation *op) {
  return op->getName().getStringRef().starts_with(broadcastPrefix);
}

namespace {
/// Where the elements of an operand are read; none if its shape does not fit.
/// It is that of the result, or has rank 0 as the bounds of clamp and the
/// condition of select may.
std::optional<AffineMap> elementMap(Operation *op, RankedTensorType input,
                                    RankedTensorType type) {
  MLIRContext *context = op->getContext();
  int64_t rank = type.getRank();
  bool broadcasts = hlo::isBroadcasting(op);
  if (input.getRank() == 0)
    return AffineMap::get(rank, 0, context);
  if (!broadcasts) {
    if (failed(verifyCompatibleShape(input.getShape(), type.getShape())))
      return std::nullopt;
    return AffineMap::getMultiDimIdentityMap(rank, context);
  }
  // The last dimensions, unless it is said which.
  SmallVector<int64_t> dims = hlo::integers(op, "broadcast_dimensions");
  if (static_cast<int64_t>(dims.size()) != input.getRank())
    dims = llvm::to_vector(llvm::seq(rank - input.getRank(), rank));
  SmallVector<AffineExpr> exprs;
  for (auto [size, dim] : llvm::zip(input.getShape(), dims)) {
    if (dim < 0 || dim >= rank || (size != 1 && size != type.getDimSize(dim)))
      return std::nullopt;
    exprs.push_back(size == 1 && type.getDimSize(dim) != 1
                        ? getAffineConstantExpr(0, context)
                        : getAffineDimExpr(dim, context));
  }
  return AffineMap::get(rank, 0, exprs, context);
}
} // namespace

LogicalResult hlo::importElementwise(Operation *op, RewriterBase &rewriter) {
  FailureOr<RankedTensorType> type = resultType(op);
  FailureOr<SmallVector<RankedTensorType>> inputs =
      tensorTypes(op, op->getOperandTypes());
  if (failed(type) || failed(inputs))
    return failure();
  Value like;
  SmallVector<AffineMap> maps;
  for (auto [operand, input] : llvm::zip(op->getOperands(), *inputs)) {
    std::optional<AffineMap> map = elementMap(op, input, *type);
    if (!map)
      return malformed(op, "operands that fit the result ")
             << *type << ", found " << input;
    maps.push_back(*map);
    if (map->isIdentity() && !like)
      like = operand;
  }
  if (!type->hasStaticShape() && !like)
    return malformed(op, "an operand of the shape of the result");
  bool failedOnce = false;
  rewriter.setInsertionPoint(op);
  Value result =
      buildElements(rewriter, op->getLoc(), *type, op->getOperands(), maps,
                    like, [&](OpBuilder &b, Location loc, ValueRange scalars) {
                      Value value = buildScalar(b, loc, op, scalars);
                      failedOnce = !value;
                      return value;
                    });
  if (failedOnce)
    return failure();
  rewriter.replaceOp(op, result);
  return success();
}
