"""Sign-in by an OpenID provider, and bearer tokens of its: code flow with PKCE, checked by discovery and the provider's keys.

Authlib makes the requests' parameters and checks the claims, joserfc the signatures. Keys are fetched again when a token names
one that is not known, so a provider may change them at any time.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.errors import Unavailable
from engine.web_settings import LOOPBACK, OidcSettings
from store.accounts.identities import SignInFlow

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make. Those of a shared secret, and none, are not among them."""
LEEWAY = 30
"""Seconds by which the clocks of both sides may differ."""
CONFIRMED_WITHIN = timedelta(minutes=2)
"""So long ago may a sign-in be that was asked for as a new one."""
_KEYS_LAST, _ASKED_AGAIN_AFTER = timedelta(hours=1), timedelta(minutes=1)
_TIMEOUT = 10.0


class NotSignedIn(Exception):
    """The provider's answer, or a token, is not to be believed. The message has nothing of it."""


@dataclass
class OidcProvider:
    """One provider: its addresses and keys, as discovery gives them."""

    settings: OidcSettings
    transport: httpx.AsyncBaseTransport | None = None
    _metadata: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None
    _keys_at: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(
        self, redirect_uri: str, page: str, now: datetime, *, confirms: str | None = None, session: str | None = None
    ) -> tuple[str, str, SignInFlow]:
        """The address at the provider to go to, the state that comes back, and the flow to keep until then.

        With `confirms` the provider has to ask anew who the person is: `session` is the hash of their session here.
        Raises Unavailable.
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        flow = SignInFlow(
            nonce=secrets.token_urlsafe(24),
            verifier=verifier,
            next_page=page,
            confirms=confirms,
            session_sha256=session,
            started_at=now,
        )
        anew = {"prompt": "login", "max_age": 0} if confirms is not None else {}
        address = prepare_grant_uri(
            await self._address("authorization_endpoint"),
            self.settings.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=self.settings.scopes,
            state=state,
            nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **anew,
        )
        return cast(str, address), state, flow

    async def finish(self, code: str, redirect_uri: str, flow: SignInFlow, now: datetime) -> Mapping[str, Any]:
        """The claims of who signed in. Raises NotSignedIn and Unavailable."""
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
            "client_id": self.settings.client_id,
        }
        methods = (await self._discover()).get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = None
        if self.settings.client_secret and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(self.settings.client_id, self.settings.client_secret)
        elif self.settings.client_secret:
            said["client_secret"] = self.settings.client_secret
        answer = await self._send("POST", await self._address("token_endpoint"), data=said, auth=auth)
        if answer.status_code != httpx.codes.OK:
            raise NotSignedIn("the provider did not take the code")
        tokens = _object_of(answer)
        params = {"nonce": flow.nonce, "client_id": self.settings.client_id, "access_token": tokens.get("access_token")}
        claims = await self._check(str(tokens.get("id_token") or ""), self.settings.client_id, now, params)
        if flow.confirms is not None:
            at = claims.get("auth_time")
            if (
                not isinstance(at, int | float)
                or not -LEEWAY <= now.timestamp() - at <= CONFIRMED_WITHIN.total_seconds()
            ):
                raise NotSignedIn("the provider did not ask anew")
        return claims

    async def check_bearer(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a bearer token: signature, issuer, audience and time hold. Raises NotSignedIn and Unavailable."""
        return await self._check(token, self.settings.audience or self.settings.client_id, now, None)

    async def _check(
        self, token: str, audience: str, now: datetime, id_token: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        try:
            try:
                read = jwt.decode(token, await self._current_keys(now), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                read = jwt.decode(token, await self._current_keys(now, again=True), algorithms=ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": audience},
                "exp": {"essential": True},
            }
            claims = CodeIDToken(read.claims, read.header, options, dict(id_token or {}))
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError) as error:
            raise NotSignedIn(type(error).__name__) from None
        if not isinstance(claims.get("sub"), str):
            raise NotSignedIn("no subject")
        return cast("Mapping[str, Any]", claims)

    async def _current_keys(self, now: datetime, again: bool = False) -> KeySet:
        async with self._turn:
            known = self._keys_at
            wait = _ASKED_AGAIN_AFTER if again else _KEYS_LAST
            if self._keys is None or known is None or now - known > wait:
                answer = await self._send("GET", await self._address("jwks_uri"))
                self._keys = KeySet.import_key_set(cast(Any, _object_of(answer)))
                self._keys_at = now
            return self._keys

    async def _address(self, name: str) -> str:
        found = (await self._discover()).get(name)
        parts = urlsplit(found if isinstance(found, str) else "")
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise Unavailable(f"The provider of sign-in names no safe {name}.")
        return str(found)

    async def _discover(self) -> dict[str, Any]:
        if not self._metadata:
            answer = await self._send("GET", f"{self.settings.issuer}/.well-known/openid-configuration")
            found = _object_of(answer)
            if not hmac.compare_digest(str(found.get("issuer")).rstrip("/").encode(), self.settings.issuer.encode()):
                raise Unavailable("The provider of sign-in calls itself by another name than the settings do.")
            self._metadata = found
        return self._metadata

    async def _send(self, method: str, address: str, **given: Any) -> httpx.Response:
        try:
            async with httpx.AsyncClient(transport=self.transport, timeout=_TIMEOUT) as http:
                return await http.request(method, address, **given)
        except httpx.HTTPError:
            raise Unavailable("Your plan's sign-in does not answer.") from None


@cache
def provider_of(settings: OidcSettings) -> OidcProvider:
    """The provider of these settings, with what is known of it; one per process."""
    return OidcProvider(settings)


def _object_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object in an answer. Raises Unavailable."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("Your plan's sign-in answers in a way that is not understood.")
    return found
