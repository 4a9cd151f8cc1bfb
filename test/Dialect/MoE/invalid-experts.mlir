// One case per numbered constraint of experts and yield.

// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @experts_c1_no_rows(%o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op expected at least one row operand}}
  %y = "moe.experts"(%o) <{operandSegmentSizes = array<i32: 0, 0, 0, 1>}> ({
    %e = tensor.empty() : tensor<12x8xf32>
    %r = tensor.cast %e : tensor<12x8xf32> to tensor<?x8xf32>
    moe.yield %r : tensor<?x8xf32>
  }) : (tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @experts_c1_row_count(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op row operand has type 'tensor<12x8xf32>', expected as many rows as 'tensor<11x8xf32>'}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<11x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c1_second_row_operand(%rows: tensor<12x8xf32>, %w: tensor<11xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op row operand has type 'tensor<11xf32>', expected as many rows as 'tensor<12x8xf32>'}}
  %y = moe.experts rows(%rows, %w : tensor<12x8xf32>, tensor<11xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %rw: tensor<?xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c1_scalar_row_operand(%rows: tensor<f32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op row operand has type 'tensor<f32>', expected as many rows as 'tensor<12x8xf32>'}}
  %y = moe.experts rows(%rows : tensor<f32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c2_expert_count(%rows: tensor<12x8xf32>, %w: tensor<5x8x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op expert operand has type 'tensor<5x8x8xf32>', expected 4 experts}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<5x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c2_dynamic_experts(%rows: tensor<12x8xf32>, %w: tensor<?x8x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op expert operand has type 'tensor<?x8x8xf32>', expected 4 experts}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<?x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c2_scalar_expert_operand(%rows: tensor<12x8xf32>, %w: tensor<f32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op expert operand has type 'tensor<f32>', expected 4 experts}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<f32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: f32):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c2_one_offset(%rows: tensor<12x8xf32>, %o: tensor<1xi32>) {
  // expected-error @below {{'moe.experts' op offsets must be static with at least two entries, found 'tensor<1xi32>'}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<1xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c2_dynamic_offsets(%rows: tensor<12x8xf32>, %o: tensor<?xi32>) {
  // expected-error @below {{'moe.experts' op offsets must be static with at least two entries, found 'tensor<?xi32>'}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<?xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c3_static_rows(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op block arguments have types ('tensor<12x8xf32>'), expected ('tensor<?x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<12x8xf32>):
    moe.yield %r : tensor<12x8xf32>
  }
  return
}

// -----

