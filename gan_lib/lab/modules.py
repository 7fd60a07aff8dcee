"""The lab's JavaScript for Jupyter, where a widget is one module: several files as one text."""

import re
from pathlib import Path

WEB = Path(__file__).parent / "web"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.MULTILINE)


def joined(name: str) -> str:
    """A module of ``web/`` and all that it imports, each before who needs it, as one module.

    The site serves the files as they are. What is joined must not call two things by one name.
    """
    texts: dict[str, str] = {}
    _gather(name, texts)
    *others, last = texts.values()
    return "\n".join([*(EXPORT.sub("", text) for text in others), last])


def _gather(name, texts):
    if name in texts:
        return
    text = (WEB / name).read_text(encoding="utf-8")
    for needed in IMPORT.findall(text):
        _gather(needed, texts)
    texts[name] = IMPORT.sub("", text)
