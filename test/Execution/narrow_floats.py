# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Inputs and results of narrow-floats.mlir; bf16 is held in f32 arrays."""

import numpy as np


def bf16(x):
    """Rounds to nearest even, as bits."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(x), 0x7FC0, rounded).astype(np.uint16)


def wide(bits):
    return (bits.astype(np.uint32) << 16).view(np.float32)


def rounded(x):
    return wide(bf16(x))


random = np.random.default_rng(0)
np.seterr(all="ignore")
values = random.standard_normal((2, 1000)).astype(np.float32)
# Around the ends of both formats, and what is no number.
values *= 2.0 ** random.integers(-20, 15, values.shape)
values[:, :4] = [[np.inf, -np.inf, np.nan, 0], [1, 2, 3, 0]]

a, b = rounded(values)
np.save("b0.npy", bf16(a))
np.save("b1.npy", bf16(b))
result = rounded(rounded(rounded(a * b) + a) / b)
np.save("b2.npy", bf16(np.maximum(result, a)))
np.save("ints.npy", (a < b).astype(np.int32))

c, d = values.astype(np.float16)
np.save("h0.npy", c)
np.save("h1.npy", d)
np.save("h2.npy", (c * d + c) / d)
np.save("cast.npy", bf16(c.astype(np.float32)))
