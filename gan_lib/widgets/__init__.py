"""The interactive figures: thin, over the pure functions of ``plotting``.

A callback sets the ``value`` of an ``ipywidgets.Image`` and of a label; it never prints or plots
into an Output widget. That is smoother to drag, and nothing of it leaks into the stored outputs
that ``pytest --nbval`` compares. The one that needs JavaScript of its own, ``plane_map``, has it
beside it as plain source, with no build step.
"""

from .consulting import consultation
from .exploring import explore, retrainer, scrubber
from .following import LivePicture, progress
from .panel import Panel, Picture
from .plane_map import plane_map
from .predicting import predict, reveal
