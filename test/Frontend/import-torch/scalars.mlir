// RUN: moe-opt %s --moe-import-torch | FileCheck %s
// RUN: %python -c "import numpy; numpy.save('%t.x.npy', numpy.ones((5, 6), 'f4')); numpy.save('%t.n.npy', numpy.array([30, 2, 5, 11, -1, 60, 2, 1, 5, 6, -7, 3, 1, 0, 7]))"
// RUN: moe-run %s --entry=sizes --backend=reference --input=%t.x.npy --expect=%t.n.npy
// RUN: moe-run %s --entry=sizes --backend=cpu --input=%t.x.npy --expect=%t.n.npy

// Numbers become i64, f64 and i1, and sizes those of the tensors.
// CHECK-LABEL: func.func @types
// CHECK-SAME:    (%{{.+}}: i64, %{{.+}}: f64, %{{.+}}: i1, %{{.+}}: tensor<?x3xi8>) -> (i64, f64)
func.func @types(%a: !torch.int, %b: !torch.float, %c: !torch.bool, %d: !torch.vtensor<[?,3],ui8>) -> (!torch.int, !torch.float) {
  return %a, %b : !torch.int, !torch.float
}

// A call takes what its operands became.
// CHECK-LABEL: func.func @calls
// CHECK:         call @types(%{{.+}}) : (i64, f64, i1, tensor<?x3xi8>) -> (i64, f64)
func.func @calls(%a: !torch.int, %b: !torch.float, %c: !torch.bool, %d: !torch.vtensor<[?,3],ui8>) -> !torch.int {
  %0:2 = func.call @types(%a, %b, %c, %d) : (!torch.int, !torch.float, !torch.bool, !torch.vtensor<[?,3],ui8>) -> (!torch.int, !torch.float)
  return %0#0 : !torch.int
}

// Functions without torch are not touched.
// CHECK-LABEL: func.func @other
// CHECK-NEXT:    %[[DEAD:.+]] = arith.constant 1 : i32
// CHECK-NEXT:    return
func.func @other() {
  %0 = arith.constant 1 : i32
  return
}

// What is known to hold is not asserted.
// CHECK-LABEL: func.func @asserts
// CHECK-NOT:     true
// CHECK:         %[[HOLDS:.+]] = arith.cmpi sle
// CHECK:         cf.assert %{{.+}}, "u0 <= 12"
// CHECK:         cf.assert %[[HOLDS]], "again"
// CHECK-NOT:     cf.assert
func.func @asserts(%x: !torch.vtensor<[?],f32>) {
  %zero = "torch.constant.int"() <{value = 0 : i64}> : () -> !torch.int
  %n = "torch.constant.int"() <{value = 12 : i64}> : () -> !torch.int
  %none = "torch.constant.none"() : () -> !torch.none
  %cpu = "torch.constant.device"() <{value = "cpu"}> : () -> !torch.Device
  %f32 = "torch.constant.int"() <{value = 6 : i64}> : () -> !torch.int
  %s = "torch.symbolic_int"() <{symbol_name = "s0", min_val = 2 : i64, max_val = 9 : i64}> : () -> !torch.int
  "torch.bind_symbolic_shape"(%x, %s) <{shape_expressions = affine_map<()[s0] -> (s0)>}> : (!torch.vtensor<[?],f32>, !torch.int) -> ()
  %size = "torch.aten.size.int"(%x, %zero) : (!torch.vtensor<[?],f32>, !torch.int) -> !torch.int
  "torch.aten.sym_constrain_range_for_size"(%size, %none, %none) : (!torch.int, !torch.none, !torch.none) -> ()
  "torch.aten.sym_constrain_range"(%size, %none, %none) : (!torch.int, !torch.none, !torch.none) -> ()
  %le = "torch.aten.le.int"(%size, %n) : (!torch.int, !torch.int) -> !torch.bool
  %int = "torch.aten.Int.bool"(%le) : (!torch.bool) -> !torch.int
  %text = "torch.constant.str"() <{value = "u0 <= 12"}> : () -> !torch.str
  "torch.aten._assert_scalar"(%int, %text) : (!torch.int, !torch.str) -> ()
  "torch.runtime.assert"(%le) <{message = "again"}> : (!torch.bool) -> ()
  %ge = "torch.aten.ge.int"(%n, %zero) : (!torch.int, !torch.int) -> !torch.bool
  "torch.runtime.assert"(%ge) <{message = "true"}> : (!torch.bool) -> ()
  "torch.aten._assert_tensor_metadata"(%x, %none, %none, %f32, %cpu, %zero) : (!torch.vtensor<[?],f32>, !torch.none, !torch.none, !torch.int, !torch.Device, !torch.int) -> ()
  return
}

