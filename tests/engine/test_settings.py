"""Settings from the environment: defaults, refusals that name the variable, and nothing secret in sight."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.keyring import KeyringError
from engine.settings import Settings, SettingsError


def test_without_any_variable_everything_is_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Settings.from_environment({})
    assert found.embedded_server and found.embedded_store
    assert found.temporal_address == "127.0.0.1:7233"
    assert found.database_url == f"sqlite:///{tmp_path / '.umpire' / 'umpire.db'}"
    assert found.keyring == {}


def test_an_address_and_a_database_of_ones_own_are_used_instead_of_the_embedded_ones() -> None:
    found = Settings.from_environment({"TEMPORAL_ADDRESS": "t:7233", "DATABASE_URL": "postgresql://u:p@h/d"})
    assert (found.embedded_server, found.embedded_store) == (False, False)
    assert (found.temporal_address, found.database_url) == ("t:7233", "postgresql://u:p@h/d")


def test_a_variable_that_is_set_to_nothing_counts_as_not_set() -> None:
    found = Settings.from_environment(
        {"TEMPORAL_ADDRESS": "", "DATABASE_URL": "", "UMPIRE_PORT": "", "TEMPORAL_TLS": ""}
    )
    assert found.embedded_server and found.embedded_store and not found.temporal_tls


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UMPIRE_PORT", "seven"),
        ("UMPIRE_PORT", "0"),
        ("UMPIRE_PORT", "70000"),
        ("UMPIRE_PORT", "²"),
        ("TEMPORAL_TLS", "yes"),
        ("UMPIRE_DATABASE_CONNECTIONS", "0"),
        ("UMPIRE_DATABASE_CONNECTIONS", "many"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_a_keyring_is_read_and_a_bad_one_refused() -> None:
    good = f"a={base64.b64encode(bytes(32)).decode()}"
    assert list(Settings.from_environment({"UMPIRE_KEYRING": good}).keyring) == ["a"]
    with pytest.raises(KeyringError):
        Settings.from_environment({"UMPIRE_KEYRING": "a=b"})


def test_settings_can_be_printed_without_showing_keys_or_passwords() -> None:
    good = f"a={base64.b64encode(bytes(32)).decode()}"
    shown = repr(Settings.from_environment({"UMPIRE_KEYRING": good, "DATABASE_URL": "postgresql://u:secret@h/d"}))
    assert "secret" not in shown and "AAAA" not in shown
