// Text that is not an op or attribute of the dialect, and generic forms that
// leave out what the op cannot be without.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @no_such_op(%l: tensor<6x4xf32>) {
  // expected-error @below {{custom op 'moe.scare' is unknown}}
  %s = moe.scare softmax %l : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @no_such_generic_op(%l: tensor<6x4xf32>) {
  // expected-error @below {{unregistered operation 'moe.scare' found in dialect ('moe') that does not allow unknown operations}}
  "moe.scare"(%l) : (tensor<6x4xf32>) -> ()
  return
}

// -----

func.func @no_such_function(%l: tensor<6x4xf32>) {
  // expected-error @below {{custom op 'moe.score' expected string or keyword containing one of the following enum values for attribute 'fn' [identity, softmax, sigmoid, sqrtsoftplus, relu]}}
  %s = moe.score tanh %l : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @no_function(%l: tensor<6x4xf32>) {
  // expected-error @below {{custom op 'moe.score' expected string or keyword containing one of the following enum values for attribute 'fn' [identity, softmax, sigmoid, sqrtsoftplus, relu]}}
  %s = moe.score %l : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @function_number(%l: tensor<6x4xf32>) {
  // expected-error @below {{invalid properties {fn = 99 : i32} for op moe.score: Invalid attribute `fn` in property conversion: 99 : i32}}
  %s = "moe.score"(%l) <{fn = 99 : i32}> : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @attribute_twice(%l: tensor<6x4xf32>) {
  // expected-error @below {{duplicate key 'compute_type' in dictionary attribute}}
  %s = moe.score softmax %l {compute_type = f32, compute_type = f64} : tensor<6x4xf32> -> tensor<6x4xf32>
  return
}

// -----

func.func @no_result_type(%l: tensor<6x4xf32>) {
  // expected-error @below {{expected '->'}}
  %s = moe.score softmax %l : tensor<6x4xf32>
  return
}

// -----

func.func @no_rule(%key: tensor<6x4xf32>) {
  // expected-error @below {{expected attribute value}}
  %e = moe.select %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @not_a_rule(%key: tensor<6x4xf32>) {
  // expected-error @below {{custom op 'moe.select' invalid kind of attribute specified}}
  %e = moe.select 2 %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @not_a_rule_but_ours(%key: tensor<6x4xf32>) {
  // expected-error @below {{custom op 'moe.select' invalid kind of attribute specified}}
  %e = moe.select #moe.schedule<dot, tile = [1, 1, 1]> %key : tensor<6x4xf32> -> tensor<6x2xi32>
  return
}

// -----

func.func @slots_not_a_number(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{expected attribute value}}
  %r = moe.dispatch %x, %pairs slots two : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @slots_too_large(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{integer constant out of range for attribute}}
  %r = moe.dispatch %x, %pairs slots 18446744073709551616 : tensor<6x8xf32>, tensor<12xi32> -> tensor<12x8xf32>
  return
}

// -----

func.func @no_slots(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op needs slots or tokens, one of them}}
  %r = "moe.dispatch"(%x, %pairs) <{operandSegmentSizes = array<i32: 1, 1, 0, 0>}>
      : (tensor<6x8xf32>, tensor<12xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @too_few_operands(%x: tensor<6x8xf32>) {
  // expected-error @below {{'moe.dispatch' op expected 2 or more operands, but found 1}}
  %r = "moe.dispatch"(%x) <{slots = 2 : i64}> : (tensor<6x8xf32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @too_many_results(%x: tensor<6x8xf32>, %pairs: tensor<12xi32>) {
  // expected-error @below {{'moe.dispatch' op requires one result}}
  %r:2 = "moe.dispatch"(%x, %pairs) <{slots = 2 : i64}> : (tensor<6x8xf32>, tensor<12xi32>) -> (tensor<12x8xf32>, tensor<12x8xf32>)
  return
}

// -----

func.func @gather_without_slots(%x: tensor<6x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %p: tensor<12xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{custom op 'moe.grouped_matmul' expected 'slots'}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>) gather(%p : tensor<12xi32>) outs(%y : tensor<12x16xf32>)
      parts weights [0] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @parts_not_numbers(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{custom op 'moe.grouped_matmul' expected integer value}}
  // expected-error @below {{expected ']'}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>) parts weights [all] offsets [0] strides [1] {
  ^epilogue(%g: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @parts_missing(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{'moe.grouped_matmul' op requires attribute 'part_offsets'}}
  %a = "moe.grouped_matmul"(%x, %w, %o, %y) <{operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1>}> ({
  ^epilogue(%g: f32):
    moe.yield %g : f32
  }) : (tensor<12x8xf32>, tensor<4x16x8xf32>, tensor<5xi32>, tensor<12x16xf32>) -> tensor<12x16xf32>
  return
}

// -----

func.func @vector_parts_without_offsets(%x: tensor<12x8xf32>, %w: tensor<4x16x8xf32>, %v: tensor<4x16xf32>, %o: tensor<5xi32>, %y: tensor<12x16xf32>) {
  // expected-error @below {{custom op 'moe.grouped_matmul' expected 'offsets'}}
  %a = moe.grouped_matmul ins(%x : tensor<12x8xf32>) weights(%w : tensor<4x16x8xf32>) vectors(%v : tensor<4x16xf32>) offsets(%o : tensor<5xi32>) outs(%y : tensor<12x16xf32>) parts weights [0] offsets [0] strides [1] vector_parts vectors [0] {
  ^epilogue(%g: f32, %b: f32):
    moe.yield %g : f32
  } -> tensor<12x16xf32>
  return
}

// -----

func.func @no_body(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{expected '{' to begin a region}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @no_segments(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op operand count (2) does not match with the total size (0) specified in attribute 'operandSegmentSizes'}}
  %y = "moe.experts"(%rows, %o) ({
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @short_segments(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{invalid properties {operandSegmentSizes = array<i32: 1, 1>} for op moe.experts: size mismatch in attribute conversion: 2 vs 4}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 1, 1>}> ({
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @unknown_layout(%x: tensor<6x8xf32>, %w: tensor<4x8x8xf32>, %o: tensor<5xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{unknown layout 'out', expected out_in or in_out}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x8x8xf32>) layouts [out] offsets(%o : tensor<5xi32>)
  return
}

// -----

func.func @no_layout(%x: tensor<6x8xf32>, %w: tensor<4x8x8xf32>, %o: tensor<5xi32>, %y: tensor<6x8xf32>) {
  // expected-error @below {{expected valid keyword}}
  %a = moe.grouped_matmul ins(%x : tensor<6x8xf32>) weights(%w : tensor<4x8x8xf32>) layouts [1] offsets(%o : tensor<5xi32>)
  return
}
