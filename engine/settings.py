"""Settings from the environment: addresses, folders, keys. Read once when a process starts, never inside a workflow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from engine.keyring import KeyringError, parse_keyring
from engine.settings_reader import SettingsError as SettingsError
from engine.settings_reader import SettingsReader

TASK_QUEUE = "umpire"
_CA, _CERT, _KEY = ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH")
_SERVER_NAME, _API_KEY = "TEMPORAL_TLS_SERVER_NAME", "TEMPORAL_API_KEY"
_PEM = "a certificate in PEM form"
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_DEPLOYMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


@dataclass(frozen=True)
class TemporalAccess:
    """The way into the Temporal server: TLS, our certificate and key (mTLS), or an API key. The files' contents are PEM."""

    tls: bool = False
    server_ca: bytes | None = None
    client_cert: bytes | None = None
    client_key: bytes | None = field(default=None, repr=False)
    server_name: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """Addresses, folders and keys. `home` holds the state of the embedded server, the SQLite store and the file outbox.

    `relays` are senders of admissions (MSH-4, lower case) that send for other facilities. `deployment` is the Worker Deployment
    under which workers say which release they are; empty: they do not. `is_production` only when UMPIRE_MODE says so. A process
    keeps at most `database_connections` connections to a database server; None: as many as it has threads that use them."""

    home: Path
    temporal_address: str
    temporal_namespace: str
    database_url: str = field(repr=False)
    outbox: Path
    database_connections: int | None = None
    temporal_access: TemporalAccess = TemporalAccess()
    task_queue: str = TASK_QUEUE
    embedded_server: bool = True
    embedded_store: bool = True
    test_messages_live: bool = False
    relays: frozenset[str] = frozenset()
    keyring: dict[str, bytes] = field(default_factory=dict, repr=False)
    deployment: str = ""
    is_production: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the variables that docs/operations.md lists. Raises SettingsError with every problem."""
        read = SettingsReader(environment)
        settings = cls.read(read)
        read.finish()
        return settings

    @classmethod
    def read(cls, read: SettingsReader) -> Settings:
        """The settings; problems are noted with the reader."""
        home = Path(read.text("UMPIRE_HOME", ".umpire")).resolve()
        port = read.whole("UMPIRE_PORT", 7233, 1, 65535, "a port number such as 7233")
        access = _temporal_access(read)
        tests = read.choice("UMPIRE_TEST_MESSAGES", "kept", ("kept", "live"))
        mode = read.choice("UMPIRE_MODE", "development", ("development", "production"))
        relays = (name.strip().casefold() for name in read.text("UMPIRE_RELAYS").split(","))
        return cls(
            home=home,
            temporal_address=read.text("TEMPORAL_ADDRESS", f"127.0.0.1:{port}"),
            temporal_namespace=read.text("TEMPORAL_NAMESPACE", "default"),
            temporal_access=access,
            database_url=_database_url(read, f"sqlite:///{home / 'umpire.db'}"),
            database_connections=_connections(read),
            outbox=Path(read.text("UMPIRE_OUTBOX", str(home / "outbox"))).resolve(),
            task_queue=read.text("UMPIRE_TASK_QUEUE", TASK_QUEUE),
            embedded_server="TEMPORAL_ADDRESS" not in read,
            embedded_store="DATABASE_URL" not in read,
            test_messages_live=tests == "live",
            relays=frozenset(name for name in relays if name),
            deployment=_deployment(read),
            is_production=mode == "production",
            keyring=_keyring(read),
        )

    def require_versioned_worker(self) -> None:
        """Raise SettingsError in production for a worker that does not say which release it is."""
        if self.is_production and not self.deployment:
            raise SettingsError(
                "UMPIRE_DEPLOYMENT: not set, and in production a worker says which release it is, so that no case replays "
                "under other code; expected a name such as umpire, and then 'umpire releases promote'"
            )


def _temporal_access(read: SettingsReader) -> TemporalAccess:
    ca, cert, key = read.content(_CA, _PEM), read.content(_CERT, _PEM), read.content(_KEY, "a private key in PEM form")
    for name, found in ((_CA, ca), (_CERT, cert), (_KEY, key)):
        if found is not None and b"-----BEGIN " not in found:
            read.wrong(name, f"{read.text(name)} is not in PEM form; expected a file that begins with -----BEGIN", "")
    for name, other in ((_CERT, _KEY), (_KEY, _CERT)):
        if name in read and other not in read:
            read.wrong(name, f"is set without {other}; expected both", "")
    api_key = read.text(_API_KEY) or None
    implied = api_key is not None or any(name in read for name in (_CA, _CERT, _KEY, _SERVER_NAME))
    tls = read.choice("TEMPORAL_TLS", "true" if implied else "false", ("true", "false")) == "true"
    if implied and not tls:
        read.wrong(
            "TEMPORAL_TLS", "is false, and certificates or an API key are set; expected true, or none of them", ""
        )
    if "TEMPORAL_ADDRESS" not in read and (tls or implied):
        read.wrong("TEMPORAL_ADDRESS", "not set, and the embedded server takes no TLS; expected host:port", "")
    return TemporalAccess(tls, ca, cert, key, read.text(_SERVER_NAME) or None, api_key)


def _database_url(read: SettingsReader, usual: str) -> str:
    url = read.text("DATABASE_URL", usual)
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
    except ValueError:
        return url  # the store says what is wrong with it
    if not parts.scheme.startswith("postgres"):
        return url
    mode = asked.get("sslmode", [""])[0]
    if mode and mode not in _SSL_MODES:
        read.wrong("DATABASE_URL", f"got sslmode={mode}; expected one of {', '.join(_SSL_MODES)}", "")
    for name in ("sslrootcert", "sslcert", "sslkey"):
        file = asked.get(name, [""])[0]
        if file and file != "system" and not Path(file).is_file():
            read.wrong("DATABASE_URL", f"{name}={file} is no file that can be read; expected one in PEM form", "")
    return url


def _connections(read: SettingsReader) -> int | None:
    name = "UMPIRE_DATABASE_CONNECTIONS"
    return read.whole(name, 16, 1, 10_000, "a number such as 16") if name in read else None


def _deployment(read: SettingsReader) -> str:
    name = read.text("UMPIRE_DEPLOYMENT")
    if name and not _DEPLOYMENT.fullmatch(name):
        return read.wrong("UMPIRE_DEPLOYMENT", f"got '{name}'; expected letters, digits, - and _, such as umpire", "")
    return name


def _keyring(read: SettingsReader) -> dict[str, bytes]:
    said = read.text("UMPIRE_KEYRING")
    try:
        return parse_keyring(said) if said else {}
    except KeyringError as error:
        read.wrong("UMPIRE_KEYRING", str(error), "")
        return {}
