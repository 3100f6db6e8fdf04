"""Codec server for Temporal's web interface and command line: payloads in, payloads out, for people who may see every case.

`umpire codec` or `python -m web.codec`, on loopback. Whoever decodes proves who they are, by the workbench's session or an API
key, and is recorded as having seen the cases that the payloads name.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import uvicorn
from google.protobuf import json_format
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from domain.case_numbers import CasePrefix
from domain.errors import UmpireError
from engine import edge_clock
from engine.client import data_converter
from engine.observing.logs import configure_logging
from engine.observing.observation import ObservationSettings
from engine.settings import Settings, SettingsError
from engine.web_settings import WebSettings
from services.case_visibility import SEEN_BY
from services.commands.api_keys import TOKEN_PREFIX, find_key
from services.principals import Principal
from store.accounts import case_views
from store.accounts.case_views import CaseSight
from store.session import Store, open_store
from web.security.cookies import SESSION
from web.security.sessions import principal_of, read_signed_in

SEES_EVERYTHING = frozenset.intersection(*SEEN_BY.values())
"""The roles that see every confidential case: a history may be of any."""
CANNOT_START = 2
PORT = 8088
MOST_BYTES = 20_000_000
NO_CASE = "(no case number)"
_NUMBER = re.compile(rf"\b(?:{'|'.join(CasePrefix)})[A-Z0-9]{{8,}}(?:-[A-Z0-9]+)*\b")
_COOKIES = (SESSION, f"__Host-{SESSION}")
log = logging.getLogger("umpire.codec")


class CodecServer:
    """The two endpoints over a store and a keyring's codec. `origin` is the address of Temporal's web interface."""

    def __init__(
        self, store: Store, codec: PayloadCodec, web: WebSettings, origin: str, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._codec, self._web, self._origin, self._clock = store, codec, web, origin, clock

    def build(self) -> Starlette:
        """The application. Only pages of the one origin may read its answers."""
        cors = Middleware(
            CORSMiddleware,
            allow_origins=[self._origin],
            allow_methods=["POST"],
            allow_headers=["authorization", "content-type", "x-namespace"],
            allow_credentials=True,
        )
        routes = [Route("/encode", self.encode, methods=["POST"]), Route("/decode", self.decode, methods=["POST"])]
        return Starlette(routes=routes, middleware=[cors])

    async def encode(self, request: Request) -> Response:
        """Seal payloads that somebody sends to a case from Temporal's tools."""
        return await self._answer(request, disclose=False)

    async def decode(self, request: Request) -> Response:
        """Open payloads of a history, and record who has seen which cases."""
        return await self._answer(request, disclose=True)

    async def _answer(self, request: Request, *, disclose: bool) -> Response:
        who = await asyncio.to_thread(self._identify, request)
        if who is None:
            return _problem(401, "Sign in to the workbench, or send an API key as 'Authorization: Bearer KEY'.")
        if not who.roles & SEES_EVERYTHING:
            roles = ", ".join(sorted(role.value.replace("_", " ") for role in SEES_EVERYTHING))
            return _problem(403, f"Histories hold whole cases. They are read by: {roles}.")
        payloads = await _read(request)
        if payloads is None:
            return _problem(400, "Send JSON with 'payloads', as Temporal's tools do, of at most 20 MB.")
        if disclose:
            opened = await self._codec.decode(payloads)
            await asyncio.to_thread(self._record, who, opened)
        else:
            opened = await self._codec.encode(payloads)
        return JSONResponse(json_format.MessageToDict(Payloads(payloads=opened)))

    def _identify(self, request: Request) -> Principal | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        with self._store.read() as s:
            if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
                found = find_key(s, token.strip(), self._clock())
                return principal_of(s, found[1]) if found is not None else None
            # A cookie goes with whatever page asks: only the one origin's script is believed.
            if request.headers.get("origin") != self._origin:
                return None
            return self._of_cookie(s, request)

    def _of_cookie(self, s: Session, request: Request) -> Principal | None:
        for name in _COOKIES:
            token = request.cookies.get(name)
            found = read_signed_in(s, token, self._clock(), self._web.idle) if token else None
            if found is not None:
                return found.principal
        return None

    def _record(self, who: Principal, opened: Sequence[Payload]) -> None:
        text = b"\n".join(payload.data for payload in opened).decode(errors="replace")
        request_id = uuid.uuid4().hex
        with self._store.begin() as s:
            for case_id in sorted(set(_NUMBER.findall(text))) or [NO_CASE]:
                sight = CaseSight(
                    request_id=request_id,
                    case_id=case_id,
                    at=self._clock(),
                    account_id=who.account_id,
                    subject=who.reviewer,
                    what="history",
                )
                case_views.record(s, sight)


async def _read(request: Request) -> Sequence[Payload] | None:
    """The payloads of a request; None for what is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        said = json.loads(body)
        return json_format.ParseDict(said, Payloads()).payloads if isinstance(said, dict) else None
    except (ValueError, TypeError, RecursionError, json_format.ParseError):
        return None


def _problem(status: int, words: str) -> Response:
    return JSONResponse({"message": words}, status)


def main(argv: list[str] | None = None) -> None:
    """The module's script. Exit code 2 with a reason when it cannot start."""
    parser = argparse.ArgumentParser(prog="umpire codec", description="Decode what Temporal's tools show, on loopback.")
    parser.add_argument("--port", type=int, default=PORT, help="listen on this port of 127.0.0.1")
    parser.add_argument("--origin", help="address of Temporal's web interface, such as http://127.0.0.1:8233")
    given = parser.parse_args(argv)
    try:
        configure_logging(ObservationSettings.from_environment().log)
        settings = Settings.from_environment()
        codec = data_converter(settings.keyring).payload_codec
        if not settings.keyring or codec is None:
            raise SettingsError("UMPIRE_KEYRING: is not set, so payloads are in the clear and need no codec server")
        origin = _origin(given.origin, settings)
        store = open_store(settings.database_url)
        store.check()
        server = CodecServer(store, codec, WebSettings.from_environment(settings), origin, edge_clock.now)
        log.info("codec server on http://127.0.0.1:%d for %s", given.port, origin)
        uvicorn.run(
            server.build(), host="127.0.0.1", port=given.port, access_log=False, log_config=None, server_header=False
        )
    except (OSError, ValueError, RuntimeError, UmpireError) as error:
        print(f"umpire codec: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(CANNOT_START)


def _origin(said: str | None, settings: Settings) -> str:
    host, _, port = settings.temporal_address.rpartition(":")
    address = said or f"http://{host}:{int(port) + 1000}"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"--origin: got '{address}'; expected an address such as http://127.0.0.1:8233")
    return f"{parts.scheme}://{parts.netloc}"


if __name__ == "__main__":
    main()