func.func @experts_c3_weights_with_experts(%rows: tensor<12x8xf32>, %w: tensor<4x8x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op block arguments have types ('tensor<?x8xf32>', 'tensor<4x8x8xf32>'), expected ('tensor<?x8xf32>', 'tensor<8x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x8x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<4x8x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c3_shared(%rows: tensor<12x8xf32>, %s: tensor<8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op block arguments have types ('tensor<?x8xf32>', 'tensor<?xf32>'), expected ('tensor<?x8xf32>', 'tensor<8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) shared(%s : tensor<8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %sh: tensor<?xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c3_too_few(%rows: tensor<12x8xf32>, %s: f32, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op block arguments have types ('tensor<?x8xf32>'), expected ('tensor<?x8xf32>', 'f32')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) shared(%s : f32) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c3_none(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op block arguments have types (), expected ('tensor<?x8xf32>')}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 1, 0, 0, 1>}> ({
    "moe.yield"() : () -> ()
  }) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @experts_c4_static_result(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op the region must yield one value of type 'tensor<?x8xf32>', found ('tensor<12x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    %c = tensor.cast %r : tensor<?x8xf32> to tensor<12x8xf32>
    moe.yield %c : tensor<12x8xf32>
  }
  return
}

// -----

func.func @experts_c4_width(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op the region must yield one value of type 'tensor<?x9xf32>', found ('tensor<?x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x9xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c4_element_type(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op the region must yield one value of type 'tensor<?x8xbf16>', found ('tensor<?x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xbf16> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c4_nothing(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op the region must yield one value of type 'tensor<?x8xf32>', found ()}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
  }
  return
}

// -----

func.func @experts_c4_two_values(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op the region must yield one value of type 'tensor<?x8xf32>', found ('tensor<?x8xf32>', 'tensor<?x8xf32>')}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r, %r : tensor<?x8xf32>, tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c5_store(%rows: tensor<12x8xf32>, %m: memref<f32>, %o: tensor<5xi32>) {
  %y = moe.experts rows(%rows : tensor<12x8xf32>) shared(%m : memref<f32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %sm: memref<f32>):
    %c = arith.constant 1.0 : f32
    // expected-error @below {{'memref.store' op has side effects, which the body of an expert must not have}}
    memref.store %c, %sm[] : memref<f32>
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c5_nested(%rows: tensor<12x8xf32>, %m: memref<f32>, %o: tensor<5xi32>) {
  %y = moe.experts rows(%rows : tensor<12x8xf32>) shared(%m : memref<f32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %sm: memref<f32>):
    %c = arith.constant 1.0 : f32
    %true = arith.constant true
    // expected-error @below {{'scf.if' op has side effects, which the body of an expert must not have}}
    scf.if %true {
      memref.store %c, %sm[] : memref<f32>
    }
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func private @unknown()

func.func @experts_c5_call(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    // expected-error @below {{'func.call' op has side effects, which the body of an expert must not have}}
    func.call @unknown() : () -> ()
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c6_dynamic_row_width(%rows: tensor<12x?xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op only the number of rows may be dynamic, found 'tensor<12x?xf32>'}}
  %y = moe.experts rows(%rows : tensor<12x?xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x?xf32>):
    %c = tensor.cast %r : tensor<?x?xf32> to tensor<?x8xf32>
    moe.yield %c : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c6_dynamic_result_width(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op only the number of rows may be dynamic, found 'tensor<12x?xf32>'}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x?xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_c6_dynamic_weights(%rows: tensor<12x8xf32>, %w: tensor<4x?x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op an expert operand must be static, found 'tensor<4x?x8xf32>'}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) weights(%w : tensor<4x?x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>, %we: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_unranked(%rows: tensor<*xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op operand #0 must be variadic of ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %y = moe.experts rows(%rows : tensor<*xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_captures(%rows: tensor<12x8xf32>, %c: f32, %o: tensor<5xi32>) {
  // expected-note @below {{required by region isolation constraints}}
  %y = moe.experts rows(%rows : tensor<12x8xf32>) offsets(%o : tensor<5xi32>) -> tensor<12x8xf32> {
  ^expert(%r: tensor<?x8xf32>):
    // expected-error @below {{'arith.addf' op using value defined outside the region}}
    %d = "arith.addf"(%c, %c) : (f32, f32) -> f32
    moe.yield %r : tensor<?x8xf32>
  }
  return
}

// -----

func.func @experts_no_region(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op requires one region}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 1, 0, 0, 1>}> : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @experts_empty_region(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op region #0 ('body') failed to verify constraint: region with 1 blocks}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 1, 0, 0, 1>}> ({}) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @experts_segments_do_not_add_up(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op operand count (2) does not match with the total size (3) specified in attribute 'operandSegmentSizes'}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 1, 1, 0, 1>}> ({
  ^expert(%r: tensor<?x8xf32>):
    "moe.yield"(%r) : (tensor<?x8xf32>) -> ()
  }) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @experts_negative_segment(%rows: tensor<12x8xf32>, %o: tensor<5xi32>) {
  // expected-error @below {{'moe.experts' op 'operandSegmentSizes' attribute cannot have negative elements}}
  %y = "moe.experts"(%rows, %o) <{operandSegmentSizes = array<i32: 3, 0, -2, 1>}> ({
  ^expert(%r: tensor<?x8xf32>):
    "moe.yield"(%r) : (tensor<?x8xf32>) -> ()
  }) : (tensor<12x8xf32>, tensor<5xi32>) -> tensor<12x8xf32>
  return
}

// -----

func.func @yield_elsewhere(%r: tensor<?x8xf32>) {
  // expected-error @below {{'moe.yield' op expects parent op to be one of 'moe.experts, moe.grouped_matmul, moe.neurons, moe.masked_ffn, moe.sort'}}
  moe.yield %r : tensor<?x8xf32>
}
