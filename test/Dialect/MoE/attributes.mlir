// Attributes of the dialect stand by themselves, in ops of any dialect.

// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt %s --verify-roundtrip -o /dev/null
// RUN: moe-opt %s --emit-bytecode | moe-opt | FileCheck %s

// No rule is checked before an op uses it.
// CHECK-LABEL: func.func private @rules
// CHECK-SAME:    all = #moe.top_k<256>
// CHECK-SAME:    huge = #moe.top_k<9223372036854775807>
// CHECK-SAME:    less = #moe.top_k<-1>
// CHECK-SAME:    none = #moe.top_k<0>
func.func private @rules() attributes {
  none = #moe.top_k<0>, all = #moe.top_k<256>, less = #moe.top_k<-1>,
  huge = #moe.top_k<9223372036854775807>
}

// CHECK-LABEL: func.func private @schedules
// CHECK-SAME:    dot = #moe.schedule<dot, tile = [1, 1, 1]>
// CHECK-SAME:    fma = #moe.schedule<fma, tile = [6, 16, 256]>
// CHECK-SAME:    mma = #moe.schedule<mma_sync, tile = [128, 128, 32]>
func.func private @schedules() attributes {
  dot = #moe.schedule<dot, tile = [1, 1, 1]>,
  fma = #moe.schedule<fma, tile = [6, 16, 256]>,
  mma = #moe.schedule<mma_sync, tile = [128, 128, 32]>
}

// CHECK-LABEL: func.func private @nested
// CHECK-SAME:    [#moe.top_k<1>, {rule = #moe.top_k<2>}]
func.func private @nested() attributes {
  list = [#moe.top_k<1>, {rule = #moe.top_k<2>}]
}
