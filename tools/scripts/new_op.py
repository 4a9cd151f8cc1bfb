#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the parts that every op has: declaration, Spec section, row, tests.

    tools/scripts/new_op.py Routing my_op

declares moe.my_op in dialects/moe/IR/MoERoutingOps.td. What is left to write is
named at the end.
"""

import argparse
import pathlib
import re
import sys

import moe_repo
from new_pass import declare

DECLARATION = '''
def MoE_{camel}Op : MoE_Op<"{op}", [
    Pure,
    AllTypesMatch<["input", "result"]> /*{op}_c1*/]> {{
  let summary = "Says in one line what it does";
  let description = [{{
    What it means, in two or three sentences.

    Constraints:
    - {op}_c1: input and result have the same type.

    Example:

    ```mlir
    %y = moe.{op} %x : tensor<4xf32>
    ```
  }}];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}}
'''

SPEC = '''
## moe.{op}

What it means.

- {op}_c1: input and result have the same type.
'''

FORM = '''
// CHECK-LABEL: func.func @{op}
// CHECK:         moe.{op} %{{{{.+}}}} : tensor<4xf32>
func.func @{op}(%x: tensor<4xf32>) -> tensor<4xf32> {{
  %y = moe.{op} %x : tensor<4xf32>
  return %y : tensor<4xf32>
}}
'''

INVALID = '''
// -----

func.func @{op}_c1_result_of_another_type(%x: tensor<4xf32>) {{
  // expected-error @below {{{{failed to verify that all of {{input, result}} have same type}}}}
  %y = "moe.{op}"(%x) : (tensor<4xf32>) -> tensor<5xf32>
  return
}}
'''

EXECUTION = '''// RUN: moe-run %s --backend=cpu --compare=reference

// The example of the documentation, run.
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {{
  %y = moe.{op} %x : tensor<4xf32>
  return %y : tensor<4xf32>
}}
'''


def append(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text().rstrip("\n") + "\n" if path.exists() else ""
    path.write_text((old + text).lstrip("\n"))


def add_row(path, name):
    """Adds a row after the last row that names an op; false if there is none."""
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    rows = [i for i, line in enumerate(lines)
            if line.startswith("|") and "moe." in line]
    if not rows:
        return False
    columns = lines[rows[-1]].rstrip("\n").strip("|").count("|")
    lines.insert(rows[-1] + 1, f"| `{name}` |" + " - |" * columns + "\n")
    path.write_text("".join(lines))
    return True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", help="Routing for MoERoutingOps.td, and so on")
    parser.add_argument("op", help="snake_case name without moe.")
    parser.add_argument("--root", type=pathlib.Path, default=moe_repo.ROOT)
    args = parser.parse_args()
    root = args.root.resolve()

    td = root / f"dialects/moe/IR/MoE{args.group}Ops.td"
    if not td.exists():
        groups = sorted(path.stem[len("MoE"):-len("Ops")]
                        for path in td.parent.glob("MoE?*Ops.td"))
        parser.error(f"no group '{args.group}', only {', '.join(groups)}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", args.op):
        parser.error(f"'{args.op}' is not snake_case")
    if any(op.name == args.op for op in moe_repo.ops(root)):
        parser.error(f"moe.{args.op} exists")

    names = {"op": args.op,
             "camel": "".join(part.capitalize() for part in args.op.split("_"))}
    declare(td, DECLARATION.format(**names))
    append(root / "dialects/moe/docs/Spec.md", SPEC.format(**names))
    append(root / "test/Dialect/MoE/ops.mlir", FORM.format(**names))
    append(root / "test/Dialect/MoE/invalid.mlir", INVALID.format(**names))
    append(root / f"test/Execution/{args.op}.mlir", EXECUTION.format(**names))
    if not add_row(root / "dialects/moe/README.md", f"moe.{args.op}"):
        print("add a row to the table of dialects/moe/README.md")
    print("left: its meaning, constraints and verifier, the tests' contents, the "
          "decomposition and\nlowerings, and check_docs.py generated --update")
    return 0


if __name__ == "__main__":
    sys.exit(main())
