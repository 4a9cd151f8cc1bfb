// RUN: moe-opt %s --moe-import-stablehlo --split-input-file --verify-diagnostics

// What is not taken is an error: nothing is left behind unseen.
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.custom_call' op is not imported; lower it to other operations before moe-import}}
  %0 = "stablehlo.custom_call"(%x) <{call_target_name = "foo"}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Once for each kind of op.
func.func @unknown_twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'stablehlo.nonsense' op is not imported}}
  %0 = "stablehlo.nonsense"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "stablehlo.nonsense"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @wrong_shape(%x: tensor<4xf32>, %y: tensor<5xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.add: expected operands that fit the result 'tensor<4xf32>', found 'tensor<5xf32>'}}
  %0 = "stablehlo.add"(%x, %y) : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @wrong_count(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.add: expected 2 operands}}
  %0 = "stablehlo.add"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @wrong_element(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @below {{'stablehlo.tanh' op is not imported on elements of 'i32'}}
  %0 = "stablehlo.tanh"(%x) : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// -----

func.func @no_such_direction(%x: tensor<4xi32>) -> tensor<4xi1> {
  // expected-error @below {{'stablehlo.compare' op is not imported on elements of 'i32', 'i32'}}
  %0 = "stablehlo.compare"(%x, %x) <{comparison_direction = #stablehlo<comparison_direction XX>}> : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----

func.func @body_of_tensors(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{malformed stablehlo.reduce: expected a body of one block with 2 arguments}}
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>):
    "stablehlo.return"(%a) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @unknown_in_body(%x: tensor<4xf32>, %init: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.reduce"(%x, %init) <{dimensions = array<i64: 0>}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    // expected-error @below {{'stablehlo.nonsense' op is not imported inside the body of another operation; lower it before moe-import}}
    %sum = "stablehlo.nonsense"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
    "stablehlo.return"(%sum) : (tensor<f32>) -> ()
  }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @no_decomposition(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{malformed stablehlo.composite: expected a function of its types called @gone}}
  %0 = "stablehlo.composite"(%x) <{name = "my.op", decomposition = @gone}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @tuple_passed_on(%x: tensor<4xf32>) -> tuple<tensor<4xf32>> {
  // expected-error @below {{'stablehlo.tuple' op is passed on as a whole; pass its elements before moe-import}}
  %0 = "stablehlo.tuple"(%x) : (tensor<4xf32>) -> tuple<tensor<4xf32>>
  return %0 : tuple<tensor<4xf32>>
}
