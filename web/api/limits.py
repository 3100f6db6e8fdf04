"""Limits of a request's body, kept before anything reads it: its bytes, its content type, and how deep its JSON goes."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.api.problems import problem_response

LARGEST_JSON = 1024 * 1024
LARGEST_DOCUMENT = 32 * 1024 * 1024
DEEPEST_JSON = 60
"""Levels of lists and objects in a JSON body; a form has fewer than ten."""
RAW_PATHS = ("/submissions", "/documents")
"""Ends of paths that take documents as they are: intake reads them, and keeps what it cannot read."""
RECORD_PATHS = ("/updates", "/second-looks")
"""Ends of paths whose JSON has a record of a stay in it, as large as a document may be."""
_JSON_TYPES = re.compile(r"application/(json|[a-z0-9.+-]+\+json)\s*(;.*)?", re.IGNORECASE)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""Strings, one that never ends too: a match that failed there would be tried again from each quote in it."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class BodyLimits:
    """ASGI middleware that reads a body whole, up to the limit of its path, and answers for what exceeds it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        is_raw = scope["path"].endswith(RAW_PATHS)
        most = LARGEST_DOCUMENT if scope["path"].endswith((*RAW_PATHS, *RECORD_PATHS)) else LARGEST_JSON
        body = await _read(receive, most)
        if body is None:
            answer = problem_response(413, f"The body is larger than {most // 2**20} MB.")
        elif not is_raw and body and scope["method"] in _WITH_BODY and not _is_json(headers):
            answer = problem_response(415, "Send the body as application/json.")
        elif not is_raw and depth_of(body) > DEEPEST_JSON:
            answer = problem_response(400, f"The JSON is nested deeper than {DEEPEST_JSON} levels.")
        else:
            await self._app(scope, _replay(body, receive), send)
            return
        await answer(scope, receive, send)


def depth_of(body: bytes) -> int:
    """The deepest nesting of lists and objects in JSON text, whether or not it is valid."""
    depth = deepest = 0
    for letter in _STRINGS.sub(b"", body):
        if letter in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in b"]}":
            depth -= 1
    return deepest


def _is_json(headers: dict[bytes, bytes]) -> bool:
    return _JSON_TYPES.fullmatch(headers.get(b"content-type", b"").decode("latin-1")) is not None


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None for one of more than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, for who reads it next; then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
