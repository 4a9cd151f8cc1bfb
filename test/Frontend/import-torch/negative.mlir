// RUN: moe-opt %s --split-input-file --moe-import-torch --verify-diagnostics

func.func @unknown_op(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  // expected-error @below {{'torch.aten.fft_fft' is not among the torch operations that moe-import takes; decompose it before the export (run_decompositions), or see the table in lib/Frontend/Import/README.md}}
  %0 = "torch.aten.fft_fft"(%x) : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}

// -----

// The name inside torch.operator counts.
func.func @unknown_operator(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  // expected-error @below {{'torch.onnx.QMoE' is not among}}
  %0 = "torch.operator"(%x) <{name = "onnx.QMoE"}> : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}

// -----

func.func @malformed_list(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[2,2],f32> {
  %list = "torch.prim.ListConstruct"(%x) : (!torch.vtensor<[4],f32>) -> !torch.list<vtensor>
  // expected-error @below {{operand 1 should be a list of integers}}
  %0 = "torch.aten.view"(%x, %list) : (!torch.vtensor<[4],f32>, !torch.list<vtensor>) -> !torch.vtensor<[2,2],f32>
  return %0 : !torch.vtensor<[2,2],f32>
}

// -----

func.func @too_few_operands(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  // expected-error @below {{expected 2 operands, found 1}}
  %0 = "torch.aten.mul.Tensor"(%x) : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}

// -----

func.func @dimension(%x: !torch.vtensor<[4,2],f32>) -> !torch.vtensor<[4,2],f32> {
  %dim = "torch.constant.int"() <{value = 2 : i64}> : () -> !torch.int
  %false = "torch.constant.bool"() <{value = false}> : () -> !torch.bool
  // expected-error @below {{dimension 2 is out of range for rank 2}}
  %0 = "torch.aten._softmax"(%x, %dim, %false) : (!torch.vtensor<[4,2],f32>, !torch.int, !torch.bool) -> !torch.vtensor<[4,2],f32>
  return %0 : !torch.vtensor<[4,2],f32>
}

// -----

func.func @unknown_dimension(%x: !torch.vtensor<[4,2],f32>, %dim: !torch.int) -> !torch.vtensor<[4,2],f32> {
  %false = "torch.constant.bool"() <{value = false}> : () -> !torch.bool
  // expected-error @below {{operand 1 should be an integer constant}}
  %0 = "torch.aten._softmax"(%x, %dim, %false) : (!torch.vtensor<[4,2],f32>, !torch.int, !torch.bool) -> !torch.vtensor<[4,2],f32>
  return %0 : !torch.vtensor<[4,2],f32>
}

// -----

// expected-error @below {{unsupported element type 'complex<f32>' in '!torch.vtensor<[4],complex<f32>>'}}
func.func @element_type(%x: !torch.vtensor<[4],complex<f32>>) {
  return
}

// -----

// expected-error @below {{does not say its rank; export with shapes}}
func.func @no_rank(%x: !torch.vtensor) {
  return
}

// -----

// expected-error @below {{cannot take or return a '!torch.list<int>'}}
func.func @list_argument(%x: !torch.list<int>) {
  return
}

// -----

// expected-error @below {{cannot take or return a '!torch.tensor'}}
func.func @mutable_tensor(%x: !torch.tensor) {
  return
}

// -----

func.func @broadcast(%x: !torch.vtensor<[4],f32>, %y: !torch.vtensor<[3],f32>) -> !torch.vtensor<[4],f32> {
  // expected-error @below {{sizes 4 and 3 do not broadcast}}
  %0 = "torch.aten.mul.Tensor"(%x, %y) : (!torch.vtensor<[4],f32>, !torch.vtensor<[3],f32>) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}

// -----

func.func @declared(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[5],f32> {
  // expected-error @below {{is declared to give '!torch.vtensor<[5],f32>', but gives 'tensor<4xf32>'}}
  %0 = "torch.aten.relu"(%x) : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[5],f32>
  return %0 : !torch.vtensor<[5],f32>
}

// -----

func.func @elements(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[5],f32> {
  %n = "torch.constant.int"() <{value = 5 : i64}> : () -> !torch.int
  %list = "torch.prim.ListConstruct"(%n) : (!torch.int) -> !torch.list<int>
  // expected-error @below {{views 4 elements as 5}}
  %0 = "torch.aten.view"(%x, %list) : (!torch.vtensor<[4],f32>, !torch.list<int>) -> !torch.vtensor<[5],f32>
  return %0 : !torch.vtensor<[5],f32>
}

// -----

func.func @depths(%x: !torch.vtensor<[4,3],f32>, %y: !torch.vtensor<[2,5],f32>) -> !torch.vtensor<[4,5],f32> {
  // expected-error @below {{multiplies rows of 3 with columns of 2}}
  %0 = "torch.aten.mm"(%x, %y) : (!torch.vtensor<[4,3],f32>, !torch.vtensor<[2,5],f32>) -> !torch.vtensor<[4,5],f32>
  return %0 : !torch.vtensor<[4,5],f32>
}

// -----

func.func @metadata(%x: !torch.vtensor<[4],f32>) {
  %none = "torch.constant.none"() : () -> !torch.none
  %bf16 = "torch.constant.int"() <{value = 15 : i64}> : () -> !torch.int
  // expected-error @below {{asserts another element type than 'f32'}}
  "torch.aten._assert_tensor_metadata"(%x, %none, %none, %bf16, %none, %none) : (!torch.vtensor<[4],f32>, !torch.none, !torch.none, !torch.int, !torch.none, !torch.none) -> ()
  return
}

// -----

func.func @literal() -> !torch.vtensor<[2],f32> {
  // expected-error @below {{expected elements as 'value'}}
  %0 = "torch.vtensor.literal"() : () -> !torch.vtensor<[2],f32>
  return %0 : !torch.vtensor<[2],f32>
}

// -----

func.func @other_op(%x: !torch.vtensor<[4],f32>) {
  // expected-error @below {{takes a torch value, and only torch operations, func.call and func.return may}}
  "chlo.print"(%x) : (!torch.vtensor<[4],f32>) -> ()
  return
}

// -----

func.func @training(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  %p = "torch.constant.float"() <{value = 5.000000e-01 : f64}> : () -> !torch.float
  %true = "torch.constant.bool"() <{value = true}> : () -> !torch.bool
  // expected-error @below {{drops at random; export the model in eval mode}}
  %0 = "torch.aten.dropout"(%x, %p, %true) : (!torch.vtensor<[4],f32>, !torch.float, !torch.bool) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}

// -----

func.func @grouped_form(%x: !torch.vtensor<[2,4,3],f32>, %w: !torch.vtensor<[2,3,5],f32>) -> !torch.vtensor<[2,4,5],f32> {
  %none = "torch.constant.none"() : () -> !torch.none
  // expected-error @below {{should multiply runs of rows [N, K] by matrices [E, K, D] with offsets; other forms are not imported}}
  %0 = "torch.operator"(%x, %w, %none, %none, %none) <{name = "torch.aten._grouped_mm"}> : (!torch.vtensor<[2,4,3],f32>, !torch.vtensor<[2,3,5],f32>, !torch.none, !torch.none, !torch.none) -> !torch.vtensor<[2,4,5],f32>
  return %0 : !torch.vtensor<[2,4,5],f32>
}

// -----

func.func @onnx_axis(%x: !torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32> {
  // expected-error @below {{dimension 3 is out of range for rank 1}}
  %0 = "torch.operator"(%x) <{name = "onnx.Softmax"}> {torch.onnx.axis = 3 : si64} : (!torch.vtensor<[4],f32>) -> !torch.vtensor<[4],f32>
  return %0 : !torch.vtensor<[4],f32>
}
