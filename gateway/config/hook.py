"""A function of the user's own, named by a setting: `package.module:function`."""

import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

REFERENCE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)


class HookMissing(Exception):
    """The function cannot be had. The text says why."""


def load(reference: str) -> Callable[..., Any]:
    """The function behind `package.module:function`. Its module is imported, and so run. Raises HookMissing."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise HookMissing(f'"{reference}" is not package.module:function')
    module, name = match.groups()
    try:
        found: Callable[..., Any] | None = getattr(importlib.import_module(module), name, None)
    except Exception as error:  # whatever the module does while it is run
        raise HookMissing(f"{module} cannot be imported: {type(error).__name__}: {error}") from None
    if found is None or not callable(found):
        raise HookMissing(f"{module} has no function {name}")
    if inspect.iscoroutinefunction(found):
        raise HookMissing(f"{reference} is asynchronous; it is called between two events, and must not wait")
    try:
        inspect.signature(found).bind(None)
    except (TypeError, ValueError):
        raise HookMissing(f"{reference} does not take one argument, the request") from None
    return found
