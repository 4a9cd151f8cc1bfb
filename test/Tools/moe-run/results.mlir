// Results of every kind: the same buffer twice, an argument, a constant, a
// view of an argument, scalars between tensors, none at all, none inside.

// RUN: moe-run %s --backend=reference --dim=2 --int-max=0 | FileCheck %s
// RUN: moe-run %s --backend=cpu --dim=2 --int-max=0 | FileCheck %s
// CHECK:      result 0: 2x2xf32 = [
// CHECK-NEXT: result 1: i8 = [-3]
// CHECK-NEXT: result 2: 2x2xf32 = [
// CHECK-NEXT: result 3: f16 = [1.5]
// CHECK-NEXT: result 4: 2xf64 = [1, 2]
// CHECK-NEXT: result 5: i1 = [1]
// CHECK-NEXT: result 6: 2x1xf32 = [
// CHECK-NEXT: result 7: i32 = [0]
// CHECK-NEXT: result 8: f32 = [7]
// RUN: moe-run %s --backend=reference --dim=0 | FileCheck %s --check-prefix=EMPTY
// EMPTY:      result 0: 0x2xf32 = []
// EMPTY:      result 6: 0x1xf32 = []
func.func @main(%a: tensor<?x2xf32>, %n: i32)
    -> (tensor<?x2xf32>, i8, tensor<?x2xf32>, f16, tensor<2xf64>, i1, tensor<?x1xf32>, i32, tensor<f32>) {
  %i8 = arith.constant -3 : i8
  %h = arith.constant 1.5 : f16
  %d = arith.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %true = arith.constant true
  %seven = arith.constant dense<7.0> : tensor<f32>
  %c0 = arith.constant 0 : index
  %size = tensor.dim %a, %c0 : tensor<?x2xf32>
  %view = tensor.extract_slice %a[0, 1] [%size, 1] [1, 1] : tensor<?x2xf32> to tensor<?x1xf32>
  return %a, %i8, %a, %h, %d, %true, %view, %n, %seven
    : tensor<?x2xf32>, i8, tensor<?x2xf32>, f16, tensor<2xf64>, i1, tensor<?x1xf32>, i32, tensor<f32>
}

// RUN: moe-run %s --backend=cpu --entry=nothing | count 0
func.func @nothing() {
  return
}

// RUN: moe-run %s --backend=cpu --entry=scalar | FileCheck %s --check-prefix=SCALAR
// SCALAR: result 0: bf16 = [2.5]
func.func @scalar() -> bf16 {
  %c = arith.constant 2.5 : bf16
  return %c : bf16
}

// Arguments survive a call, however often it is made.
// RUN: moe-run %s --backend=cpu --entry=in_place --repeat=3 | FileCheck %s --check-prefix=IN-PLACE
// IN-PLACE: result 0: i1 = [1]
func.func @in_place(%a: tensor<2xf32>) -> i1 {
  %c0 = arith.constant 0 : index
  %before = tensor.extract %a[%c0] : tensor<2xf32>
  %one = arith.constant 1.0 : f32
  %new = arith.addf %before, %one : f32
  %b = tensor.insert %new into %a[%c0] : tensor<2xf32>
  %old = tensor.extract %a[%c0] : tensor<2xf32>
  %now = tensor.extract %b[%c0] : tensor<2xf32>
  %r = arith.cmpf olt, %old, %now : f32
  return %r : i1
}
