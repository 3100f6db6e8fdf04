"""Speed benchmarks without Temporal: clocks, criteria, letters, reading a bundle; each in this process on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import median

from bench import requests
from domain.clocks.binding import compute_clocks
from domain.clocks.engine import ClockFacts, compute_clock
from domain.criteria.evaluation import Guideline, evaluate
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.letters.context import LetterContext, LetterLine, Party, PlanContact
from domain.letters.request_facts import ApprovalFacts, RequestDetails
from domain.vocabulary import Audience, Channel, LineOutcome, Lob, NoticeKind, ReviewKind, ServiceKind, Urgency
from interop.reader import read_request
from rulebook.rulebook import Rulebook, load_rulebook
from templates.rendering import render_letter

REPEATS = 7


@dataclass(frozen=True)
class SpeedResult:
    """Microseconds of one call: the median over several batches, and the best batch, which other load disturbs least."""

    what: str
    median: float
    best: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return 1e6 / self.median


def measure(rulebook: Rulebook, seconds: float) -> list[SpeedResult]:
    """Measure all operations, each for so many seconds."""
    return [_measure_operation(what, work, seconds) for what, work in _operations(rulebook)]


def _operations(rulebook: Rulebook) -> list[tuple[str, Callable[[], object]]]:
    facts = _clock_facts()
    simple = next(rule for rule in rulebook.clocks if rule.rule_id == _simple(rulebook, facts))
    guideline = largest_guideline(rulebook)
    dictionary = rulebook.criteria.dictionary
    day = date(2026, 11, 16)
    seen = facts_of_test_case(max(guideline.tests, key=lambda vector: len(vector.facts)), dictionary, day)
    letters = [_letter(rulebook, audience) for audience in (Audience.MEMBER, Audience.PROVIDER)]
    raw = requests.request_bundle(0)
    received = datetime(2026, 11, 16, 21, 0, tzinfo=UTC)
    return [
        ("the whole rulebook, loaded and checked", lambda: load_rulebook({})),
        (f"clock, one rule ({simple.rule_id})", lambda: compute_clock(simple, facts, (), rulebook.calendar)),
        (
            f"clocks, all that bind a case ({len(rulebook.clocks)} rules looked at)",
            lambda: compute_clocks(rulebook.clocks, facts, (), rulebook.calendar),
        ),
        (
            f"criteria with trace, largest guideline ({guideline.id}, {len(seen)} facts)",
            lambda: evaluate(guideline, dictionary, seen, day),
        ),
        ("letter, approval to the member (HTML and text)", letters[0]),
        ("letter, approval to the provider (HTML and text)", letters[1]),
        (
            f"reading a FHIR request bundle ({len(raw) // 1024} KiB)",
            lambda: read_request(raw, received, Channel.FHIR_PAS),
        ),
    ]


def largest_guideline(rulebook: Rulebook) -> Guideline:
    """The guideline whose compiled tree has the most nodes."""
    return max(rulebook.criteria.guidelines, key=lambda guideline: len(guideline.model_dump_json(include={"logic"})))


def _simple(rulebook: Rulebook, facts: ClockFacts) -> str:
    return compute_clocks(rulebook.clocks, facts, (), rulebook.calendar)[0].rule_id


def _clock_facts() -> ClockFacts:
    return ClockFacts(
        lob=Lob.MEDICARE_ADVANTAGE,
        urgency=Urgency.STANDARD,
        received_at=datetime(2026, 11, 16, 21, 0, tzinfo=UTC),
        zone="America/Chicago",
        service_kind=ServiceKind.MEDICAL,
        review_kind=ReviewKind.PROSPECTIVE,
        requires_prior_authorization=True,
        state="IL",
        electronic=True,
        noncontract_records_needed=False,
    )


def _letter(rulebook: Rulebook, audience: Audience) -> Callable[[], object]:
    context = _context(audience)
    rule = rulebook.notices.rule(NoticeKind.APPROVAL, audience, Lob.MEDICARE_ADVANTAGE)
    rights = rulebook.notices.rights(Lob.MEDICARE_ADVANTAGE, ServiceKind.MEDICAL)
    return lambda: render_letter(context, rule, rights)


def _context(audience: Audience) -> LetterContext:
    member = Party(name="Alma Whitfield", address=("12 Sample Street", "Springfield, IL 62702"))
    clinic = Party(name="Riverbend Clinic", address=("8 Mill Road", "Springfield, IL 62703"), phone="1-217-555-0155")
    line = LetterLine(
        line_id="1",
        description="Oxygen concentrator, single delivery port",
        code="E1390",
        quantity=Decimal(12),
        unit="month",
        start=date(2026, 12, 7),
        end=date(2027, 12, 6),
        outcome=LineOutcome.APPROVED,
        approved_quantity=Decimal(12),
        approved_start=date(2026, 12, 7),
        approved_end=date(2027, 12, 6),
    )
    return LetterContext(
        notice=NoticeKind.APPROVAL,
        audience=audience,
        lob=Lob.MEDICARE_ADVANTAGE,
        zone="America/Chicago",
        issue_date=date(2026, 11, 16),
        case_number="PA-7K3QX2MDVH5A",
        letter_number="PA-7K3QX2MDVH5A:approval:1",
        recipient=member if audience is Audience.MEMBER else clinic,
        plan=PlanContact(
            plan_name="Example Health",
            phone="1-800-555-0140",
            tty="711",
            fax="1-800-555-0141",
            address=("100 Example Plaza", "Springfield, IL 62701"),
            hours="Monday to Friday, 8 a.m. to 8 p.m.",
            website="www.example.com/health",
        ),
        member_name=member.name,
        member_id="MBR7000000",
        requesting_provider=clinic,
        service_kind=ServiceKind.MEDICAL,
        received_at=datetime(2026, 11, 16, 21, 0, tzinfo=UTC),
        lines=(line,),
        diagnoses=("J44.9", "J96.11"),
        facts=ApprovalFacts(
            request=RequestDetails(request_version=1, urgency=Urgency.STANDARD, lines=()),
            approved_by_rule="CMS LCD L33797, Oxygen and Oxygen Equipment",
            authorization_number="AU7K3QX2MDVH5A",
        ),
    )


def _measure_operation(what: str, work: Callable[[], object], seconds: float) -> SpeedResult:
    work()
    began = time.process_time()
    work()
    once = max(time.process_time() - began, 1e-6)
    batch = max(1, int(seconds / REPEATS / once))
    taken = [_batch(work, batch) for _ in range(REPEATS)]
    return SpeedResult(what, median(taken), min(taken))


def _batch(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6
