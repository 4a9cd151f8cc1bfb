#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO ops with a scalar body, conversions, and products."""

import numpy as np

from hlo import (NUMPY, as_type, binary_body, case, dims, main, parametrize, tensor,
                 to_bf16)

rng = np.random.default_rng(11)
FLOATS = ["f64", "f32", "f16", "bf16"]
INTEGERS = ["i64", "i32", "i16", "i8", "ui64", "ui32", "ui16", "ui8"]


@parametrize(FLOATS + INTEGERS)
def reduces(p, kind):
    for shape, over in (((3, 4), (1,)), ((3, 4), (0,)), ((3, 4), (0, 1)),
                        ((2, 0, 3), (1,)), ((), ()), ((2, 3, 4), (0, 2))):
        x = as_type(rng.integers(0, 5, shape), kind)
        axes = tuple(over)
        for name, function, init in (("add", np.sum, 1), ("maximum", np.max, 2),
                                     ("multiply", np.prod, 1)):
            expected = function(np.asarray(x, np.float64), axis=axes, initial=init)
            if name == "add":
                expected = np.sum(np.asarray(x, np.float64), axis=axes) + init
            if name == "multiply" and shape != (3, 4):
                continue
            expected = np.asarray(expected)
            if kind not in FLOATS and name == "multiply":
                expected = expected.astype(np.int64)
            if np.max(expected, initial=0) > 100:
                continue
            p.expect(p.op("stablehlo.reduce",
                          [p.arg(x, kind), p.arg(np.array(init), kind)],
                          expected.shape, kind, f"dimensions = {dims(over)}",
                          binary_body(f"stablehlo.{name}", kind)), expected)


@case
def reduce_booleans(p):
    x = np.array([[True, False], [True, True]])
    a, init = p.arg(x, "i1"), p.arg(np.array(True), "i1")
    p.expect(p.op("stablehlo.reduce", [a, init], (2,), "i1", f"dimensions = {dims((1,))}",
                  binary_body("stablehlo.and", "i1")), x.all(1))


@case
def promotions(p):
    """The body may be wider than the input and the initial value."""
    for kind, wide in (("bf16", "f32"), ("i8", "i32"), ("ui8", "i64"), ("f32", "f64")):
        x = as_type(rng.integers(0, 100, (3, 40)), kind)
        expected = np.asarray(x, np.float64).sum(1) + 1
        p.expect(p.op("stablehlo.reduce", [p.arg(x, kind), p.arg(np.array(1), kind)],
                      (3,), wide, f"dimensions = {dims((1,))}",
                      binary_body("stablehlo.add", wide)), expected)


@case
def argmax(p):
    """Two results at once: the largest value and where it is first."""
    x = as_type(rng.integers(0, 4, (5, 6)), "f32")
    a = p.arg(x, "f32")
    places = p.op("stablehlo.iota", [], (5, 6), "i32", "iota_dimension = 1 : i64")
    low = p.arg(np.array(-np.inf), "f32")
    zero = p.arg(np.array(0), "i32")
    body = """{ ^bb0(%v: tensor<f32>, %i: tensor<i32>, %w: tensor<f32>, %j: tensor<i32>):
      %up = "stablehlo.compare"(%v, %w) <{comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %best = "stablehlo.select"(%up, %v, %w) : (tensor<i1>, tensor<f32>, tensor<f32>) -> tensor<f32>
      %eq = "stablehlo.compare"(%v, %w) <{comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %less = "stablehlo.minimum"(%i, %j) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %one = "stablehlo.select"(%up, %i, %j) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      %at = "stablehlo.select"(%eq, %less, %one) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%best, %at) : (tensor<f32>, tensor<i32>) -> () }"""
    best, at = p.ops("stablehlo.reduce", [a, places, low, zero],
                     [((5,), "f32"), ((5,), "i32")], f"dimensions = {dims((1,))}", body)
    p.expect(best, x.max(1))
    p.expect(at, x.argmax(1))


@case
def reduce_by_call(p):
    """A body that calls a function, and reads a constant from outside."""
    x = as_type(rng.integers(0, 9, (3, 4)), "f32")
    two = p.op("stablehlo.constant", [], (), "f32", "value = dense<2.0> : tensor<f32>")
    p.functions.append("""func.func private @add(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}""")
    body = f"""{{ ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %t = "stablehlo.multiply"(%b, {two.name}) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      %r = func.call @add(%a, %t) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%r) : (tensor<f32>) -> () }}"""
    zero = p.arg(np.array(0), "f32")
    p.expect(p.op("stablehlo.reduce", [p.arg(x, "f32"), zero], (3,), "f32",
                  f"dimensions = {dims((1,))}", body), 2 * x.sum(1))


@case
def maps(p):
    x, y = rng.normal(size=(2, 3, 4)).astype(np.float32)
    p.expect(p.op("stablehlo.map", [p.arg(x, "f32"), p.arg(y, "f32")], (3, 4), "f32",
                  f"dimensions = {dims((0, 1))}",
                  binary_body("stablehlo.maximum", "f32")), np.maximum(x, y))


