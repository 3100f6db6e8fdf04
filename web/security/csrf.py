"""Protection against forms of other sites: every form carries the secret of its session, and comes from our own pages.

Before anybody is signed in, a cookie of its own holds the secret whose hash the sign-in form carries.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from fastapi import Request
from starlette.responses import Response

from web.context import SignInNeeded, context_of, signed_in_or_none
from web.security.cookies import is_secure, named
from web.security.kept_forms import keep_form

FIELD = "csrf"
PRE_SESSION = "umpire_pre"
READING = ("GET", "HEAD")


class ForeignForm(Exception):
    """The form did not come from a page of this session."""


async def require_own_form(request: Request) -> None:
    """The dependency of every router with forms. Raises SignInNeeded and ForeignForm for anything but a form of the session.

    A form that comes after its session has ended is kept for its sender, who gets it back after signing in again.
    """
    if request.method in READING:
        return
    _require_own_site(request)
    found = signed_in_or_none(request)
    if found is None:
        raise SignInNeeded(await keep_form(request))
    form = await request.form()
    if not is_secret(form.get(FIELD), found.session.csrf):
        raise ForeignForm


async def require_sign_in_form(request: Request) -> None:
    """The dependency of forms before sign-in. Raises ForeignForm unless the browser was given the form's secret."""
    if request.method in READING:
        return
    _require_own_site(request)
    secret = request.cookies.get(named(PRE_SESSION, request))
    form = await request.form()
    if not secret or not is_secret(form.get(FIELD), _hash(secret)):
        raise ForeignForm


def sign_in_secret(request: Request) -> tuple[str, str]:
    """The secret of this browser before sign-in, and what its forms carry of it; a new one where it has none."""
    secret = request.cookies.get(named(PRE_SESSION, request)) or secrets.token_urlsafe(24)
    return secret, _hash(secret)


def give_sign_in_secret(request: Request, answer: Response, secret: str) -> None:
    """Give the browser its secret, for this host alone."""
    secure = is_secure(request)
    answer.set_cookie(named(PRE_SESSION, request), secret, httponly=True, secure=secure, samesite="strict", path="/")


def is_secret(given: object, expected: str) -> bool:
    """Whether a field of a form is this secret; it takes the same time for every wrong one."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _require_own_site(request: Request) -> None:
    """Raise ForeignForm when the browser says that another site sends the form."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForeignForm
    public = context_of(request).settings.public_url
    if public is not None and request.headers.get("origin", public) not in (public, "null"):
        raise ForeignForm


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
