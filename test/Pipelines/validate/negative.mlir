// RUN: moe-opt %s --split-input-file --moe-optimize=validate=1 -o /dev/null 2>&1 | FileCheck %s
// RUN: not moe-opt %s --moe-validate=seeds=-1 -o /dev/null 2>&1 | FileCheck %s --check-prefix=SEEDS
// RUN: not moe-opt %s --split-input-file --moe-validate=int-max=3000000000 -o /dev/null 2>&1 | FileCheck %s --check-prefix=FITS

// SEEDS: error: moe-validate: seeds, dim and int-max are not negative
// FITS:  error: cannot be validated: integers up to 3000000000 do not fit argument 0, which is tensor<2xi32>

// CHECK: negative.mlir:[[@LINE+1]]:1: remark: [Missed] moe-validate{{.*}}"is not validated: {{.*}}complex
func.func @types(%x: tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>> {
  return %x : tensor<2xcomplex<f32>>
}

func.func @integers(%x: tensor<2xi32>) -> tensor<2xi32> {
  return %x : tensor<2xi32>
}

// -----

// CHECK: negative.mlir:[[@LINE+1]]:1: remark: [Missed] moe-validate{{.*}}"is not validated: it is optimised already"
func.func @done(%logits: tensor<2x4xf32>, %e: tensor<2x1xi32>, %w: tensor<2x1xf32>)
    -> tensor<2x1xf32> {
  %ids, %weights = moe.gate ins(%logits : tensor<2x4xf32>)
      outs(%e, %w : tensor<2x1xi32>, tensor<2x1xf32>) score softmax
      select #moe.top_k<1> on scores weigh value on scores
      -> tensor<2x1xi32>, tensor<2x1xf32>
  return %weights : tensor<2x1xf32>
}