def comparator(kinds, direction="LT", how=""):
    args = ", ".join(f"%a{i}: tensor<{k}>, %b{i}: tensor<{k}>"
                     for i, k in enumerate(kinds))
    props = f"comparison_direction = #stablehlo<comparison_direction {direction}>"
    if how:
        props += f", compare_type = #stablehlo<comparison_type {how}>"
    one = f"tensor<{kinds[0]}>"
    return (f'{{ ^bb0({args}): %r = "stablehlo.compare"(%a0, %b0) <{{{props}}}> : '
            f'({one}, {one}) -> tensor<i1> "stablehlo.return"(%r) : (tensor<i1>) -> () }}')


@parametrize(["f32", "bf16", "i32", "ui8", "i64"])
def sorts(p, kind):
    for shape, dimension in (((4, 6), 1), ((4, 6), 0), ((7,), -1), ((0, 3), 1),
                             ((3, 0), 1), ((1,), 0)):
        x = as_type(rng.integers(0, 200 if kind == "ui8" else 5, shape), kind)
        y = np.arange(x.size).reshape(shape)
        order = np.argsort(x, axis=dimension, kind="stable")
        keys, places = p.ops(
            "stablehlo.sort", [p.arg(x, kind), p.arg(y, "i32")],
            [(shape, kind), (shape, "i32")],
            f"dimension = {dimension} : i64, is_stable = true", comparator([kind, "i32"]))
        p.expect(keys, np.take_along_axis(x, order, dimension))
        p.expect(places, np.take_along_axis(y, order, dimension))


@case
def sort_in_total_order(p):
    x = np.array([1, np.nan, -0.0, 0.0, -np.inf, np.inf, -1], np.float32)
    x[1] = np.copysign(x[1], -1)
    expected = x[[1, 4, 6, 2, 3, 0, 5]]
    result = p.op("stablehlo.sort", [p.arg(x, "f32")], (7,), "f32",
                  "dimension = 0 : i64", comparator(["f32"], "LT", "TOTALORDER"))
    bits = p.op("stablehlo.bitcast_convert", [result], (7,), "i32")
    p.expect(bits, np.asarray(expected, np.float32).view(np.int32))


def converted(x, source, target):
    wide = np.asarray(x)
    if target == "i1":
        return wide != 0
    if target in FLOATS:
        return np.asarray(x, np.float64)
    info = np.iinfo(NUMPY[target])
    if source in FLOATS:
        number = np.trunc(np.nan_to_num(np.asarray(x, np.float64), nan=0.0,
                                        posinf=1e300, neginf=-1e300))
        flat = [min(max(int(v), info.min), info.max) for v in number.ravel()]
        return np.array(flat, NUMPY[target]).reshape(wide.shape)
    return wide.astype(NUMPY[target])


@parametrize(FLOATS + INTEGERS + ["i1"])
def conversions(p, source):
    for shape in ((9,), (), (0, 2)):
        if source in FLOATS:
            x = rng.normal(size=shape) * 100
            if x.size:
                x.flat[:9] = np.array([0, -0.5, 3.7, -3.7, 300, -70000, 1e30, np.nan,
                                       -np.inf])[:x.size]
        elif source == "i1":
            x = rng.integers(0, 2, shape)
        else:
            info = np.iinfo(NUMPY[source])
            x = rng.integers(info.min, info.max, shape, dtype=NUMPY[source],
                             endpoint=True)
        with np.errstate(all="ignore"):
            x = as_type(x, source)
            a = p.arg(x, source)
            for target in FLOATS + INTEGERS + ["i1"]:
                expected = converted(x, source, target)
                if target in ("f16", "bf16") and source not in ("f16", "bf16"):
                    # Integers and f64 go through f32 on their way.
                    expected = np.asarray(expected, np.float32)
                p.expect(p.op("stablehlo.convert", [a], shape, target), expected)


@case
def bitcasts(p):
    x = rng.normal(size=(3, 2)).astype(np.float32)
    a = p.arg(x, "f32")
    p.expect(p.op("stablehlo.bitcast_convert", [a], (3, 2), "i32"), x.view(np.int32))
    p.expect(p.op("stablehlo.bitcast_convert", [a], (3, 2), "ui32"), x.view(np.uint32))
    p.expect(p.op("stablehlo.bitcast_convert", [a], (3, 2, 4), "ui8"),
             x.view(np.uint8).reshape(3, 2, 4))
    p.expect(p.op("stablehlo.bitcast_convert", [a], (3, 2, 2), "f16"),
             x.view(np.float16).reshape(3, 2, 2))
    y = rng.integers(0, 256, (2, 4)).astype(np.uint8)
    b = p.arg(y, "ui8")
    p.expect(p.op("stablehlo.bitcast_convert", [b], (2,), "i32"),
             y.view(np.int32).reshape(2))
    z = rng.integers(-9, 9, (2,)).astype(np.int32)
    p.expect(p.op("stablehlo.bitcast_convert", [p.arg(z, "i32")], (), "f64"),
             z.view(np.float64).reshape(()))
    s = np.array(1.5, np.float32)
    p.expect(p.op("stablehlo.bitcast_convert", [p.arg(s, "f32")], (2,), "i16"),
             np.asarray(s).reshape(1).view(np.int16))


