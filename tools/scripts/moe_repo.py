# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the scripts know about the tree: its files, its ops and its passes."""

import dataclasses
import functools
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM = pathlib.Path("/usr/lib/llvm-22")
INCLUDES = ["-Idialects", "-Iinclude", f"-I{LLVM}/include"]


def is_data(path):
    """Exported models and their arrays are data, not source."""
    return path.startswith("test/Models/") and not path.endswith("README.md")


@functools.lru_cache
def files(root=ROOT):
    """Every file of ours, as sorted paths relative to the root."""
    found = []
    for folder, folders, names in os.walk(root):
        top = pathlib.Path(folder) == root
        folders[:] = [name for name in folders
                      if name not in (".git", "__pycache__", ".cache", "Output")
                      and not (top and name.startswith("build"))]
        for name in names:
            path = pathlib.Path(folder, name)
            if path.suffix != ".pyc" and not path.is_symlink() and name != ".git":
                found.append(path.relative_to(root).as_posix())
    return sorted(found)


def read(path, root=ROOT):
    """Text of a file, or nothing if it does not exist or is not text."""
    try:
        return (root / path).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


class TableGenError(Exception):
    """A .td file does not parse; the text is TableGen's own."""


@functools.lru_cache
def records(td, root=ROOT):
    """All records of a TableGen file, as llvm-tblgen prints them."""
    result = subprocess.run(
        [LLVM / "bin" / "llvm-tblgen", "--dump-json", *INCLUDES, td],
        cwd=root, capture_output=True, text=True, check=False)
    if result.returncode:
        raise TableGenError(result.stderr.strip())
    return json.loads(result.stdout)


def location(record, candidates, root):
    """File and line of a record of ours, or nothing. TableGen names no folder."""
    for place in record["!locs"]:
        name, _, line = place.rpartition(":")
        for path in candidates:
            lines = read(path, root).splitlines()
            if path.endswith(f"/{name}") and int(line) <= len(lines) and \
                    record["!name"] in lines[int(line) - 1]:
                return path, int(line)
    return None


@dataclasses.dataclass
class Attribute:
    name: str  # norm
    default: str  # none; empty where there is none, or it is no single value
    values: list  # none, sum, lp, hits; empty unless it is an enumeration


@dataclasses.dataclass
class Op:
    record: str  # MoE_SelectOp
    name: str  # select
    description: str
    is_terminator: bool
    operands: list  # their names
    attributes: list
    file: str
    line: int

    def constraints(self):
        """Its constraint labels (`select_c1`), in order."""
        labels = re.findall(r"\b[a-z][a-z0-9_]*_c\d+\b", self.description)
        return list(dict.fromkeys(labels))


@dataclasses.dataclass
class Pass:
    record: str  # MoEFuseGatePass
    flag: str  # moe-fuse-gate
    family: str  # Transforms
    description: str
    has_statistics: bool
    file: str
    line: int

    @property
    def stem(self):
        """Name of its source file: FuseGate."""
        return self.record.removeprefix("MoE").removesuffix("Pass")

    @property
    def test_folder(self):
        return f"test/{self.family}/{self.flag.removeprefix('moe-')}"


def attribute(name, kind, defs):
    """One of kind, a record, or nothing if that is a type."""
    if "AttrConstraint" not in kind["!superclasses"]:
        return None
    default = (kind.get("defaultValue") or "").rpartition("::")[2]
    base = defs[kind["baseAttr"]["def"]] if kind.get("baseAttr") else kind
    values = [defs[case["def"]]["str"] for case in base.get("enumerants") or []]
    return Attribute(name, "" if default in ("{}", "false") else default, values)


def ops(root=ROOT):
    """Every op of the dialect, in the order of definition."""
    td = "dialects/moe/IR/MoEOps.td"
    if not (root / td).exists():
        return []
    defs = records(td, root)
    ours = [path for path in files(root)
            if path.startswith("dialects/") and path.endswith(".td")]
    found = []
    for name in defs["!instanceof"].get("Op", []):
        record = defs[name]
        place = location(record, ours, root)
        if place:
            traits = {trait["def"] for trait in record["traits"]}
            arguments = [(name, attribute(name, defs[kind["def"]], defs))
                         for kind, name in record["arguments"]["args"]]
            found.append(Op(name, record["opName"], record["description"],
                            "Terminator" in traits,
                            [name for name, item in arguments if not item],
                            [item for _, item in arguments if item], *place))
    return sorted(found, key=lambda op: (op.file, op.line))


def pass_files(root=ROOT):
    return sorted(path.relative_to(root).as_posix()
                  for path in (root / "include" / "moe").glob("**/Passes.td"))


def passes(root=ROOT):
    """Every declared pass."""
    found = []
    for td in pass_files(root):
        defs = records(td, root)
        for name in defs["!instanceof"].get("PassBase", []):
            record = defs[name]
            place = location(record, [td], root)
            if place:
                found.append(Pass(name, record["argument"],
                                  pathlib.PurePath(td).parent.name,
                                  record["description"],
                                  bool(record["statistics"]), *place))
    return sorted(found, key=lambda item: (item.file, item.line))
