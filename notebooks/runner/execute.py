"""Executes one notebook source with its kernel and keeps what was reached.

    python execute.py SOURCE.md RESULT.ipynb TIMEOUT_SECONDS

The working folder of the cells is the folder of SOURCE.md. Standard output is JSON, one object a line:
{"cell": 3, "of": 12} as a cell begins, and last {"seconds": 41.2, "failure": null}, or a failure with what is known of
cell (1-based, counting code cells), line in the cell, line in the source file, and message. RESULT.ipynb is written in
either case. The exit status is 0 if a result was written.
"""

import json
import os
import re
import sys
import tempfile
import time

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

KERNEL = "longwing"
MAX_TEXT = 64 * 1024  # characters of one text output that are kept
MAX_DATA = 8 * 1024 * 1024  # characters of one figure (in base64) that are kept

ANSI = re.compile(r"\x1b\[[0-9;]*m")
PLACE = re.compile(r"Cell ?\[(\d+)\]:? Line (\d+)")  # GoNB's way of naming a place
FRAME = re.compile(r"(?:\[\[ Cell \[\d+\] Line \d+ \]\]\s*)?(/\S+/main\.go):(\d+)")  # in a stack, mostly with its place
FAILED_COMMAND = re.compile(r"^exit status [1-9]\d*\s*\Z", re.M)


def say(**message):
    print(json.dumps(message), flush=True)


def main(source, result, timeout):
    folder = os.path.dirname(os.path.abspath(source))
    notebook = jupytext.read(source)
    if notebook.metadata.get("kernelspec", {}).get("name") != KERNEL:
        sys.exit(f'{source}: its header must name the kernel: "kernelspec: {{name: {KERNEL}, language: go}}"')
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=KERNEL,
        resources={"metadata": {"path": folder}},
        coalesce_streams=True,
        record_timing=False,
    )

    at = {"cell": 0, "program": []}

    def starting(cell, cell_index):
        if cell.cell_type == "code" and cell.source.strip():
            at["cell"] += 1
            say(cell=at["cell"], of=len(code))

    def executed(cell, cell_index, execute_reply):
        limit_outputs(cell)
        if frame := FRAME.search(ANSI.sub("", stream(cell, "stderr"))):
            try:
                with open(frame[1]) as file:  # the kernel removes it when it ends
                    at["program"] = file.read().splitlines()
            except OSError:
                pass
        if cell.source.startswith("!") and execute_reply["content"]["status"] == "ok":
            printed = stream(cell, "stderr")
            if FAILED_COMMAND.search(printed):  # GoNB lets the notebook go on after a failed command
                raise FailedCommand(printed)

    client.on_cell_start = starting
    client.on_cell_executed = executed

    begin = time.monotonic()
    failure = None
    try:
        client.execute()
    except CellExecutionError as error:
        failure = explain(code, at["cell"], at["program"], error)
    except FailedCommand as error:
        failure = {"cell": at["cell"], "line": 1, "message": one_line(str(error))}
    except CellTimeoutError:
        failure = {"cell": at["cell"], "line": 0, "message": f"took longer than {timeout:g} s and was stopped"}
    except DeadKernelError:
        failure = {"cell": at["cell"], "line": 0, "message": "the kernel died"}
    except RuntimeError as error:  # the kernel didn't come up
        failure = {"cell": at["cell"], "line": 0, "message": "the kernel doesn't start: " + one_line(str(error))}
    if failure is not None:
        failure["source_line"] = source_line(source, code, failure["cell"], failure["line"])
    for cell in notebook.cells:
        limit_outputs(cell)

    seconds = round(time.monotonic() - begin, 1)
    notebook.metadata["longwing"] = {"seconds": seconds, "failure": failure}
    write(notebook, result)
    say(seconds=seconds, failure=failure)


class FailedCommand(Exception):
    pass


