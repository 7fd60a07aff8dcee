"""Drawings in the plane as short texts: four characters a vertex, strokes joined by dots."""

import math

WINDOW = 3.0  # the plane is [-3, 3] in both directions
LEVELS = 4096  # places of a coordinate, in two characters of six bits
MOST_VERTICES = 400
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Strokes = tuple[tuple[tuple[float, float], ...], ...]


def read_strokes(text: str) -> Strokes:
    """The polylines that a text stands for; none for an empty one.

    Raises
    ------
    ValueError
        For a text that is no drawing, or one of more than 400 vertices.
    """
    if not isinstance(text, str):
        raise ValueError(f"strokes must be a text, not {text!r}")
    if len(text) > 5 * MOST_VERTICES:
        raise ValueError(f"strokes must have at most {MOST_VERTICES} vertices")
    if any(letter not in ALPHABET + "." for letter in text):
        raise ValueError("strokes must be made of letters, digits, -, _ and dots between strokes")
    words = text.split(".") if text else []
    if any(not word or len(word) % 4 for word in words):
        raise ValueError("strokes must have four characters for each vertex")
    if sum(map(len, words)) > 4 * MOST_VERTICES:
        raise ValueError(f"strokes must have at most {MOST_VERTICES} vertices")
    return tuple(tuple(_vertices(word)) for word in words)


def write_strokes(strokes: Strokes) -> str:
    """The text for polylines, whose vertices are moved to the nearest places on a fine lattice.

    Raises
    ------
    ValueError
        For more than 400 vertices, a stroke without any, or one that is not two finite numbers.
    """
    try:
        vertices = [tuple(map(float, vertex)) for stroke in strokes for vertex in stroke]
    except (TypeError, ValueError):
        raise ValueError("strokes must be made of points (x, y)") from None
    if not all(map(len, strokes)) or len(vertices) > MOST_VERTICES:
        raise ValueError(f"strokes must have vertices, at most {MOST_VERTICES} in all")
    if not all(len(vertex) == 2 and all(map(math.isfinite, vertex)) for vertex in vertices):
        raise ValueError("strokes must be made of points (x, y)")
    return ".".join("".join(_pair(c) for vertex in stroke for c in vertex) for stroke in strokes)


def _vertices(word):
    places = [64 * ALPHABET.index(a) + ALPHABET.index(b) for a, b in zip(word[::2], word[1::2])]
    coordinates = [-WINDOW + 2 * WINDOW * (place + 0.5) / LEVELS for place in places]
    return zip(coordinates[::2], coordinates[1::2])


def _pair(coordinate):
    place = int((coordinate + WINDOW) / (2 * WINDOW) * LEVELS)
    place = min(max(place, 0), LEVELS - 1)
    return ALPHABET[place // 64] + ALPHABET[place % 64]
