// RUN: moe-opt %s --moe-raise-argmax-top-k --split-input-file \
// RUN:   --verify-diagnostics --remarks-filter-missed=moe | FileCheck %s

// The second round marks the wrong expert as taken (the first NaN instead of
// the one picked), so it may pick the same expert again. Only the first round
// is a top-1.
// CHECK-LABEL: func.func @top2
// CHECK-SAME:    %[[KEYS:.+]]: tensor<6x4xf32>
// CHECK:         moe.select #moe.top_k<1>
// CHECK:         tosa.scatter
// CHECK:         tosa.argmax
func.func @top2(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xi32>) {
    %4 = tosa.const_shape  {values = dense<[6, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
    %6 = tosa.const_shape  {values = dense<[6, 4, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
    %7 = "tosa.const"() <{values = dense<0xFF800000> : tensor<6x4x1xf32>}> : () -> tensor<6x4x1xf32>
    %8 = "tosa.const"() <{values = dense<0> : tensor<6x4x1xi8>}> : () -> tensor<6x4x1xi8>
    %9 = "tosa.const"() <{values = dense<1> : tensor<6x4x1xi8>}> : () -> tensor<6x4x1xi8>
    %10 = "tosa.const"() <{values = dense<1> : tensor<6x1x1xi8>}> : () -> tensor<6x1x1xi8>
    %11 = "tosa.const"() <{values = dense<0> : tensor<6x4x1xi32>}> : () -> tensor<6x4x1xi32>
    %12 = "tosa.const"() <{values = dense<1> : tensor<6x1xi32>}> : () -> tensor<6x1xi32>
    %13 = tosa.const_shape  {values = dense<[6, 1, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
    %14 = tosa.const_shape  {values = dense<[6, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
    %32 = "tosa.const"() <{values = dense<true> : tensor<6x4x1xi1>}> : () -> tensor<6x4x1xi1>
    %45 = tosa.reshape %keys, %6 : (tensor<6x4xf32>, !tosa.shape<3>) -> tensor<6x4x1xf32>
    %46 = tosa.equal %45, %45 : (tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xi1>
    %47 = tosa.logical_not %46 : (tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %48 = tosa.logical_and %46, %32 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %49 = tosa.logical_and %47, %32 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %50 = tosa.select %48, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %51 = tosa.argmax %50 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %52 = tosa.select %49, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %53 = tosa.argmax %52 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %54 = tosa.gather %52, %53 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %55 = tosa.reshape %54, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %56 = tosa.cast %55 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %57 = tosa.equal %56, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %58 = tosa.select %48, %45, %7 : (tensor<6x4x1xi1>, tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xf32>
    %59 = tosa.argmax %58 {axis = 1 : i32} : (tensor<6x4x1xf32>) -> tensor<6x1xi32>
    %60 = tosa.gather %50, %59 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %61 = tosa.reshape %60, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %62 = tosa.cast %61 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %63 = tosa.equal %62, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %64 = tosa.select %63, %59, %51 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %65 = tosa.select %57, %53, %64 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %66 = tosa.gather %45, %65 : (tensor<6x4x1xf32>, tensor<6x1xi32>) -> tensor<6x1x1xf32>
    %67 = tosa.reshape %65, %13 : (tensor<6x1xi32>, !tosa.shape<3>) -> tensor<6x1x1xi32>
    %68 = tosa.scatter %8, %53, %10 : (tensor<6x4x1xi8>, tensor<6x1xi32>, tensor<6x1x1xi8>) -> tensor<6x4x1xi8>
    %69 = tosa.cast %68 : (tensor<6x4x1xi8>) -> tensor<6x4x1xi32>
    %70 = tosa.equal %69, %11 : (tensor<6x4x1xi32>, tensor<6x4x1xi32>) -> tensor<6x4x1xi1>
    %71 = tosa.logical_and %70, %46 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %72 = tosa.logical_and %70, %47 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %73 = tosa.select %71, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %74 = tosa.argmax %73 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %75 = tosa.select %72, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %76 = tosa.argmax %75 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %77 = tosa.gather %75, %76 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %78 = tosa.reshape %77, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %79 = tosa.cast %78 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %80 = tosa.equal %79, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %81 = tosa.select %71, %45, %7 : (tensor<6x4x1xi1>, tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xf32>
    %82 = tosa.argmax %81 {axis = 1 : i32} : (tensor<6x4x1xf32>) -> tensor<6x1xi32>
    %83 = tosa.gather %73, %82 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %84 = tosa.reshape %83, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %85 = tosa.cast %84 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %86 = tosa.equal %85, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %87 = tosa.select %86, %82, %74 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %88 = tosa.select %80, %76, %87 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %89 = tosa.gather %45, %88 : (tensor<6x4x1xf32>, tensor<6x1xi32>) -> tensor<6x1x1xf32>
    %90 = tosa.reshape %88, %13 : (tensor<6x1xi32>, !tosa.shape<3>) -> tensor<6x1x1xi32>
    %91 = tosa.concat %66, %89 {axis = 1 : i32} : (tensor<6x1x1xf32>, tensor<6x1x1xf32>) -> tensor<6x2x1xf32>
    // expected-remark @below {{a round does not leave out exactly the experts taken before it}}
    %92 = tosa.concat %67, %90 {axis = 1 : i32} : (tensor<6x1x1xi32>, tensor<6x1x1xi32>) -> tensor<6x2x1xi32>
    %93 = tosa.reshape %91, %14 : (tensor<6x2x1xf32>, !tosa.shape<2>) -> tensor<6x2xf32>
    %94 = tosa.reshape %92, %14 : (tensor<6x2x1xi32>, !tosa.shape<2>) -> tensor<6x2xi32>
    return %93, %94 : tensor<6x2xf32>, tensor<6x2xi32>
}

// -----

// The ids become numbers of another kind before they are put together. Only the
// first round is a top-1.
// CHECK-LABEL: func.func @float_ids
// CHECK:         moe.select #moe.top_k<1>
// CHECK:         tosa.concat
func.func @float_ids(%keys: tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<6x2xf32>) {
    %4 = tosa.const_shape  {values = dense<[6, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
    %6 = tosa.const_shape  {values = dense<[6, 4, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
    %7 = "tosa.const"() <{values = dense<0xFF800000> : tensor<6x4x1xf32>}> : () -> tensor<6x4x1xf32>
    %8 = "tosa.const"() <{values = dense<0> : tensor<6x4x1xi8>}> : () -> tensor<6x4x1xi8>
    %9 = "tosa.const"() <{values = dense<1> : tensor<6x4x1xi8>}> : () -> tensor<6x4x1xi8>
    %10 = "tosa.const"() <{values = dense<1> : tensor<6x1x1xi8>}> : () -> tensor<6x1x1xi8>
    %11 = "tosa.const"() <{values = dense<0> : tensor<6x4x1xi32>}> : () -> tensor<6x4x1xi32>
    %12 = "tosa.const"() <{values = dense<1> : tensor<6x1xi32>}> : () -> tensor<6x1xi32>
    %13 = tosa.const_shape  {values = dense<[6, 1, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
    %14 = tosa.const_shape  {values = dense<[6, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
    %32 = "tosa.const"() <{values = dense<true> : tensor<6x4x1xi1>}> : () -> tensor<6x4x1xi1>
    %45 = tosa.reshape %keys, %6 : (tensor<6x4xf32>, !tosa.shape<3>) -> tensor<6x4x1xf32>
    %46 = tosa.equal %45, %45 : (tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xi1>
    %47 = tosa.logical_not %46 : (tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %48 = tosa.logical_and %46, %32 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %49 = tosa.logical_and %47, %32 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %50 = tosa.select %48, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %51 = tosa.argmax %50 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %52 = tosa.select %49, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %53 = tosa.argmax %52 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %54 = tosa.gather %52, %53 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %55 = tosa.reshape %54, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %56 = tosa.cast %55 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %57 = tosa.equal %56, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %58 = tosa.select %48, %45, %7 : (tensor<6x4x1xi1>, tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xf32>
    %59 = tosa.argmax %58 {axis = 1 : i32} : (tensor<6x4x1xf32>) -> tensor<6x1xi32>
    %60 = tosa.gather %50, %59 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %61 = tosa.reshape %60, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %62 = tosa.cast %61 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %63 = tosa.equal %62, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %64 = tosa.select %63, %59, %51 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %65 = tosa.select %57, %53, %64 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %66 = tosa.gather %45, %65 : (tensor<6x4x1xf32>, tensor<6x1xi32>) -> tensor<6x1x1xf32>
    %67 = tosa.reshape %65, %13 : (tensor<6x1xi32>, !tosa.shape<3>) -> tensor<6x1x1xi32>
    %68 = tosa.scatter %8, %65, %10 : (tensor<6x4x1xi8>, tensor<6x1xi32>, tensor<6x1x1xi8>) -> tensor<6x4x1xi8>
    %69 = tosa.cast %68 : (tensor<6x4x1xi8>) -> tensor<6x4x1xi32>
    %70 = tosa.equal %69, %11 : (tensor<6x4x1xi32>, tensor<6x4x1xi32>) -> tensor<6x4x1xi1>
    %71 = tosa.logical_and %70, %46 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %72 = tosa.logical_and %70, %47 : (tensor<6x4x1xi1>, tensor<6x4x1xi1>) -> tensor<6x4x1xi1>
    %73 = tosa.select %71, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %74 = tosa.argmax %73 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %75 = tosa.select %72, %9, %8 : (tensor<6x4x1xi1>, tensor<6x4x1xi8>, tensor<6x4x1xi8>) -> tensor<6x4x1xi8>
    %76 = tosa.argmax %75 {axis = 1 : i32} : (tensor<6x4x1xi8>) -> tensor<6x1xi32>
    %77 = tosa.gather %75, %76 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %78 = tosa.reshape %77, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %79 = tosa.cast %78 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %80 = tosa.equal %79, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %81 = tosa.select %71, %45, %7 : (tensor<6x4x1xi1>, tensor<6x4x1xf32>, tensor<6x4x1xf32>) -> tensor<6x4x1xf32>
    %82 = tosa.argmax %81 {axis = 1 : i32} : (tensor<6x4x1xf32>) -> tensor<6x1xi32>
    %83 = tosa.gather %73, %82 : (tensor<6x4x1xi8>, tensor<6x1xi32>) -> tensor<6x1x1xi8>
    %84 = tosa.reshape %83, %4 : (tensor<6x1x1xi8>, !tosa.shape<2>) -> tensor<6x1xi8>
    %85 = tosa.cast %84 : (tensor<6x1xi8>) -> tensor<6x1xi32>
    %86 = tosa.equal %85, %12 : (tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi1>
    %87 = tosa.select %86, %82, %74 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %88 = tosa.select %80, %76, %87 : (tensor<6x1xi1>, tensor<6x1xi32>, tensor<6x1xi32>) -> tensor<6x1xi32>
    %89 = tosa.gather %45, %88 : (tensor<6x4x1xf32>, tensor<6x1xi32>) -> tensor<6x1x1xf32>
    %90 = tosa.reshape %88, %13 : (tensor<6x1xi32>, !tosa.shape<3>) -> tensor<6x1x1xi32>
    %91 = tosa.concat %66, %89 {axis = 1 : i32} : (tensor<6x1x1xf32>, tensor<6x1x1xf32>) -> tensor<6x2x1xf32>
    %f0 = tosa.cast %67 : (tensor<6x1x1xi32>) -> tensor<6x1x1xf32>
    %f1 = tosa.cast %90 : (tensor<6x1x1xi32>) -> tensor<6x1x1xf32>
    // expected-remark @below {{the rounds are not put together as [tokens, k] ids}}
    %92 = tosa.concat %f0, %f1 {axis = 1 : i32} : (tensor<6x1x1xf32>, tensor<6x1x1xf32>) -> tensor<6x2x1xf32>
    %93 = tosa.reshape %91, %14 : (tensor<6x2x1xf32>, !tosa.shape<2>) -> tensor<6x2xf32>
    %94 = tosa.reshape %92, %14 : (tensor<6x2x1xf32>, !tosa.shape<2>) -> tensor<6x2xf32>
    return %93, %94 : tensor<6x2xf32>, tensor<6x2xf32>
}
