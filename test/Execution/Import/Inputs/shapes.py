#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO ops that move elements: broadcasts, reshapes, slices, padding."""

import numpy as np

from hlo import as_type, case, dims, main, parametrize, tensor

rng = np.random.default_rng(3)


def data(shape, kind="f32"):
    if kind == "i1":
        return rng.integers(0, 2, shape).astype(bool)
    return as_type(rng.integers(0, 100, shape), kind)


def dense(values, shape, kind):
    def nested(value):
        if isinstance(value, np.ndarray) and value.ndim:
            return "[" + ", ".join(nested(v) for v in value) + "]"
        return str(value)
    text = nested(np.asarray(values)) if np.size(values) else ""
    return f"value = dense<{text}> : {tensor(shape, kind)}"


@case
def constants(p):
    for shape, kind, values in (
            ((2, 3), "f32", np.arange(6.0).reshape(2, 3)), ((), "i32", np.array(-4)),
            ((3,), "ui32", np.array([1, 4294967295, 7], np.uint64)),
            ((4,), "ui8", np.array([0, 1, 128, 255])),
            ((2, 0), "f32", np.zeros((2, 0))), ((2,), "i64", np.array([-1, 9])),
            ((2,), "bf16", np.array([1.5, -2.0]))):
        for name in ("stablehlo.constant", "chlo.constant"):
            p.expect(p.op(name, [], shape, kind, dense(values, shape, kind)), values)
    p.expect(p.op("stablehlo.constant", [], (2,), "i1",
                  "value = dense<[true, false]> : tensor<2xi1>"),
             np.array([True, False]))


@parametrize(["f32", "bf16", "i32", "ui8", "i64"])
def iotas(p, kind):
    for shape, dimension in (((4,), 0), ((2, 3), 0), ((2, 3), 1), ((0, 3), 1)):
        expected = np.broadcast_to(
            np.arange(shape[dimension]).reshape(
                [-1 if i == dimension else 1 for i in range(len(shape))]), shape)
        p.expect(p.op("stablehlo.iota", [], shape, kind,
                      f"iota_dimension = {dimension} : i64"), expected)
    n = p.arg(np.array([4]), "i64")
    p.expect(p.op("stablehlo.dynamic_iota", [n], (4,), kind,
                  "iota_dimension = 0 : i64"), np.arange(4))


@parametrize(["f32", "f16", "i1", "i32"])
def broadcasts(p, kind):
    for source, target, where in (
            ((), (2, 3), ()), ((3,), (2, 3), (1,)), ((2,), (2, 3), (0,)),
            ((2, 1), (2, 3), (0, 1)), ((3, 2), (2, 3), (1, 0)), ((1,), (4,), (0,)),
            ((1, 3), (4, 0, 3), (0, 2)), ((2, 3), (2, 3), (0, 1))):
        x = data(source, kind)
        props = f"broadcast_dimensions = {dims(where)}"
        ordered = np.transpose(x, np.argsort(where))
        shape = [1] * len(target)
        for dim in where:
            shape[dim] = source[where.index(dim)]
        expected = np.broadcast_to(ordered.reshape(shape), target)
        a = p.arg(x, kind)
        p.expect(p.op("stablehlo.broadcast_in_dim", [a], target, kind, props), expected)
        sizes = p.arg(np.array(target), "i64")
        p.expect(p.op("stablehlo.dynamic_broadcast_in_dim", [a, sizes], target, kind,
                      props), expected)
    for source, added in (((), (3,)), ((3,), (2, 1)), ((2, 3), ()), ((3,), (0,))):
        x = data(source, kind)
        p.expect(p.op("stablehlo.broadcast", [p.arg(x, kind)], added + source, kind,
                      f"broadcast_sizes = {dims(added)}"),
                 np.broadcast_to(x, added + source))


@case
def reshapes(p):
    for source, target in (((2, 3), (6,)), ((6,), (3, 2)), ((2, 3), (3, 2)),
                           ((1, 1), ()), ((), (1, 1)), ((4, 1, 3), (2, 6)),
                           ((0, 3), (3, 0)), ((2, 3), (2, 3)), ((2, 6), (3, 4))):
        x = data(source)
        p.expect(p.op("stablehlo.reshape", [p.arg(x, "f32")], target, "f32"),
                 x.reshape(target))
        sizes = p.arg(np.array(target), "i64") if target else \
            p.arg(np.zeros(0), "i64")
        p.expect(p.op("stablehlo.dynamic_reshape", [p.arg(x, "f32"), sizes], target,
                      "f32"), x.reshape(target))


