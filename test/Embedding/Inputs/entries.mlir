// Signatures that C has to get right; called by ../object-file/entries.c.

func.func @scalars(%a: f32, %b: i64, %c: i1) -> i64 {
  %0 = arith.fptosi %a : f32 to i64
  %1 = arith.addi %0, %b : i64
  %2 = arith.extui %c : i1 to i64
  %3 = arith.addi %1, %2 : i64
  return %3 : i64
}

// Results of different kinds, one of them twice, and an argument.
func.func @several(%x: tensor<?x2xf32>, %k: i32)
    -> (tensor<?x2xf32>, i1, tensor<?x2xf32>, tensor<?x2xf32>, f64) {
  %0 = arith.addf %x, %x : tensor<?x2xf32>
  %true = arith.constant true
  %1 = arith.sitofp %k : i32 to f64
  return %0, %true, %0, %x, %1
    : tensor<?x2xf32>, i1, tensor<?x2xf32>, tensor<?x2xf32>, f64
}

func.func @constant() -> tensor<3xi32> {
  %0 = arith.constant dense<[5, 6, 7]> : tensor<3xi32>
  return %0 : tensor<3xi32>
}

func.func @rank_zero(%x: tensor<f32>) -> tensor<f32> {
  %0 = arith.addf %x, %x : tensor<f32>
  return %0 : tensor<f32>
}

func.func @half(%x: tensor<2xf16>, %y: tensor<2xbf16>) -> tensor<2xf16> {
  %0 = arith.extf %y : tensor<2xbf16> to tensor<2xf32>
  %1 = arith.extf %x : tensor<2xf16> to tensor<2xf32>
  %2 = arith.addf %0, %1 : tensor<2xf32>
  %3 = arith.truncf %2 : tensor<2xf32> to tensor<2xf16>
  return %3 : tensor<2xf16>
}

// A buffer is written.
func.func @fill(%out: memref<?x?xf32>, %value: f32) {
  linalg.fill ins(%value : f32) outs(%out : memref<?x?xf32>)
  return
}

func.func @nothing() {
  return
}
