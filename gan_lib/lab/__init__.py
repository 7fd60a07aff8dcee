"""The GAN lab: a live GAN in two dimensions, for a notebook and for a page without a kernel.

``lab()`` shows it. One front end, in JavaScript, draws what an engine sends; the engine here trains
with the course's own nets, games and loop, and the one in ``web/`` does the same in a browser.
"""

from .engine import EXPERIMENTS, Engine
from .measures import NoiseFloor, histogram_js, numbers
from .recipe import Recipe, recipe
from .run import Moment, Run
from .strokes import read_strokes, write_strokes
from .widget import Lab, lab
