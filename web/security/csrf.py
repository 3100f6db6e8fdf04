"""Protection against forms of other sites: every form carries the secret of its session, and comes from our own pages."""

from __future__ import annotations

import hmac

from fastapi import Request

from web.context import SignInNeeded, signed_in_or_none

FIELD = "csrf"


class ForeignForm(Exception):
    """The form did not come from a page of this session."""


async def require_own_form(request: Request) -> None:
    """The dependency of every router with forms. Raises SignInNeeded and ForeignForm for anything but a form of the session."""
    if request.method in ("GET", "HEAD"):
        return
    found = signed_in_or_none(request)
    if found is None:
        raise SignInNeeded
    form = await request.form()
    given = form.get(FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), found.session.csrf.encode()):
        raise ForeignForm
