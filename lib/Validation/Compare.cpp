// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/Validation/Compare.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace mlir::moe;

Tolerance moe::getDefaultTolerance(DType dtype) {
  if (!isFloat(dtype))
    return {0, 0};
  if (getSize(dtype) == 2)
    return {1e-2, 1e-2};
  return {1e-4, 1e-4};
}

namespace {
/// |a - b|; zero for what agrees without being finite.
double distance(double a, double b) {
  if (std::isnan(a) && std::isnan(b))
    return 0;
  if (a == b)
    return 0;
  if (!std::isfinite(a) || !std::isfinite(b))
    return std::numeric_limits<double>::infinity();
  return std::fabs(a - b);
}

void printIndex(llvm::raw_ostream &os, int64_t index, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> position(shape.size());
  for (size_t dim = shape.size(); dim-- > 0;) {
    position[dim] = index % shape[dim];
    index /= shape[dim];
  }
  os << '[';
  llvm::interleaveComma(position, os);
  os << ']';
}

} // namespace

void moe::printElement(llvm::raw_ostream &os, const Array &array,
                       int64_t index) {
  if (!isFloat(array.getDType()))
    os << array.getInteger(index);
  else if (double value = array.getFloat(index); std::isnan(value))
    os << "nan";
  else
    os << llvm::format("%g", value);
}

Comparison moe::compare(const Array &actual, const Array &expected,
                        Tolerance tolerance) {
  bool floats = isFloat(expected.getDType());
  Comparison result;
  for (int64_t i = 0, e = expected.getNumElements(); i < e; ++i) {
    double error;
    bool agrees;
    if (floats) {
      double b = expected.getFloat(i);
      error = distance(actual.getFloat(i), b);
      agrees = error == 0 ||
               (std::isfinite(error) &&
                error <= tolerance.atol + tolerance.rtol * std::fabs(b));
    } else {
      // Two 64-bit integers may differ and still be one double.
      int64_t a = actual.getInteger(i), b = expected.getInteger(i);
      agrees = a == b;
      error = agrees ? 0 : std::max(1.0, std::fabs(double(a) - double(b)));
    }
    if (!agrees) {
      ++result.mismatches;
      if (!result.first)
        result.first = i;
    }
    if (!result.worst || error > result.worstError) {
      result.worst = i;
      result.worstError = error;
    }
  }
  return result;
}

std::string moe::describe(const Comparison &comparison, const Array &actual,
                          const Array &expected) {
  std::string text;
  llvm::raw_string_ostream os(text);
  int64_t count = expected.getNumElements();
  if (comparison.mismatches == 0)
    os << "all " << count << " elements agree";
  else
    os << comparison.mismatches << " of " << count << " elements differ";
  if (ArrayRef<int64_t> shape = expected.getShape();
      comparison.first && shape.size() > 1)
    os << ", the first in token " << *comparison.first / shape.back();
  if (!comparison.worst || comparison.worstError == 0)
    return text;
  os << "; largest error " << llvm::format("%g", comparison.worstError)
     << " at ";
  printIndex(os, *comparison.worst, expected.getShape());
  os << ": got ";
  printElement(os, actual, *comparison.worst);
  os << ", expected ";
  printElement(os, expected, *comparison.worst);
  return text;
}
