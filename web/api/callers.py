"""The program behind a request: known by its API key or by an OpenID Connect bearer token, for whom it acts, and what it may.

A cookie proves nothing here: only the Authorization header does, which no other site can make a browser send.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import RuleViolation, UmpireError, violation
from services.commands import api_keys
from services.commands.api_keys import TOKEN_PREFIX, ApiScope
from services.context import ServiceContext
from services.principals import Principal, Right
from store.api import keys, use
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
    """Requests that a credential may send in each window of so many seconds, to all servers together.

    A server takes `share` of them at a time, so that it writes to the store once for so many requests.
    """

    most: int = 300
    seconds: int = 15
    share: int = 25

    def window(self, now: datetime) -> datetime:
        """The beginning of the window of this instant (UTC)."""
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)

    def wait(self, now: datetime) -> float:
        """Seconds until the next window."""
        return (self.window(now) + timedelta(seconds=self.seconds) - now).total_seconds()


@dataclass
class _Share:
    """The rest of a server's share in a window; `is_all` when the store gave no more."""

    window: datetime
    left: int
    is_all: bool = False


class Throttle:
    """Counts requests by credential, or by address where there is none, in shares that the store gives to each server."""

    _MOST = 10_000
    """Callers whose shares a server remembers; the least recent are forgotten first."""

    def __init__(self, limit: RateLimit, services: Callable[[], ServiceContext]) -> None:
        self._limit, self._services = limit, services
        self._shares: OrderedDict[str, _Share] = OrderedDict()

    async def take(self, who: str) -> float:
        """Take one request; the seconds to wait where none is left, else 0. Raises Unavailable."""
        services, limit = self._services(), self._limit
        now = services.clock()
        window = limit.window(now)
        share = self._shares.pop(who, None)
        if share is None or share.window != window:
            share = _Share(window, 0)
        self._shares[who] = share
        if share.left == 0 and not share.is_all:
            caller = hashlib.sha256(who.encode()).hexdigest()
            got = await services.write(use.take_share, caller, window, limit.share, limit.most)
            share.left += got
            share.is_all = got == 0
        while len(self._shares) > self._MOST:
            self._shares.popitem(last=False)
        if share.left == 0:
            return limit.wait(now)
        share.left -= 1
        return 0.0


class Authentication:
    """ASGI middleware that lets no request through without proof of who sends it, and not too many of them."""

    def __init__(self, app: ASGIApp, context: WebContext, reader: BearerReader, limit: RateLimit) -> None:
        self._app, self._context, self._reader = app, context, reader
        self._throttle = Throttle(limit, lambda: context.services)

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
        wait = await self._throttle.take(found.credential if found is not None else f"address {address}")
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
