"""Each user's server. Copy it to etc/jupyter/ of the servers' environment.

Kernels talk to their server over TCP by default, and whoever has an account on the machine can
listen: the code that somebody else runs, and what it prints. Over files in the user's own folder,
nobody can.
"""

c = get_config()  # noqa: F821  (Jupyter provides it)

c.KernelManager.transport = "ipc"
