"""Where the course can be had: the addresses behind the badges, the launch buttons and the first
cell of each notebook.

A copy of the course does not know where it will be published. Whoever publishes it says so, once:

    python docs/address.py https://github.com/somebody/course

The README's badges then lead to that repository, CITATION.cff names it, and a notebook that is
opened without the rest of the course, as on Colab, installs gan_lib from there. Until then it looks
for gan_lib in the folders above.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
FIRST = "notebooks/00_start_here.ipynb"
INSTALLS = re.compile(r"(%pip install --quiet )(\S+?)(?=\\n|\"|\s|$)")
BADGES = re.compile(r"^\[!\[Binder\].*$", re.MULTILINE)
CITED = re.compile(r"^(?:# )?repository-code: .*$", re.MULTILINE)


def as_https(address):
    """An address as git knows it as the https address of the repository, or "" where it has
    none."""
    address = (
        re.sub(r"^git@([^:]+):", r"https://\1/", address.strip()).rstrip("/").removesuffix(".git")
    )
    return address if re.fullmatch(r"https://[^/\s]+/\S+", address) else ""


def repository():
    """The https address of the repository: COURSE_REPOSITORY, or what git calls origin, or ""
    where there is none."""
    address = os.environ.get("COURSE_REPOSITORY", "")
    if not address:
        command = ["git", "-C", str(ROOT), "config", "--get", "remote.origin.url"]
        try:
            address = subprocess.run(command, capture_output=True, text=True).stdout
        except OSError:  # no git
            pass
    return as_https(address)


def binder(address, notebook=FIRST):
    """Where Binder opens a notebook of the repository at ``address``; where that is "", Binder's
    form."""
    if not address:
        return "https://mybinder.org/"
    host, _, path = address.removeprefix("https://").partition("/")
    place = f"gh/{path}" if host == "github.com" else f"git/{quote(address, safe='')}"
    return f"https://mybinder.org/v2/{place}/HEAD?urlpath=lab/tree/{quote(notebook)}"


def colab(address, notebook=FIRST):
    """Where Colab opens a notebook of the repository at ``address``; "" where it cannot, since
    it knows GitHub only."""
    path = address.removeprefix("https://github.com/")
    return (
        f"https://colab.research.google.com/github/{path}/blob/HEAD/{quote(notebook)}"
        if path != address
        else ""
    )


def badges(address):
    """The README's line of badges."""
    shown = [f"[![Binder](https://mybinder.org/badge_logo.svg)]({binder(address)})"]
    if colab(address):
        shown.append(
            f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab(address)})"
        )
    return " ".join(shown)


def publish(address, root=ROOT):
    """Write the address into README.md, CITATION.cff, the lessons and the homework in ``root``.

    Raises: ValueError for what is no https address.
    """
    given, address = address, as_https(address)
    if not address:
        raise ValueError(
            "the address must be that of a repository, such as "
            f"https://github.com/somebody/course, not {given!r}"
        )
    changes = {
        root / "README.md": (BADGES, lambda found: badges(address)),
        root / "CITATION.cff": (CITED, lambda found: f"repository-code: {address}"),
    }
    lessons = (root / "notebooks").glob("[0-9][0-9]_*.ipynb")
    homework = (root / "notebooks" / "homework").glob("hw*.ipynb")
    for path in sorted([*lessons, *homework]):
        changes[path] = INSTALLS, rf"\g<1>git+{address}"
    written = {}
    for path, (pattern, replacement) in changes.items():
        written[path], count = pattern.subn(replacement, path.read_text(encoding="utf-8"))
        if count != 1:
            raise ValueError(f"{path.name} has {count} places for the address, not one")
    for path, text in written.items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        publish(sys.argv[1])
    except ValueError as error:
        sys.exit(str(error))
