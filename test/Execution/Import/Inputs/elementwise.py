#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Elementwise StableHLO ops on every type they are defined on."""

import numpy as np

from hlo import NUMPY, as_type, main, parametrize, case

rng = np.random.default_rng(7)
SHAPES = [(3, 5), (), (0, 4)]
FLOATS = ["f64", "f32", "f16", "bf16"]
SIGNED = ["i64", "i32", "i16", "i8"]
UNSIGNED = ["ui64", "ui32", "ui16", "ui8"]


def sign(x):
    """NumPy's loses the sign of zero."""
    return np.where(x == 0, x, np.sign(x))


def afz(x):
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


UNARY = {
    "abs": (np.abs, (-3, 3)), "cbrt": (np.cbrt, (-3, 3)),
    "ceil": (np.ceil, (-3, 3)), "cosine": (np.cos, (-3, 3)),
    "exponential": (np.exp, (-3, 3)),
    "exponential_minus_one": (np.expm1, (-3, 3)),
    "floor": (np.floor, (-3, 3)), "log": (np.log, (0.1, 3)),
    "log_plus_one": (np.log1p, (-0.9, 3)),
    "logistic": (lambda x: 1 / (1 + np.exp(-x)), (-3, 3)),
    "negate": (np.negative, (-3, 3)), "rsqrt": (lambda x: 1 / np.sqrt(x), (0.1, 3)),
    "sign": (sign, (-3, 3)), "sine": (np.sin, (-3, 3)),
    "sqrt": (np.sqrt, (0.1, 3)), "tan": (np.tan, (-1, 1)),
    "tanh": (np.tanh, (-3, 3)),
    "round_nearest_afz": (afz, (-3, 3)), "round_nearest_even": (np.rint, (-3, 3)),
}


@parametrize(FLOATS)
def unary_floats(p, kind):
    for shape in SHAPES:
        for name, (function, bounds) in UNARY.items():
            x = as_type(rng.uniform(*bounds, shape), kind)
            if name.startswith("round"):
                x = as_type(np.rint(x * 4) / 2, kind)
            p.expect(p.op(f"stablehlo.{name}", [p.arg(x, kind)], shape, kind),
                     function(np.asarray(x, np.float64)))


@parametrize(FLOATS)
def special_floats(p, kind):
    inf, nan = np.inf, np.nan
    x = as_type([0.0, -0.0, inf, -inf, nan, 1, -1], kind)
    value = p.arg(x, kind)
    wide = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        for name in ("abs", "negate", "exponential", "sqrt", "tanh", "floor", "sign",
                     "logistic", "log"):
            result = p.op(f"stablehlo.{name}", [value], x.shape, kind)
            p.expect(result, UNARY[name][0](wide))
            if name in ("abs", "negate", "sign"):
                # Which zero: the sign of 1 / x.
                one = p.arg(np.ones(x.shape), kind)
                p.expect(p.op("stablehlo.divide", [one, result], x.shape, kind),
                         1 / UNARY[name][0](wide))
        p.expect(p.op("stablehlo.is_finite", [value], x.shape, "i1"),
                 np.isfinite(wide))
        y = p.arg(np.ones(x.shape), kind)
        for name, function in (("maximum", np.maximum), ("minimum", np.minimum)):
            p.expect(p.op(f"stablehlo.{name}", [value, y], x.shape, kind),
                     function(wide, 1))
        half = p.arg(np.full(x.shape, 0.5), kind)
        p.expect(p.op("stablehlo.clamp", [half, value, y], x.shape, kind),
                 np.clip(wide, 0.5, 1))


BINARY = {
    "add": np.add, "atan2": np.arctan2, "divide": np.divide,
    "maximum": np.maximum, "minimum": np.minimum, "multiply": np.multiply,
    "remainder": np.fmod, "subtract": np.subtract,
}


@parametrize(FLOATS)
def binary_floats(p, kind):
    for shape in SHAPES:
        x = as_type(rng.uniform(-3, 3, shape), kind)
        y = as_type(rng.uniform(0.5, 3, shape) * rng.choice([-1, 1], shape), kind)
        a, b = p.arg(x, kind), p.arg(y, kind)
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        for name, function in BINARY.items():
            p.expect(p.op(f"stablehlo.{name}", [a, b], shape, kind), function(x, y))
        positive = as_type(np.abs(x), kind)
        p.expect(p.op("stablehlo.power", [p.arg(positive, kind), b], shape, kind),
                 np.power(np.asarray(positive, np.float64), y))
        low = as_type(np.full((), -1), kind)
        high = as_type(np.full((), 1), kind)
        p.expect(p.op("stablehlo.clamp", [p.arg(low, kind), a, p.arg(high, kind)],
                      shape, kind), np.clip(x, -1, 1))


