#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO rng_bit_generator, bit by bit against the published algorithms, and
rng by bounds and moments."""

import numpy as np

from hlo import binary_body, case, main, parametrize, tensor

rng = np.random.default_rng(43)
WORD, WIDE = (1 << 32) - 1, (1 << 64) - 1


def threefry(key, counter):
    """threefry2x32 of 20 rounds."""
    keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda]
    x, y = (counter[0] + keys[0]) & WORD, (counter[1] + keys[1]) & WORD
    for r in range(20):
        turn = (13, 15, 26, 6, 17, 29, 16, 24)[r % 8]
        x = (x + y) & WORD
        y = ((y << turn | y >> (32 - turn)) & WORD) ^ x
        if r % 4 == 3:
            i = r // 4 + 1
            x, y = (x + keys[i % 3]) & WORD, (y + keys[(i + 1) % 3] + i) & WORD
    return [x, y]


def philox(key, counter):
    """philox4x32 of 10 rounds."""
    key, c = list(key), list(counter)
    for _ in range(10):
        a, b = 0xd2511f53 * c[0], 0xcd9e8d57 * c[2]
        c = [b >> 32 ^ c[1] ^ key[0], b & WORD, a >> 32 ^ c[3] ^ key[1], a & WORD]
        key = [(key[0] + 0x9e3779b9) & WORD, (key[1] + 0xbb67ae85) & WORD]
    return c


# The known answers that Random123 publishes.
assert threefry((0, 0), (0, 0)) == [0x6b200159, 0x99ba4efe]
assert threefry((WORD, WORD), (WORD, WORD)) == [0x1cb996fc, 0xbb002be7]
assert philox((0, 0), (0,) * 4) == [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
assert philox((WORD, WORD), (WORD,) * 4) == [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]


def words(number, count):
    return [number >> 32 * i & WORD for i in range(count)]


def bits(state, algorithm, count, width):
    """The new state, and `count` numbers."""
    state = [int(v) for v in state]
    if algorithm == "THREE_FRY":
        def block(i):
            return threefry(words(state[0], 2), words((state[1] + i) & WIDE, 2))
    else:
        whole = state[1] | (state[2] if len(state) == 3 else 0) << 64
        def block(i):
            return philox(words(state[0], 2), words((whole + i) & (1 << 128) - 1, 4))
    per_block = (2 if algorithm == "THREE_FRY" else 4) // (2 if width == 64 else 1)
    blocks = -(-count // per_block)
    stream = [word for i in range(blocks) for word in block(i)]
    if width == 64:
        stream = [low | high << 32 for low, high in zip(stream[::2], stream[1::2])]
    if algorithm == "THREE_FRY":
        after = [state[0], (state[1] + blocks) & WIDE]
    else:
        moved = (whole + blocks) & (1 << 128) - 1
        after = [state[0], moved & WIDE, moved >> 64][:len(state)]
    numbers = [v & ((1 << width) - 1) for v in stream[:count]]
    return np.array(after, np.uint64), numbers


@parametrize(["THREE_FRY", "PHILOX", "DEFAULT"])
def generators(p, algorithm):
    states = [[1, 2], [0, WIDE], [0x123456789abcdef0, 0xfffffffe]]
    if algorithm != "THREE_FRY":
        states += [[7, WIDE - 1, 5], [7, WIDE, WIDE]]
    for i, state in enumerate(states):
        for kind, width in (("ui32", 32), ("ui64", 64), ("i32", 32), ("i64", 64),
                            ("ui8", 8), ("ui16", 16)):
            shape = [(7,), (3, 5), (), (0, 2)][(i + width) % 4]
            count = int(np.prod(shape))
            after, numbers = bits(state, algorithm, count, width)
            out = p.ops("stablehlo.rng_bit_generator",
                        [p.arg(np.array(state, np.uint64), "ui64")],
                        [((len(state),), "ui64"), (shape, kind)],
                        f"rng_algorithm = #stablehlo<rng_algorithm {algorithm}>")
            signed = {"i32": np.int32, "i64": np.int64}
            array = np.array(numbers, np.dtype(f"uint{width}")).reshape(shape)
            p.expect(out[0], after)
            p.expect(out[1], array.view(signed[kind]) if kind in signed else array)


@case
def float_bits(p):
    _, numbers = bits([3, 4], "THREE_FRY", 6, 32)
    out = p.ops("stablehlo.rng_bit_generator",
                [p.arg(np.array([3, 4], np.uint64), "ui64")],
                [((2,), "ui64"), ((6,), "f32")],
                "rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>")
    same = p.op("stablehlo.bitcast_convert", [out[1]], (6,), "i32")
    p.expect(same, np.array(numbers, np.uint32).view(np.int32))


def drawn(p, low, high, shape, kind, distribution):
    sizes = ", ".join(map(str, shape))
    wanted = p.op("stablehlo.constant", [], (len(shape),), "i64",
                  f"value = dense<[{sizes}]> : {tensor((len(shape),), 'i64')}")
    args = [p.arg(np.array(low), kind), p.arg(np.array(high), kind), wanted]
    return p.op("stablehlo.rng", args, shape, kind,
                f"rng_distribution = #stablehlo<rng_distribution {distribution}>")


def holds(p, value, direction, bound, kind):
    """Whether all of `value` compares so with `bound`."""
    spread = p.op("stablehlo.broadcast_in_dim", [p.arg(np.array(bound), kind)],
                  value.shape, kind, "broadcast_dimensions = array<i64>")
    good = p.op("stablehlo.compare", [value, spread], value.shape, "i1",
                f"comparison_direction = #stablehlo<comparison_direction {direction}>")
    true = p.op("stablehlo.constant", [], (), "i1", "value = dense<true> : tensor<i1>")
    p.expect(p.op("stablehlo.reduce", [good, true], (), "i1",
                  f"dimensions = array<i64: {', '.join(map(str, range(len(value.shape))))}>",
                  binary_body("stablehlo.and", "i1")), np.array(True))


def mean(p, value, count):
    value = p.op("stablehlo.convert", [value], value.shape, "f64")
    zero = p.op("stablehlo.constant", [], (), "f64", "value = dense<0.0> : tensor<f64>")
    total = p.op("stablehlo.reduce", [value, zero], (), "f64",
                 f"dimensions = array<i64: {', '.join(map(str, range(len(value.shape))))}>",
                 binary_body("stablehlo.add", "f64"))
    return p.op("stablehlo.divide", [total, p.arg(np.array(count), "f64")], (), "f64")


def square(p, value):
    return p.op("stablehlo.multiply", [value, value], value.shape, value.kind)


@case(atol=0.1)
def uniform(p):
    shape, count = (41, 101), 41 * 101
    for kind in ("f32", "f64", "bf16"):
        value = drawn(p, -1, 3, shape, kind, "UNIFORM")
        holds(p, value, "GE", -1, kind)
        holds(p, value, "LT", 3, kind)
        wide = p.op("stablehlo.convert", [value], shape, "f64")
        p.expect(mean(p, wide, count), np.array(1.0))
        # 4 / 12 of the square of the width, and the square of the mean.
        p.expect(mean(p, square(p, wide), count), np.array(16 / 12 + 1))
    for kind in ("i32", "i64", "ui8"):
        value = drawn(p, 2, 7, shape, kind, "UNIFORM")
        holds(p, value, "GE", 2, kind)
        holds(p, value, "LT", 7, kind)
        p.expect(mean(p, value, count), np.array(4.0))
    # From -2^31 up, further than an i32 reaches.
    value = drawn(p, -2 ** 31, 2 ** 31 - 1, shape, "i32", "UNIFORM")
    holds(p, value, "LT", 2 ** 31 - 1, "i32")
    value = drawn(p, 0, 1, (3, 0), "f32", "UNIFORM")
    p.expect(value, np.zeros((3, 0)))


@case(atol=0.1)
def normal(p):
    shape, count = (4001,), 4001
    for kind in ("f32", "f64", "bf16"):
        value = drawn(p, 1, 0.5, shape, kind, "NORMAL")
        wide = p.op("stablehlo.convert", [value], shape, "f64")
        p.expect(mean(p, wide, count), np.array(1.0))
        p.expect(mean(p, square(p, wide), count), np.array(1.25))
    # Two ops draw different numbers.
    first, second = (drawn(p, 0, 1, shape, "f64", "NORMAL") for _ in range(2))
    product = p.op("stablehlo.multiply", [first, second], shape, "f64")
    p.expect(mean(p, product, count), np.array(0.0))


if __name__ == "__main__":
    main(__doc__)
