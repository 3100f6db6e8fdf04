"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest
from argon2 import PasswordHasher

from domain.errors import Refused
from engine.web_settings import Mode
from services import passwords
from services.commands.accounts import add_account
from store.accounts import sessions
from store.session import Store
from tests.store.samples import NOON
from web.app import build_app
from web.context import WebContext
from web.pages.sign_in import page_after
from web.security import synthetic_people
from web.security.passwords import OF_NAME, OF_USER

WORDS = "seven quiet herons"
SECRET = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass
class Desk:
    """The pages at a time that the test sets, over http or https."""

    context: WebContext
    now: datetime = NOON

    def browser(self, scheme: str = "http", address: str = "198.51.100.7") -> Browser:
        services = replace(self.context.services, clock=lambda: self.now)
        app = build_app(replace(self.context, services=services))
        transport = httpx.ASGITransport(app, client=(address, 1))
        return Browser(httpx.AsyncClient(transport=transport, base_url=f"{scheme}://umpire.test"))


@dataclass
class Browser:
    """A browser, which sends the secret of the last page that it has seen."""

    http: httpx.AsyncClient
    secret: str = ""

    async def get(self, address: str) -> httpx.Response:
        answer = await self.http.get(address)
        found = SECRET.search(answer.text)
        self.secret = unescape(found[1]) if found else self.secret
        return answer

    async def post(self, address: str, headers: dict[str, str] | None = None, **said: str) -> httpx.Response:
        return await self.http.post(address, data={"csrf": self.secret, **said}, headers=headers)

    async def sign_in(self, user: str = "grace", password: str = WORDS, **said: str) -> httpx.Response:
        await self.get("/sign-in")
        return await self.post("/sign-in", user=user, password=password, **said)


@pytest.fixture
async def desk(web_context: WebContext, plan_store: Store) -> AsyncIterator[Desk]:
    """The pages with an account of a nurse."""
    with plan_store.begin() as s:
        add_account(s, "Grace", "nurse.adams", WORDS)
    yield Desk(web_context)


async def test_a_person_signs_in_with_the_password_and_works_under_their_own_name(desk: Desk) -> None:
    browser = desk.browser()
    answer = await browser.sign_in("GRACE", next="/worklist?who=mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/worklist?who=mine")
    assert "Grace Adams, RN" in (await browser.get("/worklist")).text


async def test_an_unknown_user_and_a_wrong_password_get_the_same_words(desk: Desk) -> None:
    wrong = await desk.browser().sign_in(password="not the herons")
    unknown = await desk.browser().sign_in(user="gruce", password="not the herons")
    assert wrong.status_code == unknown.status_code == 401
    shown = [re.sub(r'value="[^"]*"', "", one.text) for one in (wrong, unknown)]
    assert shown[0] == shown[1]
    assert "not the herons" not in wrong.text


async def test_who_guesses_waits_longer_each_time_and_the_right_password_waits_too(desk: Desk) -> None:
    for _ in range(OF_USER.free):
        assert (await desk.browser().sign_in(password="a guess at it")).status_code == 401
    browser = desk.browser()
    assert (await browser.sign_in()).status_code == 429, "the right password changes nothing"
    assert (await desk.browser().sign_in(user="nobody.at.all")).status_code == 401, "others are not kept out"
    desk.now += OF_USER.first_wait
    assert (await browser.sign_in(password="a guess at it")).status_code == 401
    desk.now += OF_USER.first_wait
    assert (await browser.sign_in()).status_code == 429, "the second wait is twice as long"
    desk.now += OF_USER.first_wait
    assert (await browser.sign_in()).status_code == 303
    assert (await desk.browser().sign_in(password="a guess at it")).status_code == 401, "and all is forgotten"


async def test_who_guesses_elsewhere_keeps_nobody_out(desk: Desk) -> None:
    for _ in range(OF_USER.free + 1):
        late = await desk.browser(address="203.0.113.9").sign_in(password="a guess at it")
    assert late.status_code == 429
    assert (await desk.browser().sign_in()).status_code == 303


async def test_who_guesses_from_many_addresses_is_slowed_and_the_persons_own_browser_is_not(desk: Desk) -> None:
    known = desk.browser()
    assert (await known.sign_in()).status_code == 303
    await known.get("/settings")
    await known.post("/sign-out")
    for one in range(OF_NAME.free):
        guess = await desk.browser(address=f"203.0.113.{one}").sign_in(password="a guess at it")
        assert guess.status_code == 401
    assert (await desk.browser(address="192.0.2.1").sign_in()).status_code == 429, "wherever the next one comes from"
    assert (await known.sign_in()).status_code == 303


