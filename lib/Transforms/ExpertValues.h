// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the values in the body of a moe.experts are to somebody who works on the
// rows of all experts at once.
#ifndef MOE_TRANSFORMS_EXPERTVALUES_H
#define MOE_TRANSFORMS_EXPERTVALUES_H

#include "moe/IR/MoEOps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"

#include <tuple>

namespace mlir::moe {

/// Seen from column j of another value: column offset + stride * j of `value`.
/// That is a [rows, columns] tensor of the body or a [columns] one, a [rows] or
/// a single element (with offset and stride 0), or a constant of any shape.
struct Column {
  Value value;
  int64_t offset = 0, stride = 1;

  bool operator<(const Column &other) const {
    return std::make_tuple(value.getAsOpaquePointer(), offset, stride) <
           std::make_tuple(other.value.getAsOpaquePointer(), other.offset,
                           other.stride);
  }
};

/// The one value of every element, or null.
TypedAttr constantElement(Value value);

/// How a value differs between rows and between experts.
enum class Spread {
  shared, // not at all
  expert, // one for each expert
  count,  // the number of rows of the expert, an index
  rows,   // dimension 0 are the rows; row n depends on rows n of its operands
  other,  // anything else
};

struct BodyValue {
  Spread spread = Spread::other;
  /// Of rows: with work in the order of phases, a matmul by weights of experts
  /// and the elementwise work on its result have an odd one, other work on
  /// rows of all experts an even one.
  unsigned phase = 0;
  /// The product of rows and expert weights.
  bool isProduct = false;
  /// An element depends on one element of each operand, as readElementwise
  /// tells.
  bool isElementwise = false;
  /// Made from an expert operand directly, other than by a product.
  bool usesExpert = false;
};

class ExpertValues {
public:
  explicit ExpertValues(ExpertsOp op);

  const BodyValue &lookup(Value value) const {
    return values.find(value)->second;
  }
  const BodyValue &operator[](Value value) const { return lookup(value); }

  /// The same column before casts and reshapes that keep every element in its
  /// row, and slices of columns at static places.
  Column skipSlices(Column column) const;

  /// What an element of an elementwise `column` depends on, by operand number;
  /// operands that are not read get a null column. False if it is no such.
  bool readElementwise(Column column, SmallVectorImpl<Column> &inputs) const;

  /// The rows that `value` is made from.
  SmallVector<Value> rowInputs(Value value) const;

private:
  BodyValue classify(Operation *op) const;
  BodyValue classifyProduct(Operation *op) const;
  BodyValue classifyReshape(Operation *op) const;
  BodyValue classifyLinalg(Operation *op) const;
  BodyValue classifyElementwise(Operation *op) const;
  bool isScalarCode(Operation *op) const;
  bool takesAllRows(tensor::ExtractSliceOp slice) const;
  bool slicesColumns(tensor::ExtractSliceOp slice) const;
  bool isShared(Value value) const {
    return lookup(value).spread == Spread::shared;
  }

  DenseMap<Value, BodyValue> values;
};

} // namespace mlir::moe

#endif // MOE_TRANSFORMS_EXPERTVALUES_H
