#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The bf16 form of a model written for the suite.

    narrow.py IN.mlir -o OUT.mlir

IN is in generic form, with @main inlined. Arguments, rows and states become bf16;
scalars, scores, routing weights and statistics stay in f32. As in a model that a
library runs in bf16,

  - a matmul and a reduction accumulate in f32, and a matmul rounds its result;
  - a linalg.generic without a reduction, and the body of moe.neurons, compute in
    f32 and round once;
  - an op on whole tensors rounds, unless an operand is in f32 already;
  - scores are made of rounded logits, or of what moe.sample rounded.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

from generic_ir import Kind, base, num_outs, split, types

NARROW = "bf16"
MOVEMENT = {"tensor.extract_slice", "tensor.concat", "tensor.cast",
            "tensor.expand_shape", "tensor.collapse_shape", "moe.dispatch"}
# All floats of these are rows, states and weights.
ROWS = {"moe.router_cell", "moe.sample"}
# Made anew in the type a reader wants.
FRESH = {"arith.constant", "tensor.empty", "linalg.fill"}


@dataclasses.dataclass
class Op:
    results: list
    name: str
    operands: list
    props: str
    block: list  # arguments of the region's block: (name, Kind)
    body: list   # its ops
    in_types: list
    out_types: list

    def lines(self, indent="    "):
        head = ""
        if self.results:
            count = f":{len(self.results)}" if len(self.results) > 1 else ""
            head = f"{base(self.results[0])}{count} = "
        props = f" <{{{self.props}}}>" if self.props else ""
        ins = ", ".join(kind.text for kind in self.in_types)
        outs = ", ".join(kind.text for kind in self.out_types)
        yield (f'{indent}{head}"{self.name}"({", ".join(self.operands)}){props}'
               + (" ({" if self.body else f" : ({ins}) -> ({outs})"))
        if self.body:
            block = ", ".join(f"{name}: {kind.text}" for name, kind in self.block)
            yield f"{indent}^bb0({block}):"
            for op in self.body:
                yield from op.lines(indent + "  ")
            yield f"{indent}}}) : ({ins}) -> ({outs})"


def parse_block(lines):
    """Block arguments and ops, up to the line that closes the region."""
    block = []
    for line in lines:
        if line.startswith("})"):
            return block, line
        if line.startswith("^bb0("):
            block = [["^", []]]
            block[0][1] = [(name, Kind(kind)) for name, kind in
                           (part.split(": ", 1) for part in
                            split(line[len("^bb0("):-2]))]
            continue
        block.append(parse(line, lines))
    sys.exit("a region does not end")


def parse(line, lines):
    head = re.match(r'(?:(%\w+)(?::(\d+))? = )?"([\w.]+)"\((.*?)\)', line)
    result, count, name, operands = head.groups()
    results = [result] if result else []
    if count:
        results = [f"{result}#{i}" for i in range(int(count))]
    rest = line[head.end():]
    props = re.match(r" <\{(.*?)\}>(?= \(\{| :)", rest)
    arguments, body = [], []
    if rest.endswith("({"):
        body, rest = parse_block(lines)
        if body and isinstance(body[0], list):
            arguments = body.pop(0)[1]
    ins, outs = re.search(r" : \((.*?)\) -> (.*)$", rest).groups()
    return Op(results, name, split(operands), props[1] if props else "",
              arguments, body, types(ins), types(outs))


