#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""CHLO ops: elementwise ones, top-k and ragged products."""

import math

import numpy as np

from hlo import as_type, case, main, parametrize

rng = np.random.default_rng(5)
FLOATS = ["f64", "f32", "f16", "bf16"]
SHAPES = [(3, 5), (), (0, 4)]


def each(function):
    """A function of numbers, on arrays in f64."""
    def apply(*arrays):
        shape = np.shape(arrays[0])
        flat = [function(*map(float, values))
                for values in zip(*(np.ravel(array) for array in arrays))]
        return np.asarray(flat, np.float64).reshape(shape)
    return apply


UNARY = {
    "acos": (np.arccos, (-0.9, 0.9)), "acosh": (np.arccosh, (1.1, 4)),
    "asin": (np.arcsin, (-0.9, 0.9)), "asinh": (np.arcsinh, (-3, 3)),
    "atan": (np.arctan, (-3, 3)), "atanh": (np.arctanh, (-0.9, 0.9)),
    "conj": (lambda x: x, (-3, 3)), "cosh": (np.cosh, (-3, 3)),
    "erf": (each(math.erf), (-3, 3)), "erfc": (each(math.erfc), (-2, 3)),
    "lgamma": (each(math.lgamma), (0.1, 6)), "sinh": (np.sinh, (-3, 3)),
    "square": (np.square, (-3, 3)), "tan": (np.tan, (-1, 1)),
}


@parametrize(FLOATS)
def unary(p, kind):
    for shape in SHAPES:
        for name, (function, bounds) in UNARY.items():
            x = as_type(rng.uniform(*bounds, shape), kind)
            p.expect(p.op(f"chlo.{name}", [p.arg(x, kind)], shape, kind),
                     function(np.asarray(x, np.float64)))
        y = as_type(rng.uniform(-2, 2, shape), kind)
        # The inverse of what it is the inverse of.
        error = p.op("chlo.erf", [p.arg(y, kind)], shape, kind)
        if kind in ("f64", "f32"):
            p.expect(p.op("chlo.erf_inv", [error], shape, kind), y)


@case
def squares_of_integers(p):
    x = np.array([-3, 4, 70000], np.int32)
    with np.errstate(all="ignore"):
        p.expect(p.op("chlo.square", [p.arg(x, "i32")], (3,), "i32"), x * x)


@case
def erf_inv_tails(p):
    x = np.array([0, 1, -1, 1.5, 1 - 1e-9, -1 + 1e-12, 0.999999], np.float64)
    result = p.op("chlo.erf_inv", [p.arg(x, "f64")], x.shape, "f64")
    # 1 - erf, where erf itself is too near to one.
    def inverse(target):
        low, high = 0.0, 10.0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erfc(middle) > target else (low, middle)
        return low
    p.expect(result, np.array([0, np.inf, -np.inf, np.nan, inverse(1e-9 / 1),
                               -inverse(1e-12), inverse(1 - 0.999999)]))


@case
def gammas(p):
    x = np.array([0.5, 1, 2, 10, -0.5, -2.5, -3, 0, 100, 1e-3, np.inf], np.float64)
    a = p.arg(x, "f64")
    expected = [math.lgamma(v) if v > 0 or v != int(v) else np.inf for v in x]
    p.expect(p.op("chlo.lgamma", [a], x.shape, "f64"), np.array(expected))
    gamma = 0.57721566490153286
    y = np.array([1, 0.5, 2, -0.5, 0, -1, 3], np.float64)
    known = [-gamma, -gamma - 2 * math.log(2), 1 - gamma,
             -gamma - 2 * math.log(2) + 2, np.nan, np.nan, 1.5 - gamma]
    p.expect(p.op("chlo.digamma", [p.arg(y, "f64")], y.shape, "f64"), np.array(known))


