#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Holds the documents to what the code does. One check per run:

  examples    every pass description ends with `(example: test/.../doc.mlir)`,
              and that file exists
  generated   dialects/moe/docs/generated equals what mlir-tblgen makes now, and so
              does the table of attributes in dialects/moe/README.md
  imports     lib/Frontend/Import/README.md lists the StableHLO and CHLO ops that
              are imported, each with a test that names it
  pages       the marked blocks of every hand-written page hold (see below)
  registered  moe-opt knows every declared op, pass and pipeline
  spec        the constraints in Spec.md are those of the op descriptions, every
              operand and attribute is named in the section of its op, and the
              example of every op stands in a test of test/Dialect/MoE

--update rewrites generated pages and `same as` blocks. A mark is a comment on
the line before a fenced block:

  <!-- same as: PATH -->    the block is that file, or its part between the lines
                            `// [doc-begin]` and `// [doc-end]`
  <!-- run -->              bash runs the block and succeeds; $MOE_ROOT is the
                            source folder, $MOE_BUILD the build folder and
                            $MOE_PLUGIN the plugin; the blocks of a page share a
                            folder
  <!-- output of: CMD -->   the block is what CMD prints; `...` is any lines
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import moe_repo
from moe_repo import ROOT

GENERATED = ROOT / "dialects/moe/docs/generated"
PIPELINES = ["moe-import", "moe-raise", "moe-decompose", "moe-fuse", "moe-schedule",
             "moe-optimize", "moe-to-cpu", "moe-to-nvptx"]
