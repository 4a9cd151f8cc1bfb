#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the rules of the tree that a program can check.

Each rule is one named test: a function below, a generator of (file, line,
message). tools/check runs all of them; --only RULE runs one.
"""

import argparse
import json
import pathlib
import re
import sys

import moe_repo

SOURCES = (".cpp", ".h", ".td", ".py")
TESTS = (".mlir", ".test")
# Files that people write; the data of test/Models and generated pages are not.
TEXT = SOURCES + TESTS + (".c", ".md", ".sh", ".txt", ".in", ".cmake", ".json", ".yml")

RULES = {}


def rule(function):
    RULES[function.__name__.replace("_", "-")] = function
    return function


class Tree:
    """The files of one checkout."""

    def __init__(self, root):
        self.root = root
        self.files = moe_repo.files(root)

    def written(self):
        """Text written by hand, scripts without a suffix included."""
        for path in self.files:
            if moe_repo.is_data(path) or "/docs/generated/" in path:
                continue
            if path.endswith(TEXT) or self.is_script(path):
                yield path

    def is_script(self, path):
        return "." not in pathlib.PurePath(path).name and \
            self.text(path).startswith("#!")

    def text(self, path):
        return moe_repo.read(path, self.root)

    def exists(self, path):
        return (self.root / path).exists()

    def matches(self, pattern, paths):
        """(file, line, match) of a regular expression in the lines of files."""
        regex = re.compile(pattern)
        for path in paths:
            for number, line in enumerate(self.text(path).splitlines(), 1):
                for match in regex.finditer(line):
                    yield path, number, match


@rule
def file_size(tree):
    """No source has over 800 lines, no test over 600."""
    for path in tree.files:
        if not path.endswith(SOURCES + TESTS) or moe_repo.is_data(path):
            continue
        limit = 600 if path.startswith("test/") else 800
        lines = len(tree.text(path).splitlines())
        if lines > limit:
            yield path, limit + 1, f"{lines} lines, the limit is {limit}"


@rule
def dialect_layering(tree):
    """dialects/ includes nothing of ours but its own moe/IR/."""
    paths = [path for path in tree.files
             if path.startswith("dialects/") and path.endswith(SOURCES)]
    for path, line, match in tree.matches(r'include\s+[<"](moe(?:-c)?/[^>"]*)', paths):
        if not match.group(1).startswith("moe/IR/"):
            yield path, line, f"the dialect must not include {match.group(1)}"


@rule
def layer_order(tree):
    """A layer uses only those above it in the table of lib/README.md."""
    page = "lib/README.md"
    order = re.findall(r"^\| `(\w+)/` \|", tree.text(page), re.MULTILINE) \
        if tree.exists(page) else []
    for layer in order:
        folders = (f"lib/{layer}/", f"include/moe/{layer}/")
        paths = [path for path in tree.files
                 if path.startswith(folders) and path.endswith(SOURCES)]
        below = "|".join(order[order.index(layer) + 1:])
        for path, line, match in tree.matches(
                rf'include\s+"(moe/(?:{below})/[^"]*)', paths if below else []):
            yield path, line, f"{layer} must not include {match.group(1)}"


@rule
def no_global_state(tree):
    """No command-line options outside tools/, no statistics anywhere."""
    paths = [path for path in tree.files if path.endswith((".cpp", ".h", ".td"))]
    libraries = [path for path in paths if not path.startswith("tools/")]
    for path, line, match in tree.matches(r"\bcl::(opt|list|bits|alias)\b", libraries):
        yield path, line, f"{match.group(0)} outside tools/"
    for path, line, match in tree.matches(
            r"\bSTATISTIC\(|\blet statistics\b|\bPass::Statistic\b", paths):
        yield path, line, f"'{match.group(0)}': the packaged MLIR has no statistics"


@rule
def one_pass_per_file(tree):
    """A source file implements at most one pass."""
    paths = [path for path in tree.files
             if path.startswith("lib/") and path.endswith(".cpp")]
    seen = set()
    for path, line, match in tree.matches(r"^\s*#define GEN_PASS_DEF_(\w+)", paths):
        if path in seen:
            yield path, line, f"a second pass here ({match.group(1)})"
        seen.add(path)


@rule
def pass_parts(tree):
    """Every pass has a name that fits, its file, its two tests, its description."""
    for item in moe_repo.passes(tree.root):
        def problem(message):
            return item.file, item.line, f"{item.record}: {message}"

        if not re.fullmatch(r"MoE\w+Pass", item.record):
            yield problem("the declaration is called MoE<Name>Pass")
        if item.flag.replace("-", "") != "moe" + item.stem.lower():
            yield problem(f"flag {item.flag} does not spell the name")
        implements = f"GEN_PASS_DEF_{item.record.upper()}"
        own = [path for path in tree.files if path.startswith("lib/")
               and path.endswith(f"/{item.stem}.cpp")]
        if not own:
            yield problem(f"no lib/{item.family}/**/{item.stem}.cpp")
        elif not any(implements in tree.text(path) for path in own):
            yield problem(f"{own[0]} does not define {implements}")
        for name in ("doc.mlir", "negative.mlir"):
            if not tree.exists(f"{item.test_folder}/{name}"):
                yield problem(f"no {item.test_folder}/{name}")
        for word in ("Expects:", "Produces:", "Refuses:"):
            if word not in item.description:
                yield problem(f"the description has no '{word}'")
        if item.has_statistics:
            yield problem("has statistics")


@rule
def op_parts(tree):
    """Every op has its Spec section, table row, and tests."""
    spec = tree.text("dialects/moe/docs/Spec.md")
    table = [line for line in tree.text("dialects/moe/README.md").splitlines()
             if line.startswith("|")]
    tests = [path for path in tree.files if path.startswith("test/Dialect/MoE/")]
    forms, invalid = ("\n".join(tree.text(path) for path in tests
                                if re.search(pattern, path))
                      for pattern in (r"/ops[^/]*\.mlir$", r"/invalid[^/]*\.mlir$"))
    for op in moe_repo.ops(tree.root):
        def problem(message):
            return op.file, op.line, f"moe.{op.name}: {message}"

        word = rf"\bmoe\.{op.name}\b"
        if not re.search(rf"^#{{2,4}} .*{word}", spec, re.MULTILINE):
            yield problem("no section in dialects/moe/docs/Spec.md")
        if not any(re.search(word, row) for row in table):
            yield problem("no row in the table of dialects/moe/README.md")
        if not re.search(word, forms):
            yield problem("not in test/Dialect/MoE/ops.mlir")
        for label in op.constraints():
            if not re.search(rf"@{label}(?!\d)", invalid):
                yield problem(f"no case @{label}... in test/Dialect/MoE/invalid*.mlir")
        if not op.is_terminator and \
                not tree.exists(f"test/Execution/{op.name}.mlir"):
            yield problem(f"no test/Execution/{op.name}.mlir")


@rule
def license_header(tree):
    """Sources and scripts name the licence in their first three lines."""
    for path in tree.files:
        if path.endswith(SOURCES + (".c", ".sh")) or tree.is_script(path):
            head = "\n".join(tree.text(path).splitlines()[:3])
            if "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception" not in head:
                yield path, 1, "no licence header"


@rule
def no_open_ends(tree):
    """No notes to do something later."""
    words = r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"
    for path, line, match in tree.matches(words, tree.written()):
        # Documents may speak of the rule itself.
        if not path.endswith(".md"):
            yield path, line, f"'{match.group(0)}': open an issue instead"


@rule
def whitespace(tree):
    """No tabs, no trailing blanks, one newline at the end."""
    for path in tree.written():
        text = tree.text(path)
        for number, line in enumerate(text.splitlines(), 1):
            if "\t" in line:
                yield path, number, "tab"
            if line != line.rstrip():
                yield path, number, "trailing whitespace"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield path, len(text.splitlines()), "does not end with one newline"


@rule
def test_names(tree):
    """Tests are named in kebab-case; in Execution/, as the op they run."""
    ops = {op.name for op in moe_repo.ops(tree.root)}
    for path in tree.files:
        pure = pathlib.PurePath(path)
        if not path.startswith("test/") or pure.suffix not in TESTS or \
                moe_repo.is_data(path):
            continue
        stem = pure.stem
        if pure.parent.name == "Execution":
            op, dash, case = stem.partition("-")
            stem = dash + case if op in ops else stem
        if stem and not re.fullmatch(r"-?[a-z0-9]+(-[a-z0-9]+)*", stem):
            yield path, 1, f"'{pure.stem}' is not kebab-case"


@rule
def no_outside_paths(tree):
    """No path of one machine, none outside the project but in .ci/run."""
    absolute = r"(?<![\w./}*])/(?:home|root|Users|mnt|opt|work|scratch|tmp)/\w"
    outside = r"\.\./sha" r"red\b"
    paths = [path for path in tree.written() if path != ".ci/run"]
    for path, line, match in tree.matches(f"{absolute}|{outside}", paths):
        yield path, line, f"outside path '{match.group(0)}'"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=moe_repo.ROOT)
    parser.add_argument("--only", action="append", choices=RULES, metavar="RULE")
    parser.add_argument("--list", action="store_true", help="print the rules")
    parser.add_argument("--quiet", action="store_true", help="print failures only")
    parser.add_argument("--results", type=pathlib.Path,
                        help="write {rule: passed} as JSON")
    args = parser.parse_args()
    if args.list:
        for name, check in RULES.items():
            print(f"{name:18} {check.__doc__}")
        return 0

    tree = Tree(args.root.resolve())
    results = {}
    for name in args.only or RULES:
        try:
            problems = list(RULES[name](tree))
        except moe_repo.TableGenError as error:
            problems = [("TableGen", 0, str(error))]
        for path, line, message in problems:
            print(f"{path}:{line}: {message} [{name}]")
        results[name] = not problems
        if not args.quiet:
            print(f"{'FAIL' if problems else 'PASS'} {name}")
    if args.results:
        args.results.write_text(json.dumps(results, indent=1) + "\n")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
