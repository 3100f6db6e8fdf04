"""Deaths of the process at a step: before it, or right after it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from services.context import ServiceContext


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


def kill_after_commit(monkeypatch: pytest.MonkeyPatch, number: int) -> list[int]:
    """Die right after the writing transaction of this number (from 1) was committed; counts the transactions as they come."""
    commits: list[int] = []
    write = ServiceContext.write

    async def write_and_die(self: ServiceContext, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        result = await write(self, fn, *args, **kwargs)
        commits.append(len(commits) + 1)
        if commits[-1] == number:
            raise Killed
        return result

    monkeypatch.setattr(ServiceContext, "write", write_and_die)
    return commits
