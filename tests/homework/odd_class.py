"""What classes send in: one hw1 after another, each odd in its own way.

Of each student: what arrives, which points are lost, and what the instructor's table must say. All
know the answers, so what is lost is lost by the oddity.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import masters
from classroom import WRITTEN, handed_in
from oddities import (
    ASKS,
    CRASH,
    FLOOD,
    FULL,
    LOOP,
    LOST,
    NOISE,
    RIGHT,
    STUBBORN,
    WIPES,
    body,
    changed,
    cheated,
    copied,
    decorated,
    from_windows,
    mac,
    pasted,
    split,
    text,
    third,
    typed_anew,
    unmarked,
    without_checks,
    zipped,
)


@dataclass
class Odd:
    """What a student hands in, and what comes of it."""

    what: str
    files: dict  # {path in the archive: notebook, text, or bytes}
    said: tuple = ()  # in the table, of what happened
    lost: frozenset | None = frozenset()  # checks that earn nothing; None: there is no grade


def odd_cells(perfect):
    """Whose cells are odd."""
    return {
        "12345": Odd(
            "an answer and a text split",
            {"12345_hw1.ipynb": changed(perfect, split)},
            ("the cell entropy more than once", "the cell gibbs more than once"),
        ),
        "ada_b": Odd(
            "a check copied above its task, an answer below",
            {"ada_b_hw1.ipynb": changed(perfect, copied)},
            ("the cell test_entropy more than once",),
        ),
        "ada_c": Odd(
            "cells of hw2, marks that say nothing",
            {"ada_c/hw1/hw1.ipynb": changed(perfect, pasted)},
            ("cells of another homework: kl",),
        ),
        "O'Brien [x] *": Odd(
            "two checks deleted, one answer wrong",
            {"O'Brien [x] *_hw1.ipynb": changed(perfect, without_checks)},
            ("missing: test_entropy, test_decode",),
            LOST,
        ),
        "typed": Odd(
            "answers alone, in a fresh notebook",
            {"typed_hw1.ipynb": changed(perfect, typed_anew)},
            ("taken for: conditional", "missing: setup"),
        ),
        "unmarked": Odd(
            "all cells without metadata",
            {"unmarked_hw1.ipynb": changed(perfect, unmarked)},
            ("taken for: setup", "missing: gibbs, explain"),
        ),
        "cheat": Odd(
            "checks, points and setup edited; a tag",
            {"cheat_hw1-Copy1.ipynb": changed(perfect, cheated)},
            ("edited, and put back: setup, test_entropy",),
            LOST,
        ),
        "other": Odd(
            "hw2 under this name",
            {"other_hw1.ipynb": masters.read("hw2")},
            ("cells of another homework: ", "missing: "),
            frozenset(FULL),
        ),
    }


def odd_files(perfect, blank):
    """Whose files are odd."""
    whole, nfc = text(perfect), unicodedata.normalize("NFC", "José Müller")
    nfd = unicodedata.normalize("NFD", nfc)
    windows = text(changed(perfect, from_windows)).replace("\n", "\r\n")
    return {
        "mac": Odd("a Mac's zip, a byte-order mark", {"mac.zip": mac(whole.encode("utf-8-sig"))}),
        "moodle": Odd(
            "Moodle's zip, UTF-16",
            {
                "a.zip": zipped(
                    {"moodle_42_assignsubmission_file/hw1.ipynb": whole.encode("utf-16")}
                )
            },
        ),
        "canvas": Odd(
            "Canvas's zip, late, CRLF, no cell ids",
            {"b.zip": zipped({"canvas_LATE_42_77_hw1-1.ipynb": windows})},
            ("late, as the platform says",),
        ),
        "王小明": Odd(
            "notebook format 3, a date beside it",
            {"王小明/hw1.ipynb": third(perfect), "王小明/timestamp.txt": "2026-11-03 00:30 UTC"},
        ),
        nfc: Odd(
            "twice, the name in two Unicode forms",
            {f"{nfd}_hw1.ipynb": blank, f"{nfc}_hw1 (1).ipynb": perfect},
            ("handed in more than once",),
        ),
        "renamed": Odd(
            "'Homework 1 final', R's kernel, old marks, attachment, widgets; checkpoints",
            {
                "renamed/Homework 1 final.ipynb": changed(perfect, decorated),
                "renamed/.ipynb_checkpoints/hw1-checkpoint.ipynb": blank,
            },
        ),
        "empty": Odd("an empty file", {"empty_hw1.ipynb": b""}, ("NO GRADE: not a note",), None),
        "cut off": Odd(
            "half a file",
            {"cut off_hw1.ipynb": whole[: len(whole) // 2]},
            ("NO GRADE: not a notebook",),
            None,
        ),
        "paper": Odd(
            "a PDF", {"paper_hw1.pdf": b"%PDF-1.7"}, ("paper_hw1.pdf: not a notebook",), None
        ),
        "broken": Odd("no zip", {"broken.zip": b"Rar!"}, ("broken.zip: cannot be unpacked",), None),
        "": Odd(
            "a file without a student",
            {"Homework 1.ipynb": perfect},
            ("Homework 1.ipynb: does not say whose it is",),
            None,
        ),
    }


def odd_code(release, blank):
    """Whose code is odd."""

    def answers(changes):
        return handed_in(release, RIGHT | changes, WRITTEN)

    kills = {task: body(task, CRASH) for task in RIGHT if task != "curve"}
    noisy = {"posterior": body("posterior", WIPES + NOISE, True)}
    fatal = ("ended Python, or could not be stopped: test_entropy",)
    return {
        "noisy": Odd(
            "deletes its folder, leaves it, warns, prints 3 MB",
            {"noisy_hw1.ipynb": answers(noisy | {"entropy": body("entropy", FLOOD, True)})},
            ("printed too much, cut: test_entropy",),
        ),
        "asks": Odd(
            "input(); and a blank spare copy",
            {
                "asks_hw1-Copy1.ipynb": blank,
                "asks_hw1.ipynb": answers({"entropy": body("entropy", ASKS)}),
            },
            ("asks for input, which nobody types: entropy", "asks_hw1.ipynb was taken"),
            LOST,
        ),
        "loop": Odd(
            "an endless loop",
            {"loop_hw1.ipynb": answers({"entropy": body("entropy", LOOP)})},
            (" s: test_entropy",),
            LOST,
        ),
        "stubborn": Odd(
            "a loop that cannot be interrupted",
            {"stubborn_hw1.ipynb": answers({"entropy": body("entropy", STUBBORN)})},
            fatal,
            LOST,
        ),
        "crash": Odd(
            "kills Python",
            {"crash_hw1.ipynb": answers({"entropy": body("entropy", CRASH)})},
            fatal,
            LOST,
        ),
        "crashes": Odd(
            "kills Python in every task",
            {"crashes_hw1.ipynb": answers(kills)},
            ("NO GRADE: ended Python again and again",),
            None,
        ),
    }


def handed_in_by(release):
    """{student: what arrives}, for a release of hw1."""
    perfect, blank = handed_in(release, RIGHT, WRITTEN), handed_in(release, {})
    return odd_cells(perfect) | odd_files(perfect, blank) | odd_code(release, blank)


def on_arrival(student):
    """The name under which a student is graded: nbgrader cannot work with brackets and stars."""
    return student.translate(str.maketrans("[]*", "()-"))


def arrive(odd, archive):
    """Put a student's files where the platform's downloads are put."""
    for name, content in odd.files.items():
        path = Path(archive, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content = content if isinstance(content, str) else text(content)
            path.write_text(content, encoding="utf-8")
