// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_IR_MOEBASE_TD
#define MOE_IR_MOEBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def MoE_Dialect : Dialect {
  let name = "moe";
  let summary = "Routing, dispatch, experts and combine of Mixture-of-Experts blocks";
  let description = [{
    An op is a *stage* of a Mixture-of-Experts (MoE) block; a paper or a model
    is an assignment of attributes. Logits, norms, projections and biases stay
    in linalg and arith: the dialect begins where sparsity or routing meaning
    appears.

    Shapes use these letters throughout: T tokens, E experts, K slots per token,
    N = T * K pairs (one per token and slot, pair = t * K + slot), D width of a
    token, F width of an expert's hidden layer. T may be dynamic; E, K, D and F
    are static. An empty slot is the expert id -1.

    Three groups of ops: *stage* ops on tensors say what a block means,
    *codegen* ops in destination style say how it is computed, *primitives*
    carry what exporters write and no upstream dialect has.
  }];
  let cppNamespace = "::mlir::moe";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect",
  ];
}

class MoE_Op<string mnemonic, list<Trait> traits = []>
    : Op<MoE_Dialect, mnemonic, traits>;

// Of the ops that sum weighted rows.
defvar MoE_SumTypes = [{
    /// The types products and partial sums are rounded to; f32 unless given.
    ::mlir::FloatType getProductFloatType() {
      return ::mlir::cast<::mlir::FloatType>(getProductType().value_or(
          ::mlir::Float32Type::get(getContext())));
    }
    ::mlir::FloatType getSumFloatType() {
      return ::mlir::cast<::mlir::FloatType>(
          getSumType().value_or(::mlir::Float32Type::get(getContext())));
    }
  }];

#endif // MOE_IR_MOEBASE_TD
