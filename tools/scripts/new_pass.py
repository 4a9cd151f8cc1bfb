#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the parts that every pass has: declaration, file and two tests.

    tools/scripts/new_pass.py Transforms FuseThisAndThat

declares MoEFuseThisAndThatPass (--moe-fuse-this-and-that) in
include/moe/Transforms/Passes.td. What is left to write is named at the end.
"""

import argparse
import pathlib
import re
import sys

import moe_repo

DECLARATION = '''
def {record} : Pass<"{flag}"> {{
  let summary = "{summary}";
  let description = [{{
    Why this is worth a pass, in two or three sentences.

    Expects:  any IR.
    Produces: the same IR.
    Refuses:  nothing yet. Each refusal is a missed remark.

    (example: {tests}/doc.mlir)
  }}];
}}
'''

SOURCE = '''// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "moe/{family}/Passes.h"

namespace mlir::moe {{
#define GEN_PASS_DEF_{macro}
#include "moe/{family}/Passes.h.inc"

namespace {{
struct {record} : impl::{record}Base<{record}> {{
  void runOnOperation() override {{}}
}};
}} // namespace
}} // namespace mlir::moe
'''

DOC_TEST = '''// RUN: moe-opt %s --{flag} | FileCheck %s

// {summary}.
// [doc-begin]
// CHECK-LABEL: func.func @example
// CHECK:         return
func.func @example(%x: tensor<4xf32>) -> tensor<4xf32> {{
  return %x : tensor<4xf32>
}}
// [doc-end]
'''

NEGATIVE_TEST = '''// RUN: moe-opt %s --{flag} --split-input-file \\
// RUN:   --remarks-filter-missed=moe --verify-diagnostics | FileCheck %s

// What it leaves alone, and the reason as an expected-remark.
// CHECK-LABEL: func.func @untouched
// CHECK:         return
func.func @untouched(%x: tensor<4xf32>) -> tensor<4xf32> {{
  return %x : tensor<4xf32>
}}
'''


def kebab(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def declare(path, text):
    """Appends to a .td file, before the #endif of its include guard."""
    old = path.read_text()
    head, guard, tail = old.rpartition("\n#endif")
    path.write_text(head.rstrip() + "\n" + text + guard + tail if guard
                    else old.rstrip() + "\n" + text)


def add_to_cmake(path, source):
    """Adds a source to the first list of sources, in order; false if none."""
    if not path.exists():
        return False
    lines = path.read_text().splitlines(keepends=True)
    sources = [i for i, line in enumerate(lines) if re.fullmatch(r"\s+\w+\.cpp\n", line)]
    if not sources:
        return False
    after = [i for i in sources if lines[i].strip() < source]
    place = after[-1] + 1 if after else sources[0]
    indent = re.match(r"\s+", lines[sources[0]]).group(0)
    lines.insert(place, f"{indent}{source}\n")
    path.write_text("".join(lines))
    return True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", help="folder of include/moe with a Passes.td")
    parser.add_argument("name", help="CamelCase, without MoE and Pass")
    parser.add_argument("--summary", default="Says in one line what it does")
    parser.add_argument("--root", type=pathlib.Path, default=moe_repo.ROOT)
    args = parser.parse_args()
    root = args.root.resolve()

    td = root / "include/moe" / args.family / "Passes.td"
    if not td.exists():
        families = [pathlib.PurePath(path).parent.name
                    for path in moe_repo.pass_files(root)]
        parser.error(f"no family '{args.family}', only {', '.join(families)}")
    if not re.fullmatch(r"[A-Z]\w*", args.name) or args.name.endswith("Pass"):
        parser.error(f"'{args.name}' is not a CamelCase name without Pass")
    record = f"MoE{args.name}Pass"
    if any(item.record == record for item in moe_repo.passes(root)):
        parser.error(f"{record} exists")

    tests = f"test/{args.family}/{kebab(args.name)}"
    names = {"record": record, "flag": f"moe-{kebab(args.name)}", "tests": tests,
             "summary": args.summary, "family": args.family, "macro": record.upper()}
    declare(td, DECLARATION.format(**names))
    made = {f"lib/{args.family}/{args.name}.cpp": SOURCE,
            f"{tests}/doc.mlir": DOC_TEST, f"{tests}/negative.mlir": NEGATIVE_TEST}
    for path, template in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(template.format(**names))
        print(f"made {path}")
    cmake = root / "lib" / args.family / "CMakeLists.txt"
    if not add_to_cmake(cmake, f"{args.name}.cpp"):
        print(f"add {args.name}.cpp to the CMakeLists.txt of its library")
    print("left: the description, the pass, what the tests check, and "
          "check_docs.py generated --update")
    return 0


if __name__ == "__main__":
    sys.exit(main())
