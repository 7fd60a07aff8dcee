"""How nbgrader runs this course. What belongs to a class lies in ``class/``, which git ignores."""

import sys
from pathlib import Path

from nbgrader import preprocessors

sys.path.insert(0, str(Path(__file__).resolve().parent))

import reading
import running
import submissions

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "gan"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "class")

# What stands in the place of a solution.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# Seconds that one cell may run while it is graded. The longest of the masters takes ten.
c.ExecutePreprocessor.timeout = 120

# After a cell has ended, or has been stopped: seconds to wait for what it printed.
c.ExecutePreprocessor.iopub_timeout = 20

# What classes really send in: archives from a Mac, second attempts, split cells, endless loops, ...
c.ZipCollectApp.extractor_plugin = submissions.Extractor
c.ZipCollectApp.collector_plugin = submissions.Collector
c.FileNameCollectorPlugin.named_regexp = submissions.NAMES
c.Autograde.exporter_class = reading.SubmittedNotebook
c.Autograde.sanitize_preprocessors = [
    reading.Start,
    preprocessors.ClearOutput,
    reading.WithoutForeignMarks,
    reading.OneOfEach,
    reading.Complete,
    preprocessors.OverwriteKernelspec,
    preprocessors.OverwriteCells,
    preprocessors.CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    running.Run,
    preprocessors.LimitOutput,
    preprocessors.SaveAutoGrades,
    preprocessors.AssignLatePenalties,
    preprocessors.CheckCellMetadata,
    reading.Finish,
]
