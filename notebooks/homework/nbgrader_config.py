"""How nbgrader runs this course. What belongs to a class lies in ``class/``, which git ignores."""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "gan"
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "class")

# What stands in the place of a solution.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# Seconds that one cell may run while it is graded. The longest of the masters takes ten.
c.ExecutePreprocessor.timeout = 120

# Whose file is it? The student stands before the first underscore, or else before the slash:
# ada_hw1.ipynb, ada/hw1.ipynb, Moodle's "Ada Lovelace_42_assignsubmission_file/hw1.ipynb",
# Canvas's lovelaceada_42_77_hw1-1.ipynb.
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/\\](?P<student_id>(?!extracted[/\\])[^/\\_]+)(?:_[^/\\]*?)?[_/\\]"
    r"(?P<file_id>hw\d+)(?: ?\(\d+\)|-\d+)?\.ipynb$"
)
