"""nbgrader for the account that grades, whose clone is ~/course. Copy it to ~/.jupyter/, under the
name nbgrader_config.py."""

from pathlib import Path

# How this course is graded, and where: in ~/course/notebooks/homework/class.
load_subconfig(  # noqa: F821  (nbgrader provides it)
    "nbgrader_config.py", path=str(Path.home() / "course" / "notebooks" / "homework")
)
