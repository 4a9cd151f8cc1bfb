// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Hlo.h"

using namespace mlir;
using namespace mlir::moe;

bool hlo::isForeign(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  return dialect == "stablehlo" || dialect == "chlo";
}

bool hlo::isReturn(Operation *op) {
  return op->getName().getStringRef() == "stablehlo.return";
}

bool hlo::hasTensorRegions(Operation *op) {
  StringRef name = op->getName().getStringRef();
  return name == "stablehlo.while" || name == "stablehlo.if" ||
         name == "stablehlo.case";
}

hlo::Importer hlo::findImporter(Operation *op) {
  StringRef name = op->getName().getStringRef();
  for (ArrayRef<ImporterEntry> table :
       {shapeImporters(), sliceImporters(), dotImporters(), gatherImporters(),
        windowImporters(), reductionImporters(), controlImporters(),
        compositeImporters(), chloImporters(), raggedImporters(),
        convolutionImporters(), selectAndScatterImporters(), normImporters(),
        linearAlgebraImporters(), einsumImporters(), randomImporters(),
        fourierImporters(), tokenImporters()})
    for (const ImporterEntry &entry : table)
      if (entry.name == name)
        return entry.import;
  return isElementwise(op) ? importElementwise : nullptr;
}
