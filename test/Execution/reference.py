#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs and expected results of one codegen op, computed with numpy.

    reference.py OP --to FOLDER --tokens T ...

writes in0.npy, in1.npy ... in the order of the op's operands, destinations left
out, and out0.npy ... in the order of its results. bf16 is stored as uint16.
"""

import argparse
import pathlib

import numpy as np


def to_bf16(values):
    """Rounds f32 to bf16, to nearest even; the bits as uint16."""
    values = np.ascontiguousarray(values, np.float32)
    bits = values.view(np.uint32).astype(np.uint64)
    bits += ((bits >> 16) & 1) + 0x7FFF
    return np.where(np.isnan(values), 0x7FC0, bits >> 16).astype(np.uint16)


def alone(path, entry, folder):
    """A copy of the module with one function and the private ones, which
    compiles faster."""
    head, *functions = pathlib.Path(path).read_text().split("\nfunc.func ")
    kept = [f"\nfunc.func {text}" for text in functions
            if text.startswith((f"@{entry}(", "private "))]
    copy = folder / "alone.mlir"
    copy.write_text(head + "".join(kept))
    return str(copy)


def rounded(values, kind):
    """f32 values that `kind` can hold."""
    values = np.asarray(values, np.float32)
    if kind == "bf16":
        return (to_bf16(values).astype(np.uint32) << 16).view(np.float32)
    if kind == "f16":
        return values.astype(np.float16).astype(np.float32)
    return values


def stored(values, kind):
    if kind == "bf16":
        return to_bf16(values)
    return np.asarray(values, np.float16 if kind == "f16" else np.float32)


def score(logits, fn):
    with np.errstate(all="ignore"):
        if fn == "softmax":
            e = np.exp(logits - np.nanmax(logits, axis=1, keepdims=True, initial=-np.inf))
            return e / e.sum(axis=1, keepdims=True)
        if fn == "sigmoid":
            return 1 / (1 + np.exp(-logits))
        if fn == "sqrtsoftplus":
            return np.sqrt(np.maximum(logits, 0) + np.log1p(np.exp(-abs(logits))))
        if fn == "relu":
            return np.maximum(logits, 0)
        return logits


def top_k(keys, k):
    """NaN first, then falling; the lower id among equals."""
    rank = np.where(np.isnan(keys), np.inf, keys)
    first = np.isnan(keys)
    ids = [sorted(range(len(row)), key=lambda e: (not nan[e], -row[e], e))[:k]
           for row, nan in zip(rank, first)]
    return np.array(ids, np.int32).reshape(len(keys), k)


def weigh(source, ids, fn, norm, eps, scale):
    """Empty slots weigh nothing and count in no sum."""
    live = ids >= 0
    with np.errstate(all="ignore"):
        w = np.take_along_axis(source, np.maximum(ids, 0).astype(np.int64), axis=1)
        if fn == "softmax_selected":
            w = np.where(live, w, -np.inf)
            w = np.exp(w - w.max(axis=1, keepdims=True, initial=-np.inf))
            w = w / w.sum(axis=1, keepdims=True)
        elif fn == "sigmoid":
            w = 1 / (1 + np.exp(-w))
        elif fn == "one":
            w = np.ones_like(w)
        w = np.where(live, w, 0)
        if norm:
            w = w / (w.sum(axis=1, keepdims=True) + eps)
        return np.where(live, w * scale, 0)


def plan(ids, experts):
    flat = ids.reshape(-1)
    flat = np.where((flat < 0) | (flat >= experts), experts, flat)
    order = np.argsort(flat, kind="stable").astype(np.int32)
    offsets = np.searchsorted(flat[order], np.arange(experts + 1)).astype(np.int32)
    live = offsets[-1]
    positions = np.full(flat.shape, -1, np.int32)
    positions[order[:live]] = np.arange(live)
    order[live:] = -1
    return offsets, order, positions.reshape(ids.shape)


def grouped_matmul(x, weights, bias, offsets, pairs, slots, parts, epilogue, kind):
    """`parts` lists (offset, stride) of columns of the one weight, to which
    those of `bias` are added."""
    width = (weights.shape[1]) // len(parts)
    rows = len(pairs) if pairs is not None else len(x)
    out = np.zeros((rows, width), np.float32)
    for e in range(len(offsets) - 1):
        run = slice(offsets[e], offsets[e + 1])
        lhs = x[pairs[run] // slots] if pairs is not None else x[run]
        products = lhs.astype(np.float64) @ weights[e].astype(np.float64).T
        sums = [rounded(products[:, offset::stride][:, :width], kind)
                + bias[e, offset::stride][:width]
                for offset, stride in parts]
        out[run] = epilogue(*sums)
    return out


def gather_sum(rows, positions, weights, residual):
    out = np.zeros((len(positions), rows.shape[1])) if residual is None \
        else residual.astype(np.float64)
    for s in range(positions.shape[1]):
        live = positions[:, s] >= 0
        out[live] += weights[live, s:s + 1].astype(np.float64) * rows[positions[live, s]]
    return out


EPILOGUES = {
    "swiglu": lambda gate, up: gate / (1 + np.exp(-gate)) * up,
    "clamped": lambda gate, up: (np.clip(up, -1, 1) + 1) * np.minimum(gate, 1)
    / (1 + np.exp(-1.5 * np.minimum(gate, 1))),
    "double": lambda x: 2 * x,
    "sum_times": lambda a, b, c: (a + b) * c,
}


def make_ids(rng, args):
    shape = (args.tokens, args.slots)
    if args.ids == "hot":
        return np.full(shape, args.experts - 1, np.int32)
    if args.ids == "none":
        return np.full(shape, -1, np.int32)
    ids = np.array([rng.permutation(args.experts)[:args.slots]
                    for _ in range(args.tokens)], np.int32).reshape(shape)
    if args.ids == "empty":  # half of the experts get nothing
        ids %= (args.experts + 1) // 2
    if args.ids == "junk":
        ids = rng.integers(-3, args.experts + 3, shape).astype(np.int32)
    return ids


def run_gate(rng, args):
    # Multiples of 1/8 add up exactly, in any order, and tie.
    x = rng.integers(-8, 9, (args.tokens, args.depth)) / 8
    router = rng.integers(-8, 9, (args.experts, args.depth)) / 8
    if args.special:
        x[0] = 0
        x[1, 0] = np.nan
        x[2] = np.inf
    with np.errstate(all="ignore"):
        logits = rounded(x.astype(np.float32) @ router.T.astype(np.float32),
                         args.logits_type)
    scores = rounded(score(logits, args.score), args.score_type)
    pick = {"logits": logits, "scores": scores}
    ids = top_k(pick[args.select_on], args.slots)
    w = weigh(pick[args.weigh_on], ids, args.weigh, args.norm, args.eps, args.scale)
    return ([stored(x, args.type), stored(router, args.type)],
            [ids, stored(w, args.type)])


def always_on(offsets, pairs, positions, count):
    """The plan with `count` more experts that all tokens go to."""
    tokens, slots = positions.shape
    live, every = offsets[-1], np.arange(tokens, dtype=np.int32)[:, None]
    behind = live + np.arange(count) * tokens
    placed = pairs[:live] // slots * (slots + count) + pairs[:live] % slots
    own = (every * (slots + count) + slots + np.arange(count)).T.reshape(-1)
    return (np.append(offsets, behind + tokens).astype(np.int32),
            np.concatenate([placed, own, pairs[live:]]).astype(np.int32),
            np.hstack([positions, every + behind]).astype(np.int32))


def run_plan_into(rng, args):
    ids = make_ids(rng, args)
    result = plan(ids, args.experts)
    if args.always_on:
        result = always_on(*result, args.always_on)
    return [ids], list(result)


def run_grouped_matmul(rng, args):
    ids = make_ids(rng, args)
    offsets, pairs, _ = plan(ids, args.experts)
    rows = args.tokens if args.gather else len(pairs)
    x = rounded(rng.standard_normal((rows, args.depth)), args.type)
    shape = (args.experts, args.parts * args.width, args.depth)
    w = rounded(rng.standard_normal(shape) / np.sqrt(args.depth), args.type)
    # Every bias_stride-th entry counts.
    stride = max(1, args.bias_stride)
    bias = np.full((args.experts, shape[1] * stride), np.nan, np.float32)
    bias[:, ::stride] = rounded(rng.standard_normal(shape[:2]), args.type)
    # Nobody may read an expert without rows.
    w[offsets[1:] == offsets[:-1]] = np.nan
    bias[offsets[1:] == offsets[:-1]] = np.nan
    count = args.parts
    parts = [(i, count) if args.interleaved else (i * args.width, 1)
             for i in range(count)]
    added = bias[:, ::stride] if args.bias_stride else np.zeros(shape[:2])
    out = grouped_matmul(x, w, added, offsets, pairs if args.gather else None,
                         args.slots, parts, EPILOGUES[args.epilogue], args.sum_type)
    lies = w.transpose(0, 2, 1) if args.in_out else w
    inputs = [stored(x, args.type), stored(lies, args.type)]
    inputs += [stored(bias, args.type)] if args.bias_stride else []
    inputs.append(offsets)
    return inputs + ([pairs] if args.gather else []), [stored(out, args.type)]


def run_gather_sum(rng, args):
    count = args.tokens * args.slots + 1
    rows = rounded(rng.standard_normal((count, args.depth)), args.type)
    rows[-1] = np.nan  # belongs to no pair
    positions = rng.permutation(count - 1).astype(np.int32)
    positions = positions.reshape(args.tokens, args.slots)
    positions[rng.random(positions.shape) < 0.3] = -1
    w = rounded(rng.random(positions.shape), args.type)
    residual = rounded(rng.standard_normal((args.tokens, args.depth)), args.type) \
        if args.residual else None
    out = gather_sum(rows, positions, w, residual)
    inputs = [stored(rows, args.type), positions, stored(w, args.type)]
    if args.residual:
        inputs.append(stored(residual, args.type))
    return inputs, [stored(out, args.type)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("op", choices=[name[4:] for name in globals()
                                       if name.startswith("run_")])
    parser.add_argument("--to", type=pathlib.Path, required=True)
    for name, default in (("tokens", 7), ("experts", 4), ("slots", 2), ("depth", 8),
                          ("width", 8), ("parts", 1), ("bias-stride", 0),
                          ("always-on", 0),
                          ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--eps", type=float, default=0)
    parser.add_argument("--scale", type=float, default=1)
    for name, default in (("type", "f32"), ("sum-type", "f32"), ("logits-type", "f32"),
                          ("score-type", "f32"), ("score", "softmax"),
                          ("select-on", "scores"), ("weigh", "value"),
                          ("weigh-on", "scores"), ("epilogue", "double"),
                          ("ids", "uniform")):
        parser.add_argument(f"--{name}", default=default)
    for name in ("norm", "gather", "in-out", "interleaved", "residual", "special"):
        parser.add_argument(f"--{name}", action="store_true")
    args = parser.parse_args()

    inputs, outputs = globals()[f"run_{args.op}"](np.random.default_rng(args.seed), args)
    args.to.mkdir(parents=True, exist_ok=True)
    for prefix, arrays in (("in", inputs), ("out", outputs)):
        for i, array in enumerate(arrays):
            np.save(args.to / f"{prefix}{i}.npy", array)


if __name__ == "__main__":
    main()