class Narrow:
    """Rewrites ops in order; `kinds` holds the type that each value has now."""

    def __init__(self):
        self.kinds = {}
        self.makers = {}
        self.casts = {}
        self.count = 0

    def emit(self, out, op):
        out.append(op)
        self.kinds.update(zip(op.results, op.out_types))
        self.makers.update((result, op) for result in op.results)

    def fresh(self, out, name, operands, kind, props=""):
        self.count += 1
        result = f"%narrow{self.count}"
        self.emit(out, Op([result], name, operands, props, [], [],
                          [self.kinds[v] for v in operands], [kind]))
        return result

    def get(self, out, value, wanted):
        """The value, a float or a tensor of floats, in the type wanted."""
        kind = self.kinds[value]
        if kind.element not in ("f32", NARROW) or kind.element == wanted:
            return value
        target = Kind(re.sub(r"f32|bf16", wanted, kind.text))
        maker = self.makers.get(value)
        if maker and maker.name == "arith.constant":
            return self.fresh(out, maker.name, [], target,
                              maker.props.replace(kind.element, wanted))
        if maker and maker.name == "tensor.empty":
            return self.fresh(out, maker.name, maker.operands, target)
        if maker and maker.name == "linalg.fill":
            operands = [self.get(out, v, wanted) for v in maker.operands]
            scalar = Kind(wanted)
            fill = Op([], maker.name, operands, maker.props,
                      [("%a", scalar), ("%b", scalar)],
                      [Op([], "linalg.yield", ["%a"], "", [], [], [scalar], [])],
                      [self.kinds[v] for v in operands], [target])
            self.count += 1
            fill.results = [f"%narrow{self.count}"]
            self.emit(out, fill)
            return fill.results[0]
        name = "arith.extf" if wanted == "f32" else "arith.truncf"
        return self.fresh(out, name, [value], target)

    def ops(self, block, ops, yields):
        """A block whose floats are yielded in the type `yields`, or as they are."""
        self.kinds.update(block)
        out = []
        for op in ops:
            self.rewrite(out, op, yields)
        return out

    def scalars(self, op, elements, yields):
        """A body on scalars: in f32, between arguments and a yield of others."""
        block, out = [], []
        for (name, kind), element in zip(op.block, elements):
            if kind.element == "f32" and element == NARROW:
                block.append((f"{name}n", Kind(NARROW)))
                self.kinds[f"{name}n"] = Kind(NARROW)
                self.emit(out, Op([name], "arith.extf", [f"{name}n"], "", [], [],
                                  [Kind(NARROW)], [kind]))
            else:
                block.append((name, kind))
                self.kinds[name] = kind
        for inner in op.body:
            if inner is op.body[-1]:
                inner.operands = [self.get(out, v, yields) for v in inner.operands]
                inner.in_types = [self.kinds[v] for v in inner.operands]
            self.emit(out, inner)
        op.block, op.body = block, out

    def read(self, out, op, elements):
        """Reads operand i in the type elements[i], or as it is."""
        op.operands = [value if element is None else self.get(out, value, element)
                       for value, element in zip(op.operands, elements)]
        op.in_types = [self.kinds[v] for v in op.operands]

    def write(self, op, element):
        op.out_types = [kind.of(element) for kind in op.out_types]

    def rewrite(self, out, op, yields):
        count, outs = len(op.operands), num_outs(op)
        floats = [self.kinds[v].element for v in op.operands
                  if self.kinds[v].is_float]
        if op.name in FRESH or (not floats and not op.body):
            pass
        elif op.name in ("moe.yield", "func.return", "tensor.dim"):
            self.read(out, op, [yields] * count)
        elif op.name in MOVEMENT:
            self.read(out, op, [floats[0]] * count)
            self.write(op, floats[0])
        elif op.name in ROWS:
            self.read(out, op, [NARROW] * count)
            self.write(op, NARROW)
        elif op.name == "moe.experts":
            self.read(out, op, [NARROW] * count)
            op.block = [(name, kind.of(NARROW)) for name, kind in op.block]
            op.body = self.ops(op.block, op.body, NARROW)
            self.write(op, NARROW)
        elif op.name == "moe.neurons":
            # Coefficients and weights of samples are routing weights.
            self.read(out, op, [NARROW, None, "f32"] + [NARROW] * (count - 3))
            self.scalars(op, [NARROW], NARROW)
            self.write(op, NARROW)
        elif op.name == "moe.combine":
            wide = [NARROW, None, "f32", NARROW] + [None] * (count - 4)
            self.read(out, op, wide)
            self.write(op, NARROW)
        elif op.name.startswith("moe."):
            self.read(out, op, [None] * count)
            self.write(op, "f32")
        elif op.name == "linalg.matmul":
            self.read(out, op, [NARROW] * 2 + ["f32"])
            self.scalars(op, [NARROW] * 2 + ["f32"], "f32")
            self.emit(out, op)
            self.round(out, op)
            return
        elif op.name == "linalg.generic":
            reduces = "iterator_type<reduction>" in op.props
            target = "f32" if reduces else NARROW
            self.read(out, op, [None] * (count - outs) + [target] * outs)
            self.scalars(op, [self.kinds[v].element for v in op.operands], target)
            self.write(op, target)
        elif op.name.startswith(("arith.", "math.")) and op.out_types[0].is_float:
            made = [self.makers.get(v) for v in op.operands]
            wide = any(self.kinds[v].element == "f32" and
                       not (maker and maker.name in FRESH)
                       for v, maker in zip(op.operands, made))
            self.read(out, op, ["f32"] * count)
            self.emit(out, op)
            if not wide:
                self.round(out, op)
            return
        elif floats:
            sys.exit(f"narrow.py does not know {op.name}")
        self.emit(out, op)

    def round(self, out, op):
        """Makes later readers see the result in the narrow type."""
        result, = op.results
        self.count += 1
        wide = f"%wide{self.count}"
        op.results = [wide]
        self.kinds[wide] = self.kinds[result]
        self.emit(out, Op([result], "arith.truncf", [wide], "", [], [],
                          [self.kinds[wide]], [self.kinds[wide].of(NARROW)]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("-o", dest="output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    text = arguments.input.read_text()
    lines = [line.strip() for line in text.splitlines()]
    start = next(i for i, line in enumerate(lines)
                 if '"func.func"' in line and 'sym_name = "main"' in line)
    body, _ = parse_block(iter(lines[start + 1:]))
    block = [(name, kind.of(NARROW)) for name, kind in body.pop(0)[1]]
    narrow = Narrow()
    ops = narrow.ops(block, body, None)
    ins = ", ".join(kind.text for _, kind in block)
    outs = ", ".join(kind.text for kind in ops[-1].in_types)
    entry = ", ".join(f"{name}: {kind.text}" for name, kind in block)
    code = "\n".join(line for op in ops for line in op.lines())
    aliases = "".join(f"{line}\n" for line in lines if line.startswith("#"))
    arguments.output.write_text(
        f'{aliases}"builtin.module"() ({{\n  "func.func"() <{{function_type = '
        f'({ins}) -> ({outs}), sym_name = "main"}}> ({{\n  ^bb0({entry}):\n{code}\n'
        f"  }}) : () -> ()\n}}) : () -> ()\n")


if __name__ == "__main__":
    main()
