#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO gather, scatter and reduce_window, against the formulas of the
specification, element by element."""

import numpy as np

from hlo import as_type, binary_body, case, dims, main, parametrize

rng = np.random.default_rng(17)


def named(kind, **lists):
    parts = [f"{name} = {list(v) if isinstance(v, tuple) else v}"
             for name, v in lists.items() if v != ()]
    return f"#stablehlo.{kind}<{', '.join(parts)}>"


def starts_of(indices, vector_dim, batch):
    """The start index at the place `batch` of the other dimensions."""
    if vector_dim == indices.ndim:
        return [int(indices[batch])]
    at = list(batch)
    at.insert(vector_dim, slice(None))
    return [int(v) for v in indices[tuple(at)]]


def gather(x, indices, shape, sizes, offset, collapsed, start_map, vector_dim,
           batching=(), index_batching=()):
    result = np.zeros(shape, x.dtype)
    outer = [d for d in range(len(shape)) if d not in offset]
    kept = [d for d in range(x.ndim) if d not in collapsed and d not in batching]
    for at in np.ndindex(*shape):
        batch = tuple(at[d] for d in outer)
        place = [0] * x.ndim
        for d, start in zip(start_map, starts_of(indices, vector_dim, batch)):
            place[d] = min(max(start, 0), x.shape[d] - sizes[d])
        for d, i in zip(batching, index_batching):
            place[d] = batch[i - (i > vector_dim)]
        for d, o in zip(kept, offset):
            place[d] += at[o]
        result[at] = x[tuple(place)]
    return result


GATHERS = [
    # operand, indices, result, sizes, offset, collapsed, map, vector dim
    ((5, 4), (3, 1), (3, 4), (1, 4), (1,), (0,), (0,), 1),
    ((5, 4), (3,), (3, 4), (1, 4), (1,), (0,), (0,), 1),
    ((5, 4), (2, 3, 1), (2, 3, 4), (1, 4), (2,), (0,), (0,), 2),
    ((5, 4), (2, 3), (4, 2, 3), (1, 4), (0,), (0,), (0,), 2),
    ((5, 4), (3, 2), (3,), (1, 1), (), (0, 1), (0, 1), 1),
    ((5, 4), (2, 3), (3, 2, 2), (2, 2), (1, 2), (), (1, 0), 0),
    ((5, 4, 3), (6, 1), (6, 4, 3), (1, 4, 3), (1, 2), (0,), (0,), 1),
    ((7,), (1,), (3,), (3,), (0,), (), (0,), 0),
    ((5, 4), (0, 1), (0, 4), (1, 4), (1,), (0,), (0,), 1),
    ((5, 0), (3, 1), (3, 0), (1, 0), (1,), (0,), (0,), 1),
    ((1, 4), (3, 1), (3, 4), (1, 4), (1,), (0,), (0,), 1)]


@parametrize(["i32", "i64", "ui32"])
def gathers(p, kind):
    for shape, at, out, sizes, offset, collapsed, start_map, vector in GATHERS:
        x = as_type(rng.normal(size=shape), "f32")
        low = 0 if kind[0] == "u" else -3
        indices = as_type(rng.integers(low, 8, at), kind)
        expected = gather(x, indices, out, sizes, offset, collapsed, start_map, vector)
        numbers = named("gather", offset_dims=offset, collapsed_slice_dims=collapsed,
                        start_index_map=start_map, index_vector_dim=vector)
        p.expect(p.op("stablehlo.gather", [p.arg(x, "f32"), p.arg(indices, kind)], out,
                      "f32", f"dimension_numbers = {numbers}, slice_sizes = "
                      f"{dims(sizes)}"), expected)


@case
def gather_batches(p):
    x = as_type(rng.integers(0, 99, (3, 5, 4)), "i32")
    indices = rng.integers(-1, 6, (3, 2, 1))
    expected = gather(x, indices, (3, 2, 4), (1, 1, 4), (2,), (1,), (1,), 2, (0,), (0,))
    numbers = named("gather", offset_dims=(2,), collapsed_slice_dims=(1,),
                    operand_batching_dims=(0,), start_indices_batching_dims=(0,),
                    start_index_map=(1,), index_vector_dim=2)
    p.expect(p.op("stablehlo.gather", [p.arg(x, "i32"), p.arg(indices, "i32")],
                  (3, 2, 4), "i32", f"dimension_numbers = {numbers}, slice_sizes = "
                  f"{dims((1, 1, 4))}"), expected)


def scatter(x, indices, updates, function, window, inserted, scatter_map, vector_dim,
            batching=(), index_batching=()):
    result = x.copy()
    outer = [d for d in range(updates.ndim) if d not in window]
    kept = [d for d in range(x.ndim) if d not in inserted and d not in batching]
    for at in np.ndindex(*updates.shape):
        batch = tuple(at[d] for d in outer)
        place = [0] * x.ndim
        for d, start in zip(scatter_map, starts_of(indices, vector_dim, batch)):
            place[d] = start
        for d, i in zip(batching, index_batching):
            place[d] = batch[i - (i > vector_dim)]
        for d, o in zip(kept, window):
            place[d] += at[o]
        if all(0 <= k < n for k, n in zip(place, x.shape)):
            result[tuple(place)] = function(result[tuple(place)], updates[at])
    return result


SCATTERS = [
    # operand, indices, updates, window, inserted, map, vector dim
    ((5, 4), (3, 1), (3, 4), (1,), (0,), (0,), 1),
    ((5,), (6, 1), (6,), (), (0,), (0,), 1),
    ((5, 4), (3, 2), (3,), (), (0, 1), (0, 1), 1),
    ((5, 4), (3, 2), (3, 2, 2), (1, 2), (), (0, 1), 1),
    ((5, 4), (2, 3), (4, 2, 3), (0,), (0,), (0,), 2),
    ((5, 4), (0, 1), (0, 4), (1,), (0,), (0,), 1),
    ((5,), (1,), (2,), (0,), (), (0,), 0),
    ((4,), (1,), (), (), (0,), (0,), 0)]


@parametrize(["add", "maximum", "replace"])
def scatters(p, name):
    function = {"add": np.add, "maximum": np.maximum, "replace": lambda a, b: b}[name]
    for kind in ("f32", "i32", "bf16"):
        one = f"tensor<{kind}>"
        body = binary_body(f"stablehlo.{name}", kind) if name != "replace" else \
            f'{{ ^bb0(%a: {one}, %b: {one}): "stablehlo.return"(%b) : ({one}) -> () }}'
        for shape, at, up, window, inserted, scatter_map, vector in SCATTERS:
            x = as_type(rng.integers(0, 9, shape), kind)
            updates = as_type(rng.integers(0, 9, up), kind)
            # Some fall outside, and some meet.
            indices = rng.integers(-2, 6, at)
            expected = scatter(x, indices, updates, function, window, inserted,
                               scatter_map, vector)
            numbers = named("scatter", update_window_dims=window,
                            inserted_window_dims=inserted,
                            scatter_dims_to_operand_dims=scatter_map,
                            index_vector_dim=vector)
            p.expect(p.op("stablehlo.scatter",
                          [p.arg(x, kind), p.arg(indices, "i32"), p.arg(updates, kind)],
                          shape, kind, f"scatter_dimension_numbers = {numbers}", body),
                     expected)


@case
def scatter_batches(p):
    x = as_type(rng.integers(0, 9, (3, 5)), "f32")
    updates = as_type(rng.integers(0, 9, (3, 2)), "f32")
    indices = rng.integers(0, 5, (3, 2, 1))
    expected = scatter(x, indices, updates, np.add, (), (1,), (1,), 2, (0,), (0,))
    numbers = named("scatter", inserted_window_dims=(1,), input_batching_dims=(0,),
                    scatter_indices_batching_dims=(0,),
                    scatter_dims_to_operand_dims=(1,), index_vector_dim=2)
    p.expect(p.op("stablehlo.scatter",
                  [p.arg(x, "f32"), p.arg(indices, "i64"), p.arg(updates, "f32")],
                  (3, 5), "f32", f"scatter_dimension_numbers = {numbers}",
                  binary_body("stablehlo.add", "f32")), expected)


def reduce_window(x, init, function, sizes, strides, base, window, padding):
    dilated = np.full([max((n - 1) * b + 1, 0) if n else 0
                       for n, b in zip(x.shape, base)], np.nan)
    dilated[tuple(slice(None, None, b) for b in base)] = x
    shape = [l + n + h for n, (l, h) in zip(dilated.shape, padding)]
    padded = np.full([max(n, 0) for n in shape], np.nan)
    for at in np.ndindex(*dilated.shape):
        place = tuple(i + l for i, (l, _) in zip(at, padding))
        if all(0 <= i < n for i, n in zip(place, padded.shape)):
            padded[place] = dilated[at]
    count = [0 if n < (s - 1) * d + 1 else (n - (s - 1) * d - 1) // t + 1
             for n, s, d, t in zip(padded.shape, sizes, window, strides)]
    result = np.full(count, float(init))
    for at in np.ndindex(*count):
        for part in np.ndindex(*sizes):
            v = padded[tuple(a * t + w * d for a, t, w, d in
                             zip(at, strides, part, window))]
            if not np.isnan(v):
                result[at] = function(result[at], v)
    return result


WINDOWS = [
    ((6,), (6,), (1,), (1,), (1,), [(5, 0)]),
    ((2, 5), (1, 5), (1, 1), (1, 1), (1, 1), [(0, 0), (4, 0)]),
    ((4, 6), (2, 3), (2, 1), (1, 1), (1, 1), [(0, 0), (0, 0)]),
    ((4, 6), (2, 3), (1, 2), (2, 1), (1, 2), [(1, 0), (2, 1)]),
    ((5,), (2,), (1,), (1,), (3,), [(-1, -1)]),
    ((3,), (2,), (1,), (3,), (1,), [(1, 2)]),
    ((2,), (3,), (1,), (1,), (1,), [(0, 0)]),
    ((0, 2), (1, 1), (1, 1), (1, 1), (1, 1), [(1, 1), (0, 0)]),
    ((), (), (), (), (), [])]


@parametrize(["f32", "i32", "bf16"])
def windows(p, kind):
    for shape, sizes, strides, base, window, padding in WINDOWS:
        x = as_type(rng.integers(0, 7, shape), kind)
        for name, function, init in (("add", np.add, 0), ("maximum", np.maximum, 2)):
            expected = reduce_window(np.asarray(x, np.float64), init, function, sizes,
                                     strides, base, window, padding)
            rank = len(shape)
            pairs = "[" + ", ".join(f"[{a}, {b}]" for a, b in padding) + "]"
            props = [f"window_dimensions = {dims(sizes)}"]
            if rank:
                props.append(f"padding = dense<{pairs}> : tensor<{rank}x2xi64>")
            for key, values in (("window_strides", strides), ("base_dilations", base),
                                ("window_dilations", window)):
                if set(values) - {1}:
                    props.append(f"{key} = {dims(values)}")
            p.expect(p.op("stablehlo.reduce_window",
                          [p.arg(x, kind), p.arg(np.array(init), kind)],
                          expected.shape, kind, ", ".join(props),
                          binary_body(f"stablehlo.{name}", kind)), expected)


if __name__ == "__main__":
    main(__doc__)
