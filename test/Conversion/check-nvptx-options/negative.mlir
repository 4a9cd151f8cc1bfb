// RUN: not moe-opt %s --moe-to-nvptx=chip=sm_42 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CHIP
// RUN: not moe-opt %s --moe-to-nvptx=format=elf 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FORMAT
// RUN: env MOE_PTXAS=%t-missing not moe-opt %s --moe-to-nvptx=format=bin 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PTXAS

// CHIP:   error: unknown chip 'sm_42', expected one of sm_80,
// FORMAT: error: unknown format 'elf', expected isa, bin or fatbin
// PTXAS:  error: format 'bin' needs ptxas, which is neither named by MOE_PTXAS
func.func @main() {
  return
}
