// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Conversion/PartGroups.h"

using namespace mlir;
using namespace mlir::moe;

SmallVector<PartGroup> moe::groupParts(GroupedMatmulOp op) {
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, op.getNumParts()));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    auto place = [&](int64_t part) {
      return std::make_tuple(op.getPartWeights()[part],
                             op.getPartStrides()[part],
                             op.getPartOffsets()[part], part);
    };
    return place(a) < place(b);
  });
  SmallVector<PartGroup> groups;
  for (int64_t part : order) {
    int64_t weights = op.getPartWeights()[part];
    int64_t offset = op.getPartOffsets()[part];
    int64_t stride = op.getPartStrides()[part];
    if (op.getLayout(weights) == WeightLayout::in_out && !groups.empty()) {
      PartGroup &last = groups.back();
      int64_t size = last.parts.size();
      if (last.weights == weights && last.stride == stride &&
          last.offset + size == offset && size < stride) {
        last.parts.push_back(part);
        continue;
      }
    }
    groups.push_back({weights, offset, stride, {part}});
  }
  return groups;
}
