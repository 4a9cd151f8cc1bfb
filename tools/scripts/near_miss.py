#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Edits exported MoE graphs at random and asks whether raising stays right.

Every mutant runs twice: unraised (--backend=reference) and raised
(--backend=cpu). They must agree whatever the edit did to the meaning. Edits
known to preserve it also count how often the block is still raised whole.

    near_miss.py --bin=build/dev/bin --count=200 [--models=DIR] [--keep=DIR]

Exits 1 if a mutant disagreed or crashed; those are kept, one file each.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

REPO = pathlib.Path(__file__).resolve().parents[2]
MLIR_OPT = shutil.which("mlir-opt") or "/usr/lib/llvm-22/bin/mlir-opt"
TENSOR = re.compile(r"tensor<((?:(?:\d+|\?)x)*)([a-z]+\d*)>$")
START = re.compile(r'^ {4}(?:(%\w+)(?::\d+)? = )?"([\w.]+)"\(([^)]*)\)')
TYPES = re.compile(r" : \(([^()]*)\) -> (.*)$")


def split_types(text):
    """Splits at commas outside of <> and ()."""
    parts, depth, current = [], 0, ""
    for char in text.strip().strip("()"):
        depth += char in "<([" and 1 or (char in ">)]" and -1 or 0)
        if char == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    return parts + [current.strip()] if current.strip() else parts


def parse_tensor(text):
    """(shape, element type); None for what is no ranked tensor."""
    match = TENSOR.match(text)
    if not match:
        return None
    shape = [-1 if n == "?" else int(n) for n in match[1].split("x") if n]
    return shape, match[2]


def tensor(shape, element):
    return f"tensor<{''.join(('?' if n < 0 else str(n)) + 'x' for n in shape)}{element}>"


@dataclasses.dataclass
class Op:
    """A top-level op of the function, as lines of generic text."""

    lines: list
    name: str
    result: str
    operands: list
    operand_types: list
    result_types: list

    @staticmethod
    def parse(lines):
        start, types = START.match(lines[0]), TYPES.search(lines[-1])
        if not start or not types:
            return Op(lines, "", None, [], [], [])
        operands = [o.strip() for o in start[3].split(",") if o.strip()]
        return Op(lines, start[2], start[1], operands, split_types(types[1]),
                  split_types(types[2]))

    def set_operand(self, index, value, new_type=None):
        self.operands[index] = value
        self.lines[0] = re.sub(r'("[\w.]+")\([^)]*\)',
                               lambda m: f"{m[1]}({', '.join(self.operands)})", self.lines[0], count=1)
        if new_type:
            self.operand_types[index] = new_type
            types = ", ".join(self.operand_types)
            self.lines[-1] = TYPES.sub(lambda m: f" : ({types}) -> {m[2]}", self.lines[-1])


class Graph:
    """A module in generic form with one function."""

    def __init__(self, text):
        lines = text.rstrip("\n").split("\n")
        first = next(i for i, line in enumerate(lines) if line.startswith("  ^bb0("))
        last = max(i for i, line in enumerate(lines) if line.startswith("  }) "))
        self.head, self.tail = lines[: first + 1], lines[last:]
        self.maps = dict(re.findall(r"^(#\w+) = affine_map<(.*)>$", text, re.M))
        self.ops, self.fresh = [], 0
        current = []
        for line in lines[first + 1 : last]:
            current.append(line)
            if TYPES.search(line) and not line.startswith("     "):
                self.ops.append(Op.parse(current))
                current = []
        self.arguments = dict(re.findall(r"(%\w+): (tensor<[^>]*>)", lines[first]))

    def text(self):
        body = [line for op in self.ops for line in op.lines]
        return "\n".join(self.head + body + self.tail) + "\n"

    def name(self):
        self.fresh += 1
        return f"%nm{self.fresh}"

    def insert(self, before, line):
        self.ops.insert(before, Op(["    " + line], "", None, [], [], []))

    def values(self, before):
        """Whole tensors defined before an op, with their types."""
        known = dict(self.arguments)
        for op in self.ops[:before]:
            for number, type_text in enumerate(op.result_types if op.result else []):
                suffix = f"#{number}" if len(op.result_types) > 1 else ""
                known[op.result + suffix] = type_text
        return known


