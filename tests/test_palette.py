"""The palette as colour-blind readers see it: colours that meet in one figure stay apart.

Colour blindness is simulated after Machado, Oliveira and Fernandes (2009), at severity 1.0, in
linear RGB; distances are those of CIELAB (CIE 1976), in which about 2.3 is just seen. Lines differ
in style, too.
"""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gan_lib.plotting import COLORS, LINES

MACHADO = {  # Machado, Oliveira, Fernandes (2009), table 1, severity 1.0
    "normal vision": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = TO_XYZ.sum(axis=1)  # D65
APART = 15  # in CIELAB: more than six times what is just seen
TOGETHER = [  # names that meet in one pair of axes
    ["p_data", "p_g", "D", "D*"],  # Figure 1
    ["p_data", "p_g", "forward KL"],  # 03, the shade
    ["forward KL", "JS", "total variation", "Wasserstein"],  # 03, two boxes
    ["p_data", "forward KL", "reverse KL", "JS"],  # 07
    ["p_g", "D", "JS"],  # 04, a map with a mark; 10, three runs
    ["p_data", "D", "D*", "JS"],  # 05
]
PAIRS = sorted({pair for names in TOGETHER for pair in itertools.combinations(sorted(names), 2)})


def drawn(name):
    """The colour of a name on white paper, as its line is drawn, opaque or not."""
    alpha = LINES.get(name, {}).get("alpha", 1)
    return alpha * np.array(to_rgb(COLORS[name])) + 1 - alpha


def linear(color):
    """sRGB to linear RGB."""
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Linear RGB to CIELAB under D65."""
    ratio = TO_XYZ @ rgb / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(color, vision):
    """The colour in CIELAB, as somebody with this vision sees it."""
    return lab(np.clip(np.asarray(MACHADO[vision]) @ linear(color), 0, 1))


def distance(one, other, vision):
    return np.linalg.norm(seen(one, vision) - seen(other, vision))


def test_lab_of_known_colours():
    assert np.allclose(seen("white", "normal vision"), [100, 0, 0], atol=0.01)
    assert np.allclose(seen("black", "normal vision"), 0, atol=0.01)
    assert np.allclose(seen("red", "normal vision"), [53.24, 80.09, 67.20], atol=0.02)


@pytest.mark.parametrize("vision", MACHADO)
def test_greys_stay_grey(vision):
    """Each row of a simulation sums to 1, so that it changes no grey."""
    assert np.allclose(np.sum(MACHADO[vision], axis=1), 1, atol=1e-5)


def test_the_simulation_confuses_what_it_should():
    """A red and a green of one lightness, far apart for most, nearly agree in deuteranopia."""
    red, green = "#c87000", "#8a9000"
    assert distance(red, green, "deuteranopia") < 0.4 * distance(red, green, "normal vision")


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_colours_that_meet_stay_apart(pair, vision):
    assert distance(*map(drawn, pair), vision) >= APART


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("name", COLORS)
def test_every_colour_stands_out_from_the_paper(name, vision):
    assert distance(drawn(name), "white", vision) >= APART


def test_lines_differ_in_style_as_well_as_in_colour():
    """In black and white, too: no two lines have both the same dashes and about the same width."""
    looks = {name: (line["linestyle"], round(line["linewidth"])) for name, line in LINES.items()}
    assert len(set(looks.values())) == len(looks), looks
