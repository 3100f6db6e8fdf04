"""The session behind a cookie: found for each request, started at sign-in with a new token, ended at sign-out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.decisions.reviewers import Reviewer
from engine.web_settings import WebSettings
from services.principals import Principal
from store import directory
from store.accounts import accounts, notices, sessions
from store.accounts.accounts import Account, AccountKind
from store.accounts.sessions import SignInSession
from web.context import SignedIn, WebContext

COOKIE = "umpire_session"
_TOUCHED_EVERY = timedelta(seconds=30)
"""A session that was used less than this long ago is not written again: reading a page is no writing transaction."""


class Sessions:
    """ASGI middleware that puts who is signed in on the request's state as `signed_in`."""

    def __init__(self, app: ASGIApp, context: WebContext) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            token = Request(scope).cookies.get(COOKIE)
            if token:
                scope.setdefault("state", {})["signed_in"] = await self._find(token)
        await self._app(scope, receive, send)

    async def _find(self, token: str) -> SignedIn | None:
        services, settings = self._context.services, self._context.settings
        now = services.clock()
        found = await services.read(_read_signed_in, token, now, settings.idle)
        if found is not None and now - found.session.last_seen_at > _TOUCHED_EVERY:
            await services.write(sessions.touch, token, now)
        return found


def _read_signed_in(s: Session, token: str, now: datetime, idle: timedelta) -> SignedIn | None:
    session = sessions.find(s, token)
    if session is None or session.ended_at is not None or now >= session.expires_at:
        return None
    if now - session.last_seen_at > idle:
        return None
    account = accounts.get(s, session.account_id)
    principal = principal_of(s, account) if account is not None else None
    return SignedIn(principal, session, token, notices.of_session(s, token)) if principal is not None else None


def principal_of(s: Session, account: Account) -> Principal | None:
    """For whom the account acts, as the directory has them now; None for who may not act (any more)."""
    if not account.active:
        return None
    if account.kind is AccountKind.PROVIDER:
        provider = directory.provider(s, account.subject)
        name = provider.name if provider is not None else account.name
        return Principal(account.account_id, name, f"NPI {account.subject}", npi=account.subject)
    who = directory.reviewer(s, account.subject)
    if who is None or not who.active:
        return None
    return Principal(
        account.account_id, who.name, describe_reviewer(who), reviewer_id=who.reviewer_id, roles=frozenset(who.roles)
    )


def describe_reviewer(who: Reviewer) -> str:
    """The words beside a reviewer's name: specialty, else the States of their licenses, else their first role."""
    if who.specialties:
        return who.specialties[0].replace("_", " ").capitalize()
    states = dict.fromkeys(one.state for one in who.licences)
    return f"Licensed {', '.join(states)}" if states else who.roles[0].value.replace("_", " ").capitalize()


def start_session(s: Session, account: Account, now: datetime, settings: WebSettings, old_token: str | None) -> str:
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
    )
    sessions.start(s, token, session)
    return token


def set_cookie(response: Response, token: str, secure: bool) -> None:
    """Give the browser its session: for this host alone, out of reach of scripts and of other sites."""
    response.set_cookie(COOKIE, token, httponly=True, secure=secure, samesite="strict", path="/")


def clear_cookie(response: Response) -> None:
    """Take the session's cookie from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
