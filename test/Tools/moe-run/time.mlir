// Times are the last line, as JSON, without compilation.

// RUN: moe-run %s --backend=cpu --repeat=5 --time --compare=reference > %t
// RUN: tail -n 1 %t | FileCheck %s
// CHECK: {"median_ms": {{[0-9.]+}}, "min_ms": {{[0-9.]+}}, "repeats": 5, "compile_ms": {{[0-9.]+}}}
// RUN: tail -n 1 %t | %python -c "import json, sys; t = json.load(sys.stdin); \
// RUN:   assert 0 <= t['min_ms'] <= t['median_ms'] and t['compile_ms'] > 0"
func.func @main(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %init = tensor.empty() : tensor<64x64xf32>
  %r = linalg.exp ins(%x : tensor<64x64xf32>) outs(%init : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