async def test_a_known_browser_is_known_for_its_person_alone_and_has_few_guesses_too(
    desk: Desk, plan_store: Store
) -> None:
    with plan_store.begin() as s:
        add_account(s, "Lena", "nurse.lopez", WORDS)
    known = desk.browser()
    assert "umpire_known=" in (await known.sign_in()).headers["set-cookie"]
    await known.get("/settings")
    await known.post("/sign-out")
    for _ in range(OF_USER.free):
        assert (await known.sign_in(password="a guess at it")).status_code == 401
    assert (await known.sign_in()).status_code == 429
    for _ in range(OF_USER.free):
        assert (await desk.browser().sign_in(user="lena", password="a guess at it")).status_code == 401
    assert (await known.sign_in(user="lena")).status_code == 429, "for another's name the cookie says nothing"
    forged = desk.browser()
    forged.http.cookies.set("umpire_known", "anything." + "0" * 64, domain="umpire.test")
    assert (await forged.sign_in(user="lena")).status_code == 429


@pytest.mark.parametrize("user", ["grace", "nobody.at.all", "only.oidc"])
async def test_every_attempt_verifies_one_hash_of_the_same_cost_whether_or_not_there_is_such_a_user(
    desk: Desk, plan_store: Store, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    with plan_store.begin() as s:
        add_account(s, "only.oidc", "nurse.lopez", None)
    verified: list[str] = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            verified.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counted(passwords.TIME_COST, passwords.MEMORY_KIB, passwords.LANES))
    assert (await desk.browser().sign_in(user=user, password="not the herons")).status_code == 401
    cost = f"$argon2id$v=19$m={passwords.MEMORY_KIB},t={passwords.TIME_COST},p={passwords.LANES}"
    assert verified == [cost]


async def test_who_guesses_outside_keeps_nobody_from_signing_and_who_guesses_inside_waits(desk: Desk) -> None:
    browser = desk.browser()
    await browser.sign_in()
    for _ in range(OF_USER.free):
        assert (await desk.browser(address="203.0.113.9").sign_in(password="a guess at it")).status_code == 401
    await browser.get("/settings")
    new = {"new_password": "eleven loud geese", "again": "eleven loud geese"}
    assert (await browser.post("/settings/password", password=WORDS, **new)).status_code == 303
    for _ in range(OF_USER.free):
        assert (await browser.post("/settings/password", password="a guess at it", **new)).status_code == 422
    late = await browser.post("/settings/password", password="eleven loud geese", **new)
    assert late.status_code == 422 and "The password was wrong too often." in late.text


async def test_the_cookie_is_out_of_reach_and_over_https_for_this_host_alone(desk: Desk) -> None:
    plain = (await desk.browser().sign_in()).headers["set-cookie"]
    safe = (await desk.browser("https").sign_in()).headers["set-cookie"]
    assert plain.startswith("umpire_session=") and "; HttpOnly" in plain and "SameSite=strict" in plain
    assert safe.startswith("__Host-umpire_session=") and "; Secure" in safe and "Path=/;" in safe
    assert "Domain" not in safe


async def test_browsers_are_told_to_stay_with_https_where_they_came_by_it(desk: Desk) -> None:
    assert "strict-transport-security" not in (await desk.browser().get("/sign-in")).headers
    assert "strict-transport-security" in (await desk.browser("https").get("/sign-in")).headers


async def test_the_session_is_a_new_one_at_each_sign_in(desk: Desk) -> None:
    browser = desk.browser()
    await browser.sign_in()
    first = browser.http.cookies["umpire_session"]
    await browser.get("/settings")
    await browser.post("/sign-out")
    browser.http.cookies.set("umpire_session", first, domain="umpire.test")
    assert (await browser.get("/worklist")).status_code == 303, "what was signed out stays out"
    await browser.sign_in()
    assert browser.http.cookies.get("umpire_session", domain="umpire.test") != first


async def test_a_session_ends_after_a_quarter_of_an_hour_without_the_person_and_after_twelve_hours_anyhow(
    desk: Desk,
) -> None:
    browser = desk.browser()
    await browser.sign_in()
    for _ in range(6):
        desk.now += timedelta(minutes=14)
        assert (await browser.http.head("/session")).status_code == 204
    desk.now += timedelta(minutes=14)
    await browser.http.get("/settings", headers={"x-umpire-background": "1"})
    desk.now += timedelta(minutes=2)
    assert (await browser.get("/settings")).status_code == 303, "a page that refreshes by itself is nobody's work"
    await browser.sign_in()
    for _ in range(52):
        desk.now += timedelta(minutes=14)
        await browser.http.head("/session")
    assert (await browser.get("/settings")).status_code == 303


async def test_a_form_from_another_site_does_nothing(desk: Desk) -> None:
    browser = desk.browser()
    bare = await browser.post("/sign-in", user="grace", password=WORDS)
    assert bare.status_code == 403, "a sign-in form of nobody's browser"
    await browser.sign_in()
    await browser.get("/settings")
    answer = await browser.post("/settings", headers={"sec-fetch-site": "cross-site"}, theme="dark")
    assert answer.status_code == 403
    assert 'data-theme="dark"' not in (await browser.get("/settings")).text


