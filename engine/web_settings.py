"""Settings of the pages and the API, from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from domain.vocabulary import Role
from engine.settings import Settings
from engine.settings_reader import SettingsReader

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
    def read(cls, read: SettingsReader) -> OidcSettings | None:
        """Read UMPIRE_OIDC_*; None without an issuer. Problems are noted with the reader."""
        issuer = read.text("UMPIRE_OIDC_ISSUER").rstrip("/")
        if not issuer:
            return None
        if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in LOOPBACK:
            read.wrong("UMPIRE_OIDC_ISSUER", f"got '{issuer}'; expected an https address", "")
        client_id = read.text("UMPIRE_OIDC_CLIENT_ID")
        if not client_id:
            read.wrong("UMPIRE_OIDC_CLIENT_ID", "expected the id under which the provider knows Umpire", "")
        return cls(
            issuer=issuer,
            client_id=client_id,
            client_secret=read.text("UMPIRE_OIDC_CLIENT_SECRET"),
            scopes=read.text("UMPIRE_OIDC_SCOPES", "openid profile"),
            audience=read.text("UMPIRE_OIDC_AUDIENCE", client_id),
            reviewer_claim=read.text("UMPIRE_OIDC_REVIEWER_CLAIM"),
            provider_claim=read.text("UMPIRE_OIDC_PROVIDER_CLAIM"),
            roles_claim=read.text("UMPIRE_OIDC_ROLES_CLAIM"),
            roles=tuple(_pairs("UMPIRE_OIDC_ROLES", read)),
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
        read = SettingsReader(environment)
        web = cls.read(settings, read)
        read.finish()
        return web

    @classmethod
    def read(cls, settings: Settings, read: SettingsReader) -> WebSettings:
        """The settings; problems are noted with the reader."""
        host = read.text("UMPIRE_WEB_HOST", "127.0.0.1")
        temporal_port = settings.temporal_address.rpartition(":")[2]
        usual = int(temporal_port) + PORT_OFFSET if settings.embedded_server else 9080
        alone = settings.embedded_store and host in LOOPBACK
        mode = read.choice(
            "UMPIRE_MODE", (Mode.DEVELOPMENT if alone else Mode.PRODUCTION).value, [one.value for one in Mode]
        )
        if mode == Mode.DEVELOPMENT and host not in LOOPBACK and read.text("UMPIRE_WEB_REMOTE_DEVELOPMENT") != _YES:
            read.wrong(
                "UMPIRE_WEB_HOST",
                f"got '{host}' in development mode, where people sign in by one click; expected 127.0.0.1, or "
                "UMPIRE_WEB_REMOTE_DEVELOPMENT=yes beside it",
                "",
            )
        return cls(
            host,
            read.whole("UMPIRE_WEB_PORT", usual, 1, 65535, "a port number such as 9080"),
            Mode(mode),
            idle=timedelta(minutes=read.whole("UMPIRE_WEB_IDLE_MINUTES", 15, 1, 60)),
            absolute=timedelta(hours=read.whole("UMPIRE_WEB_ABSOLUTE_HOURS", 12, 1, 24)),
            public_url=_public_url("UMPIRE_WEB_PUBLIC_URL", read),
            trusted_proxies=_networks("UMPIRE_WEB_TRUSTED_PROXIES", read),
            oidc=OidcSettings.read(read),
            hosts=tuple(name.strip() for name in read.text("UMPIRE_WEB_HOSTS").split(",") if name.strip()),
        )


def read_settings(environment: Mapping[str, str] | None = None) -> tuple[Settings, WebSettings]:
    """The settings of everything. Raises SettingsError with every problem."""
    read = SettingsReader(environment)
    settings = Settings.read(read)
    web = WebSettings.read(settings, read)
    read.finish()
    return settings, web


def _public_url(name: str, read: SettingsReader) -> str | None:
    said = read.text(name)
    if not said:
        return None
    parts = urlsplit(said.rstrip("/"))
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query:
        read.wrong(name, f"got '{said}'; expected an address such as https://umpire.example.com", "")
    return f"{parts.scheme}://{parts.netloc}"


def _networks(name: str, read: SettingsReader) -> tuple[str, ...]:
    found = tuple(one.strip() for one in read.text(name).split(",") if one.strip())
    for one in found:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            read.wrong(name, f"got '{one}'; expected addresses or networks such as 10.0.0.0/8", "")
    return found


def _pairs(name: str, read: SettingsReader) -> list[tuple[str, str]]:
    said = read.text(name)
    pairs = [one.strip().rpartition("=") for one in said.split(",") if one.strip()]
    if any(not value or role not in {one.value for one in Role} for value, _, role in pairs):
        read.wrong(name, f"got '{said}'; expected pairs such as um-nurses=nurse,um-physicians=physician", "")
    return [(value, role) for value, _, role in pairs]
