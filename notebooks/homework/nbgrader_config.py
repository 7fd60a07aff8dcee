"""How nbgrader runs this course. What belongs to a class lies in ``class/``, which git ignores."""

import sys
from pathlib import Path

from nbgrader import preprocessors

sys.path.insert(0, str(Path(__file__).resolve().parent))

import submissions

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "gan"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "class")

# What stands in the place of a solution.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# Seconds that one cell may run while it is graded. The longest of the masters takes ten.
c.ExecutePreprocessor.timeout = 120

# What classes really send in: split and copied cells, archives from a Mac, second attempts, ...
c.ZipCollectApp.extractor_plugin = submissions.Extractor
c.FileNameCollectorPlugin.named_regexp = submissions.NAMES
c.Autograde.exporter_class = submissions.SubmittedNotebook
c.Autograde.sanitize_preprocessors = [
    preprocessors.ClearOutput,
    submissions.OneOfEach,
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    submissions.WithoutForeignMarks,
    preprocessors.CheckCellMetadata,
]
