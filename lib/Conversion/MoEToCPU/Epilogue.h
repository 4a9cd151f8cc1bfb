// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_LIB_CONVERSION_MOETOCPU_EPILOGUE_H
#define MOE_LIB_CONVERSION_MOETOCPU_EPILOGUE_H

#include "moe/IR/MoEOps.h"

namespace mlir::moe {

/// Emits what `block`, on scalars, yields for every element of `arguments`, one
/// vector per block argument, all of one length.
Value buildOnVectors(OpBuilder &builder, Location loc, Block &block,
                     ArrayRef<Value> arguments);

/// Emits the epilogue of `op` for several output elements at once. `sums` has
/// one vector of f32 per part, all of one length, and `others` one of that
/// length per vector part and row part, of its element type; the result is a vector of that
/// length of the element type of the destination.
Value buildEpilogue(OpBuilder &builder, Location loc, GroupedMatmulOp op,
                    ValueRange sums, ValueRange others);

} // namespace mlir::moe

#endif // MOE_LIB_CONVERSION_MOETOCPU_EPILOGUE_H
