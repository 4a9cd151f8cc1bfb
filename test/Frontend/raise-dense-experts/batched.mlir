// RUN: moe-opt %s --moe-raise=require | FileCheck %s
// RUN: moe-run %s --backend=cpu --compare=reference --rtol=1e-2 --atol=1e-2 --remarks-filter-missed=none
// RUN: moe-run %s --backend=cpu --compare=reference --rtol=1e-2 --atol=1e-2 --seed=4 --remarks-filter-missed=none

// Batches of sequences, in bf16 with casts; gate and up in one matrix that is
// stored as torch does; SiLU; weights times a mask by a comparison and a select,
// and the experts before the tokens.

#x = affine_map<(e, b, s, f, d) -> (b, s, d)>
#w = affine_map<(e, b, s, f, d) -> (e, f, d)>
#h = affine_map<(e, b, s, f, d) -> (e, b, s, f)>
#h2 = affine_map<(e, b, s, f, d) -> (e, b, s, d)>
#all = affine_map<(e, b, s, f) -> (e, b, s, f)>
#slot = affine_map<(b, s, e, k) -> (b, s, k)>
#mask = affine_map<(b, s, e, k) -> (b, s, e)>
#row = affine_map<(b, s, d, e) -> (e, b, s, d)>
#weight = affine_map<(b, s, d, e) -> (b, s, e)>
#token = affine_map<(b, s, d, e) -> (b, s, d)>

// CHECK-LABEL: func.func @main
// CHECK:         moe.dispatch %{{.+}}, %{{.+}} slots 2 : tensor<6x8xbf16>
// CHECK:         moe.experts
// CHECK:         %[[Y:.+]] = moe.combine {{.+}} : tensor<12x8xbf16>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
// CHECK:         tensor.expand_shape %[[Y]] {{.+}} output_shape [2, 3, 8]
func.func @main(%x: tensor<2x3x8xbf16>, %key: tensor<6x5xf32>,
    %w1: tensor<5x14x8xbf16>, %w2: tensor<5x8x7xbf16>) -> tensor<2x3x8xf32> {
  %zero = arith.constant 0.0 : f32
  %zero16 = arith.constant 0.0 : bf16
  %one = arith.constant 1.0 : f32
  %ids = moe.select #moe.top_k<2> %key : tensor<6x5xf32> -> tensor<6x2xi32>
  %weights = moe.weigh value %key, %ids norm sum : tensor<6x5xf32>, tensor<6x2xi32> -> tensor<6x2xf32>
  %ids3 = tensor.expand_shape %ids [[0, 1], [2]] output_shape [2, 3, 2] : tensor<6x2xi32> into tensor<2x3x2xi32>
  %weights3 = tensor.expand_shape %weights [[0, 1], [2]] output_shape [2, 3, 2] : tensor<6x2xf32> into tensor<2x3x2xf32>
  %mask_room = tensor.empty() : tensor<2x3x5xf32>
  %mask_init = linalg.fill ins(%zero : f32) outs(%mask_room : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %mask = linalg.generic {indexing_maps = [#slot, #slot, #mask], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%ids3, %weights3 : tensor<2x3x2xi32>, tensor<2x3x2xf32>) outs(%mask_init : tensor<2x3x5xf32>) {
  ^bb0(%id: i32, %v: f32, %out: f32):
    %e = linalg.index 2 : index
    %wide = arith.index_cast %id : i32 to index
    %here = arith.cmpi eq, %wide, %e : index
    %term = arith.select %here, %v, %zero : f32
    %sum = arith.addf %term, %out : f32
    linalg.yield %sum : f32
  } -> tensor<2x3x5xf32>
  %h_room = tensor.empty() : tensor<5x2x3x14xbf16>
  %h_init = linalg.fill ins(%zero16 : bf16) outs(%h_room : tensor<5x2x3x14xbf16>) -> tensor<5x2x3x14xbf16>
  %h = linalg.generic {indexing_maps = [#x, #w, #h], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w1 : tensor<2x3x8xbf16>, tensor<5x14x8xbf16>) outs(%h_init : tensor<5x2x3x14xbf16>) {
  ^bb0(%a: bf16, %b: bf16, %out: bf16):
    %p = arith.mulf %a, %b : bf16
    %sum = arith.addf %out, %p : bf16
    linalg.yield %sum : bf16
  } -> tensor<5x2x3x14xbf16>
  %gate = tensor.extract_slice %h[0, 0, 0, 0] [5, 2, 3, 7] [1, 1, 1, 1] : tensor<5x2x3x14xbf16> to tensor<5x2x3x7xbf16>
  %up = tensor.extract_slice %h[0, 0, 0, 7] [5, 2, 3, 7] [1, 1, 1, 1] : tensor<5x2x3x14xbf16> to tensor<5x2x3x7xbf16>
  %a_room = tensor.empty() : tensor<5x2x3x7xbf16>
  %a = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%gate, %up : tensor<5x2x3x7xbf16>, tensor<5x2x3x7xbf16>) outs(%a_room : tensor<5x2x3x7xbf16>) {
  ^bb0(%g16: bf16, %u16: bf16, %out: bf16):
    %g = arith.extf %g16 : bf16 to f32
    %n = arith.negf %g : f32
    %exp = math.exp %n : f32
    %d = arith.addf %exp, %one : f32
    %silu = arith.divf %g, %d : f32
    %silu16 = arith.truncf %silu : f32 to bf16
    %r = arith.mulf %silu16, %u16 : bf16
    linalg.yield %r : bf16
  } -> tensor<5x2x3x7xbf16>
  %y_room = tensor.empty() : tensor<5x2x3x8xbf16>
  %y_init = linalg.fill ins(%zero16 : bf16) outs(%y_room : tensor<5x2x3x8xbf16>) -> tensor<5x2x3x8xbf16>
  %y = linalg.generic {indexing_maps = [#h2, #w, #h], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %w2 : tensor<5x2x3x7xbf16>, tensor<5x8x7xbf16>) outs(%y_init : tensor<5x2x3x8xbf16>) {
  ^bb0(%l: bf16, %b: bf16, %out: bf16):
    %p = arith.mulf %l, %b : bf16
    %sum = arith.addf %out, %p : bf16
    linalg.yield %sum : bf16
  } -> tensor<5x2x3x8xbf16>
  %r_room = tensor.empty() : tensor<2x3x8xf32>
  %r_init = linalg.fill ins(%zero : f32) outs(%r_room : tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  %result = linalg.generic {indexing_maps = [#row, #weight, #token], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%y, %mask : tensor<5x2x3x8xbf16>, tensor<2x3x5xf32>) outs(%r_init : tensor<2x3x8xf32>) {
  ^bb0(%r16: bf16, %v: f32, %out: f32):
    %r = arith.extf %r16 : bf16 to f32
    %p = arith.mulf %v, %r : f32
    %sum = arith.addf %out, %p : f32
    linalg.yield %sum : f32
  } -> tensor<2x3x8xf32>
  return %result : tensor<2x3x8xf32>
}