async def test_what_was_typed_survives_the_end_of_the_session_and_is_not_carried_out(desk: Desk) -> None:
    browser = desk.browser()
    await browser.sign_in()
    await browser.get("/settings")
    desk.now += timedelta(minutes=20)
    late = await browser.post("/settings", {"referer": "http://umpire.test/settings?a=1"}, theme="dark", refresh="on")
    assert late.status_code == 303
    shown = await browser.get(late.headers["location"])
    assert "comes back as you left it" in shown.text
    fields = dict(re.findall(r'name="(next|kept)" value="([^"]*)"', shown.text))
    back = await browser.post("/sign-in", user="grace", password=WORDS, **{n: unescape(v) for n, v in fields.items()})
    assert back.headers["location"].startswith("/settings?a=1&kept=")
    filled = await browser.get(back.headers["location"])
    assert "Your form is as you left it." in filled.text
    assert re.search(r'value="dark" checked', filled.text)
    assert re.search(r'name="refresh" value="on" checked', filled.text)
    assert not re.search(r'name="keys" value="on" checked', filled.text)
    assert 'data-theme="dark"' not in filled.text, "nothing was sent"


async def test_a_kept_form_is_for_its_own_account_and_only_if_its_session_sent_it(
    desk: Desk, plan_store: Store
) -> None:
    browser = desk.browser()
    await browser.sign_in()
    await browser.get("/settings")
    desk.now += timedelta(minutes=20)
    late = await browser.post("/settings", theme="dark")
    key = re.search(r"kept=([^&]+)", late.headers["location"])
    assert key is not None
    await browser.get("/sign-in")
    await browser.post("/sign-in/as", account="reviewer:nurse.lopez")
    other = await browser.get(f"/settings?kept={key[1]}")
    assert other.status_code == 200
    assert "as you left it" not in other.text
    with plan_store.read() as s:
        raw = s.connection().exec_driver_sql("select sealed from kept_forms").scalar_one()
    assert b"dark" not in raw
    planted = await desk.browser().http.post("/settings", data={"theme": "dark", "csrf": "guessed"})
    assert "kept=" not in planted.headers["location"]


async def test_a_new_password_ends_the_other_sessions_and_needs_the_old_one(desk: Desk) -> None:
    here, there = desk.browser(), desk.browser()
    await here.sign_in()
    await there.sign_in()
    await here.get("/settings")
    new = {"new_password": "eleven loud geese", "again": "eleven loud geese"}
    wrong = await here.post("/settings/password", password="not the herons", **new)
    assert wrong.status_code == 422 and "That is not your password." in wrong.text
    assert (
        await here.post("/settings/password", password=WORDS, new_password="short", again="short")
    ).status_code == 422
    assert (await here.post("/settings/password", password=WORDS, **new)).status_code == 303
    assert (await here.get("/settings")).status_code == 200
    assert (await there.get("/settings")).status_code == 303
    assert (await there.sign_in()).status_code == 401
    assert (await there.sign_in(password="eleven loud geese")).status_code == 303
    await here.get("/settings")
    await here.post("/settings/sign-out-everywhere")
    assert (await there.get("/settings")).status_code == 303


async def test_settings_hold_for_the_account_on_every_page(desk: Desk) -> None:
    browser = desk.browser()
    await browser.sign_in()
    await browser.get("/settings")
    await browser.post("/settings", theme="dark")
    shown = (await browser.get("/worklist")).text
    assert '<html lang="en" data-theme="dark" data-keys="off" data-refresh="off">' in shown


@pytest.mark.parametrize(
    "page", ["https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test", "worklist", "/\nx"]
)
def test_no_page_leads_to_another_host_after_sign_in(page: str) -> None:
    assert page_after(page) == "/"


async def test_invented_people_are_one_click_away_in_development_and_nowhere_else(
    desk: Desk, web_context: WebContext, plan_store: Store
) -> None:
    assert (
        "The invented plan&#39;s people" in (shown := (await desk.browser().get("/sign-in")).text)
        or "invented" in shown
    )
    serious = Desk(replace(web_context, settings=replace(web_context.settings, mode=Mode.PRODUCTION)))
    browser = serious.browser()
    assert "invented" not in (await browser.get("/sign-in")).text
    answer = await browser.post("/sign-in/as", account="reviewer:nurse.adams")
    assert answer.headers["location"] == "/sign-in"
    assert "umpire_session" not in browser.http.cookies
    with plan_store.read() as s, pytest.raises(Refused, match="synthetic"):
        synthetic_people.require_none(s)


async def test_the_store_has_no_token_and_no_password_of_anybody(desk: Desk, plan_store: Store) -> None:
    browser = desk.browser()
    await browser.sign_in()
    token = browser.http.cookies["umpire_session"]
    with plan_store.read() as s:
        assert sessions.find(s, token) is not None
        rows = s.connection().exec_driver_sql("select * from sessions").all()
        people = s.connection().exec_driver_sql("select * from accounts").all()
    assert token not in str(rows)
    assert WORDS not in str(people)
