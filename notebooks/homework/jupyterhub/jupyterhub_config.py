"""A JupyterHub for this course on one machine, for people who have an account there.

Copy it to /etc/jupyterhub/. The README beside it says what else there is to do.
"""

import os
import sys

c = get_config()  # noqa: F821  (JupyterHub provides it)

# On loopback, until a web server that speaks HTTPS stands before it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# People log in with the name and the password of their account, if it is in this group.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"gan"}

# Each server is a process of its user, so the machine keeps people apart. ("simple" would not.)
c.JupyterHub.spawner_class = "localprocess"
BIN = os.path.join(sys.prefix, "bin")
c.Spawner.cmd = [os.path.join(BIN, "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = 120  # seconds: torch and forty students on a Monday morning
c.Spawner.environment = {
    "PATH": os.pathsep.join([BIN, os.environ["PATH"]]),  # nbgrader calls other programs by name
    "OMP_NUM_THREADS": "1",  # or each kernel takes all cores
    # "GAN_LIB_DATA": "/srv/mnist",  # MNIST's four files, so that not everybody downloads them
}

# An hour after somebody has left, their server and its kernels end. Their files stay.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