def integers(kind, shape):
    info = np.iinfo(NUMPY[kind])
    x = rng.integers(info.min, info.max, shape, dtype=NUMPY[kind], endpoint=True)
    if x.size > 4:
        x.flat[:4] = [info.min, info.max, 0, 1]
    return x


def divide(x, y):
    """Towards zero, as Python's integers; see the importer for zero."""
    info = np.iinfo(x.dtype)
    def one(a, b):
        a, b = int(a), int(b)
        if b == 0:
            return -1 if info.min else info.max
        q = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return info.min if q > info.max else q
    return np.array([one(a, b) for a, b in zip(x.ravel(), y.ravel())],
                    x.dtype).reshape(x.shape)


def remainder(x, y):
    def one(a, b):
        a, b = int(a), int(b)
        if b == 0:
            return a
        return abs(a) % abs(b) * (1 if a >= 0 else -1)
    return np.array([one(a, b) for a, b in zip(x.ravel(), y.ravel())],
                    x.dtype).reshape(x.shape)


def power(x, y):
    width = x.dtype.itemsize * 8
    def one(a, b):
        a, b = int(a), int(b)
        if b < 0:
            return {1: 1, -1: 1 if b % 2 == 0 else -1}.get(a, 0)
        return pow(a, b, 1 << width)
    flat = [one(a, b) % (1 << width) for a, b in zip(x.ravel(), y.ravel())]
    return np.array(flat, np.uint64).astype(x.dtype).reshape(x.shape)


def shift(name):
    def apply(x, y):
        width = x.dtype.itemsize * 8
        mask = (1 << width) - 1
        def one(a, b):
            a, b = int(a), int(b)
            inside = 0 <= b < width
            if name == "shift_left":
                return (a << b) & mask if inside else 0
            if name == "shift_right_logical":
                return (a & mask) >> b if inside else 0
            # The sign bit, whatever the type calls it.
            a &= mask
            signed = a - (1 << width) if a >> (width - 1) else a
            return (signed >> (b if inside else width - 1)) & mask
        flat = [one(a, b) & mask for a, b in zip(x.ravel(), y.ravel())]
        return np.array(flat, np.uint64).astype(x.dtype).reshape(x.shape)
    return apply


@parametrize(SIGNED + UNSIGNED)
def integer_ops(p, kind):
    for shape in SHAPES:
        x, y = integers(kind, shape), integers(kind, shape)
        if y.size > 6:
            y.flat[:7] = [as_type(v, kind) for v in (-1, 0, 0, 3, 2, 7, 5)]
        a, b = p.arg(x, kind), p.arg(y, kind)
        with np.errstate(all="ignore"):
            for name, function in (
                    ("add", np.add), ("subtract", np.subtract),
                    ("multiply", np.multiply), ("maximum", np.maximum),
                    ("minimum", np.minimum), ("and", np.bitwise_and),
                    ("or", np.bitwise_or), ("xor", np.bitwise_xor),
                    ("divide", divide), ("remainder", remainder)):
                p.expect(p.op(f"stablehlo.{name}", [a, b], shape, kind),
                         function(x, y))
        bits = np.dtype(NUMPY[kind]).itemsize * 8
        amounts = as_type(rng.integers(0, bits + 3, shape), kind)
        n = p.arg(amounts, kind)
        for name in ("shift_left", "shift_right_arithmetic", "shift_right_logical"):
            p.expect(p.op(f"stablehlo.{name}", [a, n], shape, kind),
                     shift(name)(x, amounts))
        exponents = as_type(rng.integers(-2 if kind in SIGNED else 0, 9, shape), kind)
        p.expect(p.op("stablehlo.power", [a, p.arg(exponents, kind)], shape, kind),
                 power(x, exponents))
        mask = (1 << bits) - 1
        p.expect(p.op("stablehlo.not", [a], shape, kind), np.invert(x))
        with np.errstate(all="ignore"):
            p.expect(p.op("stablehlo.negate", [a], shape, kind), np.negative(x))
        p.expect(p.op("stablehlo.popcnt", [a], shape, kind),
                 np.array([bin(int(v) & mask).count("1") for v in x.ravel()],
                          x.dtype).reshape(shape))
        p.expect(p.op("stablehlo.count_leading_zeros", [a], shape, kind),
                 np.array([bits - (int(v) & mask).bit_length() for v in x.ravel()],
                          x.dtype).reshape(shape))
        low, high = as_type(3, kind), as_type(90, kind)
        p.expect(p.op("stablehlo.clamp", [p.arg(low, kind), a, p.arg(high, kind)],
                      shape, kind), np.clip(x, low, high))
        if kind in SIGNED:
            with np.errstate(all="ignore"):
                p.expect(p.op("stablehlo.abs", [a], shape, kind), np.abs(x))
            p.expect(p.op("stablehlo.sign", [a], shape, kind), np.sign(x))


