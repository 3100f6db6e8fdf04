"""Checks of this machine: settings, certificates, folders, the store."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.errors import Refused, Unavailable
from engine.settings import Settings
from services.diagnosis.findings import Finding, fault, ok, warning
from store.session import Store

MOST_SKEW = timedelta(seconds=2)
"""The difference of two clocks beyond which stamps of people's acts cannot be trusted."""
_CERTIFICATE_DAYS = 30
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_settings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Settings that are allowed, and not as production should have them."""
    yield ok("settings", "settings.readable", "Every variable can be read.")
    host = settings.temporal_address.rpartition(":")[0].strip("[]")
    if not settings.temporal_access.tls and host not in _LOOPBACK:
        yield warning(
            "TEMPORAL_TLS",
            "settings.tls",
            f"The way to {settings.temporal_address} is not encrypted.",
            "Set TEMPORAL_TLS=true.",
        )
    if not settings.keyring:
        if settings.is_production:
            message = "Without a keyring whoever can read Temporal can read decisions and member numbers."
            yield warning("UMPIRE_KEYRING", "settings.keyring", message, "Set UMPIRE_KEYRING or UMPIRE_KEYRING_FILE.")
        else:
            yield ok("UMPIRE_KEYRING", "settings.keyring", "Payloads are in the clear: no keyring is set.")
    else:
        yield ok(
            "UMPIRE_KEYRING",
            "settings.keyring",
            f"{len(settings.keyring)} key(s); '{next(iter(settings.keyring))}' encrypts.",
        )
    if settings.is_production and not settings.deployment:
        message = "Workers refuse to start in production without saying which release they are."
        yield fault("UMPIRE_DEPLOYMENT", "settings.deployment", message, "Set UMPIRE_DEPLOYMENT=umpire.")
    for name, content in (
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", settings.temporal_access.client_cert),
        ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", settings.temporal_access.server_ca),
    ):
        if content is not None:
            yield _check_certificate(name, content, now)


def _check_certificate(name: str, content: bytes, now: datetime) -> Finding:
    from cryptography import x509  # slow to import; few installations have certificates

    try:
        last = x509.load_pem_x509_certificate(content).not_valid_after_utc
    except ValueError:
        return fault(name, "settings.certificate", "The file holds no certificate.", "Name a certificate in PEM form.")
    day = f"{last:%b} {last.day}, {last.year}"
    if last < now:
        return fault(name, "settings.certificate", f"The certificate expired on {day}.", "Renew it, and start again.")
    if last - now < timedelta(days=_CERTIFICATE_DAYS):
        return warning(name, "settings.certificate", f"The certificate expires on {day}.", "Renew it in time.")
    return ok(name, "settings.certificate", f"The certificate is valid until {day}.")


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Folders and files that hold health information are for their owner alone."""
    named = {"UMPIRE_HOME": settings.home, "UMPIRE_OUTBOX": settings.outbox}
    if settings.embedded_store:
        named["store"] = settings.home / "umpire.db"
    for name, path in named.items():
        if not path.exists():
            if name != "store":
                yield warning(name, "folder.missing", f"{path} is not there yet.", "'umpire up' or a worker makes it.")
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            message = f"{path} is open to other accounts of this machine (mode {mode:04o})."
            yield fault(name, "folder.private", message, f"chmod go= {path}")
        else:
            yield ok(name, "folder.private", f"{path} is for its owner alone.")


def check_store(settings: Settings, store: Store, now: datetime) -> Iterator[Finding]:
    """Whether the database answers, is at this release's version, and is reached over TLS; and its clock."""
    place = store.display_url
    try:
        store.check()
    except Unavailable as error:
        way_out = "Check DATABASE_URL, the database server, and sslmode and sslrootcert in the address."
        yield fault(place, "store.reachable", f"The database does not answer: {error}.", way_out)
        return
    except Refused as error:
        for one in error.refusals:
            yield fault(place, one.rule, one.message, one.way_out)
        return
    yield ok(place, "store.version", "The database answers and is at the version of this release.")
    if store.engine.dialect.name == "postgresql":
        with store.read() as s:
            yield _check_database_tls(s, settings, place)
            skew = abs(s.execute(text("select clock_timestamp()")).scalar_one() - now)
        yield from _check_skew(place, skew)


def _check_database_tls(s: Session, settings: Settings, place: str) -> Finding:
    version = s.execute(text("select version from pg_stat_ssl where pid = pg_backend_pid() and ssl")).scalar()
    parts = urlsplit(settings.database_url)
    is_verified = "sslmode=verify-full" in parts.query
    if version is not None and is_verified:
        return ok(
            place, "store.tls", f"The way to the database is encrypted ({version}), and its certificate is checked."
        )
    if version is not None:
        message = f"The way to the database is encrypted ({version}), and nothing checks that it is the database."
        return warning(place, "store.tls", message, "Add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL.")
    if not parts.hostname or parts.hostname in _LOOPBACK:
        return ok(place, "store.tls", "The database is on this machine.")
    way_out = "Add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL."
    return warning(place, "store.tls", "The way to the database is not encrypted.", way_out)


def _check_skew(place: str, skew: timedelta) -> Iterator[Finding]:
    seconds = skew.total_seconds()
    if skew > MOST_SKEW:
        message = f"Its clock and that of this machine differ by {seconds:.0f} seconds."
        yield fault(
            place, "clock.skew", message, "Synchronize both with NTP: people's acts are stamped where they are done."
        )
    else:
        yield ok(place, "clock.skew", "Its clock agrees with that of this machine.")
