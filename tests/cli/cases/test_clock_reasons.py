"""`umpire clocks CASE`: for every rule of the book why it binds the case or not, with its law and how sure that is."""

from __future__ import annotations

import pytest

from activities.lookups.clock_inputs import clock_inputs
from demo.time_skipping_lab import rulebook
from domain.authorization.orders import ReviewInput
from domain.clocks.binding import evaluate_bindings
from domain.vocabulary import Lob
from store import cases, directory, requests
from tests.cli.terminal import SAMPLES, Terminal

pytestmark = pytest.mark.many

HEADINGS = ["Bind the case", "Nearly bind", "Another line of business", "Another step than this case is in"]


async def test_every_rule_of_the_book_says_why_it_binds_or_not(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    data = (await terminal.type("clocks", case_id, "--json")).data
    shown = [(one["rule_id"], one["variant"]) for one in data["rules"]]
    assert sorted(shown) == sorted((one.rule_id, one.variant) for one in rulebook().clocks)
    assert all(one["why"] and one["citations"] and one["confidence"] for one in data["rules"])
    assert all(one["binds"] is not bool(one["fails"]) for one in data["rules"])
    of = {(one["rule_id"], one["variant"]): one for one in data["rules"]}
    assert of["MA-OD-STD-PA", ""]["clock"].startswith("decision due ")
    (late,) = of["MA-OD-STD-PA", "before-2026"]["fails"]
    assert late["about"] == "date" and late["why"].startswith("received until 2025-12-31, and it came on ")
    assert of["MA-OD-STD-PA", "before-2026"]["group"] == "nearly_binds"
    assert of["MA-RECON-STD", ""]["fails"][0]["why"] == "it is about appeal, and the case is in authorization"
    assert of["NCQA-PRE-NONURGENT", ""]["fails"][0]["about"] == "accreditation"


async def test_what_binds_stands_first_then_what_nearly_does(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("clocks", case_id)
    assert said.code == 0
    assert f"of {len(rulebook().clocks)} clock rules bind it" in said.out.splitlines()[0]
    places = [said.out.index(f"\n{heading}") for heading in HEADINGS]
    assert places == sorted(places)
    assert said.out.count("42 CFR 438.210(d)(1)") >= 2 and "unsure" in said.out
    assert f"umpire clocks {case_id}" in (await terminal.type("show", case_id)).out


@pytest.mark.parametrize(
    "name",
    [
        "lumbar-fusion",
        "home-oxygen-expedited",
        "part-b-drug",
        "pharmacy-drug",
        "drug-exception",
        "behavioral-outpatient",
        "service-not-required",
    ],
)
async def test_the_facts_shown_are_those_by_which_the_case_was_clocked(terminal: Terminal, name: str) -> None:
    case_id = await terminal.submit(name)
    data = (await terminal.type("clocks", case_id, "--json")).data
    with terminal.lab.store.read() as s:
        running = {one["rule_id"] for one in cases.clocks(s, case_id)}  # type: ignore[call-overload, index]
        at = requests.load(s, case_id).request.received_at
        order = ReviewInput(case_id=case_id, request_version=1, received_at=at, events=(), now=at)
        facts, _ = clock_inputs(s, rulebook(), order)
    assert {one["rule_id"] for one in data["rules"] if one["runs"]} == running
    bound = {one.rule_id for one in evaluate_bindings(rulebook().clocks, facts) if one.binds}
    assert running <= bound
    assert all(one["clock"] for one in data["rules"] if one["binds"])


async def test_an_upgrade_that_the_journal_tells_of_binds_the_expedited_rules(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    said = await terminal.type("expedite", case_id, "--physician-statement", "--as", "nurse.adams")
    assert said.code == 0, said.err
    data = (await terminal.type("clocks", case_id, "--json")).data
    of = {(one["rule_id"], one["variant"]): one for one in data["rules"]}
    assert of["MA-OD-EXP", ""]["binds"] and of["MA-OD-EXP", ""]["runs"]


async def test_a_case_that_no_worker_has_opened_yet_has_its_reasons_too(terminal: Terminal) -> None:
    await terminal.lab.stop_worker()
    said = await terminal.type("submit", SAMPLES / "requests" / "lumbar-fusion.json", "--json")
    data = (await terminal.type("clocks", said.data[0]["case_id"], "--json")).data
    assert data["looked_at_with"] is None
    assert {one["clock"] for one in data["rules"] if one["binds"]} == {"not computed yet: the case is being opened"}


async def test_a_clock_that_runs_by_what_has_changed_since_is_said_to_run(terminal: Terminal) -> None:
    case_id = await terminal.submit("lumbar-fusion")
    await terminal.lab.stop_worker()
    with terminal.lab.store.begin() as s:
        member = requests.load(s, case_id).request.member.member_id
        (now,) = directory.coverages(s, member)
        directory.put_coverage(s, now.model_copy(update={"lob": Lob.MEDICAID}))
    said = await terminal.type("clocks", case_id)
    (line,) = [one for one in said.out.splitlines() if one.startswith("MA-OD-STD-PA\t")]
    assert "its clock still runs from the last review, before this changed" in line
    assert "\nMCD-SA-STD\t" in said.out and "or the facts have changed since" in said.out


async def test_an_unknown_case_is_named_with_a_way_out(terminal: Terminal) -> None:
    said = await terminal.type("clocks", "PA-NONE")
    assert said.code == 4 and "umpire cases" in said.err
