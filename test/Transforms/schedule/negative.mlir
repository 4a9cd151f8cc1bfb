// RUN: moe-opt %s --moe-schedule | FileCheck %s
// RUN: not moe-opt %s --moe-schedule="target=tpu" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not moe-opt %s --moe-schedule="target=nvptx chip=sm_1" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not moe-opt %s --moe-schedule="lanes=6" 2>&1 | FileCheck %s --check-prefix=LANES
// RUN: not moe-opt %s --moe-optimize="target=tpu" 2>&1 | FileCheck %s --check-prefix=TARGET

// TARGET: error: unknown target 'tpu', expected cpu or nvptx
// CHIP:   error: unknown chip 'sm_1', expected one of sm_80, {{.*}}, sm_90a
// LANES:  error: vectors of 6 floats, expected a power of two of at most 64

// A schedule written by hand stays, whatever target it is for.
// CHECK-LABEL: func.func @by_hand
// CHECK:         schedule = #moe.schedule<fma, tile = [7, 5, 3]>
func.func @by_hand(%rows: tensor<?x8xf32>, %q: tensor<?x2xi32>,
                   %w: tensor<?x2xf32>, %y0: tensor<?x8xf32>)
    -> tensor<?x8xf32> {
  %y = moe.gather_sum ins(%rows, %q, %w
      : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32>)
      outs(%y0 : tensor<?x8xf32>)
      {schedule = #moe.schedule<fma, tile = [7, 5, 3]>} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
