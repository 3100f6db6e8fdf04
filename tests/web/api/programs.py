"""A program that calls the API with a key, as a hospital's or a plan's own system does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.commands.api_keys import ApiScope, create_key
from services.principals import Principal
from store.accounts import accounts
from web.api.app import PREFIX, ApiMount, build_api
from web.api.callers import BearerReader
from web.context import WebContext
from web.security.identities import Bearer
from web.security.oidc import NotSignedIn
from web.security.sessions import principal_of

_COUNTED = itertools.count(1)


class Program:
    """One program. `key` is None for one that has no key."""

    def __init__(self, http: httpx.AsyncClient, token: str | None) -> None:
        self.http, self.token = http, token

    @classmethod
    def over(cls, app: ASGIApp, context: WebContext, subject: str | None, scopes: Sequence[ApiScope]) -> Program:
        """A program of this account's subject over the application."""
        token = make_token(context, subject, scopes) if subject is not None else None
        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        transport = httpx.ASGITransport(app)
        return cls(
            httpx.AsyncClient(transport=transport, base_url=f"http://umpire.test{PREFIX}", headers=headers), token
        )

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return await self.http.get(path, params=query or None)

    async def post(self, path: str, body: Any = None, key: str | None = None, **query: Any) -> httpx.Response:
        """Write under this Idempotency-Key (a new one unless given); bytes are sent as they are."""
        headers = {"idempotency-key": key or f"act-{next(_COUNTED):08}"}
        if isinstance(body, bytes):
            return await self.http.post(path, content=body, headers=headers, params=query or None)
        return await self.http.post(path, json=body, headers=headers, params=query or None)


def make_token(context: WebContext, subject: str, scopes: Sequence[ApiScope] = tuple(ApiScope)) -> str:
    """A new key's token for the account of this reviewer or NPI."""
    with context.services.store.begin() as s:
        return create_key(s, subject, "a test", scopes, timedelta(days=30), context.services.clock())[1]


def over(context: WebContext, **given: object) -> httpx.AsyncClient:
    """The API alone, with another reader of bearer tokens or another limit."""
    app = Starlette(routes=[ApiMount(build_api(context, **given))])  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://umpire.test/api/v1")


def nurses_bearer(scopes: frozenset[str], at: datetime | None, account: str = "reviewer:nurse.adams") -> BearerReader:
    """An OpenID provider that knows one token, of a nurse, or of another account."""

    async def read(context: WebContext, token: str) -> Bearer:
        def find(s: Session) -> Principal | None:
            found = accounts.get(s, account)
            return principal_of(s, found) if found is not None else None

        who = await context.services.read(find)
        if token != "a.b.c" or who is None:
            raise NotSignedIn("not the one")
        return Bearer(who, scopes, at)

    return read
