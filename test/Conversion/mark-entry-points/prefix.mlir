// RUN: split-file %s %t
// RUN: moe-opt %t/calls.mlir --moe-mark-entry-points=prefix=model_ \
// RUN:   --moe-mark-entry-points=prefix=twice_ | FileCheck %s
// RUN: not moe-opt %t/taken.mlir --moe-mark-entry-points=prefix=my_ 2>&1 | FileCheck %s --check-prefix=TAKEN
// RUN: not moe-opt %t/calls.mlir --moe-mark-entry-points=prefix=my- 2>&1 | FileCheck %s --check-prefix=DASH
// RUN: not moe-opt %t/calls.mlir --moe-mark-entry-points=prefix=0 2>&1 | FileCheck %s --check-prefix=DIGIT
// RUN: not moe-opt %t/calls.mlir --moe-to-cpu=prefix=a.b 2>&1 | FileCheck %s --check-prefix=DOT

// Entries have names of their own, whoever calls them; nobody else does, and
// nothing happens twice.
// CHECK:      func.func @model_main()
// CHECK-NEXT:   call @model_other()
// CHECK-NEXT:   call @helper()
// CHECK:      func.func @model_other()
// CHECK:      func.func private @helper()
//--- calls.mlir
func.func @main() {
  call @other() : () -> ()
  call @helper() : () -> ()
  return
}
func.func @other() {
  return
}
func.func private @helper() {
  return
}

// TAKEN: taken.mlir:1:1: error: cannot be called 'my_main': the module has another symbol of that name
// DASH:  error: prefix 'my-' is not the start of a name in C
// DIGIT: error: prefix '0' is not the start of a name in C
// DOT:   error: prefix 'a.b' is not the start of a name in C
//--- taken.mlir
func.func @main() {
  return
}
func.func private @my_main() {
  return
}
