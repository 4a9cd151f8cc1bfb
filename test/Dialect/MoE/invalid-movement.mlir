// One case per numbered constraint of dispatch, combine and sort.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @dispatch_c1_rows(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op rows have type 'tensor<11x8xf32>', expected one row of 'tensor<6x8xf32>' per pair of 'tensor<12xi32>'}}
  %r = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<11x8xf32>
  return
}

// -----

func.func @dispatch_c1_width(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op rows have type 'tensor<12x?xf32>', expected one row of 'tensor<6x8xf32>' per pair of 'tensor<12xi32>'}}
  %r = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x?xf32>
  return
}

// -----

func.func @dispatch_c1_element_type(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op rows have type 'tensor<12x8xbf16>', expected one row of 'tensor<6x8xf32>' per pair of 'tensor<12xi32>'}}
  %r = moe.dispatch %x, %pairs slots 2 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xbf16>
  return
}

// -----

func.func @dispatch_c2_no_slots(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op slots must be positive and fit an i32, found 0}}
  %r = moe.dispatch %x, %pairs slots 0 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c2_negative_slots(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op slots must be positive and fit an i32, found -9223372036854775808}}
  %r = moe.dispatch %x, %pairs slots -9223372036854775808 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c2_too_many_slots(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op slots must be positive and fit an i32, found 2147483648}}
  %r = moe.dispatch %x, %pairs slots 2147483648 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @dispatch_c3_dynamic_width(%x: tensor<6x?xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op the width of x must be static, found 'tensor<6x?xf32>'}}
  %r = moe.dispatch %x, %pairs slots 2 : tensor<6x?xf32>, tensor<12xi32> -> tensor<12x?xf32>
  return
}

// -----

func.func @dispatch_slots_type(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op attribute 'slots' failed to satisfy constraint: 64-bit signless integer attribute}}
  %r = "moe.dispatch"(%x, %pairs) <{slots = 2 : i32,
      operandSegmentSizes = array<i32: 1, 1, 0, 0>}>
      : (tensor<6x8xf32>, tensor<12xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @combine_c1_rows(%rows: tensor<11x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op rows have type 'tensor<11x8xf32>', expected one row per pair of 'tensor<12xi32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<11x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_c2_tokens(%rows: tensor<12x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<7x8xf32>) {
  // expected-error @below {{'moe.combine' op init has type 'tensor<7x8xf32>', expected the rows of 'tensor<6x2xf32>' and the width of 'tensor<12x8xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<7x8xf32>
  return
}

// -----

func.func @combine_c2_width(%rows: tensor<12x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x9xf32>) {
  // expected-error @below {{'moe.combine' op init has type 'tensor<6x9xf32>', expected the rows of 'tensor<6x2xf32>' and the width of 'tensor<12x8xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x9xf32>
  return
}

// -----

func.func @combine_c3_pairs(%rows: tensor<11x8xf32>, %pairs: tensor<11xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op pairs have 11 entries, expected 12 for weights of type 'tensor<6x2xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<11x8xf32>, tensor<11xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return
}

// -----

// T * K is 0 modulo 2^64.
func.func @combine_c3_overflow(%rows: tensor<0x8xf32>, %pairs: tensor<0xi32>, %w: tensor<4611686018427387904x4xf32>, %init: tensor<?x8xf32>) {
  // expected-error @below {{'moe.combine' op pairs have 0 entries, expected 9223372036854775807 for weights of type 'tensor<4611686018427387904x4xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<0x8xf32>, tensor<0xi32>, tensor<4611686018427387904x4xf32> into tensor<?x8xf32>
  return
}

// -----

func.func @combine_c4_dynamic_slots(%rows: tensor<12x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x?xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x?xf32>', 'tensor<12x8xf32>' and 'tensor<6x8xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<12x8xf32>, tensor<12xi32>, tensor<6x?xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_c4_no_slots(%rows: tensor<0x8xf32>, %pairs: tensor<0xi32>, %w: tensor<6x0xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x0xf32>', 'tensor<0x8xf32>' and 'tensor<6x8xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<0x8xf32>, tensor<0xi32>, tensor<6x0xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_c4_dynamic_width(%rows: tensor<12x?xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op the number of slots and the width must be static, and there must be a slot, found 'tensor<6x2xf32>', 'tensor<12x?xf32>' and 'tensor<6x8xf32>'}}
  %y = moe.combine %rows, %pairs, %w into %init : tensor<12x?xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_result_type(%rows: tensor<12x8xf32>, %pairs: tensor<12xi32>, %w: tensor<6x2xf32>, %init: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op failed to verify that all of {init, result} have same type}}
  %y = "moe.combine"(%rows, %pairs, %w, %init) : (tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32>, tensor<6x8xf32>) -> tensor<6x8xbf16>
  return
}

// -----

