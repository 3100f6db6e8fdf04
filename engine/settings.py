"""Settings from the environment: addresses, folders, keys. Read once when a process starts, never inside a workflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.keyring import parse_keyring

TASK_QUEUE = "umpire"


class SettingsError(ValueError):
    """An environment variable has an unusable value; the message names it and what is expected."""


@dataclass(frozen=True)
class Settings:
    """Addresses, folders and keys. `home` holds the state of the embedded server, the SQLite store and the file outbox.

    `relays` are senders of admissions (MSH-4, lower case) that send for other facilities. A process keeps at most
    `database_connections` connections to a database server; None: as many as it has threads that use them."""

    home: Path
    temporal_address: str
    temporal_namespace: str
    temporal_tls: bool
    database_url: str = field(repr=False)
    outbox: Path
    database_connections: int | None = None
    task_queue: str = TASK_QUEUE
    embedded_server: bool = True
    embedded_store: bool = True
    test_messages_live: bool = False
    relays: frozenset[str] = frozenset()
    keyring: dict[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS, DATABASE_URL, UMPIRE_DATABASE_CONNECTIONS, UMPIRE_HOME,
        UMPIRE_OUTBOX, UMPIRE_TASK_QUEUE, UMPIRE_PORT, UMPIRE_TEST_MESSAGES, UMPIRE_RELAYS and UMPIRE_KEYRING.
        Raises SettingsError or KeyringError."""
        given = os.environ if environment is None else environment
        env = {name: value for name, value in given.items() if value}
        home = Path(env.get("UMPIRE_HOME", ".umpire")).resolve()
        port = env.get("UMPIRE_PORT", "7233")
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingsError(f"UMPIRE_PORT: got '{port}'; expected a port number such as 7233")
        tls = env.get("TEMPORAL_TLS", "false").lower()
        if tls not in ("true", "false"):
            raise SettingsError(f"TEMPORAL_TLS: got '{tls}'; expected true or false")
        connections = env.get("UMPIRE_DATABASE_CONNECTIONS")
        if connections is not None and not (connections.isascii() and connections.isdecimal() and int(connections)):
            raise SettingsError(f"UMPIRE_DATABASE_CONNECTIONS: got '{connections}'; expected a number such as 16")
        tests = env.get("UMPIRE_TEST_MESSAGES", "kept").lower()
        if tests not in ("kept", "live"):
            raise SettingsError(f"UMPIRE_TEST_MESSAGES: got '{tests}'; expected kept or live")
        keyring = env.get("UMPIRE_KEYRING", "")
        return cls(
            home=home,
            temporal_address=env.get("TEMPORAL_ADDRESS", f"127.0.0.1:{port}"),
            temporal_namespace=env.get("TEMPORAL_NAMESPACE", "default"),
            temporal_tls=tls == "true",
            database_url=env.get("DATABASE_URL", f"sqlite:///{home / 'umpire.db'}"),
            database_connections=int(connections) if connections else None,
            outbox=Path(env.get("UMPIRE_OUTBOX", str(home / "outbox"))).resolve(),
            task_queue=env.get("UMPIRE_TASK_QUEUE", TASK_QUEUE),
            embedded_server="TEMPORAL_ADDRESS" not in env,
            embedded_store="DATABASE_URL" not in env,
            test_messages_live=tests == "live",
            relays=frozenset(
                name.strip().casefold() for name in env.get("UMPIRE_RELAYS", "").split(",") if name.strip()
            ),
            keyring=parse_keyring(keyring) if keyring else {},
        )
