"""The figures of the course: one style, and the same meaning for the same colour everywhere.

Every function returns a matplotlib Figure that is already closed for pyplot: a notebook shows it
once, as its cell's value. ValueError says where curves, trees or images are none or do not fit.
"""

from .curves import distance_curves, training_curves
from .figure1 import Figure1, figure1_strip
from .images import image_grid, table
from .picture import png, still
from .plane import Plane, plane_strip
from .style import COLORS, LINES, STYLE, subplots
from .trees import code_tree, decision_tree
