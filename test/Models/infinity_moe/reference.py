#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the arguments of the model here, and what it computes for them.

    reference.py TOKENS COUNT FOLDER [--samples=N] [--narrow=bf16]

--samples is for the form that takes four samples at most.

Runs every sample of every token through the masked layer on its own, in f64, and
shares nothing with the IR but the shapes and the definition of the generator.
"""

import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import data

D, Z, F, SLOTS = 8, 3, 16, 4


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def gelu(v):
    return v / 2 * (1 + np.vectorize(math.erf)(v / math.sqrt(2)))


def norm(x, gain):
    return x / np.sqrt(np.mean(x * x) + 1e-5) * gain


def philox(counter, key):
    mask = 2**32 - 1
    for round_number in range(10):
        k0 = (key[0] + round_number * 0x9E3779B9) & mask
        k1 = (key[1] + round_number * 0xBB67AE85) & mask
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = (b >> 32 ^ counter[1] ^ k0, b & mask,
                   a >> 32 ^ counter[3] ^ k1, a & mask)
    return counter


def gaussian(seed, stream, position, number):
    words = philox((number >> 2, stream, position % 2**32, position >> 32),
                   (seed % 2**32, seed >> 32))
    a, b = words[2:] if number & 2 else words[:2]
    length = math.sqrt(-2 * math.log(((a >> 8) + 1) / 2**24))
    turn = 2 * math.pi * (b >> 8) / 2**24
    return length * (math.sin(turn) if number & 1 else math.cos(turn))


def kept(z, mask, count, narrow):
    scores = mask @ z
    data.apart(scores, count, narrow)
    return scores, np.argsort(-scores, kind="stable")[:count]


def layer(x, noise, count, soft, side, activation, omega, parts, narrow):
    """One layer without its residual; noise[s] is the noise of sample s."""
    gain, mean, spread, mask, up, up_bias, down, down_bias = parts
    x = norm(x, gain)
    y = np.zeros(D)
    for e, weight in zip(noise, omega):
        z = mean @ x + np.log1p(np.exp(spread @ x)) * e
        scores, units = kept(z, mask, count, narrow)
        m = np.zeros(F)
        m[units] = sigmoid(scores[units]) if soft else 1
        p = up @ x + up_bias
        h = m * activation(p) if side == "post" else activation(m * p)
        y += weight * (h @ down)
    return y + down_bias


def token(x, t, count, seed, position, noise, omega, layers, narrow):
    drawn = [[gaussian(seed, 1, position + t, s * Z + j) for j in range(Z)]
             for s in range(len(noise))]
    even = [1 / max(len(noise), 1)] * len(noise)
    x = x + layer(x, drawn, count, False, "post", gelu, even, layers[0], narrow)
    x = x + layer(x, noise, count, True, "post", lambda v: np.maximum(v, 0),
                  even, layers[1], narrow)
    nothing = np.zeros((len(noise), Z))
    return x + layer(x, nothing, count, True, "pre", np.tanh, omega, layers[2],
                     narrow)


def main(args):
    given = args.samples is not None
    bound = 4 if given else 2
    live = max(0, min(args.samples, bound)) if given else bound
    random = np.random.default_rng(9)
    some = data.weights(random, args.narrow)
    tokens, count = int(args.tokens), int(args.count)

    def gain():
        return data.rounded(1 + random.normal(size=D) / np.sqrt(D), args.narrow)

    layers = [[gain(), some(Z, D), some(Z, D), some(F, Z) * 4, some(F, D), some(F),
               some(F, D), some(D)] for _ in range(3)]
    noise = data.rounded(random.normal(size=(tokens * bound, Z)), args.narrow)
    omega = data.rounded(random.uniform(size=(tokens, bound)), args.narrow)
    seed, position = 2026, 2**32 - 2
    wide = [[part.astype(float) for part in parts] for parts in layers]
    x, rows = data.tokens(random, tokens, D, args.narrow, lambda t, x: token(
        x, t, max(0, min(count, SLOTS)), seed, position,
        noise[t * bound:t * bound + live], omega[t], wide, args.narrow))
    arguments = [x, np.int32(count), *([np.int32(args.samples)] if given else []),
                 np.int64(seed), np.int64(position), noise,
                 omega, *(part for parts in layers for part in parts)]
    y = np.array(rows, np.float32).reshape(tokens, D)
    data.save(args.folder, arguments, [y], args.narrow)


main(data.arguments(__doc__, "TOKENS", "COUNT", options=["samples"]))
