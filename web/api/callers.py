"""The program behind a request: known by its API key or by an OpenID Connect bearer token, for whom it acts, and what it may.

A cookie proves nothing here: only the Authorization header does, which no other site can make a browser send.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import RuleViolation, UmpireError, violation
from services.commands import api_keys
from services.commands.api_keys import TOKEN_PREFIX, ApiScope
from services.principals import Principal, Right
from store.api import keys
from store.api.keys import ApiKey
from web.api.problems import ApiError, problem_of
from web.context import WebContext
from web.security.identities import Bearer
from web.security.oidc import NotSignedIn
from web.security.sessions import principal_of

OPEN_PATHS = frozenset({"/openapi.json"})
"""Paths of the API for everybody."""
CHALLENGE = {"www-authenticate": 'Bearer realm="umpire"'}
_NO_PROOF = "Send a valid API key or bearer token as 'Authorization: Bearer TOKEN'."


@dataclass(frozen=True)
class ApiCaller:
    """The program and whom it acts for. `authenticated_at` (UTC) is when that person proved who they are, as their identity
    provider says; None for an API key, which proves nobody's presence. `request_id` names it in the record of views."""

    principal: Principal
    scopes: frozenset[ApiScope]
    credential: str
    authenticated_at: datetime | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)


SCOPE_PREFIX = "umpire:"
"""Scopes of bearer tokens are those of keys with this before them. A token without any opens nothing."""


BearerReader = Callable[[WebContext, str], Awaitable[Bearer]]
"""Reads a bearer token that is no API key. Raises NotSignedIn for one that proves nothing, and Unavailable."""


@dataclass(frozen=True)
class RateLimit:
    """Requests that a credential may send: `burst` at once, and so many `each_second` afterwards, at each server."""

    burst: int = 120
    each_second: float = 20.0


class Throttle:
    """Counts requests by credential, or by address where there is none; the least recent are forgotten first."""

    _MOST = 10_000

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._clock = limit, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one request; the seconds to wait where none is left, else 0."""
        now = self._clock()
        left, since = self._left.pop(who, (float(self._limit.burst), now))
        left = min(float(self._limit.burst), left + (now - since) * self._limit.each_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._limit.each_second
        self._left[who] = (left - 1 if wait == 0 else left, now)
        while len(self._left) > self._MOST:
            self._left.popitem(last=False)
        return wait


class Authentication:
    """ASGI middleware that lets no request through without proof of who sends it, and not too many of them."""

    def __init__(self, app: ASGIApp, context: WebContext, reader: BearerReader, limit: RateLimit) -> None:
        self._app, self._context, self._reader = app, context, reader
        self._throttle = Throttle(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            scope.setdefault("state", {})["caller"] = await self._identify(Request(scope))
        except (ApiError, UmpireError) as error:
            answer = problem_of(error)
            assert answer is not None
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _identify(self, request: Request) -> ApiCaller:
        found = await self._find(request)
        address = request.client.host if request.client is not None else ""
        wait = self._throttle.take(found.credential if found is not None else f"address {address}")
        if wait > 0:
            seconds = str(max(1, round(wait + 0.5)))
            raise ApiError(429, f"Too many requests. Try again in {seconds} s.", headers={"retry-after": seconds})
        if found is None:
            raise ApiError(401, _NO_PROOF, headers=CHALLENGE)
        return found

    async def _find(self, request: Request) -> ApiCaller | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if kind.casefold() != "bearer" or not token or not token.isascii() or len(token) > 8192:
            return None
        if token.startswith(TOKEN_PREFIX):
            return await self._of_key(token)
        try:
            proof = await self._reader(self._context, token)
        except NotSignedIn:
            return None
        who = proof.principal
        scopes = frozenset(scope for scope in ApiScope if f"{SCOPE_PREFIX}{scope.value}" in proof.scopes)
        return ApiCaller(who, scopes, f"person {who.account_id}", proof.authenticated_at)

    async def _of_key(self, token: str) -> ApiCaller | None:
        services = self._context.services
        now = services.clock()
        found = await services.read(_read_key, token, now)
        if found is None:
            return None
        key, principal = found
        if api_keys.needs_touch(key, now):
            await services.write(keys.touch, key.key_id, now)
        scopes = frozenset(scope for scope in ApiScope if scope.value in key.scopes)
        return ApiCaller(principal, scopes, key.key_id)


def _read_key(s: Session, token: str, now: datetime) -> tuple[ApiKey, Principal] | None:
    found = api_keys.find_key(s, token, now)
    if found is None:
        return None
    key, account = found
    principal = principal_of(s, account)
    return (key, principal) if principal is not None else None


def require_scope(scope: ApiScope, *rights: Right) -> Callable[[Request], Coroutine[Any, Any, ApiCaller]]:
    """The dependency of a route for callers with this scope and one of these rights; both stand on it for the tests.

    Raises ApiError.
    """

    async def check(request: Request) -> ApiCaller:
        caller = caller_of(request)
        if scope not in caller.scopes:
            raise forbidden("api.scope", f"This needs the scope '{scope.value}'.", "Use a key that has it.")
        if not caller.principal.rights & set(rights):
            named = " or ".join(f"'{right.value}'" for right in rights)
            raise forbidden("api.right", f"This needs the right {named}.", "Use a key of somebody whose role has it.")
        return caller

    check.scope, check.rights = scope, rights  # type: ignore[attr-defined]
    return check


def caller_of(request: Request) -> ApiCaller:
    """The caller that the middleware found."""
    return cast(ApiCaller, request.state.caller)


def forbidden(rule: str, message: str, way_out: str) -> ApiError:
    """The error of a caller who may not do this."""
    found: RuleViolation = violation(rule, message, way_out)
    return ApiError(403, message, violations=(found,))
