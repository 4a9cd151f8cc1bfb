// A product in bf16 is rounded before it is added, also where both stand in one
// loop: 1.0078125 squared is 1.015625 in bf16.
// RUN: %python %S/save.py %t.x.npy bf16 "[1.0078125,1.0078125,3]"
// RUN: %python %S/save.py %t.z.npy bf16 "[-1.015625,-1,nan]"
// RUN: %python %S/save.py %t.y.npy bf16 "[0,0.015625,nan]"
// DEFINE: %{data} = --input=%t.x.npy --input=%t.z.npy --expect=%t.y.npy --rtol=0 --atol=0
// RUN: moe-run %s --backend=reference %{data}
// RUN: moe-run %s --backend=cpu %{data}
// RUN: moe-run %s --backend=cpu --cpu=x86-64-v3 %{data}
func.func @main(%x: tensor<?xbf16>, %z: tensor<?xbf16>) -> tensor<?xbf16> {
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<?xbf16>) outs(%z : tensor<?xbf16>) {
  ^bb0(%a: bf16, %c: bf16):
    %square = arith.mulf %a, %a : bf16
    %sum = arith.addf %square, %c : bf16
    linalg.yield %sum : bf16
  } -> tensor<?xbf16>
  return %y : tensor<?xbf16>
}
