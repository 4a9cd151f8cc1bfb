// RUN: moe-opt %s --moe-import-torch | FileCheck %s

// A router as torch.export writes it: top-k is a sort of which the front is read.
// CHECK-LABEL: func.func @router
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[W:.+]]: tensor<4x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
// CHECK:         %[[T:.+]] = linalg.transpose ins(%[[W]]
// CHECK:         linalg.matmul ins(%[[X]], %[[T]]
// CHECK:         %[[S:.+]]:2 = moe.sort
// CHECK:         %[[V:.+]] = tensor.extract_slice %[[S]]#0
// CHECK:         %[[I:.+]] = tensor.extract_slice %[[S]]#1
// CHECK:         return %[[V]], %[[I]]
func.func @router(%x: !torch.vtensor<[?,8],f32>, %w: !torch.vtensor<[4,8],f32>)
    -> (!torch.vtensor<[?,2],f32>, !torch.vtensor<[?,2],si64>) {
  %0 = "torch.aten.t"(%w) : (!torch.vtensor<[4,8],f32>) -> !torch.vtensor<[8,4],f32>
  %1 = "torch.aten.mm"(%x, %0) : (!torch.vtensor<[?,8],f32>, !torch.vtensor<[8,4],f32>) -> !torch.vtensor<[?,4],f32>
  %k = "torch.constant.int"() <{value = 2 : i64}> : () -> !torch.int
  %dim = "torch.constant.int"() <{value = -1 : i64}> : () -> !torch.int
  %true = "torch.constant.bool"() <{value = true}> : () -> !torch.bool
  %2:2 = "torch.aten.topk"(%1, %k, %dim, %true, %true) : (!torch.vtensor<[?,4],f32>, !torch.int, !torch.int, !torch.bool, !torch.bool) -> (!torch.vtensor<[?,2],f32>, !torch.vtensor<[?,2],si64>)
  return %2#0, %2#1 : !torch.vtensor<[?,2],f32>, !torch.vtensor<[?,2],si64>
}
