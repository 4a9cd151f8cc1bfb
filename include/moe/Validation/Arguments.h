// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef MOE_VALIDATION_ARGUMENTS_H
#define MOE_VALIDATION_ARGUMENTS_H

#include "moe/Execution/Signature.h"

#include <vector>

namespace mlir::moe {

/// Random numbers that are the same everywhere; those of the standard library
/// differ between vendors.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next();
  /// In (0, 1].
  double uniform();
  /// Normal with deviation 1.
  double normal();

private:
  uint64_t state;
};

struct InventOptions {
  uint64_t seed = 0;
  /// The largest integer.
  int64_t intMax = 1;
};

/// Makes up argument `number` of a function: floats are normal, scaled by
/// 1/sqrt(last dimension) from rank 2 on; integers lie in [0, intMax]. Every
/// number has random numbers of its own. The shape has no dynamic sizes; an
/// error says what does not fit.
llvm::Expected<Array> inventArgument(const ValueType &type,
                                     ArrayRef<int64_t> shape, size_t number,
                                     const InventOptions &options);

} // namespace mlir::moe

#endif // MOE_VALIDATION_ARGUMENTS_H
