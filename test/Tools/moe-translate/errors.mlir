// RUN: split-file %s %t
// RUN: not moe-translate --mlir-to-ptx %t/none.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not moe-translate --mlir-to-ptx %t/uncompiled.mlir 2>&1 | FileCheck %s --check-prefix=UNCOMPILED
// RUN: not moe-translate --mlir-to-ptx %t/two.mlir 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: not moe-translate --mlir-to-ptx %t/object.mlir 2>&1 | FileCheck %s --check-prefix=OBJECT

// NONE:       error: holds no gpu.binary; expected the output of moe-opt --moe-to-nvptx
// UNCOMPILED: error: holds a gpu.module that is not compiled
// TWO:        error: is one of 2 gpu.binary ops
// OBJECT:     error: holds bin code, not PTX text; compile with format=isa

//--- none.mlir
func.func @main() {
  return
}

//--- uncompiled.mlir
gpu.module @kernels {
}

//--- two.mlir
gpu.binary @a [#gpu.object<#nvvm.target, assembly = "x">]
gpu.binary @b [#gpu.object<#nvvm.target, assembly = "x">]

//--- object.mlir
gpu.binary @a [#gpu.object<#nvvm.target, bin = "x">]
