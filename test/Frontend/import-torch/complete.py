# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the tables of the importer with the cases and with the README."""

import pathlib
import re
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
folder = root / "lib/Frontend/Import"
sources = "".join(path.read_text(encoding="utf-8")
                  for path in sorted(folder.glob("Torch*.cpp")))
names = set(re.findall(r'"((?:aten|prims?|onnx|transformers|constant|runtime|'
                       r'vtensor)\.[\w.]+|bind_symbolic_shape|symbolic_int)"',
                       sources))
for name in re.findall(r'both\("(\w+)"', sources):
    names |= {f"aten.{name}.Tensor", f"aten.{name}.Scalar"}

here = pathlib.Path(__file__).parent
tested = set()
for script in ("torch_ops.py", "onnx_ops.py"):
    run = subprocess.run([sys.executable, here / script, "--names"],
                         capture_output=True, text=True, check=True)
    tested |= set(run.stdout.split())
for path in here.glob("*.mlir"):
    tested |= set(re.findall(r'"torch\.([\w.]+)"', path.read_text(encoding="utf-8")))
# What the graphs of all cases are held together by.
tested |= set(re.findall(r'"(prim\.\w+)"',
                         (here / "graphs.py").read_text(encoding="utf-8")))

table = (folder / "README.md").read_text(encoding="utf-8")
listed = set(re.findall(r"`([\w.]+)`", table))
missing = [f"{name}: no test" for name in sorted(names - tested)]
missing += [f"{name}: not in the README" for name in sorted(names - listed)]
print("\n".join(missing))
sys.exit(bool(missing))
