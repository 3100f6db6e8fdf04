"""Settings of the pages and the API, from the environment."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.vocabulary import Role
from engine.settings import Settings, SettingsError

PORT_OFFSET = 1847
"""From the port of the Temporal server to that of the pages: 7233 and 9080."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_YES = "yes"


class Mode(StrEnum):
    """Mode of the pages: `development` for trying Umpire, where the invented plan's people sign in by one click."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID provider that signs people in.

    `reviewer_claim` and `provider_claim` name claims that hold a reviewer's id of the directory, or an NPI; without them only
    identities that were linked to an account sign in. `roles` pairs a value of `roles_claim` with the role that it grants: who
    has none of them gets none, and nobody gets a role that the directory does not give them. `audience` is what bearer tokens
    are for.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: str = "openid profile"
    audience: str = ""
    reviewer_claim: str = ""
    provider_claim: str = ""
    roles_claim: str = ""
    roles: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_environment(cls, given: Mapping[str, str]) -> OidcSettings | None:
        """Read UMPIRE_OIDC_*; None without an issuer. Raises SettingsError."""
        issuer = given.get("UMPIRE_OIDC_ISSUER", "").rstrip("/")
        if not issuer:
            return None
        if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in LOOPBACK:
            raise SettingsError(f"UMPIRE_OIDC_ISSUER: got '{issuer}'; expected an https address")
        client_id = given.get("UMPIRE_OIDC_CLIENT_ID", "")
        if not client_id:
            raise SettingsError("UMPIRE_OIDC_CLIENT_ID: expected the id under which the provider knows Umpire")
        roles = tuple(_pairs("UMPIRE_OIDC_ROLES", given.get("UMPIRE_OIDC_ROLES", "")))
        return cls(
            issuer=issuer,
            client_id=client_id,
            client_secret=given.get("UMPIRE_OIDC_CLIENT_SECRET", ""),
            scopes=given.get("UMPIRE_OIDC_SCOPES") or "openid profile",
            audience=given.get("UMPIRE_OIDC_AUDIENCE") or client_id,
            reviewer_claim=given.get("UMPIRE_OIDC_REVIEWER_CLAIM", ""),
            provider_claim=given.get("UMPIRE_OIDC_PROVIDER_CLAIM", ""),
            roles_claim=given.get("UMPIRE_OIDC_ROLES_CLAIM", ""),
            roles=roles,
        )


@dataclass(frozen=True)
class WebSettings:
    """Address, mode, and how long a sign-in lasts: `idle` without a request, `absolute` in all.

    `public_url` is the address that browsers use, where a proxy stands before us; headers of proxies are believed only from
    `trusted_proxies` (addresses or networks). `hosts` are further names by which browsers reach us.
    """

    host: str
    port: int
    mode: Mode
    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)
    public_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    oidc: OidcSettings | None = None
    hosts: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address of the pages on this machine."""
        return f"http://{self.host}:{self.port}"

    @classmethod
    def from_environment(cls, settings: Settings, environment: Mapping[str, str] | None = None) -> WebSettings:
        """Read UMPIRE_WEB_HOST, UMPIRE_WEB_PORT, UMPIRE_MODE, UMPIRE_WEB_IDLE_MINUTES, UMPIRE_WEB_ABSOLUTE_HOURS,
        UMPIRE_WEB_PUBLIC_URL, UMPIRE_WEB_TRUSTED_PROXIES, UMPIRE_WEB_HOSTS, UMPIRE_WEB_REMOTE_DEVELOPMENT and
        UMPIRE_OIDC_*. Raises SettingsError.

        The mode is `production` unless said otherwise; with the embedded store, on this machine alone, it is `development`,
        and development is served to this machine alone unless UMPIRE_WEB_REMOTE_DEVELOPMENT=yes.
        """
        given = os.environ if environment is None else environment
        host = given.get("UMPIRE_WEB_HOST") or "127.0.0.1"
        temporal_port = settings.temporal_address.rpartition(":")[2]
        default_port = str(int(temporal_port) + PORT_OFFSET) if settings.embedded_server else "9080"
        port = given.get("UMPIRE_WEB_PORT") or default_port
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingsError(f"UMPIRE_WEB_PORT: got '{port}'; expected a port number such as 9080")
        alone = settings.embedded_store and host in LOOPBACK
        mode = given.get("UMPIRE_MODE") or (Mode.DEVELOPMENT if alone else Mode.PRODUCTION).value
        if mode not in {one.value for one in Mode}:
            raise SettingsError(f"UMPIRE_MODE: got '{mode}'; expected development or production")
        if (
            mode == Mode.DEVELOPMENT.value
            and host not in LOOPBACK
            and given.get("UMPIRE_WEB_REMOTE_DEVELOPMENT") != _YES
        ):
            raise SettingsError(
                f"UMPIRE_WEB_HOST: got '{host}' in development mode, where people sign in by one click; expected 127.0.0.1, "
                "or UMPIRE_WEB_REMOTE_DEVELOPMENT=yes beside it"
            )
        return cls(
            host,
            int(port),
            Mode(mode),
            idle=timedelta(minutes=_whole(given, "UMPIRE_WEB_IDLE_MINUTES", 15, 1, 60)),
            absolute=timedelta(hours=_whole(given, "UMPIRE_WEB_ABSOLUTE_HOURS", 12, 1, 24)),
            public_url=_public_url(given.get("UMPIRE_WEB_PUBLIC_URL", "")),
            trusted_proxies=_networks(given.get("UMPIRE_WEB_TRUSTED_PROXIES", "")),
            oidc=OidcSettings.from_environment(given),
            hosts=tuple(name.strip() for name in given.get("UMPIRE_WEB_HOSTS", "").split(",") if name.strip()),
        )


def _whole(given: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    said = given.get(name) or str(usual)
    if not (said.isascii() and said.isdecimal() and least <= int(said) <= most):
        raise SettingsError(f"{name}: got '{said}'; expected a whole number from {least} to {most}")
    return int(said)


def _public_url(said: str) -> str | None:
    if not said:
        return None
    parts = urlsplit(said.rstrip("/"))
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query:
        raise SettingsError(
            f"UMPIRE_WEB_PUBLIC_URL: got '{said}'; expected an address such as https://umpire.example.com"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _networks(said: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in said.split(",") if one.strip())
    for one in found:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise SettingsError(
                f"UMPIRE_WEB_TRUSTED_PROXIES: got '{one}'; expected addresses or networks such as 10.0.0.0/8"
            ) from None
    return found


def _pairs(name: str, said: str) -> list[tuple[str, str]]:
    pairs = [one.strip().rpartition("=") for one in said.split(",") if one.strip()]
    if any(not value or role not in {one.value for one in Role} for value, _, role in pairs):
        raise SettingsError(f"{name}: got '{said}'; expected pairs such as um-nurses=nurse,um-physicians=physician")
    return [(value, role) for value, _, role in pairs]
