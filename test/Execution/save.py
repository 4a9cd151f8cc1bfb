#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a tensor for moe-run.

    save.py FILE TYPE VALUES [SHAPE]

VALUES is a nested list in Python's notation, nan and inf included; TYPE f32,
f16, bf16 (stored as uint16) or i32. SHAPE, such as 0x4, is needed for a tensor
without elements, and reshapes others.
"""

import sys

import numpy as np


def main(file, kind, values, shape=None):
    data = eval(values, {"__builtins__": {}},
                {"nan": np.nan, "inf": np.inf})
    if kind == "bf16":
        # Values of tests are few digits long: cutting rounds them well enough.
        bits = np.asarray(data, np.float32).view(np.uint32)
        data = (bits >> 16).astype(np.uint16)
    else:
        data = np.asarray(data, {"f32": np.float32, "f16": np.float16,
                                 "i32": np.int32}[kind])
    if shape:
        data = data.reshape([int(size) for size in shape.split("x")])
    np.save(file, data)


main(*sys.argv[1:])
