// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The patterns of the passes, to be used without them.
#ifndef MOE_TRANSFORMS_PATTERNS_H
#define MOE_TRANSFORMS_PATTERNS_H

namespace mlir {
class RewritePatternSet;

namespace moe {

/// Each turns the ops of one group into linalg, tensor, scf, arith and math;
/// the first adds all of them.
void populateDecomposePatterns(RewritePatternSet &patterns);
void populateDecomposeRoutingPatterns(RewritePatternSet &patterns);
void populateDecomposeMovementPatterns(RewritePatternSet &patterns);
void populateDecomposeExpertsPatterns(RewritePatternSet &patterns);
void populateDecomposePrimitivePatterns(RewritePatternSet &patterns);

} // namespace moe
} // namespace mlir

#endif // MOE_TRANSFORMS_PATTERNS_H
