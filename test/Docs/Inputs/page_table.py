# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The tables of a page, for the tests that hold them to what runs."""

import pathlib
import re


def rows_under(page, heading):
    """The cells of the rows of tables between `## heading` and the next one."""
    text = "\n" + pathlib.Path(page).read_text()
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("| ")][1:]


def names_of(cell):
    return re.findall(r"`([^`]+)`", cell)