def explain(code, cell, program, error):
    """Finds the place GoNB names, and the compiler's or the panic's own words."""
    running, line = cell, 0
    text = ANSI.sub("", "\n".join([str(error.evalue), error.traceback, stream(code[cell - 1], "stderr")]))
    frame = FRAME.search(text)
    if frame and not PLACE.search(frame[0]) and str(error.evalue).startswith("exit status"):
        # GoNB adds places to what it reads at once, and Go writes a stack in small pieces: this frame came in two.
        cell, line = find(program, int(frame[2]), code[:running]) or (cell, line)
    elif place := PLACE.search(text):
        # GoNB counts executions, and names the cell that a function was declared in.
        for number, candidate in enumerate(code, 1):
            if candidate.execution_count == int(place[1]):
                cell, line = number, int(place[2])
                break
    message = str(error.evalue)
    if message.startswith("exit status"):  # the program ran and failed: what it said last is on its standard error
        printed = ANSI.sub("", stream(code[running - 1], "stderr") or text)
        panic = re.search(r"panic: (.*?)\n\s*\n", text + "\n\n", re.S)
        if panic:
            message = "panic: " + panic[1]
        else:
            said = [said for said in printed.splitlines() if said.strip() and not said.startswith("exit status")]
            message += ": " + said[-1] if said else ""
    else:  # compiler: "# package\n./main.go:13:4: undefined: x\n…"
        complaints = [
            re.sub(r"^\S*main\.go:\d+:\d+: ", "", said)
            for said in message.splitlines()
            if said.strip() and not said.startswith("# ")
        ]
        message = complaints[0] if complaints else message
        if len(complaints) > 1:
            message += f" (and {len(complaints) - 1} more)"
    if cell != running:
        message += f" (in a function that cell {running} called)"
    return {"cell": cell, "line": line, "message": one_line(message)}


def find(program, line, code):
    """Finds line (1-based) of GoNB's program in the cells: where most lines around it are the same, and latest."""

    def agree(lines, at, step):
        count = 0
        while 0 <= at < len(lines) and 0 <= line - 1 + step * count < len(program):
            if "".join(lines[at].split()) != "".join(program[line - 1 + step * count].split()):
                break
            count, at = count + 1, at + step
        return count

    best, place = 0, None
    for number, cell in enumerate(code, 1):
        lines = cell.source.splitlines()
        for at in range(len(lines)):
            around = agree(lines, at, -1)
            around += around and agree(lines, at, 1)
            if around and around >= best:
                best, place = around, (number, at + 1)
    return place


def one_line(text):
    return " ".join(ANSI.sub("", text).split())


def stream(cell, name):
    return "".join(
        output.text for output in cell.get("outputs", []) if output.output_type == "stream" and output.name == name
    )


def limit_outputs(cell):
    """Shortens text outputs and leaves out figures that would make the notebook unwieldy."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and len(output.text) > MAX_TEXT:
            half = MAX_TEXT // 2
            left_out = len(output.text) - 2 * half
            output.text = output.text[:half] + f"\n… {left_out} characters left out …\n" + output.text[-half:]
        for kind, data in list(output.get("data", {}).items()):
            if isinstance(data, str) and len(data) > MAX_DATA:
                del output.data[kind]
                output.data["text/plain"] = f"[{kind} of {len(data)} characters left out]"


def source_line(source, code, cell, line):
    """Returns the line of the source file for a line of a code cell, both 1-based; 0 if it isn't found."""
    with open(source, encoding="utf-8") as file:
        text = [said.rstrip() for said in file.read().split("\n")]
    begin = 0
    for number, candidate in enumerate(code, 1):
        cell_text = [said.rstrip() for said in candidate.source.split("\n")]
        for skip in (0, 1):  # jupytext turns a block of another language into a cell with one more line, %%bash
            wanted = cell_text[skip:]
            place = next((i for i in range(begin, len(text)) if text[i : i + len(wanted)] == wanted), None)
            if place is not None:
                break
        if place is None:
            return 0
        if number == cell:
            return place + max(line - skip, 1)
        begin = place + len(wanted)
    return 0


def write(notebook, result):
    """Writes the notebook in one step: the old file or the new one, never half of one."""
    folder = os.path.dirname(os.path.abspath(result))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".notebook-", suffix=".ipynb")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            nbformat.write(notebook, file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, result)
    except BaseException:
        os.unlink(temporary)
        raise


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
