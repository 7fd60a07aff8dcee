"""Which probe to ask first, given what is seen: the clinic's page for the wall, as data.

Lesson 15 draws and prints it, and the site has a page of it: all of them are made from SYMPTOMS.
"""

from typing import NamedTuple


class Cause(NamedTuple):
    """A probe of ``diagnose``, the bug of ``clinic`` that it finds, and the line to look at."""

    probe: str
    bug: str
    line: str


class Symptom(NamedTuple):
    """What is seen without a probe, and what to ask then, in this order."""

    seen: str
    causes: tuple[Cause, ...]


QUESTIONS = {
    "ranges": "do the data fill the range of G's last function?",
    "moved weights": "which weights does each optimiser move?",
    "stale gradients": "is the gradient 0 before a step adds to it?",
    "leaked gradients": "does D's loss send a gradient to G's step?",
    "directions": "do both losses pull D's answer opposite ways?",
    "sigmoids": "does the loss get logits, or sigmoids?",
    "random state": "does torch's random state ever come back?",
    "noise": "is each step's noise new?",
    "BatchNorm": "is the standard deviation after BatchNorm 1?",
    "mixed batches": "do the fakes beside a real one change D's answer?",
}
"""For each probe of ``diagnose``, what it asks.

:meta hide-value:
"""

SYMPTOMS = (
    Symptom(
        "both losses fall to 0",
        (Cause("directions", "labels are turned for G", "the labels, or the sign, of G's loss"),),
    ),
    Symptom(
        "D's loss far above log 4",
        (
            Cause(
                "moved weights",
                "D's optimiser holds G's weights",
                "the parameters that each optimiser is given",
            ),
            Cause(
                "stale gradients",
                "zero_grad of D is missing",
                "zero_grad, of both optimisers, in every step",
            ),
        ),
    ),
    Symptom(
        "D is always right, and G never gets better",
        (
            Cause(
                "mixed batches",
                "reals and fakes in one batch of a D with BatchNorm",
                "D(torch.cat([real, fake])): two calls, or no BatchNorm in D",
            ),
        ),
    ),
    Symptom(
        "losses dead flat at log 4, log 2",
        (Cause("sigmoids", "sigmoid twice", "D's last layer, and the name of the loss"),),
    ),
    Symptom(
        "losses in bounds, drawings grey or speckled",
        (
            Cause(
                "ranges", "data in [0, 1] for a tanh", "where data are scaled, and G's last layer"
            ),
            Cause("leaked gradients", "no detach in D's loss", "fake.detach() in D's loss"),
        ),
    ),
    Symptom(
        "all looks well, or only a little worse than it should",
        (
            Cause(
                "random state",
                "a seed is set inside logging",
                "manual_seed: once, at the top, or on a generator of its own",
            ),
            Cause(
                "noise",
                "G's noise is the same in each step",
                "where noise is drawn: inside the step, from one generator",
            ),
            Cause(
                "BatchNorm",
                "BatchNorm1d's second number is eps",
                "BatchNorm1d(n, 0.8): eps; the momentum has a name of its own",
            ),
        ),
    ),
)
"""What one sees, in the order of alarm, and for each the probes to ask.

:meta hide-value:
"""


def tree() -> list[tuple[str, list[tuple[str, str]]]]:
    """What ``plotting.decision_tree`` draws: of each symptom what is seen, and (question, bug)s."""
    return [
        (seen, [(QUESTIONS[cause.probe], cause.bug) for cause in causes])
        for seen, causes in SYMPTOMS
    ]


def text() -> str:
    """The page in plain words, a line for each probe."""
    lines = []
    for seen, causes in SYMPTOMS:
        lines.append(f"You see: {seen}.")
        for probe, bug, line in causes:
            lines.append(f"  Ask {probe}: {QUESTIONS[probe]}")
            lines.append(f"    If not as it should be: {bug}.")
            lines.append(f"    Look at {line}.")
    return "\n".join(lines)


def page() -> str:
    """The page in Markdown: a table for each symptom."""
    parts = []
    for seen, causes in SYMPTOMS:
        rows = [f"| **{c.probe}**: {QUESTIONS[c.probe]} | {c.bug} | {c.line} |" for c in causes]
        head = ["| ask | if it fails | look at |", "|---|---|---|"]
        parts.append("\n".join([f"## You see: {seen}", "", *head, *rows, ""]))
    return "\n".join(parts)
