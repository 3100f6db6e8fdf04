"""Fixtures of the API: programs with keys over a store alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from services.commands.api_keys import ApiScope
from tests.web.api.programs import Program
from web.app import build_app
from web.context import WebContext

Open = Callable[..., Program]


@pytest.fixture
async def program(web_context: WebContext) -> AsyncIterator[Open]:
    """Opens a program with a key of this account's subject (None: without one)."""
    app = build_app(web_context)
    opened: list[Program] = []

    def open_program(subject: str | None, *scopes: ApiScope) -> Program:
        found = Program.over(app, web_context, subject, scopes or tuple(ApiScope))
        opened.append(found)
        return found

    yield open_program
    for one in opened:
        await one.http.aclose()
