// RUN: moe-opt %s --moe-grouped-matmul-to-gpu --cse | FileCheck %s

// The grid is bounded by the rows, not the tokens; the token and the weight of a
// row are loaded once, and every element is added with no order asked for.
// CHECK-LABEL: func.func @scatter
// CHECK-SAME:    %[[S:[^:]+]]: memref<?x1xf32>, %[[P:[^:]+]]: memref<?xi32>, %[[W:[^:]+]]: memref<?x2xf32>, %[[Y:[^:]+]]: memref<?x16xf32>)
// CHECK:         memref.dim %[[P]], %c0
// CHECK:         gpu.launch
// CHECK:           %[[PAIR:.+]] = memref.load %[[P]][%[[ROW:.+]]]
// CHECK:           memref.load %[[W]]
// CHECK:           memref.load %[[S]][%[[ROW]],
// CHECK:           llvm.atomicrmw fadd %{{.+}}, %{{.+}} syncscope("device") monotonic : !llvm.ptr<1>, f32
// CHECK-NOT:       memref.store {{.+}} %[[Y]]
func.func @scatter(%x: memref<?x16xbf16>, %w: memref<4x16x16xbf16>, %o: memref<5xi32>,
    %s: memref<?x1xf32>, %p: memref<?xi32>, %weights: memref<?x2xf32>, %y: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xbf16>) weights(%w : memref<4x16x16xbf16>)
      rows(%s : memref<?x1xf32>) offsets(%o : memref<5xi32>)
      scatter(%p, %weights : memref<?xi32>, memref<?x2xf32>) outs(%y : memref<?x16xf32>)
      parts weights [0] offsets [0] strides [1]
      row_parts rows [0] offsets [0] strides [0] {
  ^epilogue(%a: f32, %f: f32):
    %b = arith.mulf %a, %f : f32
    moe.yield %b : f32
  }
  return
}

// A launch of its own zeroes the rows from the last offset on.
// CHECK-LABEL: func.func @zero_rest
// CHECK-SAME:    %[[O:[^:]+]]: memref<5xi32>, %[[Y:[^:]+]]: memref<?x16xf32>)
// CHECK:         gpu.launch
// CHECK:         gpu.launch blocks(%[[ROW:[^,]+]],
// CHECK-SAME:      function(@zero_rest_zero_rest)
// CHECK:           %[[LAST:.+]] = memref.load %[[O]][%c4]
// CHECK:           arith.cmpi uge, %[[ROW]],
// CHECK:           scf.if
// CHECK:             memref.store %{{.+}}, %[[Y]][%[[ROW]],
func.func @zero_rest(%x: memref<?x16xf32>, %w: memref<4x16x16xf32>, %o: memref<5xi32>, %y: memref<?x16xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>) weights(%w : memref<4x16x16xf32>)
      offsets(%o : memref<5xi32>) outs(%y : memref<?x16xf32>) zero_rest
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%a: f32):
    moe.yield %a : f32
  }
  return
}
