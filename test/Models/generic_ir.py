# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""One function of generic MLIR as a list of ops, as far as derive.py needs it:
one op per line, regions of single blocks with scalar code, no nested regions."""

import dataclasses
import re

# The largest number and minus infinity, by the type they are wanted in.
SPELLINGS = {"bf16": {"3.40282347E+38": "3.38953139E+38",
                      "dense<0xFF800000>": "dense<0xFF80>"},
             "f16": {"3.40282347E+38": "6.550400e+04",
                     "dense<0xFF800000>": "dense<0xFC00>"}}


@dataclasses.dataclass
class Kind:
    """A type: its dimensions where it is a tensor, and its element."""
    text: str

    @property
    def match(self):
        return re.fullmatch(r"tensor<((?:(?:\d+|\?)x)*)([a-z0-9]+)>", self.text)

    @property
    def element(self):
        return self.match[2] if self.match else self.text

    @property
    def dims(self):
        if not self.match:
            return []
        return [d if d == "?" else int(d) for d in self.match[1].split("x")[:-1]]

    @property
    def rank(self):
        return len(self.dims)

    @property
    def is_float(self):
        return self.element in ("f32", "f16", "bf16") and bool(self.match)

    def of(self, element):
        """The same with other floats as elements."""
        if not self.is_float:
            return self
        return Kind(f"tensor<{self.match[1]}{element}>")

    def with_dims(self, dims):
        if not self.match:
            return self
        return Kind(f"tensor<{''.join(f'{d}x' for d in dims)}{self.element}>")


@dataclasses.dataclass(eq=False)
class Op:
    results: list
    name: str
    operands: list
    props: str
    body: list
    in_types: list
    out_types: list

    def __str__(self):
        head = ""
        if len(self.results) > 1:
            head = f"{base(self.results[0])}:{len(self.results)} = "
        elif self.results:
            head = f"{self.results[0]} = "
        text = f'{head}"{self.name}"({", ".join(self.operands)})'
        if self.props:
            text += f" <{{{self.props}}}>"
        if self.body:
            text += " ({\n    " + "\n      ".join(self.body) + "\n    })"
        ins = ", ".join(kind.text for kind in self.in_types)
        outs = ", ".join(kind.text for kind in self.out_types)
        return f"    {text} : ({ins}) -> ({outs})"


def base(value):
    return value.split("#")[0]


def split(text):
    """At the commas outside brackets."""
    parts, depth, last = [], 0, 0
    for i, char in enumerate(text):
        depth += char in "<([{"
        depth -= char in ">)]}" and text[i - 1:i + 1] != "->"
        if char == "," and depth == 0:
            parts.append(text[last:i].strip())
            last = i + 1
    return [p for p in parts + [text[last:].strip()] if p]


def types(text):
    text = text.strip()
    if text.startswith("("):
        text = text[1:-1]
    return [Kind(t) for t in split(text)]


class Function:
    def __init__(self, text):
        self.aliases = dict(re.findall(r"^(#map\d*) = affine_map<(.*)>$", text,
                                       re.MULTILINE))
        lines = [line.strip() for line in text.splitlines()]
        start = next(i for i, line in enumerate(lines) if '"func.func"' in line)
        results = re.search(r"-> (.*), sym_name", lines[start])[1]
        self.results = types(results)
        entry = re.fullmatch(r"\^bb0\((.*)\):", lines[start + 1])[1]
        self.arguments = [(name, Kind(kind)) for name, kind in
                          (part.split(": ", 1) for part in split(entry))]
        self.ops = []
        lines = iter(lines[start + 2:])
        for line in lines:
            if line.startswith("})"):
                break
            self.ops.append(self.parse(line, lines))

    @staticmethod
    def parse(line, lines):
        head = re.match(r'(?:(%[\w]+)(?::(\d+))? = )?"([\w.]+)"\((.*?)\)', line)
        result, count, name, operands = head.groups()
        results = [result] if result else []
        if count:
            results = [f"{result}#{i}" for i in range(int(count))]
        rest = line[head.end():]
        props = re.match(r" <\{(.*?)\}>(?= \(\{| :)", rest)
        body = []
        if rest.endswith("({"):
            for rest in lines:
                if rest.startswith("})"):
                    break
                body.append(rest)
        ins, outs = re.search(r" : \((.*)\) -> (.*)$", rest).groups()
        return Op(results, name, split(operands), props[1] if props else "",
                  body, types(ins), types(outs))

    def kinds(self):
        """The type of every value."""
        known = dict(self.arguments)
        for op in self.ops:
            known.update(zip(op.results, op.out_types))
        return known

    def maps(self, op):
        """Per operand the loop of each of its dimensions, or None."""
        entries = split(re.search(r"indexing_maps = \[(.*?)\](?:,|$)",
                                  op.props)[1])
        loops = []
        for entry in entries:
            text = self.aliases.get(entry, entry)
            dims = split(re.search(r"-> \((.*)\)", text)[1])
            loops.append([d if d.startswith("d") else None for d in dims])
        return loops

    def rename(self, old, new, after):
        for op in self.ops[self.ops.index(after) + 1:]:
            op.operands = [new if v == old else v for v in op.operands]

    def __str__(self):
        ins = ", ".join(kind.text for _, kind in self.arguments)
        outs = ", ".join(kind.text for kind in self.results)
        entry = ", ".join(f"{name}: {kind.text}" for name, kind in self.arguments)
        aliases = "".join(f"{name} = affine_map<{text}>\n"
                          for name, text in self.aliases.items())
        ops = "\n".join(str(op) for op in self.ops)
        return (f'{aliases}"builtin.module"() ({{\n'
                f'  "func.func"() <{{function_type = ({ins}) -> ({outs}), '
                f'sym_name = "main"}}> ({{\n  ^bb0({entry}):\n{ops}\n'
                f"  }}) : () -> ()\n}}) : () -> ()\n")


def num_outs(op):
    """Destinations, which come last."""
    sizes = integers(op.props, "operandSegmentSizes")
    if op.name.startswith("linalg.") or op.name.startswith("tm_tensor."):
        return sizes[1] if sizes else len(op.results)
    return 0


def has_maps(op):
    return "indexing_maps" in op.props


def integers(props, name):
    found = re.search(name + r" = array<i\d+: ?([-\d, ]*)>", props)
    return [int(i) for i in found[1].split(",")] if found else []


def reassociation(op):
    groups = re.search(r"reassociation = \[((?:\[[\d, ]*\],? ?)*)\]", op.props)
    return [[int(i) for i in group.split(",") if i.strip()]
            for group in re.findall(r"\[([\d, ]*)\]", groups[1])]


def extracted(op):
    """Tensors of outside that the body takes elements of."""
    return [found[1] for line in op.body
            if (found := re.search(r'"tensor.extract"\((%[\w#]+)', line))]


def is_reduction(op):
    return "iterator_type<reduction>" in op.props or \
        op.name.startswith("tosa.reduce")


def retype_scalars(line, old, new):
    return re.sub(rf"(?:(?<=x)|(?<!\w)){old}\b", new, line)


def retype_constant(props, element):
    """Floats in properties, spelled for another element type."""
    props = re.sub(r"(?<=[x<])f32>", f"{element}>", props)
    props = re.sub(r": f32", f": {element}", props)
    for number, spelled in SPELLINGS[element].items():
        props = props.replace(number, spelled)
    return props


def extend_arguments(op, elements):
    """Lets the body compute in f32 from arguments of the given types."""
    if not op.body:
        return
    arguments = [part.split(": ") for part in
                 split(re.fullmatch(r"\^bb0\((.*)\):", op.body[0])[1])]
    wide = []
    for argument, element in zip(arguments, elements):
        if element in SPELLINGS and argument[1] == "f32":
            name = argument[0]
            op.body = [re.sub(rf"{name}\b", f"{name}w", line)
                       for line in op.body]
            argument[1] = element
            wide.append(f'{name}w = "arith.extf"({name}) : ({element}) -> f32')
    op.body[0] = f"^bb0({', '.join(': '.join(a) for a in arguments)}):"
    op.body[1:1] = wide


def round_yield(op, element):
    value = re.search(r'"linalg.yield"\((.*?)\)', op.body[-1])[1]
    op.body[-1:] = [f'%round = "arith.truncf"({value}) : (f32) -> {element}',
                    f'"linalg.yield"(%round) : ({element}) -> ()']


def resize_props(op, kind, lengths):
    dynamic = str(-2**63)
    sizes = ", ".join(dynamic if d == "?" else str(d) for d in kind.dims)
    props = re.sub(r"static_(output_shape|sizes) = array<i64: [-\d, ]*>",
                   rf"static_\1 = array<i64: {sizes}>", op.props)
    return re.sub(r"operandSegmentSizes = array<i32: 1, 0, 0, 0>",
                  f"operandSegmentSizes = array<i32: 1, 0, {lengths}, 0>", props)
