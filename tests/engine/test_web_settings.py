"""Settings of the pages: what they are without a word, and what is refused at the start."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.settings import Settings, SettingsError
from engine.web_settings import Mode, WebSettings

OIDC = {"UMPIRE_OIDC_ISSUER": "https://id.example.com/", "UMPIRE_OIDC_CLIENT_ID": "umpire"}


def read(**given: str) -> WebSettings:
    return WebSettings.from_environment(Settings.from_environment(given), given)


def test_a_machine_of_its_own_is_for_trying_and_a_database_of_ones_own_is_for_work() -> None:
    alone = read()
    assert (alone.mode, alone.host, alone.port) == (Mode.DEVELOPMENT, "127.0.0.1", 9080)
    assert (alone.idle, alone.absolute, alone.oidc) == (timedelta(minutes=15), timedelta(hours=12), None)
    assert read(DATABASE_URL="postgresql://db/umpire").mode is Mode.PRODUCTION
    assert read(UMPIRE_WEB_HOST="0.0.0.0").mode is Mode.PRODUCTION  # noqa: S104 - the address is the point of the test


def test_development_is_served_to_its_own_machine_unless_it_is_said() -> None:
    everywhere = {"UMPIRE_MODE": "development", "UMPIRE_WEB_HOST": "0.0.0.0"}  # noqa: S104 - see above
    with pytest.raises(SettingsError, match="one click"):
        read(**everywhere)
    assert read(**everywhere, UMPIRE_WEB_REMOTE_DEVELOPMENT="yes").mode is Mode.DEVELOPMENT


def test_a_provider_of_sign_in_is_read_with_its_roles() -> None:
    found = read(**OIDC).oidc
    assert found is not None
    assert (found.issuer, found.audience, found.roles) == ("https://id.example.com", "umpire", ())
    mapped = read(**OIDC, UMPIRE_OIDC_ROLES="um-nurses=nurse, um-physicians=physician").oidc
    assert mapped is not None
    assert mapped.roles == (("um-nurses", "nurse"), ("um-physicians", "physician"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"UMPIRE_WEB_IDLE_MINUTES": "0"},
        {"UMPIRE_WEB_IDLE_MINUTES": "600"},
        {"UMPIRE_WEB_ABSOLUTE_HOURS": "soon"},
        {"UMPIRE_WEB_PUBLIC_URL": "umpire.example.com"},
        {"UMPIRE_WEB_TRUSTED_PROXIES": "everybody"},
        {"UMPIRE_OIDC_ISSUER": "https://id.example.com"},
        {"UMPIRE_OIDC_ISSUER": "http://id.example.com", "UMPIRE_OIDC_CLIENT_ID": "umpire"},
        OIDC | {"UMPIRE_OIDC_ROLES": "nurse"},
        OIDC | {"UMPIRE_OIDC_ROLES": "um-nurses=nurses"},
    ],
)
def test_a_setting_that_nobody_can_mean_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"UMPIRE_(WEB|OIDC)_\w+: got|UMPIRE_OIDC_CLIENT_ID"):
        read(**wrong)