@case
def zetas(p):
    x = np.array([2, 4, 3, 2, 1, 0.5, 2], np.float64)
    q = np.array([1, 1, 1, 2, 1, 1, 0], np.float64)
    known = [math.pi**2 / 6, math.pi**4 / 90, 1.2020569031595942, math.pi**2 / 6 - 1,
             np.inf, np.nan, np.inf]
    p.expect(p.op("chlo.zeta", [p.arg(x, "f64"), p.arg(q, "f64")], x.shape, "f64"),
             np.array(known))
    n = np.array([0, 1, 2, 3, -1, 0.5], np.float64)
    y = np.array([1, 1, 1, 1, 1, 1], np.float64)
    known = [-0.57721566490153286, math.pi**2 / 6, -2 * 1.2020569031595942,
             math.pi**4 / 15, np.nan, np.nan]
    p.expect(p.op("chlo.polygamma", [p.arg(n, "f64"), p.arg(y, "f64")], n.shape, "f64"),
             np.array(known))


@case
def bessel(p):
    x = np.array([0, 1, -1, 10, 49, 51, 1000], np.float64)
    def i1e(v):
        # The series of I1, in whole numbers and exact fractions.
        from fractions import Fraction
        half = Fraction(abs(v)) / 2
        term, total = half, Fraction(0)
        for k in range(1, 400):
            total += term
            term = term * half * half / (k * (k + 1))
        return float(total * Fraction(math.exp(-abs(v)))) * (1 if v >= 0 else -1)
    known = [i1e(v) for v in x[:6]]
    large = 1000.0
    known.append((1 - 3 / (8 * large) - 15 / (128 * large**2) - 315 / (3072 * large**3))
                 / math.sqrt(2 * math.pi * large))
    p.expect(p.op("chlo.bessel_i1e", [p.arg(x, "f64")], x.shape, "f64"), np.array(known))


@parametrize(["f64", "f32", "f16"])
def neighbours(p, kind):
    x = as_type([0, -0.0, 1, 1, -1, 2, 65504, np.nan, 1, np.inf], kind)
    y = as_type([1, -1, 2, 0, 0, 2, np.inf, 1, np.nan, 0], kind)
    result = p.op("chlo.next_after", [p.arg(x, kind), p.arg(y, kind)], x.shape, kind)
    with np.errstate(over="ignore"):
        expected = np.nextafter(x, y)
    p.expect(result, expected)
    # Within any tolerance of the operand itself, but on the right side of it.
    for direction, function in (("LT", np.less), ("GT", np.greater)):
        p.expect(p.op("stablehlo.compare", [result, p.arg(x, kind)], x.shape, "i1",
                      "comparison_direction = "
                      f"#stablehlo<comparison_direction {direction}>"),
                 function(expected, x))


@parametrize(["f32", "bf16"])
def infinities(p, kind):
    x = as_type([1, np.inf, -np.inf, np.nan], kind)
    a = p.arg(x, kind)
    for name, function in (("is_inf", np.isinf), ("is_pos_inf", np.isposinf),
                           ("is_neg_inf", np.isneginf)):
        p.expect(p.op(f"chlo.{name}", [a], (4,), "i1"), function(x))


@parametrize(["i32", "ui32", "i64"])
def high_halves(p, kind):
    info = np.iinfo({"i32": np.int32, "ui32": np.uint32, "i64": np.int64}[kind])
    x = rng.integers(info.min, info.max, 6, dtype=info.dtype, endpoint=True)
    y = rng.integers(info.min, info.max, 6, dtype=info.dtype, endpoint=True)
    width = info.bits
    expected = [(int(a) * int(b)) >> width for a, b in zip(x, y)]
    p.expect(p.op("chlo.mulhi", [p.arg(x, kind), p.arg(y, kind)], (6,), kind),
             np.array(expected, info.dtype))


BROADCASTS = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply,
    "divide": np.divide, "maximum": np.maximum, "minimum": np.minimum,
    "power": np.power, "remainder": np.fmod, "atan2": np.arctan2,
    "next_after": np.nextafter,
}


