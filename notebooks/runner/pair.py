"""Checks that notebook sources and their paired notebooks say the same.

    python pair.py NOTEBOOK.md…

For each NOTEBOOK.md there has to be a NOTEBOOK.ipynb beside it with the same cells. A difference is a line on standard
output that names the file and the cell. The exit status is 1 if there was one.
"""

import os
import sys

import jupytext
import nbformat


def cells(notebook):
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells if cell.source.strip()]


def difference(source):
    paired = os.path.splitext(source)[0] + ".ipynb"
    if not os.path.exists(paired):
        return f"{source}: there is no {os.path.basename(paired)} beside it"
    want = cells(jupytext.read(source))
    got = cells(nbformat.read(paired, as_version=4))
    for number, (one, other) in enumerate(zip(want, got), 1):
        if one != other:
            return f"{paired}: cell {number} differs from {os.path.basename(source)}"
    if len(want) != len(got):
        return f"{paired}: has {len(got)} cells, {os.path.basename(source)} has {len(want)}"
    return None


if __name__ == "__main__":
    differences = [found for source in sys.argv[1:] if (found := difference(source))]
    for found in differences:
        print(found)
    sys.exit(1 if differences else 0)
