#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Takes every form of the models of this folder through every way there is.

  table.py --case=FOLDER            runs the forms of one model; exits 1 where a
                                    cell is not what the table in README.md says
  table.py --update                 runs all of them and rewrites that table
  table.py --update --case=FOLDER   rewrites the rows of one model only

Where no CUDA driver is named, the cells of nvptx are not run, and --update keeps
them. A stored form is held to the outputs of the library it comes from; a
derived one (see derive.py) to the reference, for other numbers of tokens too.
"""

import argparse
import dataclasses
import pathlib
import re
import subprocess
import sys
import tempfile

OPT, RUN = ["moe-opt"], ["moe-run"]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

import cells as table_of  # noqa: E402

README = HERE / "README.md"
MARKER = "table.py --update"
COLUMNS = ["imported", "raised", "fused", "reference", "cpu", "nvptx"]
FILES = ["tosa", "linalg.generic", "linalg", "linalg.mixed.generic", "torch.generic",
         "stablehlo.generic", "stablehlo_accel.generic", "chlo_accel.generic",
         "onnx.generic"]
DERIVED = ["hf_olmoe_batched", "hf_deepseek_v2_greedy_batched", "hf_gpt_oss_batched"]
DERIVED_FROM = FILES[:2]
FOREIGN = re.compile(r'"(stablehlo|chlo|torch|tm_tensor)\.')
STAGE = re.compile(r"\bmoe\.(score|select|weigh|limit|plan|dispatch|experts|combine|"
                   r"neurons|router_cell|sample|stats)\b")
CODEGEN = re.compile(r"\bmoe\.(gate|grouped_matmul|gather_sum|masked_ffn)\b")
TOKENS = [0, 1, 9]
# Its products and sums accumulate in bf16, which the library does not do.
LOOSE = {("jax_ragged_top2_bf16", "linalg.mixed.generic"): "3e-2"}


@dataclasses.dataclass(frozen=True)
class Form:
    case: str
    file: str
    narrow: str = ""
    tokens: str = ""
    # The first stored form stands for all, which are the same once raised.
    on_device: bool = True

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
        usual = "1e-2" if narrow else "1e-4"
        return LOOSE.get((self.case, self.file), usual)


def forms(only=None):
    for case in sorted(p.name for p in HERE.iterdir() if (p / "meta.json").exists()):
        if only not in (None, case):
            continue
        stored = [file for file in FILES if (HERE / case / f"{file}.mlir").exists()]
        for file in stored:
            yield Form(case, file, on_device=file == stored[0])
            if case in DERIVED and file in DERIVED_FROM:
                yield Form(case, file, "bf16")
                yield Form(case, file, "f16")
        for narrow in ("", "bf16") if case in DERIVED else ():
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


def output(tool, file, *options):
    """What a tool prints, and whether it succeeds. Remarks name ops too."""
    done = subprocess.run([*tool, file, "--remarks-filter-missed=none", *options],
                          check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.stdout, done.returncode == 0


def imported(file):
    text, good = output(OPT, file, "--moe-import", "--mlir-print-op-generic")
    return "pass" if good and not FOREIGN.search(text) else "no"


def raised(file):
    if output(OPT, file, "--moe-raise=require")[1]:
        whole = "pass"
    else:
        whole = "partly"
    text, _ = output(OPT, file, "--moe-raise")
    if "moe.experts" in text:
        return whole
    return "router only" if "moe.select" in text else "no"


def fused(file):
    text, good = output(OPT, file, "--moe-optimize=target=cpu")
    if not good or not CODEGEN.search(text):
        return "no"
    left = sorted(set(STAGE.findall(text)))
    return f"but for {', '.join(left)}" if left else "pass"


def runs(form):
    """The tool and the options of every run behind the columns named after back
    ends; none for a cell that is not run."""
    data = [f"--input={p}" for p in sorted((HERE / form.case).glob("in*.npy"))]
    data += [f"--expect={p}" for p in sorted((HERE / form.case).glob("out*.npy"))]
    data += [f"--rtol={form.bound}", f"--atol={form.bound}"]
    seeded = [["--compare=reference", "--seed=3"]]
    if form.tokens:
        seeded = [[*seeded[0], f"--dim={count}"] for count in TOKENS]
    data = [] if form.narrow else [data]
    options = data + ([] if form.stored else seeded)
    gpu = [*table_of.GPU_CHECK, "--", *RUN]
    return {
        "reference": [(RUN, ["--backend=reference", *some]) for some in data],
        "cpu": [(RUN, ["--backend=cpu", *some]) for some in options],
        "nvptx": [(gpu, ["--backend=nvptx", *some])
                  for some in options if form.on_device],
    }


def row(form, has_gpu):
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        file = derive(form, pathlib.Path(folder))
        result |= {"imported": imported(file), "raised": raised(file),
                   "fused": fused(file)}
        for column, commands in runs(form).items():
            # What the reference says of a derived form is what counts as right.
            result[column] = "pass" if commands else \
                "is the measure" if column == "reference" else "not run"
            if column == "nvptx" and commands and not has_gpu:
                result[column] = None
                continue
            for tool, options in commands:
                text, good = output(tool, file, *options)
                if not good:
                    print(f"{form.case} {form.name}, {column}: "
                          f"{' '.join(map(str, options))}\n{text[-2000:]}")
                    # Code that is no block may have sizes only the host knows.
                    excused = column == "nvptx" and result["raised"] != "pass"
                    result[column] = "no" if excused else "fails"
                    break
    return result


def table():
    """The rows of the table in README.md."""
    return {(parts[0].strip("`"), parts[1]): parts[2:]
            for parts in table_of.rows(README, MARKER)}


def check(case, has_gpu):
    known = table()
    wrong = 0
    for form in forms(case):
        have = known.get((form.case, form.name), [""] * (1 + len(COLUMNS)))
        cells_now = row(form, has_gpu)
        want = [form.bound, *(cells_now[column] for column in COLUMNS)]
        for name, now, then in zip(["bound", *COLUMNS], want, have):
            if now is not None and (now != then or now == "fails"):
                print(f"{case} {form.name}: {name} is '{now}', README.md says "
                      f"'{then}'")
                wrong += 1
    return wrong


def update(case, has_gpu):
    known = table()
    lines = []
    for form in forms():
        cells = known.get((form.case, form.name), [""] * (1 + len(COLUMNS)))
        if case in (None, form.case):
            now = row(form, has_gpu)
            if now["nvptx"] is None:
                now["nvptx"] = cells[-1]
            cells = [form.bound, *(now[column] for column in COLUMNS)]
        lines.append([f"`{form.case}`", form.name, *cells])
    table_of.rewrite(README, MARKER, ["model", "form", "bound", *COLUMNS], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    has_gpu = table_of.has_gpu()
    if not next(forms(arguments.case), None):
        parser.error(f"no such model: {arguments.case}")
    if arguments.update:
        update(arguments.case, has_gpu)
    elif arguments.case:
        sys.exit(1 if check(arguments.case, has_gpu) else 0)
    else:
        parser.error("nothing to do: give --case or --update")


if __name__ == "__main__":
    main()
