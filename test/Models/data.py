# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the reference.py of the models written for the suite share: floats of a
narrow type, tokens whose choices do not hang on rounding, and files."""

import argparse
import pathlib

import numpy as np

# Two keys at least this far apart rank alike in f32, or in bf16, as in f64.
MARGIN = {None: 1e-5, "bf16": .03}


class Unclear(Exception):
    """A choice that rounding may turn."""


def to_bf16(values):
    """To nearest even; the bits as uint16. There are no NaNs here."""
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def rounded(values, narrow):
    """f32 values that `narrow`, if it is given, can hold."""
    if not narrow:
        return np.asarray(values, np.float32)
    return (to_bf16(values).astype(np.uint32) << 16).view(np.float32)


def weights(random, narrow):
    """A function that draws arrays of a shape, a row of about length 1."""
    return lambda *shape: rounded(
        random.normal(size=shape) / np.sqrt(shape[-1]), narrow)


def apart(keys, count, narrow, margin=None):
    """Raises Unclear unless the `count` largest keys are plainly those."""
    margin = margin or MARGIN[narrow]
    ranked = -np.sort(-np.asarray(keys, float))
    if 0 < count < len(ranked) and \
            ranked[count - 1] - ranked[count] < margin:
        raise Unclear


def tokens(random, count, width, narrow, run):
    """`count` rows x, drawn until run(t, x) does not raise Unclear, and what it
    gives for each."""
    rows, results = [], []
    while len(rows) < count:
        x = rounded(random.normal(size=width), narrow)
        try:
            results.append(run(len(rows), x.astype(float)))
        except Unclear:
            continue
        rows.append(x)
    return np.array(rows, np.float32).reshape(count, width), results


def save(folder, inputs, outputs, narrow):
    """Tensors of floats go to files in the narrow type."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, arrays in (("in", inputs), ("out", outputs)):
        for i, array in enumerate(arrays):
            if narrow and array.ndim and array.dtype == np.float32:
                array = to_bf16(array)
            np.save(folder / f"{prefix}{i:02}.npy", array)


def arguments(description, *names, options=()):
    """The command line: the names, FOLDER, --narrow and integer options."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in names:
        parser.add_argument(name.lower(), metavar=name)
    parser.add_argument("folder", metavar="FOLDER")
    for option in options:
        parser.add_argument(f"--{option}", type=int)
    parser.add_argument("--narrow", choices=["bf16"])
    return parser.parse_args()
