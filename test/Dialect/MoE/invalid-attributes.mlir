// Attributes that cannot be.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{unknown attribute `bottom_k` in dialect `moe`}}
func.func private @no_such_attribute() attributes {a = #moe.bottom_k<2>}

// -----

// expected-error @below {{expected integer value}}
// expected-error @below {{failed to parse MoE_TopKAttr parameter 'k' which is to be a `int64_t`}}
func.func private @top_k_nothing() attributes {a = #moe.top_k<>}

// -----

// expected-error @below {{expected '<'}}
func.func private @top_k_bare() attributes {a = #moe.top_k}

// -----

// expected-error @below {{expected integer value}}
// expected-error @below {{failed to parse MoE_TopKAttr parameter 'k' which is to be a `int64_t`}}
func.func private @top_k_word() attributes {a = #moe.top_k<two>}

// -----

// expected-error @below {{expected integer value}}
// expected-error @below {{failed to parse MoE_TopKAttr parameter 'k' which is to be a `int64_t`}}
func.func private @top_k_float() attributes {a = #moe.top_k<2.0>}

// -----

// expected-error @below {{integer value too large}}
// expected-error @below {{failed to parse MoE_TopKAttr parameter 'k' which is to be a `int64_t`}}
func.func private @top_k_too_large() attributes {a = #moe.top_k<9223372036854775808>}

// -----

// expected-error @below {{expected ::mlir::moe::Strategy to be one of: dot, fma, mma_sync}}
// expected-error @below {{failed to parse MoE_ScheduleAttr parameter 'strategy' which is to be a `::mlir::moe::Strategy`}}
func.func private @schedule_strategy() attributes {a = #moe.schedule<magic, tile = [1, 1, 1]>}

// -----

// expected-error @below {{expected rows, columns and depth of a tile, but got 2 sizes}}
func.func private @schedule_sizes() attributes {a = #moe.schedule<dot, tile = [1, 1]>}

// -----

// expected-error @below {{expected positive tile sizes, but got 0}}
func.func private @schedule_zero() attributes {a = #moe.schedule<dot, tile = [1, 0, 1]>}

// -----

// expected-error @below {{expected positive tile sizes, but got -1}}
func.func private @schedule_negative() attributes {a = #moe.schedule<fma, tile = [1, 1, -1]>}

// -----

// expected-error @below {{expected ','}}
func.func private @schedule_no_tile() attributes {a = #moe.schedule<fma>}

// -----

// expected-error @below {{expected integer value}}
// expected-error @below {{failed to parse MoE_ScheduleAttr parameter 'tile' which is to be a `::llvm::ArrayRef<int64_t>`}}
func.func private @schedule_empty_tile() attributes {a = #moe.schedule<fma, tile = []>}
