"""nbgrader on a hub, for everybody. Copy it to etc/jupyter/ of the servers' environment."""

import os
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "gan"
c.Exchange.root = "/usr/local/share/nbgrader/exchange"

# Where homework is put and handed in from: beside the lessons, because hw1 links to ../01_….ipynb.
c.Exchange.assignment_dir = str(Path.home() / "gan")

# Validating and grading have kernels of their own: jupyter_server_config.py says why not TCP. Where
# their files are must be said, or each looks for them in the folder where it happens to be.
c.KernelManager.transport = "ipc"
c.KernelManager.ip = os.path.join(jupyter_runtime_dir(), f"nbgrader-{os.getpid()}")
