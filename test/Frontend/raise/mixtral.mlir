// The exported Mixtral block, in every form, becomes the same sparse graph: no
// weight matrix is gathered any more, and `require` is content.

// RUN: moe-opt %moe_models/hf_mixtral_batched/tosa.mlir --moe-raise=require | FileCheck %s
// RUN: moe-opt %moe_models/hf_mixtral_batched/linalg.generic.mlir --moe-raise=require | FileCheck %s
// RUN: moe-opt %moe_models/hf_mixtral_batched_dyn/linalg.generic.mlir --moe-raise=require | FileCheck %s

// Raising twice, or after importing, changes nothing.
// RUN: moe-opt %moe_models/hf_mixtral_batched/tosa.mlir --moe-import \
// RUN:   | moe-opt --moe-raise | moe-opt --moe-raise=require | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK-NOT:     tensor.extract %
// CHECK-NOT:     tosa.
// CHECK-NOT:     moe.sort
// CHECK:         %[[S:.+]] = moe.score softmax
// CHECK:         %[[E:.+]] = moe.select #moe.top_k<2> %[[S]]
// CHECK:         %[[W:.+]] = moe.weigh value %[[S]], %[[E]] norm sum
// CHECK:         %[[O:.+]], %[[P:.+]] = moe.plan %[[E]]
// CHECK:         %[[ROWS:.+]] = moe.dispatch %{{.+}}, %[[P]] slots 2
// CHECK:         %[[Y:.+]] = moe.experts rows(%[[ROWS]]
// CHECK-SAME:      offsets(%[[O]] : tensor<5xi32>)
// CHECK-NOT:     tensor.extract %
// CHECK:         moe.combine %[[Y]], %[[P]], %[[W]]
