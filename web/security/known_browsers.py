"""Browsers in which somebody has signed in before: each keeps a cookie for its account, and its attempts count by themselves.

Who guesses elsewhere under the name of its person keeps nobody from signing in there. The cookie opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from web.security.cookies import is_secure, named

KNOWN = "umpire_known"
KEPT_FOR = timedelta(days=180)


def remember_browser(request: Request, answer: Response, user_name: str, key: bytes) -> None:
    """Give the browser the cookie that says that the user of this name has signed in here. `key` is the installation's."""
    browser = secrets.token_urlsafe(16)
    answer.set_cookie(
        named(KNOWN, request),
        f"{browser}.{_seal(browser, user_name, key)}",
        max_age=int(KEPT_FOR.total_seconds()),
        httponly=True,
        secure=is_secure(request),
        samesite="strict",
        path="/",
    )


def known_browser(request: Request, user_name: str, key: bytes) -> str | None:
    """The id of a browser in which the user of this name has signed in before; None for any other."""
    browser, _, seal = request.cookies.get(named(KNOWN, request), "").partition(".")
    is_known = hmac.compare_digest(seal.encode(), _seal(browser, user_name, key).encode())
    return browser if browser and is_known else None


def _seal(browser: str, user_name: str, key: bytes) -> str:
    said = f"known browser\n{browser}\n{user_name.strip().casefold()}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
