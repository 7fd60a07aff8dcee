"""The pictures of the first page: made by docs/picture.py, of what the notebooks store, and in
words wherever they are shown."""

import importlib.util
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

import gan_checks

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
README = (ROOT / "README.md").read_text(encoding="utf-8")
spec = importlib.util.spec_from_file_location("picture", ROOT / "docs" / "picture.py")
picture = importlib.util.module_from_spec(spec)
spec.loader.exec_module(picture)
STILL = picture.still_pictures()


def frames():
    with Image.open(PICTURES / "moving.gif") as moving:
        for number in range(moving.n_frames):
            moving.seek(number)
            yield moving.convert("RGB"), dict(moving.info)


FRAMES = list(frames())


@pytest.mark.parametrize("name", STILL)
def test_a_still_picture_is_what_its_notebook_stores(name):
    """If this fails, a notebook was run anew: python docs/picture.py, and look at it."""
    with Image.open(PICTURES / f"{name}.png") as kept:
        assert kept.size == STILL[name].size
        assert ImageChops.difference(kept.convert("RGB"), STILL[name]).getbbox() is None


def test_there_are_no_other_pictures_and_the_readme_shows_each():
    names = {path.name for path in PICTURES.iterdir()}
    assert names == {"moving.gif", *(f"{name}.png" for name in STILL)}
    assert names == set(re.findall(r'"docs/pictures/([^"]+)"', README))


def test_every_picture_of_the_readme_is_put_into_words():
    words = re.findall(r'<img [^>]*alt="([^"]*)"', README)
    assert len(words) == README.count("<img ") == len(STILL)
    assert all(8 <= len(each.split()) <= 75 for each in words)


def test_the_moving_picture_is_small_short_and_rests_at_its_end():
    assert (PICTURES / "moving.gif").stat().st_size <= 1.5e6
    (first, info), lasting = FRAMES[0], [info["duration"] for _, info in FRAMES]
    assert first.size == (2 * picture.WIDTH + picture.GAP, picture.HEIGHT) and first.width <= 860
    assert info["loop"] == 0  # for ever
    assert set(lasting[:-1]) == {picture.MILLISECONDS} and lasting[-1] == picture.REST >= 2000
    assert 5000 <= sum(lasting) <= 10_000


def test_who_dislikes_motion_is_shown_the_still_picture():
    assert 'media="(prefers-reduced-motion: reduce), print" srcset="docs/pictures/still.png"' in (
        README
    )


def test_both_games_move_in_every_frame():
    right = picture.WIDTH + picture.GAP
    halves = [(0, 0, picture.WIDTH, picture.HEIGHT), (right, 0, *FRAMES[0][0].size)]
    for (one, _), (other, _) in itertools.pairwise(FRAMES):
        for half in halves:
            assert ImageChops.difference(one.crop(half), other.crop(half)).getbbox()


def shades(image, left, top):
    """A digit as dark as it is drawn, from 0 to 1: (28, 28), of one that is enlarged twice."""
    cell = image.convert("L").crop((left + 2, top + 2, left + 58, top + 58))
    return 1 - np.asarray(cell)[::2, ::2] / 255


@pytest.mark.parametrize(("frame", "row"), [(0, 0), (-1, 5)], ids=["untrained", "the end"])
def test_the_moving_digits_are_those_of_the_notebook(frame, row):
    """The same ten points z, drawn before the first step and after the last, to a few shades."""
    kept, moving = picture.stored(*picture.DIGITS), FRAMES[frame][0]
    first = kept.width - 609, 10  # where Jupyter's margins leave the first of ten columns
    for digit in range(10):
        down, across = divmod(digit, picture.COLUMNS)
        left, top = picture.WIDTH + picture.GAP + 60 * across, picture.TITLE + 60 * down
        error = shades(moving, left, top) - shades(kept, first[0] + 60 * digit, first[1] + 60 * row)
        assert np.abs(error).max() < 0.1, digit


def test_the_readme_quotes_what_a_check_says():
    wrong = re.search(r"To `(.*)` for an entropy they say", README)[1]
    quoted = " ".join(re.search(r"they say:\n\n((?:> .*\n)+)", README)[1].replace("> ", "").split())
    with pytest.raises(gan_checks.NotYet) as said:
        gan_checks.entropy(eval(f"lambda p: {wrong}", {"np": np}))
    assert str(said.value) == f"entropy: {quoted}"
