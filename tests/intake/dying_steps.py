"""Deaths of the process at a step: before it, or right after it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest


class Killed(Exception):
    pass


def kill(monkeypatch: pytest.MonkeyPatch, place: object, name: str, after: bool) -> None:
    """Let the process die before or right after a step, the first time that it comes there."""
    step: Callable[..., Any] = getattr(place, name)
    deaths = iter((True,))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if not next(deaths, False):
            return step(*args, **kwargs)
        if after:
            step(*args, **kwargs)
        raise Killed

    async def dying_async(*args: Any, **kwargs: Any) -> Any:
        if not next(deaths, False):
            return await step(*args, **kwargs)
        if after:
            await step(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(place, name, dying_async if inspect.iscoroutinefunction(step) else dying)
