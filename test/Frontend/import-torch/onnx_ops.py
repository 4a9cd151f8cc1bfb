# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of ONNX operators: (operator, operands, what it gives, options). A name
with values is an attribute."""

import sys

import numpy as np

from graphs import known, main
from torch_ops import STATIC, erf, f, ints, scattered, sigmoid, softmax


def elementwise():
    x, y = f(3, 5), f(5)
    n, m = ints(-9, 10, 4, 3), ints(1, 5, 3)
    mixed = m * np.array([1, -1, 1])
    p = np.abs(x) + np.float32(0.1)
    a, b = n > 0, n % 2 == 0
    odd = np.array([-2.5, -0.5, 0.5, 1.5, np.nan], "f4")
    plain = {"Abs": np.abs, "Cos": np.cos, "Erf": erf, "Exp": np.exp,
             "Identity": np.copy, "Neg": np.negative, "Sin": np.sin,
             "Sigmoid": sigmoid, "Tan": np.tan, "Tanh": np.tanh,
             "Sign": np.sign, "Relu": lambda v: np.maximum(v, 0)}
    cases = [(f"onnx.{name}", [x], fn(x).astype("f4")) for name, fn in plain.items()]
    for name, fn in {"Log": np.log, "Sqrt": np.sqrt,
                     "Reciprocal": lambda v: 1 / v}.items():
        cases.append((f"onnx.{name}", [p], fn(p).astype("f4")))
    for name, fn in {"Ceil": np.ceil, "Floor": np.floor, "Round": np.rint,
                     "IsNaN": np.isnan}.items():
        cases.append((f"onnx.{name}", [odd], fn(odd)))
    for name, fn in {"Equal": np.equal, "Greater": np.greater, "Less": np.less,
                     "GreaterOrEqual": np.greater_equal,
                     "LessOrEqual": np.less_equal, "Mul": np.multiply,
                     "Add": np.add, "Sub": np.subtract}.items():
        cases.append((f"onnx.{name}", [n, m], fn(n, m)))
    for name, fn in {"And": np.logical_and, "Or": np.logical_or,
                     "Xor": np.logical_xor}.items():
        cases.append((f"onnx.{name}", [a, b], fn(a, b)))
    for name, fn in {"BitwiseAnd": np.bitwise_and, "BitwiseOr": np.bitwise_or,
                     "BitwiseXor": np.bitwise_xor}.items():
        cases.append((f"onnx.{name}", [n, m], fn(n, m)))
    return cases + [
        ("onnx.Div", [x, y], x / y), ("onnx.Div", [n, mixed], np.trunc(n / mixed).astype("i8")),
        ("onnx.Pow", [p, y], p ** y), ("onnx.Not", [a], ~a),
        ("onnx.BitwiseNot", [n], ~n),
        ("onnx.Where", [x > 0, x, y], np.where(x > 0, x, y)),
        ("onnx.Mod", [n, mixed], np.remainder(n, mixed)),
        ("onnx.Mod", [x, y], np.fmod(x, y), {"fmod": 1}),
        ("onnx.Max", [x, y, f(1) * 0], np.maximum(np.maximum(x, y), 0)),
        ("onnx.Min", [n, m], np.minimum(n, m)),
        ("onnx.Sum", [x, y, x], x + y + x), ("onnx.Mean", [x, y], (x + y) / 2),
        ("onnx.Cast", [x * 3], (x * 3).astype("i8"), {"to": 7}),
        ("onnx.CastLike", [n, x], n.astype("f4")),
        ("onnx.Gelu", [x], x / 2 * (1 + erf(x / np.sqrt(np.float32(2))))),
        ("onnx.LeakyRelu", [x], np.where(x > 0, x, x * np.float32(0.2)), {"alpha": 0.2}),
        ("onnx.Softplus", [x * 50], np.logaddexp(x * 50, 0).astype("f4")),
        ("onnx.Clip", [x, np.array(-0.5, "f4"), np.array(0.5, "f4")], np.clip(x, -0.5, 0.5)),
        ("onnx.Clip", [n, None, np.array(2)], np.minimum(n, 2)),
        ("onnx.Constant", [], np.array([1.5, 2], "f4"), {"value": np.array([1.5, 2], "f4"), **STATIC}),
        ("onnx.Constant", [], np.array([1, 2]), {"value_ints": [1, 2], **STATIC}),
        ("onnx.Constant", [], np.array(3), {"value_int": 3, **STATIC}),
        ("onnx.Constant", [], np.array(0.5, "f4"), {"value_float": 0.5, **STATIC}),
    ]


def computing():
    a, b, c = f(4, 5), f(5, 3), f(3)
    x, n = f(2, 3, 6), ints(0, 4, 2, 3)
    w, bias = f(6), f(6)
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    layer = (x - mean) / np.sqrt(var + 1e-5) * w + bias
    rms = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w
    top = np.argsort(-x, 1, kind="stable")[:, :2]
    one = known(1)
    return [
        ("onnx.MatMul", [f(2, 1, 4, 5) * 0 + a, b], np.stack([[a @ b]] * 2), STATIC),
        ("onnx.Gemm", [a, b, c], a @ b + c, {"alpha": 1.0}),
        ("onnx.Gemm", [a.T.copy(), b.T.copy(), c], (a @ b * 2 + c * 0.5).astype("f4"),
         {"transA": 1, "transB": 1, "alpha": 2.0, "beta": 0.5}),
        ("onnx.Einsum", [a, b], np.einsum("ij,jk->ki", a, b), {"equation": "ij,jk->ki"}),
        ("onnx.Softmax", [x], softmax(x)), ("onnx.Softmax", [x], softmax(x, 1), {"axis": 1}),
        ("onnx.LogSoftmax", [x], np.log(softmax(x))),
        ("onnx.ReduceSum", [x, one], x.sum(1, keepdims=True), STATIC),
        ("onnx.ReduceSum", [x, None], x, {"noop_with_empty_axes": 1}),
        ("onnx.ReduceSum", [x], x.sum((0, 2)), {"axes": [0, -1], "keepdims": 0}),
        ("onnx.ReduceMean", [x], x.mean(), {"keepdims": 0}),
        ("onnx.ReduceProd", [x], x.prod(2, keepdims=True), {"axes": [2]}),
        ("onnx.ReduceMax", [x], x.max(0), {"axes": [0], "keepdims": 0}),
        ("onnx.ReduceMin", [n], n.min(1), {"axes": [1], "keepdims": 0}),
        ("onnx.ArgMax", [x], x.argmax(2), {"axis": 2, "keepdims": 0}),
        ("onnx.ArgMin", [x], x.argmin(0)[None], {"axis": 0}),
        ("onnx.TopK", [x, known(2)], [np.take_along_axis(x, top, 1), top],
         {"axis": 1, **STATIC}),
        ("onnx.LayerNormalization", [x, w, bias], layer.astype("f4")),
        ("onnx.RMSNormalization", [x, w], rms.astype("f4")),
        ("onnx.OneHot", [n, known(4), np.array([0, 2], "f4")],
         np.eye(4, dtype="f4")[n] * 2, STATIC),
    ]


def shapes():
    x, n = f(2, 3, 4), ints(-3, 3, 2, 2)
    g = ints(0, 2, 2, 3, 4)
    pairs = np.array([[0, 2], [1, -1]])
    put = x.copy()
    np.add.at(put, (0, 1), f(4) * 0 + 1)
    m = ints(0, 2, 3, 4)
    return [
        ("onnx.Reshape", [x, known(0, -1)], x.reshape(2, 12), STATIC),
        ("onnx.Flatten", [x], x.reshape(2, 12), {"axis": 1}),
        ("onnx.Unsqueeze", [x, known(0, -1)], x[None, ..., None], STATIC),
        ("onnx.Unsqueeze", [x], x[:, None], {"axes": [1]}),
        ("onnx.Squeeze", [x[:, :1], known(1)], x[:, 0], STATIC),
        ("onnx.Squeeze", [x[:1]], x[0], STATIC),
        ("onnx.Transpose", [x], x.T), ("onnx.Transpose", [x], x.transpose(1, 0, 2), {"perm": [1, 0, 2]}),
        ("onnx.Expand", [x[:, :1], known(2, 1, 3, 1)],
         np.broadcast_to(x[:, :1], (2, 2, 3, 4)), STATIC),
        ("onnx.Tile", [x[0], known(2, 3)], np.tile(x[0], (2, 3)), STATIC),
        ("onnx.Concat", [x, x[:, :1]], np.concatenate([x, x[:, :1]], 1), {"axis": 1}),
        ("onnx.Split", [x, known(1, 2)], [x[:, :1], x[:, 1:]], {"axis": 1, **STATIC}),
        ("onnx.Split", [x], [x[..., :2], x[..., 2:]], {"axis": 2, "num_outputs": 2, **STATIC}),
        ("onnx.Slice", [x, known(1, -3), known(9, -1), known(0, 2), known(1, 2)],
         x[1:9, :, -3:-1:2], STATIC),
        ("onnx.Shape", [x], np.array([2, 3, 4]), STATIC),
        ("onnx.Shape", [x], np.array([3]), {"start": 1, "end": -1, **STATIC}),
        ("onnx.Size", [x], np.array(24), STATIC),
        ("onnx.ConstantOfShape", [known(2, 3)], np.full((2, 3), 7), {"value": np.array([7]), **STATIC}),
        ("onnx.Range", [np.array(2), np.array(11), known(3).reshape(())], np.arange(2, 11, 3), STATIC),
        ("onnx.Gather", [x, n], np.take(x, n, 1), {"axis": 1}),
        ("onnx.Gather", [x, np.array(-1)], x[-1]),
        ("onnx.GatherElements", [x, g], np.take_along_axis(x, g, 0), {"axis": 0}),
        ("onnx.GatherND", [x, pairs], x[pairs[:, 0], pairs[:, 1]], STATIC),
        ("onnx.GatherND", [x, np.array([[1], [2]])], np.stack([x[0, 1], x[1, 2]]),
         {"batch_dims": 1, **STATIC}),
        ("onnx.ScatterElements", [x, g, x], scattered(x, 0, g, x), {"axis": 0}),
        ("onnx.ScatterElements", [x, g, x], scattered(x, 0, g, x, np.add), {"axis": 0, "reduction": "add"}),
        ("onnx.ScatterND", [x, np.array([[0, 1]]), np.ones((1, 4), "f4")], put,
         {"reduction": "add", **STATIC}),
        ("onnx.Trilu", [x], np.triu(x)), ("onnx.Trilu", [x, known(1)], np.tril(x, 1), {"upper": 0, **STATIC}),
        ("onnx.NonZero", [m], np.stack(np.nonzero(m))),
        ("onnx.CumSum", [x, known(1)], x.cumsum(1), STATIC),
    ]


if __name__ == "__main__":
    sys.exit(main({function.__name__: function
                   for function in (elementwise, computing, shapes)}))
