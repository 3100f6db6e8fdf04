"""Facts about the connection: how safe its cookies are, and from where it comes.

Over https a cookie is for this host alone, by its name (RFC 6265bis, __Host-).
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from web.context import WebContext

SESSION = "umpire_session"


def is_secure(request: HTTPConnection) -> bool:
    """Whether the browser speaks https with us, itself or with a proxy before us."""
    context: WebContext = request.app.state.context
    return request.url.scheme == "https" or (context.settings.public_url or "").startswith("https:")


def named(cookie: str, request: HTTPConnection) -> str:
    """The name of the cookie on this connection."""
    return f"__Host-{cookie}" if is_secure(request) else cookie


def address_of(request: HTTPConnection) -> str:
    """The address that the request comes from, as a trusted proxy says it; attempts to sign in are counted by it."""
    return request.client.host if request.client is not None else ""
