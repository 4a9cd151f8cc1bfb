# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes graphs of torch ops in generic form, and runs them.

A graph is a list of cases: an op, its operands and what NumPy says it gives.
All cases of a list are one function, whose results are compared one by one."""

import math
import pathlib
import subprocess
import sys

import numpy

NAMES = {"float32": "f32", "float64": "f64", "float16": "f16", "int64": "si64",
         "int32": "si32", "bool": "i1"}


class BF16:
    """Floats rounded to bf16, kept as the bits that moe-run reads."""

    def __init__(self, values):
        bits = numpy.asarray(values, "f4").view("u4")
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        self.bits = rounded.astype("u2")
        self.shape = self.bits.shape
        self.floats = (self.bits.astype("u4") << 16).view("f4")


class Known(numpy.ndarray):
    """A tensor that is a constant of the graph."""


def known(*values):
    return numpy.array(values, "i8").view(Known)


def dtype_of(value):
    return "bf16" if isinstance(value, BF16) else NAMES[value.dtype.name]


def is_tensor(value):
    return isinstance(value, (numpy.ndarray, numpy.generic, BF16))


class Graph:
    def __init__(self, dynamic):
        self.dynamic = dynamic
        self.arguments, self.expected, self.results, self.lines = [], [], [], []
        self.count = 0

    def tensor_type(self, value, static=False, dtype=None):
        sizes = ["?" if self.dynamic and not static else str(size)
                 for size in value.shape]
        return f"!torch.vtensor<[{','.join(sizes)}],{dtype or dtype_of(value)}>"

    def emit(self, name, operands, types, attributes=""):
        """Lines of an op; its results' names."""
        first = self.count
        self.count += 1
        inner = ", ".join(operand for operand, _ in operands)
        inputs = ", ".join(kind for _, kind in operands)
        many = f":{len(types)}" if len(types) > 1 else ""
        left = f"%{first}{many} = " if types else ""
        outputs = types[0] if len(types) == 1 else f"({', '.join(types)})"
        self.lines.append(f'    {left}"torch.{name}"({inner}) {attributes} : '
                          f"({inputs}) -> {outputs}")
        if len(types) == 1:
            return [f"%{first}"]
        return [f"%{first}#{i}" for i in range(len(types))]

    def constant(self, kind, type_name, attribute=""):
        return self.emit(f"constant.{kind}", [], [type_name], attribute)[0]

    def operand(self, value, static=False):
        """(name, type) of any Python value."""
        if isinstance(value, Known):
            kind = self.tensor_type(value, True)
            text = f'<{{name = "onnx.Constant"}}> ' \
                   f"{{torch.onnx.value = {onnx_attribute(value)}}}"
            return self.emit("operator", [], [kind], text)[0], kind
        if is_tensor(value):
            kind = self.tensor_type(value, static)
            self.arguments.append((value, kind))
            return f"%arg{len(self.arguments) - 1}", kind
        if value is None:
            return self.constant("none", "!torch.none"), "!torch.none"
        if isinstance(value, bool):
            text = f"<{{value = {str(value).lower()}}}>"
            return self.constant("bool", "!torch.bool", text), "!torch.bool"
        if isinstance(value, int):
            text = f"<{{value = {value} : i64}}>"
            return self.constant("int", "!torch.int", text), "!torch.int"
        if isinstance(value, float):
            number = f"{value!r}" if math.isfinite(value) else \
                {math.inf: "0x7FF0000000000000",
                 -math.inf: "0xFFF0000000000000"}[value]
            if "e" in number and "." not in number:
                number = number.replace("e", ".0e")
            text = f"<{{value = {number} : f64}}>"
            return self.constant("float", "!torch.float", text), "!torch.float"
        if isinstance(value, str):
            text = f'<{{value = "{value}"}}>'
            return self.constant("str", "!torch.str", text), "!torch.str"
        kind = "int"
        if any(is_tensor(element) for element in value):
            kind = "optional<vtensor>" if None in [
                None if element is None else 0 for element in value] \
                else "vtensor"
        parts = [self.operand(element, static) for element in value]
        name = self.emit("prim.ListConstruct", parts, [f"!torch.list<{kind}>"])
        return name[0], f"!torch.list<{kind}>"

    def add(self, name, operands, expected, static=False, unpack=0, **attributes):
        """One case. With `unpack` the op gives a list of as many tensors."""
        values = [self.operand(value, static) for value in operands]
        expected = expected if isinstance(expected, (list, tuple)) else [expected]
        types = [self.tensor_type(value, static) for value in expected]
        text = ""
        if name.startswith("onnx.") or attributes.pop("operator", False):
            inner = name if name.startswith("onnx.") else f"torch.{name}"
            parts = [f"torch.onnx.{key} = {onnx_attribute(value)}"
                     for key, value in attributes.items()]
            text = f'<{{name = "{inner}"}}>' + \
                (f" {{{', '.join(parts)}}}" if parts else "")
            name = "operator"
        if unpack:
            parts = self.emit(name, values, ["!torch.list<vtensor>"])
            results = self.emit("prim.ListUnpack",
                                [(parts[0], "!torch.list<vtensor>")], types)
        else:
            results = self.emit(name, values, types, text)
        self.results += zip(results, types)
        self.expected += expected

    def text(self):
        arguments = ", ".join(f"%arg{i}: {kind}"
                              for i, (_, kind) in enumerate(self.arguments))
        kinds = ", ".join(kind for _, kind in self.results)
        names = ", ".join(name for name, _ in self.results)
        return "\n".join([
            f"func.func @main({arguments}) -> ({kinds}) {{", *self.lines,
            f"    return {names} : {kinds}", "}", ""])

    def run(self, folder, backend):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "graph.mlir").write_text(self.text(), encoding="utf-8")
        command = ["moe-run", folder / "graph.mlir", f"--backend={backend}"]
        for flag, values in (("input", [value for value, _ in self.arguments]),
                             ("expect", self.expected)):
            for i, value in enumerate(values):
                path = folder / f"{flag}{i}.npy"
                numpy.save(path, value.bits if isinstance(value, BF16)
                           else numpy.ascontiguousarray(value).reshape(value.shape))
                command.append(f"--{flag}={path}")
        return subprocess.run(command, check=False).returncode


def onnx_attribute(value):
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int):
        return f"{value} : si64"
    if isinstance(value, float):
        return f"{value} : f32"
    if isinstance(value, list):
        return "[" + ", ".join(onnx_attribute(element) for element in value) + "]"
    return f"dense<{value.tolist()}> : tensor<{'x'.join(map(str, value.shape))}" \
           f"{'x' if value.shape else ''}{NAMES[value.dtype.name]}>"


def main(cases):
    """CASES.py FAMILY BACKEND FOLDER, or --names for the ops in all families."""
    if sys.argv[1] == "--names":
        print("\n".join(sorted({case[0] for family in cases.values()
                                for case in family()})))
        return 0
    family, backend, folder = sys.argv[1:]
    status = 0
    # The same with all sizes unknown, where the op can do without them.
    for dynamic in (False, True):
        graph = Graph(dynamic)
        for name, operands, expected, *options in cases[family]():
            graph.add(name, operands, expected, **(options[0] if options else {}))
        status |= graph.run(pathlib.Path(folder) / f"dynamic-{dynamic}", backend)
    return status
