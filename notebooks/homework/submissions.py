"""What classes really send in: how nbgrader collects and reads it for this course.

``nbgrader_config.py`` plugs these in. What a student made stays as it came: the archive and the
submission are never changed, only the copies that are graded.
"""

import io
import re
import shutil
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import unzip

# Whose file is it? The student stands before the first underscore, or else before the slash:
# ada_hw1.ipynb, ada/hw1.ipynb, ada/hw1/hw1.ipynb, Canvas's lovelaceada_42_77_hw1-1.ipynb,
# Moodle's "Ada Lovelace_42_assignsubmission_file/hw1.ipynb". (The ._ada_hw1.ipynb in a Mac's
# archive is nobody's.)
NAMES = r"""(?x)
    .*[/\\]extracted[/\\] (?:.*[/\\])?
    (?P<student_id> (?!hw\d+[/\\_.\ (-]|\.) [^/\\_]+ ) (?: _[^/\\]*? )? [_/\\]
    (?: hw\d+ [/\\] )*
    (?P<file_id> hw\d+ ) (?: -Copy\d+ | \ ?\(\d+\) | -\d+ )? \.ipynb $"""
ATTEMPT = re.compile(r" ?\((\d+)\)(?=[/\\.])|-(\d+)(?=\.ipynb$)")


def attempt(path):
    """What sorts the files of one student: the last is the newest.

    "hw1 (1).ipynb" and "hw1-1.ipynb" come after "hw1.ipynb"; "hw1-Copy1.ipynb", by which Jupyter
    means a spare copy, before it.
    """
    numbers = [int(a or b) for a, b in ATTEMPT.findall(str(path))]
    return "-Copy" not in path.name, numbers, str(path)


class Extractor(ExtractorPlugin):
    """Unpacks what a learning platform gives, file by file, and leaves one notebook per student."""

    def extract(self, archive_path, extracted_path):
        for source in sorted(Path(archive_path).rglob("*")):
            if source.is_file():
                self.unpack(source, Path(extracted_path, source.relative_to(archive_path)).parent)
        self.leave_the_newest(Path(extracted_path))

    def unpack(self, source, folder):
        folder.mkdir(parents=True, exist_ok=True)
        if source.suffix not in self.zip_ext:
            shutil.copy(source, folder)
            return
        try:
            unzip(str(source), str(folder), self.zip_ext, create_own_folder=True, tree=True)
        except Exception as error:  # one bad file must not keep the rest of a class out
            self.log.error("Cannot be unpacked, so nothing in it is collected: %s", source)
            self.log.error("  %s", error)

    def leave_the_newest(self, folder):
        belongs_to = FileNameCollectorPlugin(parent=self.parent).named_regexp
        notebooks = {}
        for path in sorted(folder.rglob("*.ipynb"), key=attempt):
            found = re.match(belongs_to, str(path))
            if found is None:
                continue  # what collects the files names it in the log
            whose = found["student_id"], found["file_id"]
            if whose in notebooks:
                older = notebooks[whose]
                self.log.warning("%s handed in more than once: %s, not %s", whose[0], path, older)
                older.unlink()
            notebooks[whose] = path


class SubmittedNotebook(NotebookExporter):
    """Reads a submission; what is wrong with it concerns its student alone."""

    def from_file(self, file_stream, resources=None, **kwargs):
        text = file_stream.read().removeprefix("\ufeff")  # the byte-order mark of some editors
        return super().from_file(io.StringIO(text), resources, **kwargs)

    def from_notebook_node(self, nb, resources=None, **kwargs):
        try:
            return super().from_notebook_node(nb, resources, **kwargs)
        except (SchemaTooOldError, SchemaTooNewError) as error:  # would end the grading of all
            raise ValueError(f"cells marked by another version of nbgrader: {error}") from error


class OneOfEach(NbGraderPreprocessor):
    """Of cells with one name, which splitting or copying a cell makes, the last is graded.

    The others run as ordinary code. Of a written answer nothing is left out: the parts are joined.
    """

    def preprocess(self, nb, resources):
        last = {}
        for cell in reversed(nb.cells):
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in last:
                student = resources["nbgrader"]["student"]
                self.log.warning("%s has the cell %s more than once", student, name)
                del cell.metadata["nbgrader"]
                if cell.cell_type == "markdown":
                    last[name].source = f"{cell.source}\n\n{last[name].source}"
            elif name is not None:
                last[name] = cell
        return nb, resources


class WithoutForeignMarks(NbGraderPreprocessor):
    """A cell that this homework does not know, pasted from another, is ordinary code."""

    def preprocess_cell(self, cell, resources, index):
        if "grade_id" not in cell.metadata.get("nbgrader", {"grade_id": None}):
            del cell.metadata["nbgrader"]
        return cell, resources