@case
def units_to_powers(p):
    x = np.array([1, -1, -1, 0, 2, 2, -2, 0], np.int32)
    y = np.array([-3, -3, -2, -1, -1, 31, 3, 0], np.int32)
    # 0 to a negative power is not defined; it is left out.
    x[3], y[3] = 5, -1
    p.expect(p.op("stablehlo.power", [p.arg(x, "i32"), p.arg(y, "i32")], (8,), "i32"),
             power(x, y))


@case
def booleans(p):
    x = np.array([[False, True, False, True]])
    y = np.array([[False, False, True, True]])
    a, b = p.arg(x, "i1"), p.arg(y, "i1")
    for name, function in (
            ("and", np.logical_and), ("or", np.logical_or), ("xor", np.logical_xor),
            ("add", np.logical_or), ("multiply", np.logical_and),
            ("maximum", np.logical_or), ("minimum", np.logical_and)):
        p.expect(p.op(f"stablehlo.{name}", [a, b], x.shape, "i1"), function(x, y))
    p.expect(p.op("stablehlo.not", [a], x.shape, "i1"), ~x)


DIRECTIONS = {"EQ": np.equal, "NE": np.not_equal, "LT": np.less,
              "LE": np.less_equal, "GT": np.greater, "GE": np.greater_equal}


def compare(p, a, b, direction, kind=""):
    props = f"comparison_direction = #stablehlo<comparison_direction {direction}>"
    if kind:
        props += f", compare_type = #stablehlo<comparison_type {kind}>"
    return p.op("stablehlo.compare", [a, b], a.shape, "i1", props)


@parametrize(FLOATS + SIGNED + UNSIGNED + ["i1"])
def comparisons(p, kind):
    if kind == "i1":
        x, y = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    elif kind in FLOATS:
        x = as_type([1, 2, 3, np.nan, -0.0, np.inf], kind)
        y = as_type([2, 2, 1, 1, 0.0, np.nan], kind)
    else:
        x = integers(kind, (7,))
        y = np.roll(x, 1)
        y[0] = x[0]
    a, b = p.arg(x, kind), p.arg(y, kind)
    named = "FLOAT" if kind in FLOATS else "UNSIGNED" if kind[0] == "u" or \
        kind == "i1" else "SIGNED"
    for direction, function in DIRECTIONS.items():
        for how in ("", named):
            p.expect(compare(p, a, b, direction, how), function(x, y))


@parametrize(FLOATS)
def total_order(p, kind):
    ordered = [-np.nan, -np.inf, -1, -0.0, 0.0, 1, np.inf, np.nan]
    x = np.repeat(np.arange(8), 8).reshape(8, 8)
    y = np.ascontiguousarray(x.T)
    if kind == "bf16":
        table = np.array(ordered, np.float32)
    else:
        table = np.array(ordered, NUMPY[kind])
    # NumPy's minus need not set the sign of NaN.
    table[0] = np.copysign(table[0], -1)
    table[7] = np.copysign(table[7], 1)
    a = p.add_arg(table[x], kind)
    b = p.add_arg(table[y], kind)
    for direction, function in DIRECTIONS.items():
        p.expect(compare(p, a, b, direction, "TOTALORDER"), function(x, y))


@case
def selections(p):
    x = rng.normal(size=(3, 4)).astype(np.float32)
    y = rng.normal(size=(3, 4)).astype(np.float32)
    which = x > y
    a, b = p.arg(x, "f32"), p.arg(y, "f32")
    p.expect(p.op("stablehlo.select", [p.arg(which, "i1"), a, b], (3, 4), "f32"),
             np.where(which, x, y))
    p.expect(p.op("stablehlo.select", [p.arg(np.array(False), "i1"), a, b], (3, 4),
                  "f32"), y)


@case
def precisions(p):
    x = np.array([1.0, 1.2345, 65504, 70000, 1e-5, 6e-5, -3e38, np.inf, np.nan,
                  1 + 2**-8, 1 + 3 * 2**-8, 1e-40], np.float32)
    a = p.arg(x, "f32")
    with np.errstate(over="ignore"):
        half = x.astype(np.float16).astype(np.float32)
    # Numbers below the normal ones are zero.
    half = np.where(np.abs(half) < 2**-14, np.copysign(np.float32(0), x), half)
    for exponent, mantissa, expected in (
            (8, 7, np.where(np.isnan(x), x, as_type(x, "bf16"))), (5, 10, half),
            (8, 23, x)):
        p.expect(p.op("stablehlo.reduce_precision", [a], x.shape, "f32",
                      f"exponent_bits = {exponent} : i32, "
                      f"mantissa_bits = {mantissa} : i32"), expected)


if __name__ == "__main__":
    main(__doc__)