func.func @sizes(%x: !torch.vtensor<[?,6],f32>) -> !torch.vtensor<[15],si64> {
  %0 = "torch.constant.int"() <{value = 0 : i64}> : () -> !torch.int
  %1 = "torch.constant.int"() <{value = 1 : i64}> : () -> !torch.int
  %neg = "torch.constant.int"() <{value = -2 : i64}> : () -> !torch.int
  %none = "torch.constant.none"() : () -> !torch.none
  %false = "torch.constant.bool"() <{value = false}> : () -> !torch.bool
  %half = "torch.constant.float"() <{value = 5.000000e-01 : f64}> : () -> !torch.float
  %number = "torch.constant.number"() <{value = 2 : i64}> : () -> !torch.int
  %numel = "torch.aten.numel"(%x) : (!torch.vtensor<[?,6],f32>) -> !torch.int
  %rank = "torch.aten.dim"(%x) : (!torch.vtensor<[?,6],f32>) -> !torch.int
  %t = "torch.aten.sym_size.int"(%x, %0) : (!torch.vtensor<[?,6],f32>, !torch.int) -> !torch.int
  %all = "torch.aten.size"(%x) : (!torch.vtensor<[?,6],f32>) -> !torch.list<int>
  %d = "torch.aten.__getitem__.t"(%all, %1) : (!torch.list<int>, !torch.int) -> !torch.int
  %both:2 = "torch.prim.TupleUnpack"(%all) : (!torch.list<int>) -> (!torch.int, !torch.int)
  %pair = "torch.prim.TupleConstruct"(%both#0, %both#1) : (!torch.int, !torch.int) -> !torch.tuple<int, int>
  %again = "torch.prim.TupleIndex"(%pair, %0) : (!torch.tuple<int, int>, !torch.int) -> !torch.int
  %add = "torch.aten.add.int"(%again, %d) : (!torch.int, !torch.int) -> !torch.int
  %sub = "torch.aten.sub.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.int
  %mul = "torch.aten.mul.int"(%numel, %rank) : (!torch.int, !torch.int) -> !torch.int
  %div = "torch.aten.floordiv.int"(%t, %number) : (!torch.int, !torch.int) -> !torch.int
  %rem = "torch.aten.remainder.int"(%t, %number) : (!torch.int, !torch.int) -> !torch.int
  %min = "torch.prim.min.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.int
  %max = "torch.prim.max.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.int
  %n = "torch.aten.sub.int"(%neg, %t) : (!torch.int, !torch.int) -> !torch.int
  %down = "torch.aten.floordiv.int"(%t, %neg) : (!torch.int, !torch.int) -> !torch.int
  %up = "torch.aten.neg.int"(%down) : (!torch.int) -> !torch.int
  %eq = "torch.aten.eq.int"(%t, %again) : (!torch.int, !torch.int) -> !torch.bool
  %ne = "torch.aten.ne.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.bool
  %lt = "torch.aten.lt.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.bool
  %gt = "torch.aten.gt.int"(%t, %d) : (!torch.int, !torch.int) -> !torch.bool
  %and = "torch.aten.__and__.bool"(%eq, %ne) : (!torch.bool, !torch.bool) -> !torch.bool
  %or = "torch.aten.__or__.bool"(%gt, %lt) : (!torch.bool, !torch.bool) -> !torch.bool
  %flags = "torch.aten.__and__.bool"(%and, %or) : (!torch.bool, !torch.bool) -> !torch.bool
  %one = "torch.aten.Int.bool"(%flags) : (!torch.bool) -> !torch.int
  %not = "torch.aten.__not__"(%flags) : (!torch.bool) -> !torch.bool
  %zero = "torch.aten.Int.bool"(%not) : (!torch.bool) -> !torch.int
  %real = "torch.aten.Float.Scalar"(%t) : (!torch.int) -> !torch.float
  %r0 = "torch.aten.div.float"(%real, %half) : (!torch.float, !torch.float) -> !torch.float
  %r1 = "torch.aten.mul.float"(%r0, %half) : (!torch.float, !torch.float) -> !torch.float
  %r2 = "torch.aten.div.int"(%d, %t) : (!torch.int, !torch.int) -> !torch.float
  %r3 = "torch.aten.div"(%r2, %r2) : (!torch.float, !torch.float) -> !torch.float
  %r4 = "torch.aten.sub.float"(%r1, %r3) : (!torch.float, !torch.float) -> !torch.float
  %int = "torch.aten.Int.float"(%r4) : (!torch.float) -> !torch.int
  %true = "torch.aten.Bool.float"(%r4) : (!torch.float) -> !torch.bool
  %same = "torch.aten.Bool.int"(%int) : (!torch.int) -> !torch.bool
  %three = "torch.aten.sub.int"(%int, %1) : (!torch.int, !torch.int) -> !torch.int
  %literal = "torch.vtensor.literal"() <{value = dense<7> : tensor<1xsi64>}> : () -> !torch.vtensor<[1],si64>
  %seven = "torch.aten.item"(%literal) : (!torch.vtensor<[1],si64>) -> !torch.int
  %t1 = "torch.aten._local_scalar_dense"(%literal) : (!torch.vtensor<[1],si64>) -> !torch.int
  %t2 = "torch.aten.Int.Tensor"(%literal) : (!torch.vtensor<[1],si64>) -> !torch.int
  %t3 = "torch.aten.Float.Tensor"(%literal) : (!torch.vtensor<[1],si64>) -> !torch.float
  %t4 = "torch.aten.Bool.Tensor"(%literal) : (!torch.vtensor<[1],si64>) -> !torch.bool
  %t5 = "torch.aten.Int.Scalar"(%t3) : (!torch.float) -> !torch.int
  %list = "torch.prim.ListConstruct"(%numel, %rank, %t, %add, %sub, %mul, %div, %rem, %min, %max, %n, %up, %one, %zero, %t5) : (!torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int, !torch.int) -> !torch.list<int>
  %result = "torch.aten.tensor"(%list, %none, %none, %false) : (!torch.list<int>, !torch.none, !torch.none, !torch.bool) -> !torch.vtensor<[15],si64>
  return %result : !torch.vtensor<[15],si64>
}