BLOCK = re.compile(
    r"^<!-- (?P<mark>run|same as|output of)(?:: (?P<argument>.*?))? -->\n+"
    r"(?P<fence>`{3,})[^\n]*\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


def examples(_):
    for item in moe_repo.passes():
        expected = f"(example: {item.test_folder}/doc.mlir)"
        where = f"{item.file}:{item.line}: {item.record}"
        if not item.description.rstrip().endswith(expected):
            yield f"{where}: the description does not end with '{expected}'"
        elif not (ROOT / item.test_folder / "doc.mlir").exists():
            yield f"{where}: no {item.test_folder}/doc.mlir"


def tblgen(*args):
    result = subprocess.run(
        [moe_repo.LLVM / "bin" / "mlir-tblgen", *args, *moe_repo.INCLUDES],
        cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise moe_repo.TableGenError(result.stderr.strip())
    # One newline at the end and no trailing blanks, like every file of ours.
    lines = (line.rstrip() for line in result.stdout.splitlines())
    return "\n".join(lines).strip() + "\n"


def attribute_table(page):
    """The attributes of every op, with their values, the default one in bold; ops in
    the order in which the page has them."""
    lines = ["| op | attributes |", "| --- | --- |"]
    for op in sorted(moe_repo.ops(), key=lambda op: page.find(f"| `moe.{op.name}` |")):
        cells = []
        for item in op.attributes:
            values = ", ".join(f"**{value}**" if value == item.default else value
                               for value in item.values)
            cells.append(f"`{item.name}`" + (f": {values}" if values else
                                             f" = {item.default}" if item.default else ""))
        if cells:
            lines.append(f"| `moe.{op.name}` | {'; '.join(cells)} |")
    return "\n".join(lines) + "\n"


def generated(args):
    page = ROOT / "dialects/moe/README.md"
    if page.exists():
        text = re.sub(r"(?<=<!-- made by: tools/scripts/check_docs.py generated --update -->\n\n)"
                      r".*?\n(?=\n)", lambda _: attribute_table(page.read_text()),
                      page.read_text(), flags=re.DOTALL)
        for op in moe_repo.ops():
            if not re.search(rf"^\| `moe.{op.name}` \|.* → |^\| `moe.{op.name}` \| values",
                             text, re.MULTILINE):
                yield f"dialects/moe/README.md: moe.{op.name} is in no row of the ops"
        if args.update:
            page.write_text(text)
        elif text != page.read_text():
            yield "dialects/moe/README.md: attributes are out of date: run " \
                "tools/scripts/check_docs.py generated --update"

    pages = {}
    td = "dialects/moe/IR/MoEOps.td"
    if (ROOT / td).exists():
        pages["MoEDialect.md"] = tblgen("-gen-dialect-doc", "-dialect=moe", td)
    for td in moe_repo.pass_files():
        family = pathlib.PurePath(td).parent.name
        pages[f"{family}Passes.md"] = tblgen("-gen-pass-doc", td)

    if args.update:
        GENERATED.mkdir(parents=True, exist_ok=True)
        for page in GENERATED.glob("*.md"):
            page.unlink()
        for name, text in pages.items():
            (GENERATED / name).write_text(text)
    present = {page.name for page in GENERATED.glob("*.md")}
    for name in sorted(present | pages.keys()):
        if name not in pages:
            yield f"{name} is made from nothing any more"
        elif name not in present or (GENERATED / name).read_text() != pages[name]:
            yield f"{name} is out of date: run tools/scripts/check_docs.py generated --update"


def part_of(path):
    """A file's content, or the part of it that is meant for documents."""
    text = (ROOT / path).read_text()
    marked = re.search(r"^// \[doc-begin\]\n(.*?)^// \[doc-end\]$", text,
                       re.MULTILINE | re.DOTALL)
    return marked.group(1) if marked else text


def matches(expected, actual):
    """True if the lines are equal; a line `...` stands for any lines."""
    pattern = "".join("(?:.*\n)*?" if line.strip() == "..."
                      else re.escape(line.rstrip()) + "\n"
                      for line in expected.strip("\n").splitlines())
    text = "".join(line.rstrip() + "\n" for line in actual.strip("\n").splitlines())
    return re.fullmatch(pattern, text) is not None


def run_bash(script, args, folder):
    path = f"{args.bin_dir}:{moe_repo.LLVM}/bin:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True,
        env=dict(os.environ, PATH=path, MOE_ROOT=str(ROOT),
                 MOE_BUILD=f"{args.bin_dir}/..",
                 MOE_PLUGIN=f"{args.bin_dir}/../lib/MoEPlugin.so"), check=False,
        capture_output=True, stdin=subprocess.DEVNULL)


def check_block(block, args, folder):
    """What is wrong with one marked block, or nothing."""
    mark, argument, body = block["mark"], block["argument"], block["body"]
    if mark != "run" and not argument:
        return f"the mark '{mark}' names nothing"
    if mark == "same as":
        if not (ROOT / argument).is_file():
            return f"no file {argument}"
        return "" if body == part_of(argument) else f"differs from {argument}"
    result = run_bash(body if mark == "run" else argument, args, folder)
    if result.returncode:
        return f"exit status {result.returncode}\n{result.stdout}{result.stderr}"
    if mark == "output of" and not matches(body, result.stdout):
        return f"'{argument}' prints something else:\n{result.stdout}"
    return ""


def pages(args):
    for path in moe_repo.files():
        if not path.endswith(".md") or "/docs/generated/" in path:
            continue
        text = moe_repo.read(path)
        if args.update:
            text = BLOCK.sub(updated, text)
            (ROOT / path).write_text(text)
        with tempfile.TemporaryDirectory() as folder:
            for block in BLOCK.finditer(text):
                problem = check_block(block, args, folder)
                if problem:
                    line = text.count("\n", 0, block.start()) + 1
                    yield f"{path}:{line}: {problem}"


def updated(block):
    """The block with its file's present content, if it quotes one."""
    if block["mark"] != "same as" or not (ROOT / (block["argument"] or "")).is_file():
        return block.group(0)
    start, end = (position - block.start() for position in block.span("body"))
    return block.group(0)[:start] + part_of(block["argument"]) + block.group(0)[end:]


def registered(args):
    tool = pathlib.Path(args.bin_dir) / "moe-opt"
    known = subprocess.run([tool, "--help"], text=True, capture_output=True,
                           check=False).stdout
    for flag in dict.fromkeys([item.flag for item in moe_repo.passes()] + PIPELINES):
        if not re.search(rf"--{flag}\b(?!-)", known):
            yield f"moe-opt has no --{flag}"
    for op in moe_repo.ops():
        # Without operands the op is wrong; only the kind of complaint matters.
        result = subprocess.run([tool, "-"], input=f'"moe.{op.name}"() : () -> ()\n',
                                text=True, capture_output=True, check=False)
        if "unregistered" in result.stderr or result.returncode < 0:
            yield f"moe.{op.name} is not registered: {result.stderr.strip()}"


def squeezed(text):
    return " ".join(text.split())


def section_of(op, page):
    """What Spec.md says of an op, and of all ops of the same chapter."""
    for chapter in page.split(" ## "):
        common, *sections = chapter.split(" ### ")
        for section in sections:
            if section.startswith(f"`moe.{op.name}` "):
                return common + section
    return ""


def spec(_):
    page = squeezed(moe_repo.read("dialects/moe/docs/Spec.md"))
    tests = squeezed("\n".join(
        moe_repo.read(path) for path in moe_repo.files()
        if re.fullmatch(r"test/Dialect/MoE/ops[^/]*\.mlir", path)))
    for op in moe_repo.ops():
        where = f"{op.file}:{op.line}: moe.{op.name}"
        for line in re.findall(rf"^ *(- {op.name}_c\d+: .*(?:\n +[^-\s].*)*)",
                               op.description, re.MULTILINE):
            if squeezed(line) not in page:
                yield f"{where}: Spec.md does not say '{squeezed(line)}'"
        section = section_of(op, page)
        names = [*op.operands, *(item.name for item in op.attributes)]
        for name in names if not op.is_terminator else []:
            if not re.search(rf"\b{name}\b", section):
                yield f"{where}: its section of Spec.md does not name '{name}'"
        code = re.findall(r"```mlir\n(.*?)```", op.description, re.DOTALL)
        if not code:
            yield f"{where}: no example"
        for example in code:
            if squeezed(example) not in tests:
                yield f"{where}: the example stands in no test/Dialect/MoE/ops*.mlir"


def imports(_):
    """Rows are: ops, what they become, a link to the test that names them."""
    folder = ROOT / "lib/Frontend/Import"
    taken = set()
    for path in folder.glob("*.cpp"):
        taken |= set(re.findall(r'\{"((?:stablehlo|chlo)\.\w+)",', path.read_text()))
    listed = set()
    for row in re.findall(r"^\| (`(?:stablehlo|chlo)\..*)\|$",
                          (folder / "README.md").read_text(), re.MULTILINE):
        cells = row.split("|")
        names = re.findall(r"`((?:stablehlo|chlo)\.\w+)`", cells[0])
        link = re.search(r"\]\((.*)\)", cells[2])
        test = folder / link.group(1) if link else None
        text = test.read_text() if test and test.exists() else ""
        for name in names:
            listed.add(name)
            if not re.search(rf"\b{name.split('.')[1]}\b", text):
                yield f"README.md of Import: {name}: its test does not name it"
    for name in sorted(taken - listed):
        yield f"README.md of Import: no row for {name}"
    for name in sorted(listed - taken):
        yield f"README.md of Import: {name} is not imported"


CHECKS = {check.__name__: check
          for check in (examples, generated, imports, pages, registered, spec)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=CHECKS, nargs="?")
    parser.add_argument("--bin-dir", default=str(ROOT / "build/check/bin"),
                        help="where the built tools are")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    if not args.check and not args.update:
        parser.error("name a check, or --update")

    problems = []
    for name in [args.check] if args.check else ["generated"]:
        try:
            problems += CHECKS[name](args)
        except moe_repo.TableGenError as error:
            problems.append(str(error))
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
