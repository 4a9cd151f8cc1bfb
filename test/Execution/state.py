#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs functions on router state, samples and units, and compares them with
what follows here, in f64 numpy.

    state.py OP [--only PREFIX] FOLDER -- moe-run FILE --backend=...

OP is router_cell, sample, neurons or neurons_counts. FOLDER takes the files of the cases.
"""

import sys

import numpy as np

import cases
from reference import to_bf16


def case(name, entry, arguments, expected, *options):
    cases.case(name, entry, arguments, *expected, options=options)


def f32(values, *shape):
    array = np.asarray(values, np.float32)
    return array.reshape(shape) if shape else array


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def wide(arrays):
    return [np.asarray(array, float) for array in arrays]


# moe.router_cell


def gates(x, h, w, u, b, c, count):
    """Per gate, what comes from the input and what from the state."""
    return list(zip(np.split(x @ w.T + b, count, axis=1),
                    np.split(h @ u.T + c, count, axis=1)))


def gru(x, h, w, u, b=0, c=0):
    (rx, rh), (zx, zh), (nx, nh) = gates(*wide((x, h, w, u, b, c)), 3)
    r, z = sigmoid(rx + rh), sigmoid(zx + zh)
    return (1 - z) * np.tanh(nx + r * nh) + z * h


def rnn(x, h, w, u, b=0, c=0):
    return np.tanh(sum(gates(*wide((x, h, w, u, b, c)), 1)[0]))


def lstm(x, h, cell, w, u, b=0, c=0):
    i, f, g, o = map(sum, gates(*wide((x, h, w, u, b, c)), 4))
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def router_cell():
    eye = np.eye(2)
    cell = [f32(np.concatenate([eye, .5 * eye, eye])),
            f32(np.concatenate([.5 * eye, eye, [[0, 1], [1, 0]]])),
            f32([0] * 6), f32([0, 0, 0, 0, .1, -.1])]
    case("v22", "v22",
         [f32([[.5, -1]]), f32([[.2, .4]]), *cell,
          f32([[1, 0], [0, 1], [1, 1]]), f32([[2, -1], [-1, 2], [.5, .5]])],
         [f32([[.223133, -.480949]]), np.int32([[0, 2]]),
          f32([[.617972, .382028]]), f32([[.121078, .041133]]),
          np.int32([[0, 2]]), f32([[.529943, .470057]])])

    random = np.random.default_rng(22)
    for tokens in (0, 1, 7):
        def some(*shape):
            return f32(random.normal(size=shape))

        x, h, memory = some(tokens, 5), some(tokens, 3), some(tokens, 3)
        for name, function, count in (("gru", gru, 3), ("rnn", rnn, 1)):
            w, u = some(3 * count, 5), some(3 * count, 3)
            b, c = some(3 * count), some(3 * count)
            case(f"{name}-{tokens}", name, [x, h, w, u, b, c],
                 [f32(function(x, h, w, u, b, c))])
            if name == "gru":
                case(f"recurrent-{tokens}", "gru_recurrent",
                     [x, h, f32(wide([h])[0] @ wide([u])[0].T), w, b, c],
                     [f32(gru(x, h, w, u, b, c))])
            case(f"{name}-plain-{tokens}", f"{name}_plain", [x, h, w, u],
                 [f32(function(x, h, w, u))])
        w, u, b, c = some(12, 5), some(12, 3), some(12), some(12)
        case(f"lstm-{tokens}", "lstm", [x, h, memory, w, u, b, c],
             [f32(array) for array in lstm(x, h, memory, w, u, b, c)])
        a, u = some(3), some(3, 3)
        case(f"ema-{tokens}", "ema", [memory, h, a], [f32(memory + a * h)])
        half = (h @ u.T).astype(np.float16)
        case(f"linear-recurrent-{tokens}", "linear_recurrent", [memory, h, half],
             [f32(memory + half)])
        case(f"linear-{tokens}", "linear", [memory, h, u],
             [f32(memory + h @ u.T)])

    # A token's NaN stays with it; large sums saturate.
    x = f32([[np.nan, 0], [1e4, -1e4], [.5, -1]])
    h = f32([[0, 0], [1, -1], [0, 0]])
    with np.errstate(over="ignore"):
        case("extremes", "gru2", [x, h, *cell], [f32(gru(x, h, *cell))])

    # Narrow operands are widened, and only the result is rounded.
    x, h, w, u = (random.normal(size=shape).astype(np.float16)
                  for shape in ((4, 5), (4, 3), (9, 5), (9, 3)))
    case("f16", "gru_f16", [x, h, w, u],
         [gru(x, h, w, u).astype(np.float16)], "--rtol=1e-3", "--atol=1e-4")
    x, h, w, u = (to_bf16(random.normal(size=shape))
                  for shape in ((4, 5), (4, 3), (9, 5), (9, 3)))
    exact = gru(*(from_bf16(array) for array in (x, h, w, u)))
    case("bf16", "gru_bf16", [x, h, w, u], [to_bf16(exact)],
         "--rtol=8e-3", "--atol=1e-3")


def from_bf16(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


# moe.sample


def philox(counter, key):
    """Philox-4x32-10 on Python's integers."""
    mask = 0xFFFFFFFF
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(second >> 32) ^ c[1] ^ k0, second & mask,
             (first >> 32) ^ c[3] ^ k1, first & mask]
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    return c