@case
def transposes(p):
    for shape, order in (((2, 3), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((), ()),
                         ((2, 0), (1, 0)), ((2, 3), (0, 1))):
        x = data(shape)
        p.expect(p.op("stablehlo.transpose", [p.arg(x, "f32")],
                      np.transpose(x, order).shape, "f32",
                      f"permutation = {dims(order)}"), np.transpose(x, order))


@case
def reversals(p):
    for shape, where in (((4,), (0,)), ((2, 3), (0, 1)), ((2, 3), ()), ((1, 3), (0,)),
                         ((0, 3), (0, 1)), ((), ())):
        x = data(shape)
        p.expect(p.op("stablehlo.reverse", [p.arg(x, "f32")], shape, "f32",
                      f"dimensions = {dims(where)}"), np.flip(x, where))


@case
def concatenations(p):
    for shapes, dimension in ((((2, 3), (2, 3)), 0), (((2, 3), (2, 1), (2, 0)), 1),
                              (((3,),), 0), (((0,), (0,)), 0)):
        arrays = [data(shape) for shape in shapes]
        expected = np.concatenate(arrays, dimension)
        p.expect(p.op("stablehlo.concatenate", [p.arg(x, "f32") for x in arrays],
                      expected.shape, "f32", f"dimension = {dimension} : i64"),
                 expected)


@case
def sizes(p):
    x = p.arg(data((2, 7)), "f32")
    p.expect(p.op("stablehlo.get_dimension_size", [x], (), "i32",
                  "dimension = 1 : i64"), np.array(7))


@parametrize(["f32", "bf16", "i1"])
def slices(p, kind):
    for shape, start, limit, stride in (
            ((5, 6), (1, 0), (4, 6), (1, 1)), ((5, 6), (0, 1), (5, 6), (2, 3)),
            ((5,), (2,), (2,), (1,)), ((5,), (5,), (5,), (2,)), ((), (), (), ())):
        x = data(shape, kind)
        expected = x[tuple(slice(a, b, c) for a, b, c in zip(start, limit, stride))]
        p.expect(p.op("stablehlo.slice", [p.arg(x, kind)], expected.shape, kind,
                      f"start_indices = {dims(start)}, limit_indices = {dims(limit)}, "
                      f"strides = {dims(stride)}"), expected)


@parametrize(["i32", "i64", "ui32", "ui8"])
def dynamic_slices(p, kind):
    x = data((5, 6))
    a = p.arg(x, "f32")
    update = data((2, 3))
    u = p.arg(update, "f32")
    most = np.iinfo(np.dtype({"u": "uint"}.get(kind[0], "int") +
                             kind.lstrip("ui"))).max
    for starts in ((1, 2), (0, 0), (4, 5), (most, 0), (-1, 2)):
        if kind[0] == "u" and starts[0] < 0:
            starts = (most - 3, 2)
        s = [p.arg(np.array(int(v)), kind) for v in starts]
        i, j = min(max(int(starts[0]), 0), 3), min(max(int(starts[1]), 0), 3)
        p.expect(p.op("stablehlo.dynamic_slice", [a, *s], (2, 3), "f32",
                      f"slice_sizes = {dims((2, 3))}"), x[i:i + 2, j:j + 3])
        expected = x.copy()
        expected[i:i + 2, j:j + 3] = update
        p.expect(p.op("stablehlo.dynamic_update_slice", [a, u, *s], (5, 6), "f32"),
                 expected)
    # Constant starts, one of them outside.
    s = [p.op("stablehlo.constant", [], (), kind, f"value = dense<{v}> : tensor<{kind}>")
         for v in (9, 1)]
    p.expect(p.op("stablehlo.dynamic_slice", [a, *s], (2, 3), "f32",
                  f"slice_sizes = {dims((2, 3))}"), x[3:5, 1:4])
    whole = p.op("stablehlo.dynamic_slice", [a, *s], (5, 6), "f32",
                 f"slice_sizes = {dims((5, 6))}")
    p.expect(whole, x)


def padded(x, value, low, high, interior):
    """By the formula of the specification, element by element."""
    shape = tuple(l + n + max(n - 1, 0) * i + h
                  for n, l, h, i in zip(x.shape, low, high, interior))
    result = np.full(shape, value, x.dtype)
    for index in np.ndindex(x.shape):
        place = tuple(l + k * (i + 1) for k, l, i in zip(index, low, interior))
        if all(0 <= k < n for k, n in zip(place, shape)):
            result[place] = x[index]
    return result


@parametrize(["f32", "i32", "f16"])
def pads(p, kind):
    for shape, low, high, interior in (
            ((2, 3), (1, 0), (0, 2), (0, 0)), ((2, 3), (0, 0), (0, 0), (1, 2)),
            ((4, 5), (-1, -2), (0, 1), (0, 0)), ((4, 5), (-2, 1), (-1, -3), (1, 2)),
            ((0, 2), (1, 0), (2, 0), (3, 0)), ((3,), (-3,), (2,), (0,)),
            ((3,), (-2,), (-1,), (1,)), ((5,), (-4,), (3,), (0,)), ((), (), (), ()),
            ((4,), (2,), (-5,), (0,))):
        x = data(shape, kind)
        expected = padded(x, 7, low, high, interior)
        p.expect(p.op("stablehlo.pad", [p.arg(x, kind), p.arg(np.array(7), kind)],
                      expected.shape, kind,
                      f"edge_padding_low = {dims(low)}, edge_padding_high = "
                      f"{dims(high)}, interior_padding = {dims(interior)}"), expected)


if __name__ == "__main__":
    main(__doc__)