@case
def broadcasts(p):
    for left, right in (((2, 3), (3,)), ((2, 3), ()), ((2, 1), (1, 3)), ((3,), (2, 3)),
                        ((0, 3), (3,)), ((), ())):
        x = rng.uniform(1, 3, left).astype(np.float32)
        y = rng.uniform(1, 3, right).astype(np.float32)
        a, b = p.arg(x, "f32"), p.arg(y, "f32")
        for name, function in BROADCASTS.items():
            expected = function(x, y)
            p.expect(p.op(f"chlo.broadcast_{name}", [a, b], np.shape(expected), "f32"),
                     expected)
        expected = x < y
        p.expect(p.op("chlo.broadcast_compare", [a, b], np.shape(expected), "i1",
                      "comparison_direction = #chlo<comparison_direction LT>"), expected)
        which = p.arg(np.array(True), "i1")
        p.expect(p.op("chlo.broadcast_select", [which, a, b], np.shape(x + y), "f32"),
                 np.broadcast_to(x, np.shape(x + y)))
    for name, function in (("and", np.bitwise_and), ("or", np.bitwise_or),
                           ("xor", np.bitwise_xor), ("shift_left", np.left_shift),
                           ("shift_right_arithmetic", np.right_shift)):
        x, y = np.array([[1], [6]], np.int32), np.array([3, 1], np.int32)
        p.expect(p.op(f"chlo.broadcast_{name}", [p.arg(x, "i32"), p.arg(y, "i32")],
                      (2, 2), "i32"), function(x, y))
    # Along a dimension that is named.
    x, y = np.ones((2, 3), np.float32), np.array([1, 2], np.float32)
    p.expect(p.op("chlo.broadcast_add", [p.arg(x, "f32"), p.arg(y, "f32")], (2, 3),
                  "f32", "broadcast_dimensions = array<i64: 0>"), x + y[:, None])


@case
def constants_like(p):
    one = p.op("chlo.constant", [], (2,), "f32", "value = dense<1.0> : tensor<2xf32>")
    p.expect(one, np.ones(2))
    x = p.arg(np.zeros((2, 3)), "f32")
    p.expect(p.op("chlo.constant_like", [x], (2, 3), "f32", "value = 2.5 : f32"),
             np.full((2, 3), 2.5))
    y = p.arg(np.zeros((2,)), "ui32")
    p.expect(p.op("chlo.constant_like", [y], (2,), "ui32", "value = 7 : ui32"),
             np.full((2,), 7))


def total_key(x):
    """Integers in the total order of these f32."""
    bits = np.asarray(x, np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, (bits ^ 0x7fffffff), bits)


def top_k(x, k, key):
    order = np.argsort(-key(x), axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


@parametrize(["f32", "bf16", "f16", "i32", "ui8"])
def top_ks(p, kind):
    for shape, k in (((3, 6), 2), ((6,), 6), ((2, 3, 5), 1), ((3, 4), 0), ((0, 4), 2)):
        x = as_type(rng.integers(0, 4, shape), kind)
        if kind == "ui8" and x.size:
            x.flat[0] = 200
        if kind == "f32" and x.size > 4:
            x.flat[1], x.flat[2] = np.nan, -np.inf
            # A matrix is raised to a selection, where NaN has no sign.
            if len(shape) == 1:
                x.flat[3] = np.copysign(np.nan, -1)
        key = total_key if kind == "f32" else lambda v: np.asarray(v, np.float64)
        values, places = top_k(x, k, key)
        a = p.arg(x, kind)
        results = [p.ops("chlo.top_k", [a], [(values.shape, kind), (values.shape, "i32")],
                         f"k = {k} : i64")]
        if kind == "f32":
            # The decomposition is not looked at.
            p.functions.append(
                f"func.func private @k{len(p.functions)}(%x: {a.type}) -> "
                f"({results[0][0].type}, {results[0][1].type})")
            results.append(p.ops(
                "stablehlo.composite", [a], [(values.shape, kind), (values.shape, "i32")],
                f'name = "chlo.top_k", composite_attributes = {{k = {k} : i64}}, '
                f"decomposition = @k{len(p.functions) - 1}, version = 1 : i32"))
        for result in results:
            p.expect(result[0], values)
            p.expect(result[1], places)


if __name__ == "__main__":
    main(__doc__)
