// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a pipeline does that brings a select rule of its own: an attribute of
// its dialect with moe's interface, in a plugin.
#include "moe/IR/MoEInterfaces.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"

using namespace mlir;

namespace {
struct RotatedStorage : AttributeStorage {
  using KeyTy = int64_t;
  explicit RotatedStorage(int64_t k) : k(k) {}
  bool operator==(int64_t other) const { return k == other; }
  static RotatedStorage *construct(AttributeStorageAllocator &allocator,
                                   int64_t k) {
    return new (allocator.allocate<RotatedStorage>()) RotatedStorage(k);
  }
  int64_t k;
};

/// `#test_rules.rotated<k>`: the best expert, and k - 1 more at a distance of
/// `step` (an i32 operand, not negative) from one to the next.
struct RotatedAttr : Attribute::AttrBase<RotatedAttr, Attribute, RotatedStorage,
                                         moe::SelectRuleInterface::Trait> {
  using Base::Base;
  static constexpr StringLiteral name = "test_rules.rotated";

  LogicalResult verifyRule(function_ref<InFlightDiagnostic()> emitError,
                           int64_t numExperts, TypeRange params) const {
    if (getImpl()->k < 1 || getImpl()->k > numExperts)
      return emitError() << "rotates to " << getImpl()->k << " of "
                         << numExperts << " experts";
    if (params.size() != 1 || !params[0].isInteger(32))
      return emitError() << "rotated takes a step, an i32, but got (" << params
                         << ")";
    return success();
  }
  int64_t maxSlots(int64_t) const { return getImpl()->k; }
  bool isPerToken() const { return true; }
  bool dependsOnlyOnOrder() const { return true; }

  Value buildRow(OpBuilder &builder, Location loc, Value row, ValueRange params,
                 int64_t numSlots) const {
    ImplicitLocOpBuilder b(loc, builder);
    auto type = cast<VectorType>(row.getType());
    auto numExperts = static_cast<int32_t>(type.getDimSize(0));
    auto idsType = VectorType::get(type.getShape(), b.getI32Type());
    auto numbers = [&](int32_t count) {
      auto list = llvm::to_vector(llvm::seq<int32_t>(0, count));
      auto type = VectorType::get({count}, b.getI32Type());
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(type, ArrayRef<int32_t>(list)));
    };
    auto splat = [&](VectorType type, Value scalar) -> Value {
      return vector::BroadcastOp::create(b, type, scalar);
    };
    Value largest =
        vector::ReductionOp::create(b, vector::CombiningKind::MAXNUMF, row);
    Value isLargest = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, row,
                                            splat(type, largest));
    Value end = arith::ConstantIntOp::create(b, numExperts, 32);
    Value ids = arith::SelectOp::create(b, isLargest, numbers(numExperts),
                                        splat(idsType, end));
    Value best =
        vector::ReductionOp::create(b, vector::CombiningKind::MINSI, ids);
    auto slotsType = VectorType::get({numSlots}, b.getI32Type());
    Value steps =
        arith::MulIOp::create(b, numbers(static_cast<int32_t>(numSlots)),
                              splat(slotsType, params[0]));
    Value sum = arith::AddIOp::create(b, splat(slotsType, best), steps);
    return arith::RemUIOp::create(b, sum, splat(slotsType, end));
  }
};

struct TestRulesDialect : Dialect {
  static StringRef getDialectNamespace() { return "test_rules"; }

  explicit TestRulesDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context,
                TypeID::get<TestRulesDialect>()) {
    addAttributes<RotatedAttr>();
  }

  Attribute parseAttribute(DialectAsmParser &parser, Type) const override {
    int64_t k;
    if (parser.parseKeyword("rotated") || parser.parseLess() ||
        parser.parseInteger(k) || parser.parseGreater())
      return {};
    return RotatedAttr::get(parser.getContext(), k);
  }

  void printAttribute(Attribute attribute,
                      DialectAsmPrinter &printer) const override {
    printer << "rotated<" << cast<RotatedAttr>(attribute).getImpl()->k << ">";
  }
};
} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "MoETestRules", "v1",
      [](DialectRegistry *registry) { registry->insert<TestRulesDialect>(); }};
}
