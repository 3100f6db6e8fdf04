"""Settings from the environment: defaults, refusals that name the variable, and nothing secret in sight."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.settings import Settings, SettingsError
from engine.web_settings import read_settings


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
    assert found.embedded_server and found.embedded_store and not found.temporal_access.tls


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
    with pytest.raises(SettingsError, match="UMPIRE_KEYRING: each key is written"):
        Settings.from_environment({"UMPIRE_KEYRING": "a=b"})


def test_settings_can_be_printed_without_showing_keys_or_passwords() -> None:
    good = f"a={base64.b64encode(bytes(32)).decode()}"
    shown = repr(Settings.from_environment({"UMPIRE_KEYRING": good, "DATABASE_URL": "postgresql://u:secret@h/d"}))
    assert "secret" not in shown and "AAAA" not in shown


def test_secrets_come_from_files_as_well(tmp_path: Path) -> None:
    key = f"a={base64.b64encode(bytes(32)).decode()}"
    files = {"UMPIRE_KEYRING": key, "DATABASE_URL": "postgresql://u:p@h/d", "TEMPORAL_API_KEY": "token"}
    for name, content in files.items():
        (tmp_path / name).write_text(content + "\n")
    given = {f"{name}_FILE": str(tmp_path / name) for name in files} | {"TEMPORAL_ADDRESS": "cloud:7233"}
    found = Settings.from_environment(given)
    assert list(found.keyring) == ["a"] and found.database_url == files["DATABASE_URL"] and not found.embedded_store
    assert found.temporal_access.api_key == "token" and found.temporal_access.tls, "a key is never sent in the clear"
    with pytest.raises(SettingsError, match="UMPIRE_KEYRING_FILE: UMPIRE_KEYRING is set too"):
        Settings.from_environment(given | {"UMPIRE_KEYRING": key})
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE: .* cannot be read"):
        Settings.from_environment({"DATABASE_URL_FILE": str(tmp_path / "nowhere")})


def test_everything_that_is_wrong_is_said_in_one_list_without_a_secret(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    given = {
        "UMPIRE_PORT": "seven",
        "TEMPORAL_TLS": "yes",
        "UMPIRE_KEYRING": "a=topsecret",
        "TEMPORAL_ADDRESS": "t:7233",
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(tmp_path / "cert.pem"),
        "DATABASE_URL": "postgresql://u:topsecret@h/d?sslmode=strict&sslrootcert=/nowhere.pem",
        "UMPIRE_DEPLOYMENT": "a.b",
        "UMPIRE_OIDC_ISSUER": "http://idp.example.com",
        "UMPIRE_WEB_PORT": "0",
    }
    with pytest.raises(SettingsError) as raised:
        read_settings(given)
    named = [problem.partition(":")[0] for problem in raised.value.problems]
    assert sorted(named) == [
        "DATABASE_URL",
        "DATABASE_URL",
        "TEMPORAL_TLS",
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
        "UMPIRE_DEPLOYMENT",
        "UMPIRE_KEYRING",
        "UMPIRE_OIDC_CLIENT_ID",
        "UMPIRE_OIDC_ISSUER",
        "UMPIRE_PORT",
        "UMPIRE_WEB_PORT",
    ]
    assert "topsecret" not in str(raised.value) and str(raised.value).count("\n") == len(named)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"TEMPORAL_API_KEY": "k", "TEMPORAL_TLS": "false", "TEMPORAL_ADDRESS": "t:1"}, "TEMPORAL_TLS: is false"),
        ({"TEMPORAL_TLS": "true"}, "TEMPORAL_ADDRESS: not set"),
    ],
)
def test_a_key_is_sent_over_tls_only_and_the_embedded_server_has_none(given: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Settings.from_environment(given)


def test_in_production_a_worker_says_which_release_it_is() -> None:
    with pytest.raises(SettingsError, match="UMPIRE_DEPLOYMENT: not set"):
        Settings.from_environment({"UMPIRE_MODE": "production"}).require_versioned_worker()
    Settings.from_environment({"UMPIRE_MODE": "production", "UMPIRE_DEPLOYMENT": "umpire"}).require_versioned_worker()
    Settings.from_environment({}).require_versioned_worker()
