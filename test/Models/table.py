#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Takes every form of the models of this folder through every way there is.

  table.py --case=FOLDER   runs the forms of one model; exits 1 where a cell is
                           not what the table in README.md says
  table.py --update        runs all of them and rewrites that table

Where no CUDA driver is named, the cells of nvptx are not run, and --update keeps
them. A stored form is held to the outputs of the library it comes from; a
derived one (see derive.py) to the reference, for other numbers of tokens too.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
README = HERE / "README.md"
GPU_CHECK = HERE.parents[1] / "tools/scripts/ptxsim_check.py"
COLUMNS = ["raised", "fused", "reference", "cpu", "nvptx"]
STAGE = re.compile(r"\bmoe\.(score|select|weigh|limit|plan|dispatch|experts|combine|"
                   r"neurons|router_cell|sample|stats)\b")
TOKENS = [0, 1, 9]


@dataclasses.dataclass(frozen=True)
class Form:
    case: str
    file: str
    narrow: str = ""
    tokens: str = ""

    @property
    def stored(self):
        return not self.narrow and not self.tokens

    @property
    def name(self):
        how = [self.narrow, f"{self.tokens} tokens" if self.tokens else ""]
        return self.file + "".join(f", {part}" for part in how if part)

    @property
    def bound(self):
        narrow = self.narrow or self.case.endswith("bf16")
        return "1e-2" if narrow else "1e-4"


def forms():
    both = ("tosa", "linalg.generic", "linalg", "stablehlo.generic")
    for case in sorted(p.name for p in HERE.iterdir() if (p / "meta.json").exists()):
        for file in both:
            if (HERE / case / f"{file}.mlir").exists():
                yield Form(case, file)
        if case in ("hf_olmoe_batched", "hf_deepseek_v2_greedy_batched",
                    "hf_gpt_oss_batched"):
            for file in both[:2]:
                yield Form(case, file, "bf16")
                yield Form(case, file, "f16")
            for narrow in ("", "bf16"):
                yield Form(case, "linalg.generic", narrow, "dynamic")


def derive(form, folder):
    """The file that holds the form."""
    source = HERE / form.case / f"{form.file}.mlir"
    if form.stored:
        return source
    generic, result = folder / "generic.mlir", folder / "derived.mlir"
    subprocess.run(["moe-opt", source, "--mlir-print-op-generic",
                    "--remarks-filter-missed=none", "-o", generic],
                   check=True, stderr=subprocess.DEVNULL)
    options = []
    if form.narrow:
        options.append(f"--narrow={form.narrow}")
        if "deepseek" not in form.case:
            options.append("--narrow-weights")
    if form.tokens:
        options.append(f"--tokens={form.tokens}")
    subprocess.run([sys.executable, HERE / "derive.py", generic, "-o", result,
                    *options], check=True)
    return result


def cells(form, file, has_gpu):
    """The commands behind every cell of a row; the empty list for no cell."""
    data = [f"--input={p}" for p in sorted((HERE / form.case).glob("in*.npy"))]
    data += [f"--expect={p}" for p in sorted((HERE / form.case).glob("out*.npy"))]
    run = ["moe-run", file, "--remarks-filter-missed=none"]
    seeded = [["--compare=reference", "--seed=3"]]
    if form.tokens:
        seeded = [[*seeded[0], f"--dim={count}"] for count in TOKENS]
    takes_data = not form.narrow
    runs = ([data] if takes_data else []) + ([] if form.stored else seeded)
    gpu = [sys.executable, GPU_CHECK, "--"]
    return {
        "raised": [["moe-opt", file, "--moe-raise=require"]],
        "fused": [["moe-opt", file, "--moe-optimize=target=cpu"]],
        "reference": [[*run, "--backend=reference", *data]] if takes_data else [],
        "cpu": [[*run, "--backend=cpu", *options] for options in runs],
        "nvptx": [[*gpu, *run, "--backend=nvptx", *options] for options in runs]
                 if has_gpu else [],
    }


def row(form, has_gpu):
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        file = derive(form, pathlib.Path(folder))
        for column, commands in cells(form, file, has_gpu).items():
            # What the reference says of a derived form is what counts as right.
            result[column] = "" if commands else "is the measure"
            if column == "nvptx" and not has_gpu:
                result[column] = None
            for command in commands:
                done = subprocess.run(command, check=False, text=True,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                left = set(STAGE.findall(done.stdout)) if column == "fused" else set()
                if done.returncode or left - {"limit"}:
                    print(f"{form.case} {form.name}, {column}: "
                          f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}")
                    result[column] = "fails"
                    break
                result[column] = "but for limit" if left else "pass"
    return result


def table():
    """The rows of the table in README.md."""
    found = {}
    for line in README.read_text().splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if len(parts) == 3 + len(COLUMNS) and parts[0].startswith("`"):
            found[parts[0].strip("`"), parts[1]] = parts[2:]
    return found


def check(case, has_gpu):
    known = table()
    wrong = 0
    rows = [form for form in forms() if form.case == case]
    if not rows:
        sys.exit(f"{case}: no such model")
    for form in rows:
        have = known.get((form.case, form.name), [""] * (1 + len(COLUMNS)))
        cells_now = row(form, has_gpu)
        want = [form.bound, *(cells_now[column] for column in COLUMNS)]
        for name, now, then in zip(["bound", *COLUMNS], want, have):
            if now is not None and (now != then or now == "fails"):
                print(f"{case} {form.name}: {name} is '{now}', README.md says "
                      f"'{then}'")
                wrong += 1
    return wrong


def update(has_gpu):
    known = table()
    lines = [f"| model | form | bound | {' | '.join(COLUMNS)} |",
             "| --- " * (3 + len(COLUMNS)) + "|"]
    for form in forms():
        now = row(form, has_gpu)
        if now["nvptx"] is None:
            now["nvptx"] = known.get((form.case, form.name), [""])[-1]
        lines.append(f"| `{form.case}` | {form.name} | {form.bound} | " +
                     " | ".join(now[column] for column in COLUMNS) + " |")
    text = re.sub(r"(?<=<!-- made by: table.py --update -->\n\n).*?\n(?=\n)",
                  lambda _: "\n".join(lines) + "\n", README.read_text(),
                  flags=re.DOTALL)
    README.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    has_gpu = bool(os.environ.get("MOE_CUDA_DRIVER"))
    if arguments.update:
        update(has_gpu)
    elif arguments.case:
        sys.exit(1 if check(arguments.case, has_gpu) else 0)
    else:
        parser.error("nothing to do: give --case or --update")


if __name__ == "__main__":
    main()
