#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""chlo.ragged_dot in its three modes, bare and as a composite."""

import numpy as np

from hlo import as_type, case, main, parametrize

rng = np.random.default_rng(13)
NAMES = ("lhs_batching", "rhs_batching", "lhs_contracting", "rhs_contracting",
         "lhs_ragged", "rhs_group")


def attribute(numbers):
    return ("ragged_dot_dimension_numbers = #chlo.ragged_dot<" + ", ".join(
        f"{name}_dimensions = {list(values)}"
        for name, values in zip(NAMES, numbers) if values) + ">")


def composite(p, operands, out, kind, numbers):
    types = ", ".join(f"%x{i}: {v.type}" for i, v in enumerate(operands))
    result = "tensor<" + "".join(f"{n}x" for n in out) + kind + ">"
    name = f"ragged{len(p.functions)}"
    p.functions.append(f"func.func private @{name}({types}) -> {result}")
    lists = ", ".join(
        f"dense<{list(v) if v else ''}> : tensor<{len(v)}xi64>" for v in numbers)
    return p.op("stablehlo.composite", operands, out, kind,
                'name = "chlo.ragged_dot", composite_attributes = {precision_config = '
                '["DEFAULT", "DEFAULT"], ragged_dot_dimension_numbers = ['
                f"{lists}]}}, decomposition = @{name}, version = 1 : i32")


def ragged(p, x, y, sizes, numbers, expected, kind, sizes_kind="i32", out=None):
    operands = [p.arg(x, kind), p.arg(y, kind), p.arg(np.asarray(sizes), sizes_kind)]
    out = out or kind
    p.expect(p.op("chlo.ragged_dot", operands, expected.shape, out, attribute(numbers)),
             expected)
    p.expect(composite(p, operands, expected.shape, out, numbers), expected)


def by_rows(x, y, sizes):
    """[m,k] and [g,k,n]: rows behind the last group are zero."""
    result = np.zeros((x.shape[0], y.shape[2]))
    start = 0
    for group, size in enumerate(sizes):
        result[start:start + size] = x[start:start + size] @ y[group]
        start += size
    return result


ROWS = ((), (), (1,), (1,), (0,), (0,))


@parametrize(["f32", "f64", "f16", "bf16"])
def rows(p, kind):
    x = as_type(rng.integers(-2, 3, (7, 4)), kind)
    y = as_type(rng.integers(-2, 3, (3, 4, 5)), kind)
    wide = [np.asarray(v, np.float64) for v in (x, y)]
    for sizes in ((2, 0, 5), (7, 0, 0), (0, 0, 0), (1, 2, 1)):
        expected = by_rows(*wide, sizes)
        ragged(p, x, y, sizes, ROWS, expected, kind)
    ragged(p, x, y, (2, 3, 2), ROWS, by_rows(*wide, (2, 3, 2)), kind, "i64")
    if kind == "bf16":
        ragged(p, x, y, (2, 3, 2), ROWS, by_rows(*wide, (2, 3, 2)), kind, out="f32")


@case
def orders(p):
    """Every side transposed, and the group in another place."""
    x = as_type(rng.integers(-2, 3, (7, 4)), "f32")
    y = as_type(rng.integers(-2, 3, (3, 4, 5)), "f32")
    sizes = (2, 1, 3)
    expected = by_rows(x, y, sizes)
    ragged(p, np.ascontiguousarray(x.T), y, sizes, ((), (), (0,), (1,), (1,), (0,)),
           expected, "f32")
    ragged(p, x, np.ascontiguousarray(y.transpose(0, 2, 1)), sizes,
           ((), (), (1,), (2,), (0,), (0,)), expected, "f32")
    ragged(p, x, np.ascontiguousarray(y.transpose(1, 2, 0)), sizes,
           ((), (), (1,), (0,), (0,), (2,)), expected, "f32")


@case
def odd_sizes(p):
    for m, k, n, g in ((0, 4, 5, 2), (1, 1, 1, 1), (3, 0, 2, 2), (3, 2, 0, 2)):
        x = as_type(rng.integers(-2, 3, (m, k)), "f32")
        y = as_type(rng.integers(-2, 3, (g, k, n)), "f32")
        sizes = [m] + [0] * (g - 1)
        ragged(p, x, y, sizes, ROWS, by_rows(x, y, sizes), "f32")


@case
def batches_of_rows(p):
    """[b,m,k] and [g,b,k,n], sizes for all and for each batch."""
    x = as_type(rng.integers(-2, 3, (2, 6, 4)), "f32")
    y = as_type(rng.integers(-2, 3, (3, 2, 4, 5)), "f32")
    numbers = ((0,), (1,), (2,), (2,), (1,), (0,))
    for sizes in (np.array([1, 2, 2]), np.array([[1, 2, 2], [6, 0, 0]])):
        each = np.broadcast_to(sizes, (2, 3))
        expected = np.stack([by_rows(x[b], y[:, b], each[b]) for b in range(2)])
        ragged(p, x, y, sizes, numbers, expected, "f32")


@case
def nothing_touches_others(p):
    """A NaN in the weights of a group without rows stays there."""
    x = as_type(rng.integers(-2, 3, (4, 3)), "f32")
    y = as_type(rng.integers(-2, 3, (3, 3, 2)), "f32")
    expected = by_rows(x, y, (3, 0, 1))
    y[1] = np.nan
    ragged(p, x, y, (3, 0, 1), ROWS, expected, "f32")
    # And behind the last group.
    y = np.full((1, 3, 2), np.nan, np.float32)
    ragged(p, x, y, (0,), ROWS, np.zeros((4, 2)), "f32")


@parametrize(["f32", "bf16"])
def contracted(p, kind):
    """[m,k] and [k,n]: a product for each group of k."""
    x = as_type(rng.integers(-2, 3, (4, 7)), kind)
    y = as_type(rng.integers(-2, 3, (7, 5)), kind)
    wide = [np.asarray(v, np.float64) for v in (x, y)]
    for sizes in ((2, 0, 5), (1, 2, 1)):
        expected = np.zeros((3, 4, 5))
        start = 0
        for group, size in enumerate(sizes):
            cut = slice(start, start + size)
            expected[group] = wide[0][:, cut] @ wide[1][cut]
            start += size
        ragged(p, x, y, sizes, ((), (), (1,), (0,), (1,), ()), expected, kind)


@case
def batches(p):
    """[b,m,k] and [b,k,n]: the groups change nothing."""
    x = as_type(rng.integers(-2, 3, (3, 2, 4)), "f32")
    y = as_type(rng.integers(-2, 3, (3, 4, 5)), "f32")
    ragged(p, x, y, (1, 2), ((0,), (0,), (2,), (1,), (0,), ()), x @ y, "f32")


if __name__ == "__main__":
    main(__doc__)
