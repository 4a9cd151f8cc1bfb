# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Cases of torch ops: (op, operands, what it gives, options)."""

import math
import sys

import numpy as np

from graphs import BF16, main

rng = np.random.default_rng(5)
STATIC = {"static": True}


def f(*shape):
    return rng.standard_normal(shape).astype("f4")


def ints(low, high, *shape):
    return rng.integers(low, high, shape).astype("i8")


def erf(x):
    return np.vectorize(math.erf)(x).astype("f4")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def unary():
    x, y = f(3, 5), np.abs(f(3, 5)) + np.float32(0.1)
    odd = np.array([-2.5, -0.5, 0, 0.5, 1.5, 2.5, np.inf, -np.inf, np.nan], "f4")
    n = ints(-4, 5, 7)
    b = n > 0
    plain = {"exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "sin": np.sin,
             "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "atan": np.arctan,
             "erf": erf, "sigmoid": sigmoid, "neg": np.negative, "abs": np.abs,
             "square": np.square, "alias": np.copy, "detach": np.copy,
             "lift_fresh_copy": np.copy, "detach_copy": np.copy,
             "alias_copy": np.copy, "silu": lambda v: v * sigmoid(v),
             "relu6": lambda v: np.clip(v, 0, 6),
             "hardsigmoid": lambda v: np.clip(v + 3, 0, 6) / 6,
             "hardswish": lambda v: v * np.clip(v + 3, 0, 6) / 6,
             "mish": lambda v: v * np.tanh(np.log1p(np.exp(v)))}
    cases = [(f"aten.{name}", [x], fn(x).astype("f4")) for name, fn in plain.items()]
    for name, fn in {"log": np.log, "log2": np.log2, "log10": np.log10,
                     "log1p": np.log1p, "sqrt": np.sqrt,
                     "rsqrt": lambda v: 1 / np.sqrt(v),
                     "reciprocal": lambda v: 1 / v}.items():
        cases.append((f"aten.{name}", [y], fn(y).astype("f4")))
    for name, fn in {"ceil": np.ceil, "floor": np.floor, "round": np.rint,
                     "trunc": np.trunc, "relu": lambda v: np.where(v > 0, v, v * 0 if False else np.where(np.isnan(v), v, 0)),
                     "isnan": np.isnan, "isinf": np.isinf,
                     "isfinite": np.isfinite, "sign": lambda v: np.nan_to_num(np.sign(v), nan=0),
                     "sgn": lambda v: np.nan_to_num(np.sign(v), nan=0)}.items():
        cases.append((f"aten.{name}", [odd], np.asarray(fn(odd)).astype(
            fn(odd).dtype if fn(odd).dtype == bool else "f4")))
    low = BF16(f(4, 3))
    cases += [
        ("aten.exp", [n], np.exp(n.astype("f4"))),
        ("aten.neg", [n], -n), ("aten.abs", [n], np.abs(n)),
        ("aten.relu", [n], np.maximum(n, 0)), ("aten.sign", [n], np.sign(n)),
        ("aten.logical_not", [n], n == 0), ("aten.logical_not", [odd], odd == 0),
        ("aten.bitwise_not", [n], ~n), ("aten.bitwise_not", [b], ~b),
        ("aten.isnan", [n], np.zeros(7, bool)),
        ("aten.gelu", [x, "none"], x / 2 * (1 + erf(x / np.sqrt(np.float32(2))))),
        ("aten.gelu", [x, "tanh"], (x / 2 * (1 + np.tanh(
            np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))).astype("f4")),
        ("aten.softplus", [x * 20, 2.0, 20.0], np.where(
            x * 40 > 20, x * 20, np.log1p(np.exp(np.minimum(x * 40, 20))) / 2).astype("f4")),
        ("aten.leaky_relu", [x, 0.1], np.where(x > 0, x, x * np.float32(0.1))),
        ("aten.elu", [x, 1.5, 1.0, 1.0],
         np.where(x > 0, x, 1.5 * np.expm1(x)).astype("f4")),
        ("aten.silu", [low], BF16(low.floats * sigmoid(low.floats))),
        ("aten.dropout", [x, 0.5, False], x),
        ("aten.clone", [x, 0], x), ("aten.contiguous", [x, 0], x),
        ("prims.convert_element_type", [odd[:6], 4], odd[:6].astype("i8")),
        ("aten.to.dtype", [odd, 11, False, False, None], odd != 0),
        ("aten.to.dtype", [b, 6, False, False, None], b.astype("f4")),
        ("aten.to.dtype_layout", [n, 6, 0, None, None, False, False, None],
         n.astype("f4")),
        ("aten.to.device", [x, "cpu", 7, False, False, None], x.astype("f8")),
        ("aten.to.prim_Device", [x, "cpu", 7, False, False], x.astype("f8")),
        ("aten.to.other", [n, x, False, False, None], n.astype("f4")),
        ("aten._to_copy", [x, 15, 0, None, None, False, None], BF16(x)),
        ("aten.type_as", [n, x], n.astype("f4")),
    ]
    return cases


