// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The patterns of the passes, to be used without them.
#ifndef MOE_TRANSFORMS_PATTERNS_H
#define MOE_TRANSFORMS_PATTERNS_H

namespace mlir {
class RewritePatternSet;

namespace moe {

/// Each turns the ops of one group into linalg, tensor, scf, arith and math;
/// the first adds all of them. With `parallel`, what looks across tokens is
/// written for many threads: sorted by moe.plan_into, in loops without order.
void populateDecomposePatterns(RewritePatternSet &patterns,
                               bool parallel = false);
void populateDecomposeRoutingPatterns(RewritePatternSet &patterns,
                                      bool parallel = false);
void populateDecomposeBalancePatterns(RewritePatternSet &patterns,
                                      bool parallel = false);
void populateDecomposeBinsPatterns(RewritePatternSet &patterns);
void populateDecomposeWeighPatterns(RewritePatternSet &patterns,
                                    bool parallel = false);
void populateDecomposeMovementPatterns(RewritePatternSet &patterns,
                                       bool parallel = false);
void populateDecomposeExpertsPatterns(RewritePatternSet &patterns);
void populateDecomposeRouterCellPatterns(RewritePatternSet &patterns);
void populateDecomposeSamplePatterns(RewritePatternSet &patterns);
void populateDecomposeNeuronsPatterns(RewritePatternSet &patterns);
void populateDecomposePrimitivePatterns(RewritePatternSet &patterns);

/// Each turns the stage ops it is named for into codegen ops. They are meant
/// for one walk over the ops that are there; what they leave unused is left to
/// dead code elimination.
void populateFuseGatePatterns(RewritePatternSet &patterns);
void populateFuseBinsPatterns(RewritePatternSet &patterns);
void populateFusePlanPatterns(RewritePatternSet &patterns);
void populateFuseExpertsPatterns(RewritePatternSet &patterns);
void populateFuseDispatchPatterns(RewritePatternSet &patterns);
void populateFuseCombinePatterns(RewritePatternSet &patterns);
void populateFuseSharedExpertsPatterns(RewritePatternSet &patterns);
void populateFuseNeuronsPatterns(RewritePatternSet &patterns);

} // namespace moe
} // namespace mlir

#endif // MOE_TRANSFORMS_PATTERNS_H
