"""nbgrader on a hub, for everybody. Copy it to etc/jupyter/ of the servers' environment."""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "gan"
c.Exchange.root = "/usr/local/share/nbgrader/exchange"

# Where homework is put and handed in from: beside the lessons, because hw1 links to ../01_….ipynb.
c.Exchange.assignment_dir = str(Path.home() / "gan")

# Validating and grading have kernels of their own: jupyter_server_config.py says why not TCP.
c.KernelManager.transport = "ipc"