class Skip(Exception):
    """The edit has nothing to work on here."""


def choose(rng, items):
    items = list(items)
    if not items:
        raise Skip
    return rng.choice(items)


def edit_lines(graph, rng, pattern, replace):
    """Rewrites one match of `pattern`, anywhere in the function."""
    places = [(op, i, m) for op in graph.ops for i, line in enumerate(op.lines)
              for m in re.finditer(pattern, line)]
    op, i, match = choose(rng, places)
    new = replace(match)
    if new == match[0]:
        raise Skip
    op.lines[i] = op.lines[i][: match.start()] + new + op.lines[i][match.end():]


def pick_operand(graph, rng, elements=None, static=False):
    """(op index, operand index, value, shape, element type) of a tensor read."""
    places = []
    for index, op in enumerate(graph.ops):
        for number, (value, text) in enumerate(zip(op.operands, op.operand_types)):
            parsed = parse_tensor(text)
            if not parsed or (static and min(parsed[0], default=0) < 0):
                continue
            if elements and not re.match(elements, parsed[1]):
                continue
            places.append((index, number, value, *parsed))
    return choose(rng, places)


# --- edits that change the meaning ------------------------------------------

def change_float(graph, rng):
    edit_lines(graph, rng, r"value = (-?[\d.]+e[+-]\d+|0x\w+|dense<-?[\d.]+e[+-]\d+>) : ",
               lambda m: "value = " + (lambda v: f"dense<{v}> : " if "dense" in m[1] else f"{v} : ")(
                   rng.choice(["0.0", "1.0", "-1.0", "2.0", "5.0e-1", "-1.0e30"])))


def change_int(graph, rng):
    edit_lines(graph, rng, r"value = (-?\d+) : (i\d+|index)",
               lambda m: f"value = {int(m[1]) + rng.choice([-1, 1, 2])} : {m[2]}")


def change_predicate(graph, rng):
    edit_lines(graph, rng, r"predicate = (\d+) : i64", lambda m: f"predicate = {rng.randrange(10)} : i64")


def swap_operands(graph, rng):
    edit_lines(graph, rng, r'("(?:arith\.(?:subf|divf|cmpf|cmpi|subi)|tosa\.(?:sub|greater))")\((%\S+), (%\S+)\)',
               lambda m: f"{m[1]}({m[3]}, {m[2]})")


def swap_select(graph, rng):
    edit_lines(graph, rng, r'("(?:arith|tosa)\.select")\((%\S+), (%\S+), (%\S+)\)',
               lambda m: f"{m[1]}({m[2]}, {m[4]}, {m[3]})")


def change_combiner(graph, rng):
    edit_lines(graph, rng, r'"arith\.(addf|mulf|maximumf|subf|divf)"',
               lambda m: f'"arith.{rng.choice(["addf", "mulf", "maximumf", "minimumf", "subf", "divf"])}"')


def change_math(graph, rng):
    edit_lines(graph, rng, r'"(math\.exp|math\.tanh|arith\.negf|math\.absf)"',
               lambda m: f'"{rng.choice(["math.exp", "math.exp2", "math.tanh", "arith.negf", "math.absf"])}"')


def change_map(graph, rng):
    def other(match):
        maps = re.findall(r"#\w+", match[1])
        at = rng.randrange(len(maps))
        dims, results = graph.maps[maps[at]].split(" -> ")
        results = results.strip("()").split(", ")
        if rng.random() < 0.5:
            rng.shuffle(results)
        else:
            results[rng.randrange(len(results))] = rng.choice(dims.strip("()").split(", ") + ["0"])
        maps[at] = f"affine_map<{dims} -> ({', '.join(results)})>"
        return f"indexing_maps = [{', '.join(maps)}]"
    edit_lines(graph, rng, r"indexing_maps = \[((?:#\w+(?:, )?)+)\]", other)


