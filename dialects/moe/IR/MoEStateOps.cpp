// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe/IR/MoEOps.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::moe;

namespace {
/// Whether the two, known or not, can be rows and `factor` times as many rows.
bool compatibleRows(int64_t rows, int64_t times, int64_t factor) {
  if (ShapedType::isDynamic(rows))
    return ShapedType::isDynamic(times) || times % factor == 0;
  return ShapedType::isDynamic(times) ||
         (times % factor == 0 && times / factor == rows);
}
} // namespace

int64_t RouterCellOp::getNumGates() {
  switch (getKind()) {
  case CellKind::gru:
    return 3;
  case CellKind::lstm:
    return 4;
  case CellKind::rnn:
  case CellKind::ema:
  case CellKind::linear:
    return 1;
  }
  llvm_unreachable("unknown kind of cell");
}

LogicalResult RouterCellOp::verify() {
  RankedTensorType input = getInput().getType();
  RankedTensorType state = getState().getType();
  RankedTensorType result = getNewState().getType();
  StringRef kind = stringifyCellKind(getKind());
  int64_t tokens = state.getDimSize(0);
  int64_t width = state.getDimSize(1);
  int64_t inputWidth = input.getDimSize(1);
  if (ShapedType::isDynamic(width) || width == 0 ||
      ShapedType::isDynamic(inputWidth) || inputWidth == 0 ||
      result.getShape() != state.getShape() ||
      !compatibleDims(input.getDimSize(0), tokens)) // router_cell_c1
    return emitOpError("expected rows of static width, as many of the input as "
                       "of the states, and states of one shape, found ")
           << input << ", " << state << " and " << result;

  bool isGated = getKind() != CellKind::ema && getKind() != CellKind::linear;
  int64_t rows;
  if (llvm::MulOverflow(getNumGates(), width, rows))
    return emitOpError("the state is too wide, found ") << state;
  SmallVector<SmallVector<int64_t>> expected; // router_cell_c2
  if (isGated)
    expected = {{rows, inputWidth}, {rows, width}};
  else if (getKind() == CellKind::linear)
    expected = {{width, width}};
  else
    expected = {{width}};
  if (RankedTensorType type =
          getRecurrent() ? getRecurrent().getType() : RankedTensorType()) {
    if (getKind() == CellKind::ema) // router_cell_c6
      return emitOpError("ema multiplies its state with no matrix");
    if (type.getDimSize(1) != rows ||
        !compatibleDims(type.getDimSize(0), tokens))
      return emitOpError("the recurrent products have type ")
             << type << ", expected the rows of " << state << " and " << rows
             << " columns";
    expected.pop_back();
  }
  auto describe = [&](InFlightDiagnostic diagnostic) {
    llvm::interleaveComma(expected, diagnostic, [&](ArrayRef<int64_t> shape) {
      diagnostic << "[";
      llvm::interleaveComma(shape, diagnostic);
      diagnostic << "]";
    });
    return diagnostic;
  };
  bool fits = expected.size() == getWeights().size();
  for (auto [shape, type] : llvm::zip(expected, getWeights().getTypes()))
    fits &= cast<ShapedType>(type).getShape() == ArrayRef<int64_t>(shape);
  if (!fits)
    return describe(emitOpError(kind)
                    << " has weights of types (" << getWeights().getTypes()
                    << "), expected shapes ");

  expected.assign(isGated && !getBiases().empty() ? 2 : 0, {rows});
  fits = expected.size() == getBiases().size(); // router_cell_c3
  for (Type type : getBiases().getTypes())
    fits &= cast<ShapedType>(type).getDimSize(0) == rows;
  if (!fits)
    return emitOpError(kind)
           << " has biases of types (" << getBiases().getTypes()
           << "), expected "
           << (isGated ? "two of " + Twine(rows) + " entries" : Twine("none"));
  if (!isGated && inputWidth != width) // router_cell_c4
    return emitOpError(kind) << " adds to the input, which needs the width of "
                             << state << ", found " << input;

  bool isLstm = getKind() == CellKind::lstm; // router_cell_c5
  if (isLstm != bool(getCell()) || isLstm != bool(getNewCell()))
    return emitOpError(kind)
           << (isLstm ? " needs a cell and a new cell" : " has no cell");
  if (isLstm && (getCell().getType().getShape() != state.getShape() ||
                 getNewCell().getType().getShape() != state.getShape()))
    return emitOpError("cells have types ")
           << getCell().getType() << " and " << getNewCell().getType()
           << ", expected the shape of " << state;
  return success();
}

LogicalResult SampleOp::verify() {
  RankedTensorType mean = getMean().getType();
  RankedTensorType result = getResult().getType();
  int64_t width = mean.getDimSize(1);
  int64_t samples = getSamples();
  if (samples <= 0) // sample_c1
    return emitOpError("needs at least one sample, found ") << samples;
  if (ShapedType::isDynamic(width) || result.getDimSize(1) != width ||
      !compatibleRows(mean.getDimSize(0), result.getDimSize(0), samples))
    return emitOpError("result has type ")
           << result << ", expected " << samples
           << " rows per row and the static width of " << mean;
  StringRef source = stringifyNoiseSource(getSource());
  bool isMean = getSource() == NoiseSource::mean;
  if (isMean == bool(getDeviation()) ||
      (getDeviation() &&
       getDeviation().getType().getShape() != mean.getShape())) { // sample_c2
    InFlightDiagnostic error = emitOpError("source ") << source;
    if (isMean)
      return error << " has no deviation";
    error << " needs a deviation of the shape of " << mean << ", found ";
    if (getDeviation())
      return error << getDeviation().getType();
    return error << "none";
  }
  bool isGiven = getSource() == NoiseSource::given; // sample_c3
  if (isGiven != bool(getNoise()))
    return emitOpError("source ")
           << source << (isGiven ? " needs noise" : " has no noise");
  if (isGiven && getNoise().getType().getShape() != result.getShape())
    return emitOpError("noise has type ")
           << getNoise().getType() << ", expected the shape of " << result;
  bool isCounter = getSource() == NoiseSource::counter; // sample_c4
  if (isCounter != bool(getSeed()))
    return emitOpError("source ")
           << source << (isCounter ? " needs a seed" : " has no seed");
  if (!isCounter && (getPosition() || getStream() != 0))
    return emitOpError("source ") << source << " has no position and no stream";
  int64_t numbers;
  if (llvm::MulOverflow(samples, width, numbers) ||
      !llvm::isInt<32>(numbers)) // sample_c5
    return emitOpError("draws ")
           << samples << " times " << width
           << " numbers per token, more than an i32 can count";
  return success();
}
