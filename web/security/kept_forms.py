"""Forms that are sent after their session has ended: kept, sealed, and filled in again when their sender is back.

The form is never carried out later. Its key is in the address that the browser goes on to, and nowhere else; it opens for the
same account alone. Passwords and files are not kept: the page says which files have to be chosen again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.routing import Match

from store.accounts import kept_forms, sessions
from store.accounts.sessions import SignInSession
from web.context import KeptForm, KeptPlace, SignedIn, WebContext, context_of
from web.security.cookies import SESSION, named

PARAMETER = "kept"
LARGEST = 200_000
"""Characters of a form that is kept; more than any page of ours sends without files."""
_NOT_KEPT = frozenset({"csrf", "act", "password", "new_password", "again", "code"})


async def keep_form(request: Request) -> KeptPlace:
    """Keep the form of a session that has ended, if it was that session's own; the place to go back to."""
    context = context_of(request)
    page = _page_of(request)
    token = request.cookies.get(named(SESSION, request))
    session = await context.services.read(sessions.find, token) if token else None
    if session is None:
        return KeptPlace(page)
    form = await request.form()
    if not _is_own(form, session):
        return KeptPlace(page)
    kept = _read(request.url.path, form)
    content = json.dumps({"action": kept.action, "fields": kept.fields, "files": kept.files})
    if not (kept.fields or kept.files) or len(content) > LARGEST:
        return KeptPlace(page)
    key = secrets.token_urlsafe(32)
    sealed = _seal(key).encrypt(content.encode())
    await context.services.write(_keep, key, session.account_id, sealed, context.services.clock())
    return KeptPlace(page, key)


async def find_form(context: WebContext, who: SignedIn, key: str) -> KeptForm | None:
    """The form that was kept under this key, for the person who sent it; None where there is none."""
    services = context.services
    sealed = await services.read(kept_forms.find, key, who.principal.account_id, services.clock())
    if sealed is None:
        return None
    try:
        content = json.loads(_seal(key).decrypt(sealed))
    except InvalidToken:
        return None
    return KeptForm(content["action"], content["fields"], tuple(content["files"]))


def _keep(s: Session, key: str, account_id: str, sealed: bytes, now: datetime) -> None:
    kept_forms.keep(s, key, account_id, sealed, now)


def _is_own(form: FormData, session: SignInSession) -> bool:
    """Whether the form carries the secret of that session: another site cannot have us keep one."""
    return secrets.compare_digest(str(form.get("csrf") or "").encode(), session.csrf.encode())


def _read(action: str, form: FormData) -> KeptForm:
    fields: dict[str, list[str]] = {}
    files: list[str] = []
    for name, value in form.multi_items():
        if name in _NOT_KEPT:
            continue
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
        elif value.filename:
            files.append(value.filename)
    return KeptForm(action, fields, tuple(files))


def _page_of(request: Request) -> str:
    """The page that the form stands on, as the browser says; the form's own address where it does not."""
    said = urlsplit(request.headers.get("referer", ""))
    public = urlsplit(context_of(request).settings.public_url or "").netloc
    if said.path.startswith("/") and said.netloc in {request.url.netloc, public} - {""}:
        return said.path + (f"?{said.query}" if said.query else "")
    asked = {**request.scope, "method": "GET"}
    is_page = any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
    return request.url.path if is_page else "/"


def _seal(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"kept form:" + key.encode()).digest()))
