"""The session behind a cookie: found for each request, started at sign-in with a new token, ended at sign-out."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.decisions.reviewers import Reviewer
from engine.web_settings import WebSettings
from services.principals import Principal
from store import directory
from store.accounts import accounts, notices, preferences, sessions
from store.accounts.accounts import Account, AccountKind
from store.accounts.sessions import SignInSession
from web.context import SignedIn, WebContext
from web.security.cookies import SESSION, is_secure, named
from web.security.kept_forms import PARAMETER, find_form

BACKGROUND = "x-umpire-background"
"""The header of requests that a page makes by itself: they do not keep anybody signed in."""
_TOUCHED_EVERY = timedelta(seconds=30)
"""A session that was used less than this long ago is not written again: reading a page is no writing transaction."""


class Sessions:
    """ASGI middleware that puts who is signed in on the request's state as `signed_in`."""

    def __init__(self, app: ASGIApp, context: WebContext) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            request = Request(scope)
            token = request.cookies.get(named(SESSION, request))
            if token:
                found = await self._find(token, BACKGROUND not in request.headers)
                state = scope.setdefault("state", {})
                state["signed_in"] = found
                key = request.query_params.get(PARAMETER)
                if found is not None and key:
                    state["kept_form"] = await find_form(self._context, found, key)
        await self._app(scope, receive, send)

    async def _find(self, token: str, by_person: bool) -> SignedIn | None:
        services, settings = self._context.services, self._context.settings
        now = services.clock()
        found = await services.read(read_signed_in, token, now, settings.idle)
        if by_person and found is not None and now - found.session.last_seen_at > _TOUCHED_EVERY:
            await services.write(sessions.touch, token, now)
        return found


def read_signed_in(s: Session, token: str, now: datetime, idle: timedelta) -> SignedIn | None:
    session = sessions.find(s, token)
    if session is None or session.ended_at is not None or now >= session.expires_at:
        return None
    if now - session.last_seen_at > idle:
        return None
    account = accounts.get(s, session.account_id)
    principal = principal_of(s, account, session.roles) if account is not None else None
    if principal is None:
        return None
    wants = preferences.of_account(s, session.account_id)
    return SignedIn(principal, session, token, notices.of_session(s, token), wants)


def principal_of(s: Session, account: Account, granted: Collection[str] | None = None) -> Principal | None:
    """The person or provider that the account acts for, as the directory has them now; None for who may not act (any more).

    With `granted`, they have those of their roles alone.
    """
    if not account.active:
        return None
    if account.kind is AccountKind.PROVIDER:
        provider = directory.provider(s, account.subject)
        name = provider.name if provider is not None else account.name
        return Principal(account.account_id, name, f"NPI {account.subject}", npi=account.subject)
    who = directory.reviewer(s, account.subject)
    if who is None or not who.active:
        return None
    roles = frozenset(role for role in who.roles if granted is None or role.value in granted)
    return Principal(account.account_id, who.name, describe_reviewer(who), reviewer_id=who.reviewer_id, roles=roles)


def describe_reviewer(who: Reviewer) -> str:
    """The words beside a reviewer's name: specialty, else the States of their licenses, else their first role."""
    if who.specialties:
        return who.specialties[0].replace("_", " ").capitalize()
    states = dict.fromkeys(one.state for one in who.licences)
    return f"Licensed {', '.join(states)}" if states else who.roles[0].value.replace("_", " ").capitalize()


def start_session(
    s: Session,
    account: Account,
    now: datetime,
    settings: WebSettings,
    old_token: str | None,
    roles: tuple[str, ...] | None = None,
) -> str:
    """Start a session and end the one that the browser had; the token, which is new at every sign-in."""
    if old_token:
        sessions.end(s, old_token, now)
    token = secrets.token_urlsafe(32)
    session = SignInSession(
        account_id=account.account_id,
        csrf=secrets.token_urlsafe(24),
        started_at=now,
        last_seen_at=now,
        expires_at=now + settings.absolute,
        roles=roles,
    )
    sessions.start(s, token, session)
    return token


def set_cookie(request: Request, answer: Response, token: str) -> None:
    """Give the browser its session: for this host alone, out of reach of scripts and of other sites."""
    answer.set_cookie(
        named(SESSION, request), token, httponly=True, secure=is_secure(request), samesite="strict", path="/"
    )


def clear_cookie(request: Request, answer: Response) -> None:
    """Take the session's cookie from the browser, and what pages kept in it."""
    answer.delete_cookie(named(SESSION, request), path="/", httponly=True, secure=is_secure(request), samesite="strict")
    answer.headers["clear-site-data"] = '"storage"'
