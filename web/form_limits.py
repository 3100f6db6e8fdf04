"""Limit of what a form may carry, kept while it arrives: nothing larger is parsed, whoever sends it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.rendering import render_page

LARGEST_FORM = 4 * 1024 * 1024
"""Bytes of a form without files."""
LARGEST_UPLOAD = 64 * 1024 * 1024
"""Bytes of a form with files, all of them together."""
MOST_FIELDS = 50_000
"""Fields of a form without files. A form with files has a limit of its own in the reader of its parts."""
_API = "/api/"
_GONE: Message = {"type": "http.disconnect"}


class FormLimits:
    """ASGI middleware that answers 413 for a form of more bytes than its kind may have, and reads no further. The API has
    limits of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        most = _limit_of(request)
        said = request.headers.get("content-length", "")
        arrived, fields, has_begun = 0, 0, False
        counts_fields = most == LARGEST_FORM
        is_over = said.isdecimal() and (len(said) > len(str(most)) or int(said) > most)

        async def receive_within() -> Message:
            nonlocal is_over, arrived, fields
            message = await receive()
            body = message.get("body", b"")
            arrived += len(body)
            fields += body.count(b"&") if counts_fields else 0
            is_over = is_over or arrived > most or fields >= MOST_FIELDS
            return _GONE if is_over else message

        async def send_unless_over(message: Message) -> None:
            nonlocal has_begun
            if has_begun or not is_over:
                has_begun = True
                await send(message)

        if not is_over:
            try:
                await self._app(scope, receive_within, send_unless_over)
            except Exception:
                if has_begun or not is_over:
                    raise
        if is_over and not has_begun:
            what = f"has more than {MOST_FIELDS:,} fields" if arrived <= most and fields >= MOST_FIELDS else ""
            await _too_large(request, what or f"is larger than {most // 2**20} MB")(scope, receive, send)


def _limit_of(request: Request) -> int:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    return LARGEST_UPLOAD if kind == "multipart/form-data" else LARGEST_FORM


def _too_large(request: Request, what: str) -> ASGIApp:
    text = f"The form {what}, so nothing of it was read or kept."
    return render_page(
        request, "message.html", 413, heading="Too large", text=text, way_out="Go back, and send it in parts."
    )