def change_slice(graph, rng):
    kind = rng.choice(["offsets", "strides"])
    edit_lines(graph, rng, rf"static_{kind} = array<i64: ([\d, ]+)>", lambda m: f"static_{kind} = array<i64: " + ", ".join(
        str(max(int(kind == "strides"), int(n) + rng.choice([0, 0, 1, 2, -1, 8]))) for n in m[1].split(", ")) + ">")


def change_index(graph, rng):
    edit_lines(graph, rng, r"dim = (\d) : i64", lambda m: f"dim = {rng.randrange(3)} : i64")


def change_attribute(graph, rng):
    edit_lines(graph, rng, r"(axis|dimension) = (\d)", lambda m: f"{m[1]} = {rng.randrange(3)}")


def change_operand(graph, rng):
    """Reads another tensor of the same type."""
    index, number, value, shape, element = pick_operand(graph, rng)
    same = [v for v, t in graph.values(index).items() if t == tensor(shape, element) and v != value]
    graph.ops[index].set_operand(number, choose(rng, same))


def change_scalar(graph, rng):
    """Reads another scalar of the same type in a body or at the top."""
    index = choose(rng, [i for i, op in enumerate(graph.ops) if len(op.lines) > 2])
    op = graph.ops[index]
    known = {}
    for line in op.lines[:-1]:
        known.update(re.findall(r"(%\w+): (f32|i64|i1|index|bf16)", line))
        match = re.match(r' +(%\w+) = .* -> (f32|i64|i1|index|bf16)$', line)
        if match:
            known[match[1]] = match[2]
    at = rng.randrange(1, len(op.lines) - 1)
    used = choose(rng, [m for m in re.finditer(r"%\w+", op.lines[at].split("=", 1)[-1]) if m[0] in known])
    other = choose(rng, [v for v, t in known.items() if t == known[used[0]] and v != used[0]])
    head, _, rest = op.lines[at].rpartition("= ")
    op.lines[at] = head + _ + re.sub(re.escape(used[0]) + r"\b", other, rest, count=1)


def add_elementwise(graph, rng):
    """An op more on what is read: router, expert, weights, whatever."""
    index, number, value, shape, element = pick_operand(graph, rng, "f32")
    new, text = graph.name(), tensor(shape, element)
    op = rng.choice(["math.tanh", "math.absf", "arith.negf", "math.sin"])
    graph.ops[index].set_operand(number, new)
    graph.insert(index, f"{new} = {op} {value} : {text}")


def add_scale(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, "f32", static=True)
    new, factor, text = graph.name(), graph.name(), tensor(shape, element)
    graph.ops[index].set_operand(number, new)
    graph.insert(index, f"{factor} = arith.constant dense<{rng.choice(['2.0', '-1.0', '0.0', '0.3'])}> : {text}")
    graph.insert(index + 1, f"{new} = arith.{rng.choice(['mulf', 'addf', 'maximumf'])} {value}, {factor} : {text}")


def add_integer(graph, rng):
    """Other ids: clamped, flipped, the neighbour's."""
    index, number, value, shape, element = pick_operand(graph, rng, "i64|i32", static=True)
    new, factor, text = graph.name(), graph.name(), tensor(shape, element)
    op, constant = rng.choice([("minsi", 1), ("minsi", 2), ("xori", 1), ("andi", 2), ("ori", 1), ("maxsi", 1)])
    graph.ops[index].set_operand(number, new)
    graph.insert(index, f"{factor} = arith.constant dense<{constant}> : {text}")
    graph.insert(index + 1, f"{new} = arith.{op} {value}, {factor} : {text}")


