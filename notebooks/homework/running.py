"""How the cells of a submission are run: what one of them does costs the others nothing."""

import asyncio
import copy
import re
import shutil
import tempfile

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.preprocessors.execute import UnresponsiveKernelError
from reading import mark_of, note, some
from traitlets import Integer

FATAL = DeadKernelError, CellTimeoutError, UnresponsiveKernelError
OUTPUTS = "stream", "display_data", "update_display_data", "execute_result"


def label(nb, index):
    return mark_of(nb.cells[index]) or f"cell {index + 1}"


class Run(Execute):
    """Runs all cells; a cell that ends the kernel, or cannot be stopped, is left out next time."""

    most_output = Integer(
        1_000_000, help="How much of a cell's output is kept, in characters."
    ).tag(config=True)
    most_printed = Integer(
        100_000_000, help="How much a cell may print before it is interrupted, in characters."
    ).tag(config=True)
    most_restarts = Integer(
        3, help="How many cells may end the kernel before the submission is given up."
    ).tag(config=True)

    def preprocess(self, nb, resources, km=None):
        self.fatal = {}
        while True:
            self.running, self.printed = None, {}
            try:
                done, resources = self.run_in_a_copy(copy.deepcopy(nb), resources, km)
            except FATAL as error:
                if self.running in (None, *self.fatal) or len(self.fatal) == self.most_restarts:
                    raise
                self.log.warning("%s: all runs again without it", label(nb, self.running))
                self.fatal[self.running] = error
            else:
                self.tell(done)
                return done, resources

    def run_in_a_copy(self, nb, resources, km):
        """Run all cells where they can delete nothing but a copy of the student's folder."""
        folder = resources["metadata"]["path"]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            resources["metadata"]["path"] = shutil.copytree(folder, place, dirs_exist_ok=True)
            try:
                return super().preprocess(nb, resources, km)
            finally:
                resources["metadata"]["path"] = folder

    def preprocess_cell(self, cell, resources, index):
        self.running = index
        if index not in self.fatal:
            return super().preprocess_cell(cell, resources, index)
        message = "This cell ended Python, or could not be stopped. All other cells ran without it."
        cell.outputs = [new_output("error", ename="Fatal", evalue=message, traceback=[message])]
        return cell, resources

    def process_message(self, msg, cell, cell_index):
        """Keep the first of what a cell prints or shows, and all errors; stop one that floods."""
        if msg["msg_type"] in OUTPUTS:
            before = self.printed.get(cell_index, 0)
            self.printed[cell_index] = now = before + len(str(msg["content"]))
            if before <= self.most_printed < now:
                asyncio.ensure_future(self.km.interrupt_kernel())
            if before > self.most_output or msg["msg_type"] != "stream" and now > self.most_output:
                return None
            if msg["msg_type"] == "stream":
                msg["content"]["text"] = msg["content"]["text"][: self.most_output - before]
        return super().process_message(msg, cell, cell_index)

    def tell(self, nb):
        """Note what an instructor should know of this run."""
        told = {
            "ended Python, or could not be stopped": self.fatal,
            f"took more than {self.timeout} s": stopped(nb),
            "asks for input, which nobody types": asking(nb),
            "printed too much, cut": [
                index for index, size in self.printed.items() if size > self.most_output
            ],
        }
        for what, where in told.items():
            if where:
                note(nb, f"{what}: {some(label(nb, index) for index in where)}")


def stopped(nb):
    return [
        index
        for index, cell in enumerate(nb.cells)
        for output in cell.get("outputs", ())
        if output.get("ename") == "CellTimeoutError"
    ]


def asking(nb):
    code = {index: cell for index, cell in enumerate(nb.cells) if cell.cell_type == "code"}
    return [
        index
        for index, cell in code.items()
        if re.search(r"^[^#\n]*\binput\(", cell.source, re.MULTILINE)
    ]
