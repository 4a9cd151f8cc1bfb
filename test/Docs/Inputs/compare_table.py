#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""compare_table.py PAGE HEADING NAMES: every name in the third column of the tables
under that heading of PAGE begins one of NAMES, and every one of these is begun by
such a name."""

import pathlib
import sys

from page_table import names_of, rows_under

page, heading, listed = sys.argv[1:]
names = pathlib.Path(listed).read_text().splitlines()
told = {name for row in rows_under(page, heading) for name in names_of(row[2])}
wrong = [f"no case begins with {name}" for name in sorted(told)
         if not any(case.startswith(name) for case in names)]
wrong += [f"case {case} is in no row" for case in sorted(set(names))
          if not any(case.startswith(name) for name in told)]
if not told or not names:
    wrong.append("nothing to compare")
sys.exit("\n".join(wrong) or 0)
