// RUN: moe-run %s --backend=cpu --dim=37 --compare=reference
// RUN: moe-run %s --backend=cpu --dim=1 --compare=reference
// RUN: moe-run %s --backend=cpu --dim=0 --compare=reference
// RUN: moe-run %s --entry=parallel --dim=37 --backend=reference --output=%t.npy
// RUN: moe-run %s --entry=sequential --dim=37 --backend=reference --expect=%t.npy --rtol=0 --atol=0

// Parallel loops with captured buffers, scalars and sizes, several dimensions,
// and a plain parallel loop inside, against the same without.
func.func @parallel(%x: tensor<?x16xf32>, %s: f32) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %init = tensor.empty(%n) : tensor<?x16xf32>
  %r = scf.forall (%i, %j) = (0, 0) to (%n, 16) step (1, 4)
      shared_outs(%out = %init) -> tensor<?x16xf32> {
    %t = tensor.extract_slice %x[%i, %j] [1, 4] [1, 1]
      : tensor<?x16xf32> to tensor<1x4xf32>
    %scratch = tensor.empty() : tensor<1x4xf32>
    %u = scf.forall (%k) in (4) shared_outs(%inner = %scratch) -> tensor<1x4xf32> {
      %v = tensor.extract %t[%c0, %k] : tensor<1x4xf32>
      %w = arith.mulf %v, %s : f32
      %one = tensor.splat %w : tensor<1x1xf32>
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %one into %inner[0, %k] [1, 1] [1, 1]
          : tensor<1x1xf32> into tensor<1x4xf32>
      }
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %u into %out[%i, %j] [1, 4] [1, 1]
        : tensor<1x4xf32> into tensor<?x16xf32>
    }
  }
  return %r : tensor<?x16xf32>
}

func.func @sequential(%x: tensor<?x16xf32>, %s: f32) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x16xf32>
  %init = tensor.empty(%n) : tensor<?x16xf32>
  %r = linalg.map ins(%x : tensor<?x16xf32>) outs(%init : tensor<?x16xf32>)
    (%v: f32, %old: f32) {
      %w = arith.mulf %v, %s : f32
      linalg.yield %w : f32
    }
  return %r : tensor<?x16xf32>
}

func.func @main(%x: tensor<?x16xf32>, %s: f32) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  %p = call @parallel(%x, %s) : (tensor<?x16xf32>, f32) -> tensor<?x16xf32>
  %q = call @sequential(%x, %s) : (tensor<?x16xf32>, f32) -> tensor<?x16xf32>
  return %p, %q : tensor<?x16xf32>, tensor<?x16xf32>
}