def slice_text(source, offsets, sizes, source_type, result_type):
    ones = ", ".join("1" for _ in sizes)
    return (f"tensor.extract_slice {source}[{', '.join(map(str, offsets))}] "
            f"[{', '.join(map(str, sizes))}] [{ones}] : {source_type} to {result_type}")


def stack(graph, index, value, second, shape, element, dim):
    """`second` behind `value` along `dim`; the new value and its shape."""
    large = list(shape)
    large[dim] *= 2
    text, big = tensor(shape, element), tensor(large, element)
    sizes, ones = ", ".join(map(str, shape)), ", ".join("1" for _ in shape)
    room, first, both = graph.name(), graph.name(), graph.name()
    graph.insert(index, f"{room} = tensor.empty() : {big}")
    for k, (new, old, part) in enumerate([(first, room, value), (both, first, second)]):
        offsets = ", ".join(str(k * n if d == dim else 0) for d, n in enumerate(shape))
        graph.insert(index + 1 + k, f"{new} = tensor.insert_slice {part} into {old}[{offsets}] [{sizes}] [{ones}] : {text} into {big}")
    return both, large


def roll(graph, rng):
    """Rows or columns one further, round and round."""
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    dim = choose(rng, [d for d, n in enumerate(shape) if n > 1])
    graph_before = len(graph.ops)
    op = graph.ops[index]
    both, large = stack(graph, index, value, value, shape, element, dim)
    new = graph.name()
    graph.insert(index + len(graph.ops) - graph_before,
                 f"{new} = " + slice_text(both, [int(d == dim) for d in range(len(shape))], shape,
                                          tensor(large, element), tensor(shape, element)))
    op.set_operand(number, new)


def narrow(graph, rng):
    """A reduction over the first few only."""
    places = []
    for index, op in enumerate(graph.ops):
        found = re.search(r"indexing_maps = \[((?:#\w+(?:, )?)+)\]", op.lines[0])
        if not found or len(op.result_types) != 1:
            continue
        maps = [graph.maps[m] for m in re.findall(r"#\w+", found[1])]
        results = [m.split(" -> ")[1].strip("()").split(", ") for m in maps]
        for dim in set(d for r in results[:-1] for d in r) - set(results[-1]):
            if re.fullmatch(r"d\d", dim):
                places.append((index, dim, results))
    index, dim, results = choose(rng, places)
    op = graph.ops[index]
    for number, exprs in enumerate(results[:-1]):
        parsed = parse_tensor(op.operand_types[number])
        if not parsed or dim not in exprs:
            continue
        shape, element = parsed
        if min(shape) < 0 or shape[exprs.index(dim)] < 2:
            raise Skip
        less = list(shape)
        less[exprs.index(dim)] //= 2
        new = graph.name()
        graph.insert(graph.ops.index(op), f"{new} = " + slice_text(
            op.operands[number], [0] * len(shape), less, op.operand_types[number], tensor(less, element)))
        op.set_operand(number, new, tensor(less, element))


def change_type_size(graph, rng):
    """k, E or a width everywhere at once."""
    old = choose(rng, re.findall(r"\b\d+(?=x)", " ".join(" ".join(op.result_types) for op in graph.ops)))
    new = str(max(1, int(old) + rng.choice([-1, 1])))
    for op in graph.ops:
        op.lines = [re.sub(rf"\b{old}(?=x)", new, line) for line in op.lines]
        op.lines = [re.sub(r"static_(?:sizes|output_shape) = array<i64: [^>]*>", lambda m: re.sub(rf"(?<!i)\b{old}\b", new, m[0]), line)
                    for line in op.lines]


# --- edits that preserve it --------------------------------------------------

def commute(graph, rng):
    edit_lines(graph, rng, r'("arith\.(?:addf|mulf|maximumf|addi)")\((%\S+), (%\S+)\)',
               lambda m: f"{m[1]}({m[3]}, {m[2]})")


