"""Names by which a browser may ask for our pages: no page is answered to a name that somebody else points at this machine.

A name of another site that resolves to this machine (DNS rebinding) would make our pages that site's own: in development its
scripts could sign in by one click. An address in numbers cannot be pointed elsewhere, and is always taken.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.web_settings import LOOPBACK, WebSettings

_HEALTH = "/healthz"
_TEXT = (
    "Umpire is not reached by this name. Open it by its own address, or name this one in UMPIRE_WEB_PUBLIC_URL or "
    "UMPIRE_WEB_HOSTS.\n"
)


class KnownHosts:
    """ASGI middleware that answers 400 to a request for any other host, whatever it asks for but whether we are alive."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self._app = app
        public = urlsplit(settings.public_url or "").hostname
        self._names = {one.lower() for one in (*LOOPBACK, settings.host, public, *settings.hosts) if one}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != _HEALTH and not self._is_known(Headers(scope=scope)):
            await PlainTextResponse(_TEXT, 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, headers: Headers) -> bool:
        said = headers.getlist("host")
        if len(said) != 1:
            return False
        try:
            name = urlsplit(f"//{said[0]}").hostname or ""
        except ValueError:
            return False
        return name.rstrip(".") in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
