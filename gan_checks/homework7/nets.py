"""Four nets on one budget, told apart by what shuffled pixels do to them."""

import json

from gan_lib import files

from ..questions import LineUp, dealt
from .orders import rng_of

VAE, MADE, CONTEXT, PIXEL_CNN = NETS = ("VAE", "MADE", "context net", "PixelCNN")
RECORDED_AS = dict(zip(NETS, ("vae", "made", "context", "pixel_cnn")))


def who_is_who(variant):
    """{letter: name}."""
    return dealt(NETS, lambda variant: rng_of(7, variant), variant)


def four_nets(variant: int) -> dict[str, dict[str, float]]:
    """{letter: {"as they are", "shuffled", "asked again": nats}} of four recorded nets.

    The numbers are those of one of the recorded seeds, on 3 000 test digits.
    """
    record = json.loads((files.recorded("families") / "shuffled.json").read_text("utf-8"))["runs"]
    seeds = sorted({run["seed"] for run in record})
    seed = seeds[variant % len(seeds)]
    runs = {(run["family"], run["shuffled"]): run for run in record if run["seed"] == seed}
    found = {}
    for letter, name in who_is_who(variant).items():
        plain, shuffled = (runs[RECORDED_AS[name], mixed] for mixed in (False, True))
        found[letter] = {
            "as they are": plain["nats"],
            "shuffled": shuffled["nats"],
            "asked again": plain["again"],
        }
    return found


nets = LineUp(
    "four nets",
    "{letter: which net it is}, for the four rows of four_nets",
    NETS,
    who_is_who,
    {
        (VAE, MADE): "both are dense nets, and neither minds that pixels have moved. But this one "
        "gives another answer when it is asked again: it draws a code each time.",
        (MADE, VAE): "both are dense nets, and neither minds that pixels have moved. But this one "
        "gives the same answer twice, to the last digit: nothing is drawn.",
        (CONTEXT, PIXEL_CNN): "both look through a small window, and shuffling hurts both. But "
        "this one stays better than a coin for each place (205.8 nats): it is still told where it "
        "is.",
        (PIXEL_CNN, CONTEXT): "both look through a small window, and shuffling hurts both. But "
        "this one ends worse than a coin for each place (205.8 nats): it does not know where it "
        "is.",
        (VAE, ""): "a VAE's number is a bound, estimated with random codes: look at the last "
        "column.",
        (MADE, ""): "its masks let each pixel hear all that come before, wherever they lie. What "
        "does shuffling do to such a net?",
        (CONTEXT, ""): "it lives on neighbours: what does shuffling do to it?",
        (PIXEL_CNN, ""): "it lives on neighbours: what does shuffling do to it?",
    },
    once=True,
    passed="four nets: all four",
)
