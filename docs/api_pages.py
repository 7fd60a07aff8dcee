"""How the pages of gan_lib show what a package offers, parameters, and types."""

import inspect
import pkgutil
from types import ModuleType

from numpy.typing import ArrayLike
from sphinx.ext.napoleon import NumpyDocstring
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.typing import stringify_annotation


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


def _name_array_like(app, what, name, thing, options, signature, returned):
    """ArrayLike is a union of six types: show its name."""
    union = stringify_annotation(ArrayLike, "smart")
    texts = [
        text and text.replace(union, "~numpy.typing.ArrayLike") for text in (signature, returned)
    ]
    return tuple(texts)


def setup(app):
    NumpyDocstring._format_field = _format_parameter
    app.connect("autodoc-process-signature", _name_array_like)
    return {"parallel_read_safe": True}