def normal(seed, stream, position, number):
    position, seed = position % 2**64, seed % 2**64
    words = philox((number // 4, stream % 2**32, position % 2**32,
                    position >> 32), (seed % 2**32, seed >> 32))
    first, second = words[2:] if number % 4 >= 2 else words[:2]
    radius = np.sqrt(-2 * np.log(((first >> 8) + 1) / 2**24))
    angle = 2 * np.pi * (second >> 8) / 2**24
    return radius * (np.sin(angle) if number % 2 else np.cos(angle))


def noise(tokens, samples, width, seed, stream, position):
    return np.array([[normal(seed, stream, position + t, s * width + j)
                      for j in range(width)]
                     for t in range(tokens) for s in range(samples)]
                    ).reshape(tokens * samples, width)


def sample():
    # Published with the generator (Random123, known answers).
    assert philox((0, 0, 0, 0), (0, 0)) == [
        0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
    assert philox((0xffffffff,) * 4, (0xffffffff,) * 2) == [
        0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
    assert philox((0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344),
                  (0xa4093822, 0x299f31d0)) == [
        0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]

    case("v23", "given", [f32([[.35, -.6]]), f32([[.5, .2]]),
                          f32([[1, -1], [-.4, 2]])],
         [f32([[.85, -.8], [.15, -.2]])], "--atol=1e-7")
    random = np.random.default_rng(23)
    seeds = [(0, 0), (-1, -1), (0x123456789ABCDEF, 2**32 - 2), (7, 2**63 - 3)]
    for tokens in (0, 1, 6):
        mean, deviation = random.normal(size=(2, tokens, 3))
        mean, deviation = f32(mean), f32(np.abs(deviation))
        for i, (seed, position) in enumerate(seeds):
            drawn = noise(tokens, 3, 3, seed, 5, position)
            case(f"counter-{tokens}-{i}", "counter",
                 [mean, deviation, np.int64(seed), np.int64(position)],
                 [f32(np.repeat(mean, 3, axis=0)
                      + np.repeat(deviation, 3, axis=0) * drawn)],
                 "--rtol=1e-6", "--atol=4e-6")
        case(f"mean-{tokens}", "mean", [mean],
             [np.repeat(mean, 2, axis=0)], "--rtol=0", "--atol=0")
    # Another stream, no position, and enough numbers for the tails.
    zero, one = f32(np.zeros((32, 16))), f32(np.ones((32, 16)))
    drawn = noise(32, 4, 16, 11, -2, 0)
    assert abs(drawn.mean()) < .1 and abs(drawn.std() - 1) < .1
    case("stream", "stream", [zero, one, np.int64(11)], [f32(drawn)],
         "--rtol=0", "--atol=4e-6")
    case("bf16", "bf16", [to_bf16(zero[:3, :4]), to_bf16(one[:3, :4]),
                          np.int64(4)],
         [to_bf16(noise(3, 2, 4, 4, 0, 0))], "--rtol=8e-3", "--atol=1e-4")


# moe.neurons

ACTIVATIONS = {"relu": lambda v: np.maximum(v, 0), "tanh": np.tanh,
               "logistic": sigmoid, "identity": lambda v: v}


def neurons(side, activation, x, units, coefficients, samples, up, down,
            up_bias=0, down_bias=0, sample_weights=None, count=None):
    """Token by token and sample by sample, without collapsing anything."""
    live = samples if count is None else max(0, min(count, samples))
    act = ACTIVATIONS[activation]
    result = []
    for t, row in enumerate(np.asarray(x, float)):
        y = np.zeros(down.shape[1]) + down_bias
        for s in range(live):
            factor = np.zeros(len(up))
            for unit, value in zip(units[t * samples + s],
                                   coefficients[t * samples + s]):
                if 0 <= unit < len(up):
                    factor[unit] += value
            p = up.astype(float) @ row + up_bias
            h = factor * act(p) if side == "post" else act(factor * p)
            weight = 1 if sample_weights is None else sample_weights[t][s]
            y = y + weight * (h @ down.astype(float))
        result.append(y)
    return f32(result, len(x), down.shape[1])


def units_of(random, rows, slots, count, live):
    """Different units in every row, of which only the first `live` count."""
    ids = np.array([random.permutation(count)[:slots] for _ in range(rows)],
                   np.int32).reshape(rows, slots)
    ids[:, live:] = -1
    return ids


def neurons_cases():
    masks = [[1, 0], [0, 1], [-1, 0], [0, -1], [.7, .7], [-.7, .6], [.5, -.9],
             [-.6, -.6]]
    # The layer's output is its hidden vector: down is the identity.
    hidden = f32([[.5, -.1, 1.2, .8, -.16, 2, .3, .05]])
    case("v23", "v23",
         [f32([[.35, -.6]]), f32([[.5, .2]]), f32([[1, -1], [-.4, 2]]),
          f32(masks), hidden, f32(np.eye(8)), f32(np.eye(8))],
         [np.int32([[6, 0], [6, 3]]), f32([[.25, 0, 0, .4, 0, 0, .3, 0]])],
         "--atol=1e-6")

    random = np.random.default_rng(24)
    for tokens in (0, 1, 5):
        for live in (4, 2, 0) if tokens == 5 else (3,):
            def some(*shape):
                return f32(random.normal(size=shape))

            x, up, down = some(tokens, 7), some(12, 7), some(12, 5)
            up_bias, down_bias = some(12), some(5)
            units = units_of(random, 3 * tokens, 4, 12, live)
            coefficients, weights = some(3 * tokens, 4), some(tokens, 3)
            name = f"{tokens}-{live}"
            case(f"post-{name}", "post", [x, units, coefficients, up, down],
                 [neurons("post", "relu", x, units, coefficients, 3, up, down)])
            # sigmoid(0) is not 0, so units that nobody kept count, too.
            for side, activation in (("post", "logistic"), ("pre", "logistic"),
                                     ("pre", "tanh")):
                case(f"{side}-{activation}-{name}", f"{side}_{activation}",
                     [x, units, coefficients, up, up_bias, down, down_bias,
                      weights],
                     [neurons(side, activation, x, units, coefficients, 3, up,
                              down, up_bias, down_bias, weights)])

    # Two slots on one unit; ids that do not exist; a unit that no sample keeps
    # may hold anything.
    x, up, down = (f32(random.normal(size=shape))
                   for shape in ((2, 7), (12, 7), (12, 5)))
    units = np.int32([[0, 0, 12, -9], [3, 0, -1, -1], [1, 2, 3, 4],
                      [-1, -1, -1, -1], [3, 4, -1, -1], [3, 4, 3, 4]])
    coefficients = f32(random.normal(size=(6, 4)))
    expected = neurons("post", "relu", x, units, coefficients, 3, up, down)
    up, down = up.copy(), down.copy()
    up[7], down[7], up[8], down[9] = np.nan, np.inf, np.inf, np.nan
    case("unkept", "post", [x, units, coefficients, up, down], [expected])
    # A number of units that is known at run time only.
    key = f32(random.normal(size=(6, 12)))
    x, up, down = (f32(random.normal(size=shape))
                   for shape in ((3, 7), (12, 7), (12, 5)))
    for count in (0, 1, 3, 9):
        ids = np.argsort(-key, axis=1)[:, :4].astype(np.int32)
        ids[:, count:] = -1
        case(f"counted-{count}", "counted",
             [key, np.int32(count), x, up, down],
             [neurons("post", "relu", x, ids, np.full((6, 4), .5), 2, up,
                      down)])
    # bf16 rounds the preactivation, the masked activation and the result.
    small = random.integers(-3, 4, size=(4, 7)), random.integers(
        -2, 3, size=(12, 7)), random.integers(-2, 3, size=(12, 5))
    x, up, down = map(f32, small)
    units = units_of(random, 8, 4, 12, 3)
    ones = np.ones((8, 4))
    exact = neurons("post", "relu", x, units, .5 * ones, 2, up, down)
    case("bf16", "bf16",
         [to_bf16(x), units, to_bf16(.5 * ones), to_bf16(up), to_bf16(down)],
         [to_bf16(exact)], "--rtol=8e-3", "--atol=0")


def neurons_counts():
    random = np.random.default_rng(25)
    # What stands in samples that are not live does not matter.
    for tokens, count, live in ((0, 2, 2), (1, 3, 1), (6, 5, 4), (6, 2, 3),
                                (6, 3, 0), (6, 9, 7), (6, 2, -1)):
        key = f32(random.normal(size=(4 * tokens, 12)))
        x, up, down = (f32(random.normal(size=shape))
                       for shape in ((tokens, 7), (12, 7), (12, 5)))
        ids = np.argsort(-key, axis=1)[:, :5].astype(np.int32)
        ids[:, max(count, 0):] = -1
        omega = np.float32(1 / max(live, 1))
        weights = np.take_along_axis(sigmoid(key), np.maximum(ids, 0), axis=1)
        dead = np.arange(4 * tokens) % 4 >= live
        key[dead] = np.nan
        case(f"sampled-{tokens}-{count}-{live}", "sampled",
             [key, np.int32(count), np.int32(live), omega, x, up, down],
             [neurons("post", "relu", x, ids, omega * weights, 4, up, down,
                      count=live)])
    for live in (0, 2, 7):
        x, up, down = (f32(random.normal(size=shape))
                       for shape in ((5, 7), (12, 7), (12, 5)))
        ids = units_of(random, 15, 4, 12, 3)
        weights = f32(random.normal(size=(15, 4)))
        case(f"sampled-logistic-{live}", "sampled_logistic",
             [ids, weights, np.int64(live), x, up, down],
             [neurons("pre", "logistic", x, ids, weights, 3, up, down,
                      count=live)])
    # As few units as can be, and as many.
    for name, slots in (("one", 1), ("every", 12)):
        x, up, down = (f32(random.normal(size=shape))
                       for shape in ((6, 7), (12, 7), (12, 5)))
        ids = units_of(random, 12, slots, 12, slots)
        weights = f32(random.normal(size=(12, slots)))
        case(name, name, [x, ids, weights, up, down],
             [neurons("post", "tanh", x, ids, weights, 2, up, down)])
    # Narrow floats, of which only the result is rounded.
    for name, side, narrow, wide, eps in (
            ("f16", "pre", np.float16, f32, 1e-3),
            ("wide_bf16", "post", to_bf16, from_bf16, 8e-3)):
        for tokens in (1, 7):
            x, up, up_bias, down, down_bias, omega = (
                narrow(f32(random.normal(size=shape) / shape[-1] ** .5))
                for shape in ((tokens, 40), (72, 40), (72,), (72, 24), (24,),
                              (tokens, 3)))
            ids = units_of(random, 3 * tokens, 4, 72, 3)
            weights = f32(random.normal(size=(3 * tokens, 4)))
            exact = neurons(side, "tanh", wide(x), ids, weights, 3, wide(up),
                            wide(down), wide(up_bias), wide(down_bias),
                            wide(omega))
            case(f"{name.replace('_', '-')}-{tokens}", name,
                 [x, ids, weights, up, up_bias, down, down_bias, omega],
                 [narrow(exact)], f"--rtol={eps}", "--atol=1e-5")


if __name__ == "__main__":
    {"router_cell": router_cell, "sample": sample,
     "neurons": neurons_cases,
     "neurons_counts": neurons_counts}[sys.argv.pop(1)]()
    sys.exit(cases.main(__doc__))
