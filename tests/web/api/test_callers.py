"""Programs are known by their keys and tokens, may do what both scope and role allow, and are slowed down, not trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import NotOnFile, Refused
from services.commands.api_keys import ApiScope, create_key
from store.accounts import accounts
from store.api import keys, tables, use
from store.session import Store
from tests.web.api.conftest import Open
from tests.web.api.programs import make_token, nurses_bearer, over
from tests.web.browsers import WebClient
from web.api.callers import RateLimit, Throttle
from web.context import WebContext


def account_now() -> datetime:
    return datetime(2026, 3, 2, 12, tzinfo=UTC)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_cookie_proves_nothing_to_the_api(browse: Callable[[str | None], WebClient]) -> None:
    nurse = browse("nurse.adams")
    assert (await nurse.get("/worklist")).status_code == 200
    assert (await nurse.get("/api/v1/worklist")).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer umpire_", "Bearer ü", "Bearer " + "x" * 9000]
)
async def test_what_is_no_key_opens_nothing(program: Open, header: str) -> None:
    answer = await program(None).http.get("/worklist", headers={b"authorization": header.encode("latin-1")})
    assert answer.status_code == 401


async def test_a_key_that_expired_or_was_revoked_opens_nothing(program: Open, web_context: WebContext) -> None:
    nurse = program("nurse.adams")
    assert (await nurse.get("/worklist")).status_code == 200
    with web_context.services.store.begin() as s:
        (key,) = keys.list_all(s)
        assert key.last_used_at is not None
        keys.revoke(s, key.key_id, web_context.services.clock())
    assert (await nurse.get("/worklist")).status_code == 401
    other = program("nurse.adams")
    later = web_context.services.clock() + timedelta(days=31)
    object.__setattr__(web_context, "services", replace(web_context.services, clock=lambda: later))
    assert (await other.get("/worklist")).status_code == 401


async def test_the_store_has_no_token(program: Open, plan_store: Store) -> None:
    token = program("nurse.adams").token
    with plan_store.read() as s:
        assert token not in str(s.execute(tables.api_keys.select()).all())


async def test_scope_and_role_must_both_allow_it(program: Open) -> None:
    refused = await program("nurse.adams", ApiScope.SUBMIT).get("/worklist")
    assert (refused.status_code, refused.json()["violations"][0]["rule"]) == (403, "api.scope")
    refused = await program("nurse.adams").get("/oversight/clocks")
    assert (refused.status_code, refused.json()["violations"][0]["rule"]) == (403, "api.right")
    refused = await program("1215000013").get("/worklist")
    assert refused.status_code == 403


async def test_an_account_that_is_turned_off_has_no_keys(program: Open, plan_store: Store) -> None:
    nurse = program("nurse.adams")
    with plan_store.begin() as s:
        account = accounts.get(s, "reviewer:nurse.adams")
        assert account is not None
        accounts.put(s, account.model_copy(update={"active": False}))
        with pytest.raises(Refused) as refused:
            create_key(s, "nurse.adams", "x", [ApiScope.READ], timedelta(days=1), account_now())
    assert [one.rule for one in refused.value.refusals] == ["api_key.account"]
    assert (await nurse.get("/worklist")).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "days", "name", "rule"),
    [
        ((), 1, "x", "api_key.scopes"),
        ((ApiScope.READ,), 0, "x", "api_key.life"),
        ((ApiScope.READ,), 400, "x", "api_key.life"),
        ((ApiScope.READ,), 1, " ", "api_key.name"),
    ],
)
def test_a_key_has_a_name_a_scope_and_an_end(
    plan_store: Store, scopes: tuple[ApiScope, ...], days: int, name: str, rule: str
) -> None:
    with plan_store.begin() as s, pytest.raises(Refused) as refused:
        create_key(s, "nurse.adams", name, scopes, timedelta(days=days), account_now())
    assert [one.rule for one in refused.value.refusals] == [rule]


def test_nobody_without_an_account_gets_a_key(plan_store: Store) -> None:
    with plan_store.begin() as s, pytest.raises(NotOnFile):
        create_key(s, "nobody", "x", [ApiScope.READ], timedelta(days=1), account_now())


def _throttle(context: WebContext, now: list[datetime], limit: RateLimit) -> Throttle:
    services = replace(context.services, clock=lambda: now[0])
    return Throttle(limit, lambda: services)


async def test_all_servers_together_count_a_callers_requests_in_each_window(web_context: WebContext) -> None:
    now = [datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)]
    limit = RateLimit(most=6, seconds=60, share=2)
    one, other = (_throttle(web_context, now, limit) for _ in range(2))
    waits = [await server.take("a") for server in (one, other) * 4]
    assert waits == [0.0, 0.0, 0.0, 0.0, 0.0, 50.0, 0.0, 50.0], "six in all, two at a time for each"
    assert [await one.take("a"), await other.take("a")] == [50.0, 50.0]
    assert await one.take("b") == 0.0, "another's requests do not count"
    now[0] += timedelta(seconds=50)
    assert await other.take("a") == 0.0, "the next window is a new one"


async def test_a_server_writes_once_for_a_share_of_requests_and_not_at_all_for_who_is_out(
    web_context: WebContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    take_share = use.take_share

    def counted(*given: Any) -> int:
        written.append(1)
        return take_share(*given)

    monkeypatch.setattr(use, "take_share", counted)
    throttle = _throttle(web_context, [datetime(2026, 3, 2, 12, tzinfo=UTC)], RateLimit(most=50, seconds=60, share=25))
    waits = [await throttle.take("a") for _ in range(200)]
    assert sum(wait == 0 for wait in waits) == 50
    assert len(written) == 3, "two shares, and the word that there is no more"


def test_one_row_is_kept_for_each_caller_and_none_for_who_is_gone(plan_store: Store) -> None:
    begin = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with plan_store.begin() as s:
        for minute in range(5):
            assert use.take_share(s, "a", begin + timedelta(minutes=minute), 5, 5) == 5
        assert use.take_share(s, "a", begin, 5, 5) == 0, "a clock that is behind opens no window anew"
        assert s.execute(tables.api_use.select()).all()[0].taken == 5
        use.take_share(s, "b", begin + timedelta(hours=2), 5, 5)
        assert [row.caller for row in s.execute(tables.api_use.select())] == ["b"]


async def test_too_many_requests_are_told_when_to_come_back(web_context: WebContext) -> None:
    token = make_token(web_context, "nurse.adams")
    async with over(web_context, limit=RateLimit(most=1, seconds=10**6, share=1)) as http:
        assert (await http.get("/worklist", headers=_bearer(token))).status_code == 200
        late = await http.get("/worklist", headers=_bearer(token))
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= 10**6 + 1


@pytest.mark.parametrize(("scope", "status"), [("umpire:read", 200), ("read", 403), ("", 403)])
async def test_a_persons_token_opens_what_its_scopes_name(web_context: WebContext, scope: str, status: int) -> None:
    async with over(web_context, reader=nurses_bearer(frozenset({scope}), None)) as http:
        assert (await http.get("/worklist", headers=_bearer("a.b.c"))).status_code == status
        assert (await http.get("/worklist", headers=_bearer("d.e.f"))).status_code == 401
