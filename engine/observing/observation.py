"""Settings of what is seen from outside: logs, traces and the page of metrics of a web server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.settings import SettingsError


class LogForm(StrEnum):
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class ObservationSettings:
    """`log` is the form of log lines; `traces_to` the address of an OTLP collector (HTTP), None: no traces are made.
    `metrics_host` is where metrics listen, `web_metrics_port` the port of a web server's page of them (None: there is none)."""

    log: LogForm = LogForm.TEXT
    traces_to: str | None = None
    metrics_host: str = "127.0.0.1"
    web_metrics_port: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ObservationSettings:
        """Read UMPIRE_LOG, UMPIRE_TRACES, UMPIRE_METRICS_HOST and UMPIRE_WEB_METRICS_PORT. Raises SettingsError."""
        env = os.environ if environment is None else environment
        form = env.get("UMPIRE_LOG") or LogForm.TEXT.value
        if form not in {one.value for one in LogForm}:
            raise SettingsError(f"UMPIRE_LOG: got '{form}'; expected text or json")
        collector = env.get("UMPIRE_TRACES") or None
        if collector is not None and not collector.startswith(("http://", "https://")):
            raise SettingsError("UMPIRE_TRACES: expected an address such as http://127.0.0.1:4318/v1/traces")
        port = env.get("UMPIRE_WEB_METRICS_PORT") or None
        if port is not None and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingsError(f"UMPIRE_WEB_METRICS_PORT: got '{port}'; expected a port number such as 9464")
        host = env.get("UMPIRE_METRICS_HOST") or cls.metrics_host
        return cls(LogForm(form), collector, host, int(port) if port is not None else None)
