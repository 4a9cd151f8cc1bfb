# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes graphs of StableHLO and CHLO, and what NumPy says they compute.

A script of cases defines functions with `@case` that fill a Program, and ends
with `main(__doc__)`:

    SCRIPT FOLDER BACKEND [CASE ...]
"""

import argparse
import pathlib
import subprocess
import sys

import numpy as np

NUMPY = {"f64": np.float64, "f32": np.float32, "f16": np.float16,
         "i64": np.int64, "i32": np.int32, "i16": np.int16, "i8": np.int8,
         "ui64": np.uint64, "ui32": np.uint32, "ui16": np.uint16,
         "ui8": np.uint8, "i1": np.bool_}
# What moe-run takes; others pass through one of these and a convert.
DIRECT = {"bf16", "f16", "f32", "f64", "i1", "i8", "i32", "i64"}
CARRIER = {"i16": "i32", "ui8": "i64", "ui16": "i32", "ui32": "i64"}
# Complex elements are put together from two arguments and taken apart again.
NUMBERS = {"complex<f32>": "f32", "complex<f64>": "f64"}


def to_bf16(array):
    """Rounded to the nearest, as the f32 of the same value."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000
    rounded = np.where(np.isnan(array), bits & 0xffff0000 | 0x400000, rounded)
    return rounded.astype(np.uint32).view(np.float32).reshape(np.shape(array))


def as_type(array, kind):
    """`array` as the values that `kind` has; bf16 stays f32 in NumPy."""
    if kind == "bf16":
        return to_bf16(np.asarray(array, np.float32))
    return np.asarray(array).astype(NUMPY[kind])


def tensor(shape, kind):
    return "tensor<" + "".join(f"{size}x" for size in shape) + kind + ">"


def dims(values):
    values = list(values)
    return "array<i64" + (": " if values else "") + ", ".join(map(str, values)) + ">"


class Value:
    def __init__(self, name, shape, kind):
        self.name, self.shape, self.kind = name, tuple(shape), kind
        self.type = tensor(shape, kind)


class Program:
    """One function, its arguments and what it should return."""

    def __init__(self):
        self.args, self.lines, self.results = [], [], []
        self.functions = []
        self.count = 0

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def arg(self, array, kind):
        array = as_type(array, kind)
        direct = kind if kind in DIRECT else CARRIER.get(kind)
        if direct is None:
            # ui64: the same bits.
            value = self.add_arg(array.view(np.int64), "i64")
            return self.op("stablehlo.bitcast_convert", [value], array.shape, kind)
        value = self.add_arg(as_type(array, direct), direct)
        if direct == kind:
            return value
        return self.op("stablehlo.convert", [value], array.shape, kind)

    def add_arg(self, array, kind):
        value = Value(f"%arg{len(self.args)}", array.shape, kind)
        self.args.append((value, array))
        return value

    def op(self, name, operands, shape, kind, props="", region=""):
        """The only result of a new op."""
        return self.ops(name, operands, [(shape, kind)], props, region)[0]

    def ops(self, name, operands, types, props="", region=""):
        result = self.fresh()
        values = [Value(f"{result}#{i}" if len(types) > 1 else result, *each)
                  for i, each in enumerate(types)]
        suffix = f":{len(types)}" if len(types) > 1 else ""
        self.lines.append(
            f'{result}{suffix} = "{name}"({", ".join(v.name for v in operands)})'
            f' <{{{props}}}>{region and " (" + region + ")"} :'
            f' ({", ".join(v.type for v in operands)}) ->'
            f' ({", ".join(v.type for v in values)})')
        return values

    def expect(self, value, array):
        """`array` is rounded to the type of the value."""
        kind = value.kind
        array = np.asarray(array)
        assert array.shape == value.shape, (array.shape, value.shape)
        if kind not in DIRECT:
            carrier = CARRIER.get(kind)
            if carrier:
                array = as_type(as_type(array, kind), carrier)
                value = self.op("stablehlo.convert", [value], value.shape, carrier)
            else:
                array = as_type(array, kind).view(np.int64)
                value = self.op("stablehlo.bitcast_convert", [value], value.shape,
                                "i64")
        self.results.append((value, as_type(array, value.kind)))

    def text(self):
        args = ", ".join(f"{v.name}: {v.type}" for v, _ in self.args)
        types = ", ".join(v.type for v, _ in self.results)
        names = ", ".join(v.name for v, _ in self.results)
        body = "\n  ".join(self.lines)
        return (f"func.func @main({args}) -> ({types}) {{\n  {body}\n"
                f"  return {names} : {types}\n}}\n" + "\n".join(self.functions))


def arg_of(p, array, kind):
    """An argument of `kind`, which may be complex."""
    part = NUMBERS.get(kind)
    if part is None:
        return p.arg(array, kind)
    parts = [p.arg(np.real(array), part), p.arg(np.imag(array), part)]
    return p.op("stablehlo.complex", parts, np.shape(array), kind)


def expect_of(p, value, array):
    part = NUMBERS.get(value.kind)
    if part is None:
        p.expect(value, array)
        return
    p.expect(p.op("stablehlo.real", [value], value.shape, part), np.real(array))
    p.expect(p.op("stablehlo.imag", [value], value.shape, part), np.imag(array))


def binary_body(name, kind, inner="stablehlo.return"):
    """A region that combines two scalars."""
    one = tensor((), kind)
    return (f'{{ ^bb0(%a: {one}, %b: {one}): '
            f'%r = "{name}"(%a, %b) : ({one}, {one}) -> {one} '
            f'"{inner}"(%r) : ({one}) -> () }}')


def save(path, array, kind):
    if kind == "bf16":
        array = (np.asarray(array, np.float32).view(np.uint32) >> 16).astype(np.uint16)
    np.save(path, np.ascontiguousarray(array) if np.ndim(array) else array)


CASES = []


def case(function=None, *, rtol=1e-5, atol=1e-5):
    """Defines a case: a function that fills a Program."""
    def add(function):
        CASES.append((function.__name__, function, rtol, atol))
        return function
    return add(function) if function else add


def parametrize(values, **options):
    """A case for each value; its name ends in it."""
    def add(function):
        for value in values:
            def fill(program, value=value):
                function(program, value)
            CASES.append((f"{function.__name__}-{value}", fill,
                          options.get("rtol", 1e-5), options.get("atol", 1e-5)))
        return function
    return add


def run(folder, backend, name, fill, rtol, atol):
    program = Program()
    fill(program)
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    module = folder / "graph.mlir"
    module.write_text(program.text())
    # Results of different types need different tolerances.
    narrow = any(v.kind in ("bf16", "f16") for v, _ in program.results)
    command = ["moe-run", module, f"--backend={backend}"]
    command += [f"--rtol={1e-2 if narrow else rtol}",
                f"--atol={1e-2 if narrow else atol}"]
    for prefix, values in (("input", program.args), ("expect", program.results)):
        for i, (value, array) in enumerate(values):
            path = folder / f"{prefix}{i}.npy"
            save(path, array, value.kind)
            command.append(f"--{prefix}={path}")
    done = subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        print(f"{name}: exit code {done.returncode}\n{done.stdout}")
    return done.returncode == 0


def main(description):
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("backend")
    parser.add_argument("only", nargs="*")
    args = parser.parse_args()
    good = [run(args.folder, args.backend, *each) for each in CASES
            if not args.only or each[0] in args.only]
    print(f"{sum(good)} of {len(good)} cases agree")
    sys.exit(not all(good) or not good)
