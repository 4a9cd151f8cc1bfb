// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the levels of IR promise, as predicates.
#ifndef MOE_CONTRACT_H
#define MOE_CONTRACT_H

namespace mlir {
class Operation;

namespace moe {

/// An op that says what a MoE block means (moe.score to moe.combine, state,
/// samples and units). Not a codegen op, not a primitive.
bool isStageOp(Operation *op);

/// An op in destination style that says how it is computed (moe.gate, ...).
bool isCodegenOp(Operation *op);

/// Whether `root` holds a recognised MoE block: a stage or codegen op.
bool isRaised(Operation *root);

/// Whether no stage op is left in `root`.
bool isFused(Operation *root);

} // namespace moe
} // namespace mlir

#endif // MOE_CONTRACT_H