def keep_cast(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if not shape:
        raise Skip
    loose = list(shape)
    loose[rng.randrange(len(shape))] = -1
    a, b = graph.name(), graph.name()
    text, other = tensor(shape, element), tensor(loose, element)
    graph.ops[index].set_operand(number, b)
    graph.insert(index, f"{a} = tensor.cast {value} : {text} to {other}")
    graph.insert(index + 1, f"{b} = tensor.cast {a} : {other} to {text}")


def keep_reshape(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if len(shape) < 2:
        raise Skip
    at = rng.randrange(len(shape) - 1)
    groups = [[d] for d in range(len(shape))]
    groups[at: at + 2] = [[at, at + 1]]
    groups = [[d for d in g] for g in groups]
    flat = shape[:at] + [shape[at] * shape[at + 1]] + shape[at + 2:]
    a, b = graph.name(), graph.name()
    text, other = tensor(shape, element), tensor(flat, element)
    graph.ops[index].set_operand(number, b)
    graph.insert(index, f"{a} = tensor.collapse_shape {value} {groups} : {text} into {other}")
    graph.insert(index + 1, f"{b} = tensor.expand_shape {a} {groups} output_shape {shape} : {other} into {text}")


def keep_unit(graph, rng):
    """A dimension of one more, and away again."""
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if not shape:
        raise Skip
    at = rng.randrange(len(shape))
    longer = shape[:at] + ([1, shape[at]] if rng.random() < 0.5 else [shape[at], 1]) + shape[at + 1:]
    groups = [[d + (d > at)] for d in range(len(shape))]
    groups[at] = [at, at + 1]
    a, b = graph.name(), graph.name()
    text, other = tensor(shape, element), tensor(longer, element)
    graph.ops[index].set_operand(number, b)
    graph.insert(index, f"{a} = tensor.expand_shape {value} {groups} output_shape {longer} : {text} into {other}")
    graph.insert(index + 1, f"{b} = tensor.collapse_shape {a} {groups} : {other} into {text}")


def keep_transpose(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if len(shape) < 2:
        raise Skip
    perm = list(range(len(shape)))
    rng.shuffle(perm)
    back = [perm.index(d) for d in range(len(shape))]
    turned = [shape[d] for d in perm]
    a, b, room, room2 = (graph.name() for _ in range(4))
    text, other = tensor(shape, element), tensor(turned, element)
    graph.ops[index].set_operand(number, b)
    for line in reversed([
            f"{room} = tensor.empty() : {other}",
            f"{a} = linalg.transpose ins({value} : {text}) outs({room} : {other}) permutation = {perm}",
            f"{room2} = tensor.empty() : {text}",
            f"{b} = linalg.transpose ins({a} : {other}) outs({room2} : {text}) permutation = {back}"]):
        graph.insert(index, line)


def keep_slice(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if not shape:
        raise Skip
    new, text = graph.name(), tensor(shape, element)
    graph.ops[index].set_operand(number, new)
    graph.insert(index, f"{new} = " + slice_text(value, [0] * len(shape), shape, text, text))


def keep_padding(graph, rng):
    """Something behind it, which is cut off again."""
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    if not shape or 0 in shape:
        raise Skip
    op, before = graph.ops[index], len(graph.ops)
    dim = rng.randrange(len(shape))
    both, large = stack(graph, index, value, value, shape, element, dim)
    new = graph.name()
    graph.insert(index + len(graph.ops) - before,
                 f"{new} = " + slice_text(both, [0] * len(shape), shape, tensor(large, element), tensor(shape, element)))
    op.set_operand(number, new)


def keep_copy(graph, rng):
    index, number, value, shape, element = pick_operand(graph, rng, static=True)
    new, room, text = graph.name(), graph.name(), tensor(shape, element)
    graph.ops[index].set_operand(number, new)
    graph.insert(index, f"{room} = tensor.empty() : {text}")
    graph.insert(index + 1, f"{new} = linalg.copy ins({value} : {text}) outs({room} : {text}) -> {text}")


PIPELINES = [
    "canonicalize", "cse", "canonicalize,cse", "linalg-generalize-named-ops",
    "linalg-generalize-named-ops,linalg-fuse-elementwise-ops", "linalg-fuse-elementwise-ops",
    "linalg-fold-unit-extent-dims", "linalg-generalize-named-ops,linalg-fold-unit-extent-dims,canonicalize",
    "linalg-specialize-generic-ops", "linalg-morph-ops{named-to-category}", "linalg-morph-ops{category-to-generic}",
    "linalg-generalize-named-ops,linalg-fuse-elementwise-ops,linalg-specialize-generic-ops,cse",
    "linalg-fold-into-elementwise", "linalg-morph-ops{named-to-category},linalg-fold-into-elementwise",
    "linalg-inline-scalar-operands", "convert-elementwise-to-linalg", "sccp", "loop-invariant-code-motion",
    "linalg-detensorize", "linalg-block-pack-matmul{block-factors=2,2,2}", "fold-tensor-subset-ops",
]


def run_passes(text, rng):
    """The whole module through passes of upstream."""
    passes = rng.choice(PIPELINES)
    nested = ",".join(f"func.func({p})" for p in re.findall(r"[\w-]+(?:\{[^}]*\})?", passes))
    done = subprocess.run([MLIR_OPT, "--allow-unregistered-dialect", "--mlir-print-op-generic",
                           f"--pass-pipeline=builtin.module({nested})"],
                          input=text, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise Skip
    return passes, done.stdout


CHANGES = [change_float, change_int, change_predicate, swap_operands, swap_select, change_combiner, change_math,
           change_map, change_slice, change_index, change_attribute, change_operand, change_scalar, add_elementwise,
           add_scale, add_integer, roll, narrow, change_type_size]
KEEPS = [commute, keep_cast, keep_reshape, keep_unit, keep_transpose, keep_slice, keep_padding, keep_copy]


@dataclasses.dataclass
class Case:
    name: str
    text: str
    inputs: list
    meta: dict


class Runner:
    def __init__(self, options, folder):
        self.run_tool = str(pathlib.Path(options.bin) / "moe-run")
        self.opt_tool = str(pathlib.Path(options.bin) / "moe-opt")
        self.folder = folder

    def execute(self, command, **environment):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                                  env=dict(os.environ, **environment))
        except subprocess.TimeoutExpired:
            return None, "timeout"
        return done.returncode, done.stderr + done.stdout

    def reference(self, case, path, out, **environment):
        outputs = [f"--output={out}"]
        return self.execute([self.run_tool, path, "--backend=reference", *case.inputs, *outputs], **environment)

    def judge(self, case, text):
        """invalid, undefined, agrees, or what is wrong; and whether raised."""
        path = os.path.join(self.folder, "mutant.mlir")
        out, again = (os.path.join(self.folder, n) for n in ("a.npy", "b.npy"))
        pathlib.Path(path).write_text(text)
        code, _ = self.reference(case, path, out)
        if code != 0:
            return "invalid", False, ""
        code, log = self.execute([self.opt_tool, path, "--moe-raise=require", "--remarks-filter-missed=none", "-o", os.devnull])
        raised = code == 0
        code, log = self.execute([self.run_tool, path, "--backend=cpu", *case.inputs, f"--expect={out}",
                                  "--rtol=1e-4", "--atol=1e-5"])
        if code == 0:
            return "agrees", raised, ""
        # Uninitialised or out-of-bounds reads have no meaning to preserve.
        for byte in ("1", "85", "170"):
            other, _ = self.reference(case, path, again, MALLOC_PERTURB_=byte)
            if other != 0 or not np.array_equal(np.load(out), np.load(again), equal_nan=True):
                return "undefined", raised, ""
        if code is None:
            return "timeout", raised, log
        # Other numbers, or as many as there should not be.
        wrong = code == 1 and ("elements differ" in log or "but result" in log)
        return ("disagrees" if wrong else "fails"), raised, log


def load_cases(options):
    folders = [REPO / "test/Models" / n for n in ("hf_mixtral_batched", "hf_mixtral_batched_dyn")]
    if options.models:
        folders += [pathlib.Path(options.models) / n for n in options.cases.split(",")]
    cases = []
    for folder in folders:
        if not folder.is_dir():
            continue
        meta = json.loads((folder / "meta.json").read_text())
        inputs = [f"--input={folder / a['file']}" for a in meta["args"]]
        for form in ("linalg.generic.mlir", "tosa.mlir"):
            if not (folder / form).exists():
                continue
            done = subprocess.run([MLIR_OPT, "--allow-unregistered-dialect", "--mlir-print-op-generic", folder / form],
                                  capture_output=True, text=True, check=True)
            cases.append(Case(f"{folder.name}/{form.split('.')[0]}", done.stdout, inputs, meta))
    return cases


def mutate(case, rng):
    """(names of the edits, whether they preserve the meaning, text)"""
    preserving = rng.random() < 0.4
    text, names = case.text, []
    if rng.random() < (0.5 if preserving else 0.2):
        passes, text = run_passes(text, rng)
        names.append(passes)
    graph = Graph(text)
    kinds = [rng.choice(KEEPS) for _ in range(rng.choice([0, 1, 2]))]
    if not preserving:
        kinds += [rng.choice(CHANGES) for _ in range(rng.choice([1, 1, 2]))]
    for kind in kinds:
        kind(graph, rng)
        names.append(kind.__name__)
        graph = Graph(graph.text()) if not names[-1].startswith(("keep", "add", "roll", "narrow")) else graph
    if not names:
        raise Skip
    return names, preserving, graph.text()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=str(REPO / "build/dev/bin"), help="folder of moe-run and moe-opt")
    parser.add_argument("--models", help="folder with further exported cases")
    parser.add_argument("--cases", default="hf_olmoe_batched,hf_deepseek_v2_greedy_batched,hf_gpt_oss_batched")
    parser.add_argument("--count", type=int, default=100, help="mutants that run")
    parser.add_argument("--seconds", type=float, default=600, help="start no mutant after this long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", default="near-miss", help="folder for what disagrees")
    options = parser.parse_args()

    rng = random.Random(options.seed)
    cases = load_cases(options)
    tally = collections.defaultdict(collections.Counter)
    wrong = ran = tried = 0
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(options, folder)
        while ran < options.count and tried < 20 * options.count and time.monotonic() < end:
            tried += 1
            case = rng.choice(cases)
            try:
                names, preserving, text = mutate(case, rng)
            except (Skip, subprocess.TimeoutExpired):
                continue
            verdict, raised, log = runner.judge(case, text)
            for name in names:
                count = tally["keeps " + name if preserving else name]
                count[verdict] += 1
                count["raised"] += raised and verdict != "invalid"
            ran += verdict != "invalid"
            if verdict in ("disagrees", "fails", "timeout"):
                wrong += 1
                keep = pathlib.Path(options.keep)
                keep.mkdir(parents=True, exist_ok=True)
                file = keep / f"{options.seed}-{tried}.mlir"
                notes = "".join(f"// {line}\n" for line in [f"{case.name}: {names} {verdict}, raised: {raised}", *log.splitlines()[:12]])
                file.write_text(notes + text)
                print(f"{file}: {case.name}: {' '.join(names)}: {verdict}", flush=True)
    columns = ["agrees", "raised", "disagrees", "fails", "timeout", "undefined", "invalid"]
    print(f"{'edit':60}" + "".join(f"{c:>10}" for c in columns))
    for name in sorted(tally):
        print(f"{name[:59]:60}" + "".join(f"{tally[name][c]:10}" for c in columns))
    print(f"{ran} mutants ran of {tried} tried, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
