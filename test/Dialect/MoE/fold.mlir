// What folds away, and what looks as if it did but must stay.

// RUN: moe-opt %s --canonicalize --allow-unregistered-dialect --split-input-file | FileCheck %s

// Identity without a change of type is no work.
// CHECK-LABEL: func.func @identity
// CHECK-SAME:    %[[L:.+]]: tensor<?x4xf32>
// CHECK-NEXT:    return %[[L]]
func.func @identity(%l: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = moe.score identity %l : tensor<?x4xf32> -> tensor<?x4xf32>
  return %s : tensor<?x4xf32>
}

// -----

// Nor is it where the values pass through a wider type: nothing is rounded.
// CHECK-LABEL: func.func @identity_in_wider_type
// CHECK-SAME:    %[[L:.+]]: tensor<?x4xbf16>
// CHECK-NEXT:    return %[[L]]
func.func @identity_in_wider_type(%l: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %s = moe.score identity %l {compute_type = f64} : tensor<?x4xbf16> -> tensor<?x4xbf16>
  return %s : tensor<?x4xbf16>
}

// -----

// Rounding scores to bf16 is part of the meaning.
// CHECK-LABEL: func.func @identity_that_rounds
// CHECK:         moe.score identity
func.func @identity_that_rounds(%l: tensor<?x4xf32>) -> tensor<?x4xbf16> {
  %s = moe.score identity %l : tensor<?x4xf32> -> tensor<?x4xbf16>
  return %s : tensor<?x4xbf16>
}

// -----

// Relu twice is relu once, but that is for the graph's author to say.
// CHECK-LABEL: func.func @other_functions
// CHECK:         moe.score relu
// CHECK:         moe.score sigmoid
// CHECK:         moe.score softmax
// CHECK:         moe.score sqrtsoftplus
func.func @other_functions(%l: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = moe.score relu %l : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = moe.score sigmoid %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = moe.score softmax %1 : tensor<?x4xf32> -> tensor<?x4xf32>
  %3 = moe.score sqrtsoftplus %2 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// -----

// In a graph region an op may use its own result: folding must end.
// CHECK-LABEL: func.func private @before_cycles
// CHECK:         %[[OWN:.+]] = moe.score identity %[[OWN]]
// CHECK:         %[[PAIR:.+]] = moe.score identity %[[PAIR]]
// CHECK-NOT:     moe.score
func.func private @before_cycles()
%own = moe.score identity %own : tensor<?x4xf32> -> tensor<?x4xf32>
"test.use"(%own) : (tensor<?x4xf32>) -> ()
%a = moe.score identity %b : tensor<?x4xf32> -> tensor<?x4xf32>
%b = moe.score identity %a : tensor<?x4xf32> -> tensor<?x4xf32>
"test.use"(%b) : (tensor<?x4xf32>) -> ()
