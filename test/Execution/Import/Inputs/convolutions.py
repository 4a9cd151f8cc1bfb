#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO convolution and select_and_scatter, against the formulas of the
specification, element by element."""

import numpy as np

from hlo import as_type, binary_body, case, dims, main, parametrize

rng = np.random.default_rng(29)


def windows_of(size, window, stride, base, dilation, padding):
    """For each window the places of its parts; None is padding or a hole."""
    low, high = padding
    dilated = (size - 1) * base + 1 if size else 0
    padded = low + dilated + high
    extent = (window - 1) * dilation + 1 if window else 0
    count = 0 if padded <= 0 or padded < extent else (padded - extent) // stride + 1
    places = []
    for i in range(count):
        at = [i * stride + k * dilation - low for k in range(window)]
        places.append([p // base if 0 <= p < dilated and p % base == 0 else None
                       for p in at])
    return places


def convolution(x, k, strides, padding, base, dilation, reversal, groups, batch_groups):
    """x[b, f, ...], k[o, i, ...]"""
    batches, outputs = x.shape[0] // batch_groups, k.shape[0]
    places = [windows_of(*each) for each in
              zip(x.shape[2:], k.shape[2:], strides, base, dilation, padding)]
    result = np.zeros((batches, outputs, *map(len, places)), x.dtype)
    for at in np.ndindex(*result.shape):
        n, o, spatial = at[0], at[1], at[2:]
        group = o // (outputs // max(groups, batch_groups))
        n += group * batches if batch_groups > 1 else 0
        first = group * k.shape[1] if groups > 1 else 0
        for part in np.ndindex(*k.shape[1:]):
            where = [p[s][q] for p, s, q in zip(places, spatial, part[1:])]
            if None in where:
                continue
            flipped = [size - 1 - q if r else q for size, q, r in
                       zip(k.shape[2:], part[1:], reversal)]
            result[at] += (x[(n, first + part[0], *where)] *
                           k[(o, part[0], *flipped)])
    return result


def layout(permutation, names):
    """Text of dimensions in which `names` are permuted."""
    return "[" + ", ".join(str(names[d]) for d in permutation) + "]"


CONVOLUTIONS = [
    # x, kernel, strides, padding, lhs_dilation, rhs_dilation, reversal, groups, batch groups
    ((2, 3, 7), (4, 3, 3), (1,), [(0, 0)], (1,), (1,), (0,), 1, 1),
    ((1, 2, 5, 6), (3, 2, 2, 3), (2, 1), [(1, 0), (0, 2)], (1, 1), (1, 2), (0, 0), 1, 1),
    ((1, 2, 4, 3), (2, 2, 3, 2), (1, 2), [(2, 1), (-1, 1)], (2, 3), (1, 1), (1, 0), 1, 1),
    ((2, 6, 5), (4, 3, 2), (1,), [(1, 1)], (1,), (1,), (1,), 2, 1),
    ((1, 3, 5), (6, 1, 3), (2,), [(0, 0)], (1,), (1,), (0,), 3, 1),
    ((4, 2, 5), (6, 2, 3), (1,), [(0, 1)], (1,), (2,), (0,), 1, 2),
    ((2, 3), (4, 3), (), [], (), (), (), 1, 1),
    ((1, 2, 3, 2, 4), (1, 2, 2, 2, 3), (1, 1, 2), [(0, 0), (1, 1), (0, 1)], (1, 1, 1),
     (1, 1, 1), (0, 1, 1), 1, 1),
    ((1, 1, 2), (1, 1, 3), (1,), [(0, 0)], (1,), (1,), (0,), 1, 1),
    ((0, 2, 5), (3, 2, 2), (1,), [(0, 0)], (1,), (1,), (0,), 1, 1),
    ((2, 0, 5), (3, 0, 2), (1,), [(0, 0)], (1,), (1,), (0,), 1, 1),
    ((1, 2, 0), (3, 2, 2), (1,), [(1, 2)], (1,), (1,), (0,), 1, 1)]


def add_convolution(p, x, k, shape, expected, kinds, out, options, orders):
    strides, padding, base, dilation, reversal, groups, batch_groups = options
    rank = len(strides)
    spatial = list(range(rank))
    left, right, result = orders
    numbers = (f"{layout(left, ['b', 'f'] + spatial)}x"
               f"{layout(right, ['o', 'i'] + spatial)}->"
               f"{layout(result, ['b', 'f'] + spatial)}")
    props = [f"dimension_numbers = #stablehlo.conv<{numbers}>",
             f"feature_group_count = {groups} : i64",
             f"batch_group_count = {batch_groups} : i64"]
    if rank:
        pairs = "[" + ", ".join(f"[{a}, {b}]" for a, b in padding) + "]"
        props.append(f"padding = dense<{pairs}> : tensor<{rank}x2xi64>")
        flags = ", ".join("true" if flag else "false" for flag in reversal)
        if any(reversal):
            props.append(f"window_reversal = array<i1: {flags}>")
    for key, values in (("window_strides", strides), ("lhs_dilation", base),
                        ("rhs_dilation", dilation)):
        if set(values) - {1}:
            props.append(f"{key} = {dims(values)}")
    value = p.op("stablehlo.convolution",
                 [p.arg(x.transpose(left), kinds[0]), p.arg(k.transpose(right), kinds[1])],
                 [shape[d] for d in result], out, ", ".join(props))
    p.expect(value, expected.transpose(result))


@parametrize(["f32", "bf16", "i32", "i8"])
def convolutions(p, kind):
    out = "i32" if kind == "i8" else kind
    for shape, kernel, *options in CONVOLUTIONS:
        x = as_type(rng.integers(-4, 5, shape), kind)
        k = as_type(rng.integers(-4, 5, kernel), kind)
        wide = np.int64 if kind[0] == "i" else np.float64
        expected = convolution(x.astype(wide), k.astype(wide), *options)
        orders = [rng.permutation(len(shape)) for _ in range(3)]
        add_convolution(p, x, k, expected.shape, expected, (kind, kind), out, options,
                        orders)


@case
def images(p):
    """NHWC, HWIO: one image, odd sizes, numbers that are no integers."""
    x, k = rng.normal(size=(2, 5, 9, 7)), rng.normal(size=(11, 5, 3, 3))
    options = ((2, 2), [(1, 1), (1, 1)], (1, 1), (1, 1), (0, 0), 1, 1)
    expected = convolution(x, k, *options)
    add_convolution(p, x, k, expected.shape, expected, ("f32", "f32"), "f32", options,
                    ([0, 2, 3, 1], [2, 3, 1, 0], [0, 2, 3, 1]))


def select_and_scatter(x, source, init, select, scatter, sizes, strides, padding):
    places = [windows_of(n, s, t, 1, 1, p)
              for n, s, t, p in zip(x.shape, sizes, strides, padding)]
    result = np.full(x.shape, init, x.dtype)
    for at in np.ndindex(*source.shape):
        best = None
        for part in np.ndindex(*sizes):
            where = tuple(p[i][k] for p, i, k in zip(places, at, part))
            if None not in where and (best is None or not select(x[best], x[where])):
                best = where
        if best is not None:
            result[best] = scatter(result[best], source[at])
    return result


SELECTIONS = [
    ((6,), (2,), (2,), [(0, 0)]),
    ((5, 4), (3, 2), (1, 1), [(1, 1), (0, 1)]),
    ((7, 3), (2, 3), (3, 1), [(0, 2), (1, 1)]),
    ((1, 5, 5, 2), (1, 3, 3, 1), (1, 2, 2, 1), [(0, 0), (1, 1), (1, 1), (0, 0)]),
    ((2,), (2,), (1,), [(3, 0)]),
    ((2,), (3,), (1,), [(0, 0)]),
    ((0, 2), (1, 1), (1, 1), [(0, 0), (0, 0)]),
    ((), (), (), [])]


@parametrize(["f32", "bf16", "i32"])
def selections(p, kind):
    one = f"tensor<{kind}>"
    for shape, sizes, strides, padding in SELECTIONS:
        # Few values: the first of equal ones is taken.
        x = as_type(rng.integers(0, 4, shape), kind)
        count = [len(windows_of(n, s, t, 1, 1, pad))
                 for n, s, t, pad in zip(shape, sizes, strides, padding)]
        source = as_type(rng.integers(1, 9, count), kind)
        for direction, select in (("GE", np.greater_equal), ("LE", np.less_equal)):
            expected = select_and_scatter(x, source, 1, select, np.add, sizes, strides,
                                          padding)
            props = []
            if shape:
                pairs = "[" + ", ".join(f"[{a}, {b}]" for a, b in padding) + "]"
                props = [f"window_dimensions = {dims(sizes)}",
                         f"window_strides = {dims(strides)}",
                         f"padding = dense<{pairs}> : tensor<{len(shape)}x2xi64>"]
            body = (f'{{ ^bb0(%a: {one}, %b: {one}): %r = "stablehlo.compare"(%a, %b) '
                    f'<{{comparison_direction = #stablehlo<comparison_direction '
                    f'{direction}>}}> : ({one}, {one}) -> tensor<i1> '
                    f'"stablehlo.return"(%r) : (tensor<i1>) -> () }}, '
                    + binary_body("stablehlo.add", kind))
            p.expect(p.op("stablehlo.select_and_scatter",
                          [p.arg(x, kind), p.arg(source, kind), p.arg(np.array(1), kind)],
                          shape, kind, ", ".join(props), body), expected)


if __name__ == "__main__":
    main(__doc__)