func.func @sort_c1_nothing() {
  // expected-error @below {{'moe.sort' op sorts nothing, expected at least one input}}
  "moe.sort"() <{dimension = 0 : i64}> ({
    %true = arith.constant true
    moe.yield %true : i1
  }) : () -> ()
  return
}

// -----

func.func @sort_c1_shapes(%a: tensor<6x4xf32>, %b: tensor<6x5xi64>) {
  // expected-error @below {{'moe.sort' op inputs differ in shape: 'tensor<6x4xf32>' and 'tensor<6x5xi64>'}}
  %v, %i = moe.sort %a, %b dimension 1 : tensor<6x4xf32>, tensor<6x5xi64> {
  ^compare(%a0: f32, %b0: f32, %a1: i64, %b1: i64):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c2_too_large(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op sorts along dimension 1, but the inputs have rank 1}}
  %v = moe.sort %a dimension 1 : tensor<6xf32> {
  ^compare(%a0: f32, %b0: f32):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c2_negative(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op sorts along dimension -1, but the inputs have rank 1}}
  %v = moe.sort %a dimension -1 : tensor<6xf32> {
  ^compare(%a0: f32, %b0: f32):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c2_scalar(%a: tensor<f32>) {
  // expected-error @below {{'moe.sort' op sorts along dimension 0, but the inputs have rank 0}}
  %v = moe.sort %a dimension 0 : tensor<f32> {
  ^compare(%a0: f32, %b0: f32):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c3_result(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op failed to infer returned types}}
  // expected-error @below {{'moe.sort' op inferred type(s) 'tensor<6xf32>' are incompatible with return type(s) of operation 'tensor<7xf32>'}}
  %v = "moe.sort"(%a) <{dimension = 0 : i64}> ({
  ^compare(%a0: f32, %b0: f32):
    %before = arith.cmpf ogt, %a0, %b0 : f32
    moe.yield %before : i1
  }) : (tensor<6xf32>) -> tensor<7xf32>
  return
}

// -----

func.func @sort_c4_one_scalar(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op the comparator must take two scalars per input, found ('f32')}}
  %v = moe.sort %a dimension 0 : tensor<6xf32> {
  ^compare(%a0: f32):
    %before = arith.cmpf ogt, %a0, %a0 : f32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c4_scalar_type(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op the comparator must take two scalars per input, found ('i32', 'i32')}}
  %v = moe.sort %a dimension 0 : tensor<6xf32> {
  ^compare(%a0: i32, %b0: i32):
    %before = arith.cmpi sgt, %a0, %b0 : i32
    moe.yield %before : i1
  }
  return
}

// -----

func.func @sort_c4_yields_nothing(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op the comparator must yield one i1, found ()}}
  %v = moe.sort %a dimension 0 : tensor<6xf32> {
  ^compare(%a0: f32, %b0: f32):
  }
  return
}

// -----

func.func @sort_c4_yields_key(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op the comparator must yield one i1, found ('f32')}}
  %v = moe.sort %a dimension 0 : tensor<6xf32> {
  ^compare(%a0: f32, %b0: f32):
    moe.yield %a0 : f32
  }
  return
}

// -----

func.func @sort_no_region(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op requires one region}}
  %v = "moe.sort"(%a) <{dimension = 0 : i64}> : (tensor<6xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @sort_empty_region(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op region #0 ('comparator') failed to verify constraint: region with 1 blocks}}
  %v = "moe.sort"(%a) <{dimension = 0 : i64}> ({}) : (tensor<6xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @sort_two_blocks(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op expects region #0 to have 0 or 1 blocks}}
  %v = "moe.sort"(%a) <{dimension = 0 : i64}> ({
  ^first(%a0: f32, %b0: f32):
    cf.br ^second
  ^second:
    %true = arith.constant true
    moe.yield %true : i1
  }) : (tensor<6xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @sort_other_terminator(%a: tensor<6xf32>) {
  // expected-error @below {{'moe.sort' op expects regions to end with 'moe.yield', found 'llvm.unreachable'}}
  // expected-note @below {{in custom textual format, the absence of terminator implies 'moe.yield'}}
  %v = "moe.sort"(%a) <{dimension = 0 : i64}> ({
  ^compare(%a0: f32, %b0: f32):
    "llvm.unreachable"() : () -> ()
  }) : (tensor<6xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @combine_c5_product(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op product_type must be a float of at most 32 bits, found 'f64'}}
  %a = moe.combine %r, %p, %w into %y {product_type = f64} : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return
}

// -----

func.func @combine_c5_sum(%r: tensor<12x8xf32>, %p: tensor<12xi32>, %w: tensor<6x2xf32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{'moe.combine' op sum_type must be a float of at most 32 bits, found 'i32'}}
  %a = moe.combine %r, %p, %w into %y {sum_type = i32} : tensor<12x8xf32>, tensor<12xi32>, tensor<6x2xf32> into tensor<6x8xf32>
  return
}
