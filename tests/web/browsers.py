"""A client of the pages as a browser without scripts is one: keeps cookies, and sends a form with the secret of its page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

_SECRET = re.compile(r'name="csrf" value="([^"]*)"')


class WebClient:
    """One browser of one person. `subject` is a reviewer's id or a provider's NPI; None is nobody."""

    def __init__(self, http: httpx.AsyncClient, subject: str | None) -> None:
        self.http = http
        self._subject = subject
        self._signed_in = False

    async def get(self, address: str, **given: object) -> httpx.Response:
        """Open a page, after signing in."""
        await self._sign_in()
        return await self.http.get(address, params=given or None)  # type: ignore[arg-type]

    async def post(self, address: str, page: str | None = None, files: Any = None, **fields: object) -> httpx.Response:
        """Send a form, with files by name and content, with the secret that stands on `page` (None: any page of theirs)."""
        await self._sign_in()
        shown = await self.http.get(page or "/settings")
        secret = _SECRET.search(shown.text)
        data = {"csrf": unescape(secret[1]) if secret else "", **fields}
        return await self.http.post(address, data=data, files=files)  # type: ignore[arg-type]

    async def _sign_in(self) -> None:
        if self._subject is None or self._signed_in:
            return
        kind = "provider" if self._subject.isdecimal() else "reviewer"
        shown = _SECRET.search((await self.http.get("/sign-in")).text)
        assert shown is not None
        said = {"csrf": unescape(shown[1]), "account": f"{kind}:{self._subject}"}
        answer = await self.http.post("/sign-in/as", data=said)
        assert answer.status_code == 303, answer.text
        self._signed_in = True
