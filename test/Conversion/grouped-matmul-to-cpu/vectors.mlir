// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-grouped-matmul-to-cpu,canonicalize))" | FileCheck %s

// A bias of interleaved columns is loaded as a vector once for all rows of a
// column tile; every row of the tile sees it. Elements far apart are loaded one
// by one.
// CHECK-LABEL: func.func @interleaved
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x16xf32>, %[[W:[^:]+]]: memref<4x8x16xf32>, %[[BIAS:[^:]+]]: memref<4x8xf32>, %[[FAR:[^:]+]]: memref<4x20xf32>
// CHECK:         scf.forall (%[[EXPERT:.+]]) in (4)
// CHECK:           %[[ANY:.+]] = arith.cmpi sgt
// CHECK-NOT:       load %[[BIAS]]{{\[}}
// CHECK:           scf.if %[[ANY]]
// CHECK:             scf.for
// CHECK:               vector.load %[[BIAS]][%[[EXPERT]], %{{.+}}] : memref<4x8xf32>, vector<2xf32>
// CHECK:               vector.load %[[BIAS]][%[[EXPERT]], %{{.+}}] : memref<4x8xf32>, vector<1xf32>
// CHECK:               %[[PAIR:.+]] = vector.shuffle %{{.+}} [0, 2] : vector<3xf32>, vector<3xf32>
// CHECK-COUNT-2:       memref.load %[[FAR]][%[[EXPERT]],
// CHECK:               %[[TWO:.+]] = vector.from_elements
// CHECK:               scf.for
// CHECK-NOT:             load %[[BIAS]]{{\[}}
// CHECK-DAG:             %[[ROWS:.+]] = vector.shuffle %[[PAIR]], %[[PAIR]] [0, 1, 0, 1, 0, 1]
// CHECK-DAG:             %[[MORE:.+]] = vector.shuffle %[[TWO]], %[[TWO]] [0, 1, 0, 1, 0, 1]
// CHECK:                 arith.addf %{{.+}}, %[[ROWS]] : vector<6xf32>
// CHECK:                 arith.mulf %{{.+}}, %[[MORE]] : vector<6xf32>
func.func @interleaved(%x: memref<?x16xf32>, %w: memref<4x8x16xf32>,
                       %bias: memref<4x8xf32>, %far: memref<4x20xf32>,
                       %offsets: memref<5xi32>, %h: memref<?x4xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x8x16xf32>)
      vectors(%bias, %far : memref<4x8xf32>, memref<4x20xf32>)
      offsets(%offsets : memref<5xi32>) outs(%h : memref<?x4xf32>)
      parts weights [0, 0] offsets [0, 1] strides [2, 2]
      vector_parts vectors [0, 1] offsets [0, 4] strides [2, 5] {
  ^epilogue(%gate: f32, %up: f32, %b: f32, %s: f32):
    %biased = arith.addf %gate, %b : f32
    %scaled = arith.mulf %up, %s : f32
    %r = arith.mulf %biased, %scaled : f32
    moe.yield %r : f32
  }
  return
}

// A panel takes what is there and fills up with the last.
// CHECK-LABEL: func.func @panel
// CHECK-SAME:    %[[BIAS:[^:]+]]: memref<4x11xbf16>
// CHECK:         vector.load %[[BIAS]]{{.+}} vector<8xbf16>
// CHECK:         vector.load %[[BIAS]]{{.+}} vector<2xbf16>
// CHECK:         vector.load %[[BIAS]]{{.+}} vector<1xbf16>
// CHECK:         vector.shuffle {{.+}} [0, 1, 2, 2, 2, 2, 2, 2] : vector<3xbf16>
func.func @panel(%x: memref<?x16xf32>, %w: memref<4x11x16xf32>,
                 %bias: memref<4x11xbf16>, %offsets: memref<5xi32>,
                 %h: memref<?x11xf32>) {
  moe.grouped_matmul ins(%x : memref<?x16xf32>)
      weights(%w : memref<4x11x16xf32>) vectors(%bias : memref<4x11xbf16>)
      offsets(%offsets : memref<5xi32>) outs(%h : memref<?x11xf32>)
      parts weights [0] offsets [0] strides [1]
      vector_parts vectors [0] offsets [0] strides [1]
      attributes {schedule = #moe.schedule<fma, tile = [2, 8, 8]>} {
  ^epilogue(%a: f32, %b: bf16):
    %wide = arith.extf %b : bf16 to f32
    %r = arith.addf %a, %wide : f32
    moe.yield %r : f32
  }
  return
}
