"""Accounts at the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.terminal.context import CliContext
from engine.settings import Settings
from services import passwords
from store.accounts import accounts, identities, sessions
from store.accounts.sessions import SignInSession
from store.seed import load_plan
from tests.cli.terminal import CommandOutput, run
from tests.paths import SAMPLES
from tests.store.samples import NOON
from web.security import synthetic_people

WORDS = "seven quiet herons"


@pytest.fixture
def here(tmp_path: Path) -> CliContext:
    """The command line over a fresh store with the synthetic plan."""
    opened = CliContext(Settings.from_environment({"UMPIRE_HOME": str(tmp_path)}), clock=lambda: NOON)
    opened.store.create()
    load_plan(opened.store, SAMPLES / "plan" / "example_health.yaml")
    return opened


def say(here: CliContext, *words: object, answers: str | None = None) -> CommandOutput:
    return run("account", *words, here=here, answers=answers)


def add(here: CliContext, password: str = WORDS) -> CommandOutput:
    return say(here, "add", "Grace", "--for", "nurse.adams", answers=f"{password}\n")


def stored(here: CliContext, name: str = "grace") -> Any:
    with here.store.read() as s:
        return accounts.of_user_name(s, name)


def test_an_account_is_added_for_a_person_of_the_directory_with_a_password_that_is_no_argument(
    here: CliContext,
) -> None:
    assert add(here).code == 0
    account = stored(here)
    assert (account.subject, account.synthetic) == ("nurse.adams", False)
    assert passwords.matches(account.password_hash, WORDS)
    listed = say(here, "list", "--json").data
    assert [(one["user_name"], "password_hash" in one) for one in listed] == [("grace", False)]
    assert add(here).code != 0, "a user name is one person's"
    assert say(here, "add", "nobody", "--for", "nurse.nobody", answers=f"{WORDS}\n").code != 0


@pytest.mark.parametrize("password", ["short", "graceful herons fly", "aaaaaaaaaaaaaaa", "Password1234", ""])
def test_a_password_that_anybody_would_guess_is_not_taken(here: CliContext, password: str) -> None:
    answer = add(here, password)
    assert answer.code != 0
    assert "account.password" in answer.err
    assert stored(here) is None


def test_a_new_password_and_a_lock_end_the_sessions_of_the_account(here: CliContext) -> None:
    add(here)
    for act in (("password", "grace"), ("lock", "grace")):
        with here.store.begin() as s:
            made = SignInSession(
                account_id=stored_id(here),
                csrf="x",
                started_at=NOON,
                last_seen_at=NOON,
                expires_at=NOON + timedelta(hours=1),
            )
            sessions.start(s, act[0], made)
        assert say(here, *act, answers="eleven loud geese\n").code == 0
        with here.store.read() as s:
            found = sessions.find(s, act[0])
        assert found is not None
        assert found.ended_at == NOON
    assert not stored(here).active
    say(here, "unlock", "grace")
    assert stored(here).active


def stored_id(here: CliContext) -> str:
    return str(stored(here).account_id)


def test_the_invented_people_are_removed_together_and_others_one_by_one(here: CliContext) -> None:
    with here.store.begin() as s:
        synthetic_people.create_accounts(s)
    add(here)
    assert say(here, "remove").code != 0
    assert say(here, "remove", "--synthetic").code == 0
    assert [one["user_name"] for one in say(here, "list", "--json").data] == ["grace"]
    assert say(here, "link-oidc", "grace", "--issuer", "https://id.example.com", "--subject", "u-1").code == 0
    with here.store.read() as s:
        assert identities.account_of(s, "https://id.example.com", "u-1") == "account:grace"
    assert say(here, "remove", "GRACE").code == 0
    with here.store.read() as s:
        assert identities.account_of(s, "https://id.example.com", "u-1") is None
