"""Pages of those who lead: nothing late is hidden, work moves to people who may do it, nobody's decisions are counted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus
from domain.vocabulary import ProcessKind, Role
from services.commands import case_actions
from services.context import CommandResult, CommandStatus
from store import read_models
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, json, task
from tests.web.browsers import WebClient
from web.context import WebContext

Browse = Callable[[str | None], WebClient]
NOW = NOON + timedelta(hours=1)
PAGES = ("/oversight/clocks", "/oversight/people", "/oversight/access")


def clock(hours: float, **changes: object) -> dict[str, object]:
    due = (NOW + timedelta(hours=hours)).isoformat()
    return {
        "rule_id": "MA-OD-STD-PA",
        "title": "Standard decision",
        "condition": "always",
        "judged": {},
        "due": [{"kind": "decision", "at": due, "citation": "42 CFR 422.568(b)", "to": "member", "reason": ""}],
        **changes,
    }


def put(store: Store, clocks: list[dict[str, object]]) -> None:
    with store.begin() as s:
        entry = draft(1, case=json(case_view(CASE, member_id="MBR1000001"))[0], clocks=clocks, tasks=json(task(1)))
        read_models.record_entries(s, CASE, [entry])


@pytest.fixture
def web_context(web_context: WebContext) -> WebContext:
    return replace(web_context, services=replace(web_context.services, clock=lambda: NOW))


async def test_a_clock_due_within_a_day_is_shown_with_its_rule_its_case_and_who_has_the_work(
    browse: Browse, plan_store: Store
) -> None:
    put(plan_store, [clock(1.5)])
    page = (await browse("supervisor.bell").get("/oversight/clocks")).text
    assert "1 h 30 min left" in page
    assert "42 CFR 422.568(b)" in page and "Whitfield" in page
    assert f'value="{CASE}-T1"' in page


async def test_what_the_law_stops_what_is_done_and_what_is_due_later_is_counted_and_not_listed(
    browse: Browse, plan_store: Store
) -> None:
    stopped = {"stopped_at": NOON.isoformat(), "answered": False}
    clocks = [
        clock(2, rule_id="A", tolled=stopped),
        clock(2, rule_id="B", judged={"decision": "met"}),
        clock(200, rule_id="C"),
        clock(2, rule_id="D", set_aside="replaced"),
    ]
    put(plan_store, clocks)
    page = (await browse("supervisor.bell").get("/oversight/clocks")).text
    assert re.findall(r"<b>(\d+)</b> <span>([^<]+)</span>", page) == [
        ("0", "missed, still to be mended"),
        ("0", "at risk, under 2 hours"),
        ("0", "due within a day"),
        ("1", "on time"),
        ("1", "stopped by law"),
    ]
    assert "No clock is missed" in page


async def test_a_missed_clock_stays_in_sight_until_its_review_is_done_even_when_the_case_is_closed(
    browse: Browse, plan_store: Store
) -> None:
    missed = clock(-3, judged={"decision": "missed"})
    review = task(2, kind=TaskKind.MISSED_CLOCK, role=Role.COMPLIANCE)
    closed = case_view(CASE, member_id="MBR1000001", status=CaseStatus.DENIED, closed_at=NOW, waiting=None)
    with plan_store.begin() as s:
        entry = draft(1, case=json(closed)[0], clocks=[missed], tasks=json(review))
        read_models.record_entries(s, CASE, [entry])
    supervisor = browse("supervisor.bell")
    assert "Missed by 3 h 0 min" in (await supervisor.get("/oversight/clocks")).text


async def test_handing_over_without_a_person_or_a_task_does_nothing_and_says_so(browse: Browse) -> None:
    supervisor = browse("supervisor.bell")
    answer = await supervisor.post("/oversight/hand-over", "/oversight/clocks", to="nurse.adams")
    assert answer.status_code == 303
    assert "Nothing was handed over." in (await supervisor.get("/oversight/clocks")).text


async def test_chosen_tasks_are_offered_to_those_alone_who_may_do_every_one_and_the_others_are_told_the_rule(
    browse: Browse, plan_store: Store
) -> None:
    put(plan_store, [clock(1.5)])
    shown = (await browse("supervisor.bell").get("/oversight/hand-over", task=f"{CASE}-T1")).text
    offered = set(re.findall(r'name="to" value="([^"]+)"', shown))
    assert "nurse.lopez" in offered and not offered & {"md.ortho.chen", "intake.kim", "supervisor.bell"}
    assert "Wei Chen, MD" in shown and "task.role" in shown


async def test_only_those_who_lead_see_oversight(browse: Browse) -> None:
    for subject in ("nurse.adams", "intake.kim", "md.ortho.chen", "1215000013"):
        assert (await browse(subject).get("/oversight/clocks")).status_code == 403
    for subject in ("supervisor.bell", "compliance.ortiz", "director.osei"):
        assert (await browse(subject).get("/oversight/clocks")).status_code == 200


async def test_no_page_of_oversight_counts_what_anybody_decided(browse: Browse, plan_store: Store) -> None:
    """No column, heading or link is about approvals, denials or pace of a person."""
    put(plan_store, [clock(1.5)])
    for subject in ("supervisor.bell", "compliance.ortiz", "director.osei"):
        for address in PAGES:
            answer = await browse(subject).get(address)
            if answer.status_code != 200:
                continue
            heads = " ".join(
                re.findall(r"<(?:th|h1|h2|caption|dt|a)\b[^>]*>(.*?)</(?:th|h1|h2|caption|dt|a)>", answer.text, re.S)
            )
            for word in ("denial", "denied", "approv", "not approved", "rate", "average", "per hour", "decisions by"):
                assert not re.search(rf"\b{word}", heads, re.I), (address, word, heads)


async def test_the_access_log_tells_who_looked_at_which_part_of_a_case_and_who_was_not_allowed(
    browse: Browse, plan_store: Store
) -> None:
    put(plan_store, [clock(1.5)])
    await browse("nurse.adams").get(f"/cases/{CASE}/journal")
    await browse("1215000021").get(f"/provider/requests/{CASE}")
    auditor = browse("compliance.ortiz")
    whole = (await auditor.get("/oversight/access")).text
    assert "Grace Adams, RN" in whole and "Journal" in whole and CASE in whole
    hers = (await auditor.get("/oversight/access?subject=nurse.adams")).text
    assert "Grace Adams, RN" in hers and "Breathe Easy" not in hers
    refused = (await auditor.get(f"/oversight/access?case={CASE.lower()}&refused=yes")).text
    assert "No: told that it is not on file" in refused and "Grace Adams, RN" not in refused
    assert "No look at a case matches" in (await auditor.get("/oversight/access?case=PA-NONE")).text
    assert (await browse("nurse.adams").get("/oversight/access")).status_code == 403


async def test_a_license_that_ended_gates_and_stands_first(browse: Browse) -> None:
    page = (await browse("supervisor.bell").get("/oversight/people")).text
    grant = page.split("Harold Grant, MD")[1].split("</tr>")[0]
    assert "gets no tasks" in grant


async def test_the_affirmation_is_kept_once_a_year_in_ones_own_name(browse: Browse) -> None:
    nurse = browse("nurse.adams")
    answer = await nurse.post("/affirmation", "/affirmation", affirmed="yes", reviewer_id="nurse.lopez")
    assert answer.status_code == 303
    assert "On file for" in (await nurse.get("/affirmation")).text
    assert "On file for" not in (await browse("nurse.lopez").get("/affirmation")).text


async def test_a_task_of_a_case_that_is_not_for_the_leader_is_not_handed_over_and_the_others_are(
    browse: Browse, plan_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = "QC-TESTCASE0001"
    put(plan_store, [])
    with plan_store.begin() as s:
        hidden = json(case_view(concern, process=ProcessKind.CONCERN))[0]
        read_models.record_entries(s, concern, [draft(1, case=hidden, tasks=json(task(1, concern)))])
    moved: list[str] = []

    async def reassign(_services: object, task_id: str, *_given: object) -> CommandResult:
        moved.append(task_id)
        return CommandResult(kind=CommandStatus.ACCEPTED, case_id=CASE, message_id="m", says="Done.")

    monkeypatch.setattr(case_actions, "reassign_task", reassign)
    supervisor, chosen = browse("supervisor.bell"), [f"{concern}-T1", "PA-NOBODYKNOWS1-T1", "INBOX-7", f"{CASE}-T1"]
    await supervisor.post("/oversight/hand-over", "/oversight/clocks", to="nurse.adams", task=chosen)
    assert moved == [f"{CASE}-T1"]
    page = (await supervisor.get("/oversight/clocks")).text
    assert all(f"{one}: There is no such task for you." in page for one in chosen[:3])


async def test_what_does_not_fit_on_one_page_of_clocks_stands_on_the_next_and_no_clock_is_cut_in_two(
    browse: Browse, plan_store: Store
) -> None:
    due = (NOW + timedelta(hours=1)).isoformat()
    both = [
        {"kind": kind, "at": due, "citation": "42 CFR 422.568(b)", "to": "member"} for kind in ("decision", "notice")
    ]
    rules = [f"R-{number:03}" for number in range(30)]
    put(plan_store, [clock(1, rule_id=rule, due=both) for rule in rules])
    leader = browse("supervisor.bell")
    first = (await leader.get("/oversight/clocks")).text
    link = re.search(r'href="(/oversight/clocks\?after=[^"]+)"', first)
    assert link is not None
    second = (await leader.get(html.unescape(link.group(1)))).text
    listed = [re.findall(r">(R-\d{3})<", page) for page in (first, second)]
    assert listed[0] + listed[1] == rules and len(listed[0]) == 25
    assert "No clock comes after these" in (await leader.get("/oversight/clocks?after=9999-12-31T00:00:00Z~x~y")).text
    assert (await leader.get("/oversight/clocks?after=nonsense")).text.count("R-0") == first.count("R-0")


async def test_no_sum_tells_a_leader_of_a_case_that_is_not_on_file_for_them(
    browse: Browse, plan_store: Store, web_context: WebContext
) -> None:
    """A supervisor sees no concern: neither its clock nor its task is in a sum above the rows that they see."""
    concern = "QC-TESTCASE0001"
    put(plan_store, [clock(1.5)])
    with plan_store.begin() as s:
        hidden = json(case_view(concern, process=ProcessKind.CONCERN))[0]
        tasks = json(task(1, concern, role=Role.COMPLIANCE), task(2, concern, role=Role.MEDICAL_DIRECTOR))
        clocks = [clock(hours) for hours in (-1, 1, 20)]
        for place, one in enumerate(clocks):
            one["rule_id"] = f"QC-{place}"
        read_models.record_entries(s, concern, [draft(1, case=hidden, clocks=clocks, tasks=tasks)])
    sums = {}
    for subject in ("supervisor.bell", "director.osei"):
        page = (await browse(subject).get("/oversight/clocks")).text
        sums[subject] = re.findall(r"<b>(\d+)</b> <span>", page), re.findall(r'data-l="Tasks">(\d+)', page)
    assert sums["supervisor.bell"] == (["0", "1", "0", "0", "0"], ["1"])
    assert sums["director.osei"] == (["0", "3", "1", "0", "0"], ["1", "1", "1"])
