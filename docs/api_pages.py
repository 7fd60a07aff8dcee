"""How the pages of gan_lib show what a package offers, parameters, and types."""

import dataclasses
import inspect
import pkgutil
import re
from types import ModuleType

from numpy.typing import ArrayLike
from sphinx.ext.napoleon import NumpyDocstring
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.typing import stringify_annotation

from gan_lib import models

SEEDED = [thing for thing in vars(models).values() if hasattr(thing, "__signature__")]
"""Builders of nets: their decorator adds ``seed``, which the source that Sphinx reads lacks."""
for builder in SEEDED:
    del builder.__signature__


def public_names(package: ModuleType) -> str:
    """Directives for what a package offers under its own name, wherever in it that is defined."""
    text = ""
    for name, thing in list(vars(package).items()):  # an attribute may import more
        if isinstance(thing, type):
            kind = "autoexception" if issubclass(thing, Exception) else "autoclass"
            text += f".. {kind}:: {package.__name__}.{name}\n\n"
        elif inspect.isfunction(thing) and not name.startswith("_"):
            text += f".. autofunction:: {package.__name__}.{name}\n\n"
        elif home := _home_of_constant(name, package):
            text += f".. autodata:: {home}.{name}\n\n"
    return text


def _home_of_constant(name, package):
    """The module of the package that defines it, if it says there what the constant is for."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if ("", name) in ModuleAnalyzer.for_module(module.name).find_attr_docs():
            return module.name


_format_field = NumpyDocstring._format_field


def _format_parameter(docstring, name, what, more):
    """Napoleon takes what stands behind a parameter's name for a type; here it says more."""
    if name and what:
        what, more = "", [what, *more]
    return _format_field(docstring, name, what, more)


def _plain_signature(app, what, name, thing, options, signature, returned):
    """ArrayLike, a union of six types, by its name; no ``<factory>``, which is no Python; and
    nothing of the arguments that a widget hands on to ipywidgets."""
    if "*args: t.Any" in (signature or ""):
        return "", returned
    if any(thing is builder for builder in SEEDED):
        signature = f"{signature[:-1]}, *, seed: int = 0)"
    shorter = {stringify_annotation(ArrayLike, "smart"): "~numpy.typing.ArrayLike"}
    shorter["<factory>"] = "[]"
    for long, short in shorter.items():
        signature, returned = (text and text.replace(long, short) for text in (signature, returned))
    return signature, returned


def _is_no_member(app, what, name, thing, skip, options):
    """A field is no method, though its default is a function, and has no page of its own."""
    default = inspect.isfunction(thing) and "." not in thing.__qualname__
    if what == "class" and (default or type(thing).__name__ == "_tuplegetter"):
        return True


FIELD = re.compile(r"^    (\w+): .*?  # (.*)$", re.MULTILINE)
SECTION = re.compile(r"-{3,}$")


def _say_what_fields_are(app, what, name, thing, options, lines):
    """The comment behind a field says what it is: list them, before the docstring's sections."""
    fields = _fields_of(thing) if what == "class" else {}
    if fields and "Parameters" not in lines:
        at = next((i - 1 for i, line in enumerate(lines) if SECTION.match(line)), len(lines))
        lines[at:at] = ["", "Parameters", "-" * 10, *(f"{n} : {t}" for n, t in fields.items()), ""]


def _fields_of(thing):
    """{name: comment, and what is asked of it} of a dataclass or named tuple, its bases' first."""
    fields = {}
    for kind in reversed(thing.__mro__):
        if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
            fields |= dict(FIELD.findall(inspect.getsource(kind)))
    for each in dataclasses.fields(thing) if dataclasses.is_dataclass(thing) else ():
        if each.name in fields and "what" in each.metadata:
            fields[each.name] += f"; {each.metadata['what']}"
    return fields


def setup(app):
    NumpyDocstring._format_field = _format_parameter
    app.connect("autodoc-process-signature", _plain_signature)
    app.connect("autodoc-skip-member", _is_no_member)
    app.connect("autodoc-process-docstring", _say_what_fields_are, priority=400)  # before napoleon
    return {"parallel_read_safe": True}
