"""Ten thousand damaged checkpoints: is each refused, by name, or else loaded as it was?

Every file begins as one good checkpoint, and is then spoilt in one of the ways of ``WAYS``. Where a
way changes what the header says, it also computes the digest anew, as somebody would who means to
deceive: such a file says what no run can have been.

    refused         ValueError that names the path
    harmless        it loads, and all that is loaded is as it was saved, bit for bit
    wrong           it loads, and something differs
    other           another exception, or a ValueError without the path
    hang            no answer within ten seconds
    nets changed    it was refused, and the nets given are not as they were

Run as: python tests/benchmarks/campaign.py --parts damage
"""

import collections
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import safetensors.torch
import torch
from patience import Hang, within
from PIL import Image
from torch import nn

from gan_lib import models, training
from gan_lib.checkpoint import format, load, save

FAILURES = ("wrong", "other", "hang", "nets changed")


def nets(hidden=(6, 6), seed=0):
    g = models.mlp_generator(3, (4,), hidden=hidden, seed=seed)
    return g, models.maxout_discriminator((4,), units=4, pieces=2, layers=1, seed=seed + 1)


def run(hidden=(6, 6), steps=12):
    """A short run with a history, averaged weights, and moments."""
    settings = dict(steps=30, noise_dim=3, batch_size=4, precision="float32")
    state = training.start(*nets(hidden), device="cpu", **settings)
    data = torch.rand(20, 4, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for step in training.record(training.train(state, data), state.history):
        if step.number == steps:
            return state


def everything(state):
    """All of a run as bytes and text, to be compared."""
    tensors, header = format.pack(state)
    bare = {name: t.numpy().tobytes() for name, t in tensors.items()}
    return bare, json.dumps(header, sort_keys=True)


# Ways to spoil the bytes of a file.


def flipped(good, rng):
    spoilt = bytearray(good)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        spoilt[rng.randrange(len(good))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def overwritten(good, rng):
    at, size = rng.randrange(len(good)), rng.choice([1, 4, 64, 512])
    return good[:at] + rng.randbytes(size) + good[at + size :]


def truncated(good, rng):
    return good[: rng.randrange(len(good))]


def headless(good, rng):
    return good[rng.randrange(1, len(good)) :]


def zeroed(good, rng):
    at, size = rng.randrange(len(good)), rng.choice([16, 512, 4096])
    return (good[:at] + bytes(size) + good[at + size :])[: len(good)]


def swapped(good, rng):
    size = rng.choice([16, 64, 512])
    a, b = sorted(rng.sample(range(0, len(good) - size, size), 2))
    return (
        good[:a] + good[b : b + size] + good[a + size : b] + good[a : a + size] + good[b + size :]
    )


def longer(good, rng):
    at, more = rng.randrange(len(good)), rng.choice([1, 8, 512])
    return rng.choice(
        [good + bytes(more), good + good, good[:at] + good[at : at + more] + good[at:]]
    )


def length_of_header(good, rng):
    """The eight bytes that say how long the header is."""
    true = int.from_bytes(good[:8], "little")
    lengths = [0, 1, true - 1, true + 1, 2 * true, len(good), 2**31, 2**63, 2**64 - 1]
    return rng.choice(lengths).to_bytes(8, "little") + good[8:]


def parts(good):
    """The tensors of a file, what the header says besides, and the run's own header."""
    length = int.from_bytes(good[:8], "little")
    metadata = json.loads(good[8 : 8 + length])["__metadata__"]
    return safetensors.torch.load(good), metadata, json.loads(metadata["state"])


def sealed(tensors, metadata, header):
    """A file of these parts, with a digest that fits."""
    text = json.dumps(header)
    seal = {"format": format.FORMAT, "state": text, "digest": format.digest(tensors, text)}
    return safetensors.torch.save(tensors, metadata | seal)


NONSENSE = [None, "x", -3, 1.5, 10**30, [], {}, [None], {"x": 1}, True, [-1], ["x", "y"], ""]


def impossible(good, rng):
    """An entry of the run's header that no run has."""
    tensors, metadata, header = parts(good)
    name = rng.choice(list(header))
    header[name] = rng.choice([value for value in NONSENSE if value != header[name]])
    if name == "data_shape" and header[name] == []:  # a run that has not begun
        header[name] = "x"
    return sealed(tensors, metadata, header)


def impossible_setting(good, rng):
    tensors, metadata, header = parts(good)
    name = rng.choice(list(header["settings"]))
    optional = ("average", "penalty_weight", "clip")
    wrong = [None, "x", -3, 1e400, [], {}, "\0"]
    anything = name in ("seed", *optional)  # of these, a number or nothing is a setting
    header["settings"][name] = rng.choice([v for v in wrong if not (anything and v in (None, -3))])
    return sealed(tensors, metadata, header)


def impossible_tensor(good, rng):
    """A tensor gone, of another shape or type; a state of the random numbers that is none."""
    tensors, metadata, header = parts(good)
    name = rng.choice([*tensors, "rng", "history"])
    tensor = tensors[name]
    ways = ["gone", "shorter", "more axes", "other type"]
    way = rng.choice([*ways, "noise"] if name == "rng" else ways)
    if way == "gone":
        del tensors[name]
    elif way == "shorter":
        tensors[name] = tensor.flatten()[:-1].clone() if tensor.numel() > 1 else torch.zeros(3)
    elif way == "more axes":
        tensors[name] = tensor[None, None].clone()
    elif way == "other type":
        tensors[name] = tensor.to(torch.float16 if tensor.dtype != torch.float16 else torch.int8)
    else:
        tensors[name] = torch.full_like(tensor, 255)
    return sealed(tensors, metadata, header)


def other_format(good, rng):
    tensors, metadata, header = parts(good)
    names = [None, "", "gan_lib checkpoint 3", "gan_lib checkpoint 99", "gan_lib", "pt"]
    metadata["format"] = rng.choice(names) or ""
    return safetensors.torch.save(tensors, metadata)


def other_file(good, rng):
    """Something else in its place."""
    return rng.choice(OTHERS)(rng)


def picture(rng):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def archive(rng):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("gan.safetensors", rng.randbytes(99))
    return buffer.getvalue()


def pickled(rng):
    buffer = io.BytesIO()
    torch.save(nets()[0].state_dict(), buffer)
    return buffer.getvalue()


def saved(state):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "other")
        save(path, state)
        return path.read_bytes()


def other_nets(rng):
    return saved(run(hidden=(5, 6), steps=1))


def no_game(rng):
    net = nn.Linear(2, 2)
    return saved(training.start_fit(net, device="cpu", precision="float32"))


OTHERS = [
    lambda rng: b"",
    lambda rng: "Not a checkpoint, but my notes: ä\n".encode(),
    lambda rng: rng.randbytes(rng.randrange(5000)),
    lambda rng: json.dumps({"__metadata__": {"format": format.FORMAT}}).encode(),
    lambda rng: safetensors.torch.save({"weight": torch.zeros(3)}),
    picture,
    archive,
    pickled,
    other_nets,
    no_game,
]
WAYS = [
    *[flipped] * 4,
    *[truncated] * 2,
    overwritten,
    headless,
    zeroed,
    swapped,
    longer,
    length_of_header,
    impossible,
    impossible_setting,
    impossible_tensor,
    other_format,
    other_file,
]


def try_to_load(path, given, expected):
    """What comes of a file, and what to print of it."""
    try:
        with within(10):
            state = load(path, *given, device="cpu")
    except Hang:
        return "hang", ""
    except ValueError as error:
        return ("refused", "") if str(path) in str(error) else ("other", repr(error))
    except Exception as error:
        return "other", repr(error)
    return ("harmless", "") if everything(state) == expected else ("wrong", "")


def weights(given):
    return [t.clone() for net in given for t in net.state_dict().values()]


def damaged(count, seed, tell=lambda line: None):
    """A count of what came of so many spoilt files; ``tell`` gets a line for each failure."""
    rng, found = random.Random(seed), collections.Counter(dict.fromkeys(FAILURES, 0))
    good, expected = saved(run()), everything(run())
    given = nets(seed=50)
    before, began = weights(given), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gan.safetensors")
        for i in range(count):
            way = rng.choice(WAYS)
            path.write_bytes(way(good, rng))
            word, text = try_to_load(path, given, expected)
            found[word] += 1
            if word in FAILURES:
                tell(f"file {i}, {way.__name__}: {word} {text[:200]}")
            moved = not all(map(torch.equal, before, weights(given)))
            if moved and word not in ("harmless", "wrong"):
                found["nets changed"] += 1
                tell(f"file {i}, {way.__name__}: {word}, but the nets have changed")
            if moved:
                given = nets(seed=50)
            if time.perf_counter() - began > 30:
                print(f"  {i + 1} of {count} files", flush=True)
                began = time.perf_counter()
    return found
