"""The library behind the course on Generative Adversarial Nets.

``import gan_lib`` is cheap: a submodule is imported when it is first named, so counting bits never
waits for torch.
"""

import importlib
import pkgutil

__version__ = "1.0.0"
_MODULES = sorted(module.name for module in pkgutil.iter_modules(__path__))


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    modules = ", ".join(_MODULES)
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; its modules are {modules}"
    )


def __dir__():
    return sorted([*globals(), *_MODULES])
