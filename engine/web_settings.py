"""Settings of the pages and the API, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from engine.settings import Settings, SettingsError

PORT_OFFSET = 1847
"""From the port of the Temporal server to that of the pages: 7233 and 9080."""


class Mode(StrEnum):
    """Mode of the pages: `development` for trying Umpire, where the invented plan's people sign in by one click."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True)
class WebSettings:
    """Address, mode, and how long a sign-in lasts: `idle` without a request, `absolute` in all."""

    host: str
    port: int
    mode: Mode
    idle: timedelta = timedelta(minutes=15)
    absolute: timedelta = timedelta(hours=12)

    @property
    def address(self) -> str:
        """The address of the pages on this machine."""
        return f"http://{self.host}:{self.port}"

    @classmethod
    def from_environment(cls, settings: Settings, environment: Mapping[str, str] | None = None) -> WebSettings:
        """Read UMPIRE_WEB_HOST, UMPIRE_WEB_PORT and UMPIRE_MODE. Raises SettingsError.

        The mode is `production` unless said otherwise; with the embedded store, on this machine alone, it is `development`.
        """
        given = os.environ if environment is None else environment
        host = given.get("UMPIRE_WEB_HOST") or "127.0.0.1"
        temporal_port = settings.temporal_address.rpartition(":")[2]
        default_port = str(int(temporal_port) + PORT_OFFSET) if settings.embedded_server else "9080"
        port = given.get("UMPIRE_WEB_PORT") or default_port
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingsError(f"UMPIRE_WEB_PORT: got '{port}'; expected a port number such as 9080")
        alone = settings.embedded_store and host in ("127.0.0.1", "localhost", "::1")
        mode = given.get("UMPIRE_MODE") or (Mode.DEVELOPMENT if alone else Mode.PRODUCTION).value
        if mode not in {one.value for one in Mode}:
            raise SettingsError(f"UMPIRE_MODE: got '{mode}'; expected development or production")
        return cls(host, int(port), Mode(mode))