def numbers(batch, contracting):
    parts = []
    for name, (l, r) in (("batching", batch), ("contracting", contracting)):
        if l:
            parts += [f"lhs_{name}_dimensions = {list(l)}",
                      f"rhs_{name}_dimensions = {list(r)}"]
    return ("dot_dimension_numbers = #stablehlo.dot<" + ", ".join(parts) + ">")


def dot(x, y, batch, contracting):
    letters = iter("abcdefghijklm")
    left, right = [None] * x.ndim, [None] * y.ndim
    for l, r in [*zip(*batch), *zip(*contracting)]:
        left[l] = right[r] = next(letters)
    free = []
    for side in (left, right):
        for i, letter in enumerate(side):
            if letter is None:
                side[i] = next(letters)
                free.append(side[i])
    out = [left[l] for l in batch[0]] + free
    return np.einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", x, y)


DOTS = [((3, 4), (4, 5), ((), ()), ((1,), (0,))),
        ((3, 4), (5, 4), ((), ()), ((1,), (1,))),
        ((4, 3), (4, 5), ((), ()), ((0,), (0,))),
        ((2, 3, 4), (2, 4, 5), ((0,), (0,)), ((2,), (1,))),
        ((3, 4, 2), (5, 2, 4), ((2,), (1,)), ((1,), (2,))),
        ((2, 3, 4), (3, 4, 5), ((), ()), ((1, 2), (0, 1))),
        ((4,), (4,), ((), ()), ((0,), (0,))),
        ((2, 3), (4, 5), ((), ()), ((), ())),
        ((2, 3), (2, 3), ((0, 1), (0, 1)), ((), ())),
        ((0, 4), (4, 5), ((), ()), ((1,), (0,))),
        ((3, 0), (0, 5), ((), ()), ((1,), (0,))),
        ((), (3,), ((), ()), ((), ()))]


@parametrize(["f64", "f32", "f16", "bf16", "i32", "ui8", "i64"])
def dots(p, kind):
    for left, right, batch, contracting in DOTS:
        x = as_type(rng.integers(0, 4, left), kind)
        y = as_type(rng.integers(0, 4, right), kind)
        expected = dot(np.asarray(x, np.float64), np.asarray(y, np.float64), batch,
                       contracting)
        a, b = p.arg(x, kind), p.arg(y, kind)
        p.expect(p.op("stablehlo.dot_general", [a, b], expected.shape, kind,
                      numbers(batch, contracting)), expected)
        wide = {"bf16": "f32", "ui8": "i32"}.get(kind)
        if wide:
            p.expect(p.op("stablehlo.dot_general", [a, b], expected.shape, wide,
                          numbers(batch, contracting)), expected)
    for left, right in (((3, 4), (4, 5)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5))):
        x = as_type(rng.integers(0, 4, left), kind)
        y = as_type(rng.integers(0, 4, right), kind)
        expected = np.dot(np.asarray(x, np.float64), np.asarray(y, np.float64))
        p.expect(p.op("stablehlo.dot", [p.arg(x, kind), p.arg(y, kind)],
                      np.shape(expected), kind), expected)


@case
def dot_precision(p):
    """Sums of narrow floats are kept in f32, and in f64 where that is asked."""
    x = to_bf16(np.concatenate([[256], np.ones(300)])[None])
    y = to_bf16(np.ones((301, 1)))
    a, b = p.arg(x, "bf16"), p.arg(y, "bf16")
    result = p.op("stablehlo.dot_general", [a, b], (1, 1), "bf16",
                  numbers(((), ()), ((1,), (0,))))
    # 556 is a bf16 value; sums in bf16 would stay at 256.
    bits = p.op("stablehlo.bitcast_convert", [result], (1, 1), "i16")
    p.expect(bits, (to_bf16(np.array([[556.0]])).view(np.uint32) >> 16).astype(np.int16))
    x = np.array([[1e8, 1, -1e8]], np.float32)
    ones = np.ones((3, 1), np.float32)
    algorithm = ("algorithm = #stablehlo.dot_algorithm<lhs_precision_type = f64, "
                 "rhs_precision_type = f64, accumulation_type = f64, "
                 "lhs_component_count = 1, rhs_component_count = 1, "
                 "num_primitive_operations = 1, allow_imprecise_accumulation = false>")
    p.expect(p.op("stablehlo.dot_general", [p.arg(x, "f32"), p.arg(ones, "f32")],
                  (1, 1), "f32", numbers(((), ()), ((1,), (0,))) + ", " + algorithm),
             np.array([[1.0]]))


if __name__ == "__main__":
    main(__doc__)