def binary():
    x, y, v = f(3, 5), f(3, 5), f(5)
    n, m = ints(-9, 10, 4, 3), ints(1, 5, 3)
    m = m * np.array([1, -1, 1])
    s = np.float32(0.5) + np.zeros((), "f4")
    low, high = BF16(f(4, 3)), BF16(f(4, 3))
    a, b = n > 0, n % 2 == 0
    cases = [
        ("aten.add.Tensor", [x, v, 1], x + v),
        ("aten.add.Tensor", [x, n[:3, :1], 2], (x + n[:3, :1] * 2).astype("f4")),
        ("aten.add.Tensor", [low, high, 2], BF16(low.floats + 2 * high.floats)),
        ("aten.add.Tensor", [n, s, 1], (n + s).astype("f4")),
        ("aten.add.Scalar", [n, 3, 2], n + 6),
        ("aten.add.Scalar", [n, 0.5, 1], (n + 0.5).astype("f4")),
        ("aten.sub.Tensor", [x, y, 1], x - y),
        ("aten.sub.Scalar", [x, 2, 1], x - 2),
        ("aten.rsub.Scalar", [x, 2, 1], 2 - x),
        ("aten.rsub.Tensor", [x, y, 1], y - x),
        ("aten.mul.Tensor", [x, f(3, 1) * 0 + 2], x * 2),
        ("aten.mul.Tensor", [a, b], a & b),
        ("aten.mul.Tensor", [low, high], BF16(low.floats * high.floats)),
        ("aten.mul.Scalar", [x, 3], x * 3),
        ("aten.div.Tensor", [x, y], x / y),
        ("aten.div.Tensor", [n, m], (n / m).astype("f4")),
        ("aten.div.Scalar", [n, 4], (n / 4).astype("f4")),
        ("aten.div.Tensor_mode", [n, m, "floor"], n // m),
        ("aten.div.Tensor_mode", [n, m, "trunc"], np.trunc(n / m).astype("i8")),
        ("aten.div.Tensor_mode", [x, y, "floor"], np.floor_divide(x, y)),
        ("aten.div.Tensor_mode", [x, y, None], x / y),
        ("aten.div.Scalar_mode", [x, 0.3, "trunc"], np.trunc(x / np.float32(0.3))),
        ("aten.floor_divide", [n, m], n // m),
        ("aten.floor_divide.Scalar", [n, -3], n // -3),
        ("aten.remainder.Tensor", [n, m], np.remainder(n, m)),
        ("aten.remainder.Scalar", [n, 4], n % 4),
        ("aten.remainder.Scalar_Tensor", [7, m], 7 % m),
        ("aten.remainder.Tensor", [x, y], np.remainder(x, y)),
        ("aten.fmod.Tensor", [x, y], np.fmod(x, y)),
        ("aten.fmod.Scalar", [n, 4], np.fmod(n, 4)),
        ("aten.maximum", [x, y], np.maximum(x, y)),
        ("aten.minimum", [n, m], np.minimum(n, m)),
        ("aten.max.other", [x, y], np.maximum(x, y)),
        ("aten.min.other", [x, y], np.minimum(x, y)),
        ("aten.atan2", [x, y], np.arctan2(x, y)),
        ("aten.pow.Tensor_Scalar", [x, 2], x * x),
        ("aten.pow.Tensor_Scalar", [np.abs(x), 1.7], np.abs(x) ** np.float32(1.7)),
        ("aten.pow.Tensor_Scalar", [np.abs(x), -0.5], np.abs(x) ** np.float32(-0.5)),
        ("aten.pow.Tensor_Scalar", [n, 3], n ** 3),
        ("aten.pow.Tensor_Tensor", [np.abs(x), y], np.abs(x) ** y),
        ("aten.pow.Scalar", [2, y], np.float32(2) ** y),
        ("aten.eq.Tensor", [n, m], n == m), ("aten.eq.Scalar", [n, 2], n == 2),
        ("aten.ne.Tensor", [n, m], n != m), ("aten.ne.Scalar", [x, 1], x != 1),
        ("aten.lt.Tensor", [n, s], n < s), ("aten.lt.Scalar", [n, 0.5], n < 0.5),
        ("aten.le.Tensor", [x, y], x <= y), ("aten.le.Scalar", [n, -1], n <= -1),
        ("aten.gt.Tensor", [x, y], x > y), ("aten.gt.Scalar", [x, 0], x > 0),
        ("aten.ge.Tensor", [n, m], n >= m), ("aten.ge.Scalar", [x, 0.1], x >= 0.1),
        ("aten.bitwise_and.Tensor", [a, b], a & b),
        ("aten.bitwise_and.Scalar", [n, 6], n & 6),
        ("aten.bitwise_or.Tensor", [n, m], n | m),
        ("aten.bitwise_or.Scalar", [n, 1], n | 1),
        ("aten.bitwise_xor.Tensor", [n, m], n ^ m),
        ("aten.bitwise_xor.Scalar", [n, 5], n ^ 5),
        ("aten.__and__.Tensor", [a, b], a & b),
        ("aten.__and__.Scalar", [n, 3], n & 3),
        ("aten.__or__.Tensor", [a, b], a | b),
        ("aten.__or__.Scalar", [n, 8], n | 8),
        ("aten.bitwise_left_shift.Tensor", [n, np.abs(m)], n << np.abs(m)),
        ("aten.bitwise_left_shift.Scalar", [n, 2], n << 2),
        ("aten.bitwise_right_shift.Tensor", [n, np.abs(m)], n >> np.abs(m)),
        ("aten.bitwise_right_shift.Scalar", [n, 1], n >> 1),
        ("aten.__lshift__.Scalar", [n, 1], n << 1),
        ("aten.__rshift__.Scalar", [n, 1], n >> 1),
        ("aten.logical_and", [n, x[:1, :3]], (n != 0) & (x[:1, :3] != 0)),
        ("aten.logical_or", [a, b], a | b), ("aten.logical_xor", [a, n], a ^ (n != 0)),
    ]
    return cases


def selection():
    x, y = f(3, 5), f(5)
    mask, n = x > 0, ints(-4, 5, 3, 5)
    z = x.copy()
    z[0, 0] = np.nan
    return [
        ("aten.where.self", [mask, x, y], np.where(mask, x, y)),
        ("aten.where.self", [mask, x, np.zeros((), "f4")], np.where(mask, x, 0).astype("f4")),
        ("aten.where.Scalar", [mask, 1, 0], np.where(mask, 1, 0)),
        ("aten.where.ScalarSelf", [mask, 2.0, x], np.where(mask, 2, x).astype("f4")),
        ("aten.where.ScalarOther", [mask, x, -math.inf], np.where(mask, x, -np.inf).astype("f4")),
        ("aten.masked_fill.Scalar", [x, mask, -1], np.where(mask, -1, x).astype("f4")),
        ("aten.masked_fill.Tensor", [x, mask, np.ones((), "f4")], np.where(mask, 1, x).astype("f4")),
        ("aten.clamp", [z, -0.5, 0.5], np.clip(z, -0.5, 0.5)),
        ("aten.clamp", [n, None, 2], np.minimum(n, 2)),
        ("aten.clamp.Tensor", [x, y, None], np.maximum(x, y)),
        ("aten.hardtanh", [x, -1, 1], np.clip(x, -1, 1)),
        ("aten.clamp_min", [x, 0], np.maximum(x, 0)),
        ("aten.clamp_min.Tensor", [x, y], np.maximum(x, y)),
        ("aten.clamp_max", [n, 1], np.minimum(n, 1)),
        ("aten.clamp_max.Tensor", [x, y], np.minimum(x, y)),
        ("aten.tril", [x, 1], np.tril(x, 1)), ("aten.triu", [x, -1], np.triu(x, -1)),
        ("aten.addcmul", [x, y, y, 2], x + 2 * y * y),
        ("aten.addcdiv", [x, y, np.abs(y) + 1, 0.5], (x + 0.5 * y / (np.abs(y) + 1)).astype("f4")),
    ]


def creation():
    x, n = f(2, 3), ints(0, 5, 2, 3)
    six = [6, 0, "cpu", False]
    four = [4, 0, "cpu", False]
    return [
        ("aten.full", [[2, 3], 1.5] + six, np.full((2, 3), 1.5, "f4")),
        ("aten.new_full", [x, [4], 2] + six, np.full(4, 2, "f4")),
        ("aten.zeros", [[3]] + four, np.zeros(3, "i8")),
        ("aten.ones", [[]] + six, np.ones((), "f4")),
        ("aten.empty.memory_format", [[2]] + six + [None], np.zeros(2, "f4")),
        ("aten.empty_strided", [[2, 3], [3, 1]] + six, np.zeros((2, 3), "f4")),
        ("aten.new_zeros", [x, [0, 3]] + six, np.zeros((0, 3), "f4")),
        ("aten.new_ones", [x, [2]] + six, np.ones(2, "f4")),
        ("aten.new_empty", [x, [2]] + six, np.zeros(2, "f4")),
        ("aten.new_empty_strided", [x, [2], [1]] + six, np.zeros(2, "f4")),
        ("aten.full_like", [x, -math.inf] + six + [None], np.full((2, 3), -np.inf, "f4")),
        ("aten.fill.Scalar", [n, 3], np.full((2, 3), 3)),
        ("aten.fill.Tensor", [x, np.full((), 2)], np.full((2, 3), 2, "f4")),
        ("aten.zeros_like", [n] + four + [None], np.zeros((2, 3), "i8")),
        ("aten.ones_like", [n, 11, 0, "cpu", False, None], np.ones((2, 3), bool)),
        ("aten.empty_like", [x] + six + [None], np.zeros((2, 3), "f4")),
        ("aten.zero", [x], np.zeros((2, 3), "f4")),
        ("aten.scalar_tensor", [-3.4028234663852886e38, 6, 0, "cpu", None],
         np.array(np.finfo("f4").min)),
        ("prim.NumToTensor.Scalar", [2], np.array(2)),
        ("aten.tensor.int", [7, 4, None, False], np.array(7)),
        ("aten.tensor.float", [0.5, 6, None, False], np.array(0.5, "f4")),
        ("aten.tensor.bool", [True, 11, None, False], np.array(True)),
        ("aten.tensor", [[1, 2, 3], 4, None, False], np.array([1, 2, 3])),
        ("aten.arange", [5] + four, np.arange(5)),
        ("aten.arange.start", [2, 7] + four, np.arange(2, 7)),
        ("aten.arange.start_step", [9, 1, -3] + four, np.arange(9, 1, -3)),
        ("aten.arange.start_step", [0, 1.0, 0.25] + six, np.arange(0, 1, 0.25, "f4"), STATIC),
    ]


def views():
    x, y = f(2, 3, 4), f(1, 3, 1)
    return [
        ("aten.view", [x, [6, -1]], x.reshape(6, 4)),
        ("aten.view", [f(0, 3) , [3, 0]], np.zeros((3, 0), "f4")),
        ("aten.reshape", [x, [2, 2, 6]], x.reshape(2, 2, 6)),
        ("aten._unsafe_view", [x, [-1]], x.ravel()),
        ("aten.view_copy", [x, [4, 3, 2]], x.reshape(4, 3, 2)),
        ("aten._reshape_copy", [np.ones((1, 1), "f4"), []], np.ones((), "f4")),
        ("aten._reshape_alias", [x, [24], [1]], x.ravel()),
        ("aten.flatten.using_ints", [x, 1, -1], x.reshape(2, 12)),
        ("aten.unflatten.int", [x, 2, [2, -1]], x.reshape(2, 3, 2, 2)),
        ("aten.unsqueeze", [x, -1], x[..., None]),
        ("aten.unsqueeze", [np.ones((), "f4"), 0], np.ones(1, "f4")),
        ("aten.squeeze", [y], y.reshape(3), STATIC),
        ("aten.squeeze.dim", [y, -1], y[..., 0], STATIC),
        ("aten.squeeze.dims", [y, [0, 1]], y[0], STATIC),
        ("prims.squeeze", [y, [0, 2]], y.reshape(3), STATIC),
        ("aten.permute", [x, [2, 0, -2]], x.transpose(2, 0, 1)),
        ("aten.transpose.int", [x, -1, 0], x.swapaxes(2, 0)),
        ("aten.t", [x[0]], x[0].T), ("aten.numpy_T", [x], x.T),
        ("aten.movedim.int", [x, 0, 2], np.moveaxis(x, 0, 2)),
        ("aten.expand", [y, [2, 2, -1, 4], False], np.broadcast_to(y, (2, 2, 3, 4)), STATIC),
        ("aten.broadcast_to", [x[0, :1], [3, 4]], np.broadcast_to(x[0, :1], (3, 4)), STATIC),
        ("aten.expand_as", [y, x], np.broadcast_to(y, (2, 3, 4)), STATIC),
        ("aten.repeat", [x[0], [2, 1, 3]], np.tile(x[0], (2, 1, 3))),
        ("aten.repeat_interleave.self_int", [x, 2, 1, None], np.repeat(x, 2, 1)),
        ("aten.repeat_interleave.self_int", [x[0], 3, None, None], np.repeat(x[0], 3)),
    ]


def shape():
    x, n = f(4, 6), ints(0, 9, 2, 3)
    return [
        ("aten.slice.Tensor", [x, 1, 1, 9223372036854775807, 2], x[:, 1::2]),
        ("aten.slice.Tensor", [x, 0, -3, -1, 1], x[-3:-1]),
        ("aten.slice.Tensor", [x, 0, 3, 1, 1], x[3:1]),
        ("aten.slice.Tensor", [x, 1, None, 100, 1], x),
        ("aten.narrow", [x, 0, 1, 2], x[1:3]),
        ("aten.select.int", [x, 1, -2], x[:, -2]),
        ("aten.split_with_sizes", [x, [2, 4], -1], [x[:, :2], x[:, 2:]], {"unpack": 2}),
        ("aten.split.sizes", [x, [1, 3], 0], [x[:1], x[1:]], {"unpack": 2}),
        ("aten.split.Tensor", [x, 4, 1], [x[:, :4], x[:, 4:]], {"unpack": 2, **STATIC}),
        ("aten.chunk", [x, 3, 1], [x[:, :2], x[:, 2:4], x[:, 4:]], {"unpack": 3, **STATIC}),
        ("aten.unbind.int", [n, 0], [n[0], n[1]], {"unpack": 2, **STATIC}),
        ("aten.cat", [[x, x[:, :1]], 1], np.concatenate([x, x[:, :1]], 1)),
        ("aten.cat", [[np.zeros(0, "f4"), x], -2], x, STATIC),
        ("aten.cat", [[n[0], x[0]], 0], np.concatenate([n[0], x[0]]).astype("f4")),
        ("aten.stack", [[x, x], -1], np.stack([x, x], -1)),
        ("aten.flip", [x, [0, -1]], x[::-1, ::-1]),
        ("aten.roll", [x, [1, -2], [0, 1]], np.roll(x, (1, -2), (0, 1)), STATIC),
        ("aten.roll", [x, [3], []], np.roll(x, 3), STATIC),
        ("aten.constant_pad_nd", [x, [1, -2, 0, 1], 0.5],
         np.pad(x[:, :4], ((0, 1), (1, 0)), constant_values=0.5)),
    ]


def matmul():
    a, b, c = f(4, 5), f(5, 3), f(4, 3)
    p, q = f(2, 4, 5), f(2, 5, 3)
    low, high = BF16(f(4, 6)), BF16(f(6, 3))
    n = ints(-3, 4, 3, 4)
    sums = low.floats.astype("f8") @ high.floats.astype("f8")
    return [
        ("aten.mm", [a, b], a @ b), ("aten.mm", [n, n.T.copy()], n @ n.T),
        ("aten.mm", [f(0, 5), b], np.zeros((0, 3), "f4")),
        ("aten.mm", [low, high], BF16(sums)),
        ("aten.bmm", [p, q], p @ q),
        ("aten.addmm", [c[0], a, b, 2, 3], 2 * c[0] + 3 * (a @ b)),
        ("aten.addmm", [c * np.float32(np.nan), a, b, 0, 1], a @ b),
        ("aten.baddbmm", [f(1) * 0 + 1, p, q, 1, 0.5], (1 + (p @ q) / 2).astype("f4")),
        ("aten.matmul", [p, b], p @ b), ("aten.matmul", [a[0], b], a[0] @ b),
        ("aten.matmul", [p[:, None], f(3, 5, 2) * 0 + 1],
         p[:, None] @ np.ones((3, 5, 2), "f4"), STATIC),
        ("aten.mv", [a, b[:, 0].copy()], a @ b[:, 0]),
        ("aten.dot", [a[0], b[:, 0].copy()], np.dot(a[0], b[:, 0])),
        ("aten.linear", [p, b.T.copy(), None], p @ b),
        ("aten.linear", [p, b.T.copy(), c[0]], p @ b + c[0]),
        ("aten.einsum", ["bij,bjk->ikb", [p, q], None], np.einsum("bij,bjk->ikb", p, q)),
        ("aten.einsum", ["ij, kj", [a, a], None], a @ a.T),
    ]


def attend(q, k, v, mask=None, scale=None):
    s = q @ k.swapaxes(-1, -2) * (scale or 1 / math.sqrt(q.shape[-1]))
    if mask is not None:
        s = np.where(mask, s, -np.inf) if mask.dtype == bool else s + mask
    with np.errstate(invalid="ignore"):
        w = np.nan_to_num(softmax(s), nan=0)
    return (w @ v).astype("f4"), s


def attention():
    q, k, v = f(2, 4, 5, 8), f(2, 4, 6, 8), f(2, 4, 6, 8)
    mask = rng.random((5, 6)) > 0.3
    mask[2] = False
    bias = f(2, 1, 5, 6)
    out, scores = attend(q, k, v)
    lse = np.log(np.exp(scores).sum(-1)).astype("f4")
    causal = np.tril(np.ones((5, 6), bool))
    plain = "aten.scaled_dot_product_attention"
    few = k[:, :2], v[:, :2]
    return [
        (plain, [q, k, v, None, 0.0, False, None, False], out, STATIC),
        (plain, [q, k, v, mask, 0.0, False, None, False], attend(q, k, v, mask)[0], STATIC),
        (plain, [q, k, v, bias, 0.0, False, 0.3, False], attend(q, k, v, bias, 0.3)[0], STATIC),
        (plain, [q, k, v, None, 0.0, True, None, False], attend(q, k, v, causal)[0], STATIC),
        (plain, [q, few[0], few[1], None, 0.0, False, None, True],
         attend(q, np.repeat(few[0], 2, 1), np.repeat(few[1], 2, 1))[0], STATIC),
        ("aten._scaled_dot_product_flash_attention_for_cpu",
         [q, k, v, 0.0, False, None, None], [out, lse], STATIC),
        ("aten._safe_softmax", [np.full((2, 3), -np.inf, "f4"), -1, None],
         np.zeros((2, 3), "f4")),
        ("aten._safe_softmax", [q, 1, None], softmax(q, 1)),
    ]


def norms():
    x, w, b = f(3, 4, 6), f(6), f(6)
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    layer = (x - mean) / np.sqrt(var + 1e-5)
    root = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-6))
    two = (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)
    low = BF16(f(3, 6))
    exact = low.floats / np.sqrt((low.floats ** 2).mean(-1, keepdims=True) + 1e-6)
    return [
        ("aten._softmax", [x, -1, False], softmax(x)),
        ("aten.softmax.int", [x, 1, None], softmax(x, 1)),
        ("aten._log_softmax", [x, 2, False], np.log(softmax(x))),
        ("aten.log_softmax.int", [x, 0, None], np.log(softmax(x, 0))),
        ("aten.layer_norm", [x, [6], w, b, 1e-5, False], (layer * w + b).astype("f4")),
        ("aten.layer_norm", [x, [4, 6], None, None, 1e-5, False], two.astype("f4")),
        ("aten.native_layer_norm", [x, [6], w, b, 1e-5],
         [(layer * w + b).astype("f4"), mean, (1 / np.sqrt(var + 1e-5)).astype("f4")]),
        ("aten.rms_norm", [x, [6], w, 1e-6], x * root * w),
        ("aten.rms_norm", [low, [6], None, 1e-6], BF16(exact)),
        ("aten._fused_rms_norm", [x, [6], w, 1e-6], [x * root * w, root]),
    ]


def reductions():
    x, n = f(3, 4, 5), ints(-4, 5, 3, 4)
    b = n > 2
    tie = np.array([[1, 3, 3], [2, 2, 1], [np.nan, 5, np.nan]], "f4")
    place = np.array([1, 0, 0])
    low = BF16(f(4, 9))
    lse = np.log(np.exp(x).sum((0, 2), keepdims=True)).astype("f4")
    return [
        ("aten.sum", [x, None], x.sum()), ("aten.sum", [b, None], b.sum()),
        ("aten.sum.dim_IntList", [x, [0, -1], False, None], x.sum((0, 2))),
        ("aten.sum.dim_IntList", [x, [1], True, None], x.sum(1, keepdims=True)),
        ("aten.sum.dim_IntList", [low, [1], False, None], BF16(low.floats.sum(1))),
        ("aten.sum.dim_IntList", [f(0, 3), [0], False, None], np.zeros(3, "f4")),
        ("aten.mean", [x, None], x.mean()),
        ("aten.mean.dim", [x, [-1], True, None], x.mean(-1, keepdims=True)),
        ("aten.prod", [n, None], n.prod()),
        ("aten.prod.dim_int", [x, 1, False, None], x.prod(1)),
        ("aten.max", [n], n.max()), ("aten.min", [x], x.min()),
        ("aten.amax", [x, [0, 1], True], x.max((0, 1), keepdims=True)),
        ("aten.amin", [n, [1], False], n.min(1)),
        ("aten.max.dim", [tie, 1, False], [tie.max(1), place]),
        ("aten.min.dim", [x, 0, True], [x.min(0, keepdims=True), x.argmin(0)[None]]),
        ("aten.argmax", [tie, -1, False], place),
        ("aten.argmax", [n, None, False], np.array(n.argmax())),
        ("aten.argmin", [n, 0, True], n.argmin(0)[None]),
        ("aten.any", [b], b.any()), ("aten.all", [b], b.all()),
        ("aten.any.dim", [n, 1, True], n.any(1, keepdims=True)),
        ("aten.all.dim", [n, 0, False], n.all(0)),
        ("aten.any.dims", [b, [0, 1], False], b.any()),
        ("aten.all.dims", [b, None, False], b.all()),
        ("aten.var", [x, True], x.var(ddof=1)), ("aten.std", [x, False], x.std()),
        ("aten.var.dim", [x, [1], True, False], x.var(1, ddof=1)),
        ("aten.std.dim", [x, [0], False, True], x.std(0, keepdims=True)),
        ("aten.var.correction", [x, [2], 0, False], x.var(2)),
        ("aten.std.correction", [x, None, None, False], x.std(ddof=1)),
        ("aten.var_mean.correction", [x, [2], 2, True],
         [x.var(2, ddof=2, keepdims=True), x.mean(2, keepdims=True)]),
        ("aten.linalg_vector_norm", [x, 3.0, [1], False, None],
         (np.abs(x) ** 3).sum(1) ** np.float32(1 / 3)),
        ("aten.linalg_vector_norm", [x, math.inf, [1], False, None], np.abs(x).max(1)),
        ("aten.norm.ScalarOpt_dim", [x, 2, [0], True],
         np.sqrt((x * x).sum(0, keepdims=True))),
        ("aten.logsumexp", [x, [0, 2], True], lse),
        ("aten.cumsum", [x, 1, None], x.cumsum(1)),
        ("aten.cumsum", [b, -1, None], b.cumsum(-1)),
        ("aten.cumsum", [f(0, 2), 0, None], np.zeros((0, 2), "f4")),
        ("aten.cumprod", [n, 0, None], n.cumprod(0)),
    ]


def sorts():
    x = rng.permutation(24).reshape(4, 6).astype("f4")
    x[1, 2] = np.nan
    n = ints(0, 4, 9)
    up = np.argsort(x, 1, kind="stable")
    down = np.argsort(np.where(np.isnan(x), -np.inf, -x), 1, kind="stable")
    order = np.argsort(n, kind="stable")
    return [
        ("aten.sort", [x, -1, False], [np.take_along_axis(x, up, 1), up]),
        ("aten.sort", [x, 1, True], [np.take_along_axis(x, down, 1), down]),
        ("aten.sort.stable", [n, True, 0, False], [n[order], order]),
        ("aten.argsort", [n, 0, False], order),
        ("aten.argsort.stable", [n, True, 0, True], np.argsort(-n, kind="stable")),
        ("aten.topk", [x, 2, 1, True, True],
         [np.take_along_axis(x, down, 1)[:, :2], down[:, :2]]),
        ("aten.topk", [x[2:, :3].T.copy(), 2, 0, False, True],
         [np.sort(x[2:, :3].T, 0)[:2], np.argsort(x[2:, :3].T, 0)[:2]]),
    ]


def indices():
    x, i, j = f(4, 3, 5), ints(-4, 4, 2, 6), ints(0, 5, 6)
    mask = f(4, 3) > 0
    g = ints(0, 4, 2, 3, 5)
    return [
        ("aten.index.Tensor", [x, [i]], x[i]),
        ("aten.index.Tensor", [x, [None, j % 3, j]], x[:, j % 3, j]),
        ("aten.index.Tensor", [x, [j % 4, None, i]], x[j % 4, :, i]),
        ("aten.index.Tensor", [x, [mask]], x[mask]),
        ("aten.index.Tensor_hacked_twin", [x, [j % 4, j % 3]], x[j % 4, j % 3]),
        ("aten._unsafe_index.Tensor", [x, [None, j % 3]], x[:, j % 3]),
        ("aten.embedding", [x[0].copy(), ints(0, 3, 2, 2) * 0 + 2, -1, False, False],
         np.broadcast_to(x[0][2], (2, 2, 5))),
        ("aten.index_select", [x, -1, j[:2]], x[..., j[:2]]),
        ("aten.gather", [x, 0, g, False], np.take_along_axis(x, g, 0)),
        ("aten.one_hot", [j, 5], np.eye(5, dtype="i8")[j]),
    ]


def scattered(x, dim, index, source, fn=None):
    out = x.copy()
    for at in np.ndindex(*index.shape):
        to = list(at)
        to[dim] = index[at]
        value = source[at] if np.ndim(source) else source
        out[tuple(to)] = fn(out[tuple(to)], value) if fn else value
    return out


def scatters():
    x, index, source = f(4, 5), ints(0, 4, 3, 5), f(3, 6)
    rows, i = f(6, 5), np.array([0, 2, 2, -1, 0, 1])
    added = x.copy()
    np.add.at(added, i, rows)
    put = x.copy()
    put[:, [1, 3]] = 7
    pairs = x.copy()
    np.add.at(pairs, (i, i), rows[:, 0])
    mask, masked = x > 0, np.where(x > 0, np.float32(9), x)
    part = x.copy()
    part[1:3] = rows[:2]
    column = x.copy()
    column[:, 2] = rows[0, :4]
    some = ints(0, 5, 4)
    copied = x.copy()
    copied[[2, 0]] = rows[:2]
    return [
        ("aten.scatter.src", [x, 0, index[:, :4], source], scattered(x, 0, index[:, :4], source)),
        ("aten.scatter.value", [x, 1, some[:, None], 1], scattered(x, 1, some[:, None], np.float32(1))),
        ("aten.scatter_add", [x, 0, index, source], scattered(x, 0, index, source, np.add)),
        ("aten.scatter.reduce", [x, 0, index, source, "multiply"],
         scattered(x, 0, index, source, np.multiply)),
        ("aten.scatter_reduce.two", [x, 0, index, source, "amax", True],
         scattered(x, 0, index, source, np.maximum)),
        ("aten.index_put", [x, [i], rows, True], added),
        ("aten.index_put", [x, [None, np.array([1, 3])], np.array(7, "f4"), False], put),
        ("aten.index_put", [x, [mask], np.array(9, "f4"), False], masked),
        ("aten.index_put.hacked_twin", [x, [i, i], rows[:, 0].copy(), True], pairs),
        ("aten._unsafe_index_put", [x, [i], rows, True], added),
        ("aten._unsafe_index_put.hacked_twin", [x, [i], rows, True], added),
        ("aten._index_put_impl", [x, [i], rows, True, False], added),
        ("aten.index_add", [x, 0, np.array([0, 2, 2, 3, 0, 1]), rows, 1], added),
        ("aten.index_copy", [x, 0, np.array([2, 0]), rows[:2]], copied),
        ("aten.slice_scatter", [x, rows[:2], 0, 1, 3, 1], part),
        ("aten.select_scatter", [x, rows[0, :4].copy(), 1, 2], column),
    ]


def counts():
    n, x = ints(0, 6, 11), f(20) * 2
    m = ints(0, 2, 3, 4)
    edges, none = np.array([-1, 0, 2], "f4"), np.zeros((2, 3), bool)
    return [
        ("aten.nonzero", [m], np.argwhere(m)),
        ("aten.nonzero", [none], np.zeros((0, 2), "i8")),
        ("aten.nonzero_numpy", [m], list(np.nonzero(m)), {"unpack": 2}),
        ("aten.histc", [n.astype("f4"), 5, 0, 4], np.bincount(n[n < 5], minlength=5).astype("f4"),
         {"operator": True}),
        ("aten.histc", [x, 7, 0, 0], np.histogram(x, 7)[0].astype("f4")),
        ("aten.bincount", [n, None, 9], np.bincount(n, minlength=9)),
        ("aten.bincount", [n, f(11) * 0 + 2, 0], np.bincount(n) * np.float32(2)),
        ("aten.bucketize.Tensor", [x, edges, False, False], np.searchsorted(edges, x)),
        ("aten.bucketize.Tensor", [x, edges, True, True],
         np.searchsorted(edges, x, "right").astype("i4")),
    ]


def grouped():
    x, w = f(9, 4), f(3, 4, 5)
    ends = np.array([2, 2, 7], "i4")
    out = np.zeros((9, 5), "f4")
    out[:2], out[2:7] = x[:2] @ w[0], x[2:7] @ w[2]
    low, weights = BF16(x), BF16(w)
    rounded = np.zeros((9, 5), "f4")
    rounded[:2] = low.floats[:2] @ weights.floats[0]
    rounded[2:7] = low.floats[2:7] @ weights.floats[2]
    known = {"operator": True, **STATIC}
    return [
        ("transformers.grouped_mm_fallback", [x, w, ends], out, known),
        ("aten._grouped_mm", [low, weights, ends, None, None], BF16(rounded), known),
    ]


if __name__ == "__main__":
    sys.exit(main({function.__name__: function for function in (
        unary, binary, selection, creation, views, shape, matmul, attention,
        norms, reductions, sorts, indices, scatters, counts, grouped)}))
