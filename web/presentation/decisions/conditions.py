"""Conditions of signing as the page shows them: each holding or not, with its ways out as links that do it.

The rules and whether they hold come from the check of the message itself; here they only get their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.authorization.signing.readiness import SigningStep
from domain.cases.tasks import TaskKind
from domain.decisions.reviewers import License, Reviewer
from domain.errors import Refused, RuleViolation
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import StaffDuty
from services.commands.decision_form import choose_license, choose_specialty
from services.commands.signing import DraftedDecision, SigningDesk
from web.presentation import ways_out
from web.presentation.decisions.fields import ATTESTED, DECLARED, DecisionFields
from web.presentation.instants import describe_day, describe_instant
from web.presentation.words import spell_out

_NOT_YET_SAID = frozenset({"decision.not_adverse"})
"""Rules that say nothing while a line is unanswered."""
_ABOUT_WORDS = frozenset(
    {"decision.lines", "decision.reason", "benefit.provision", "benefit.exact_provision", "task.note"}
)
"""Rules that hold as soon as what is blank is written."""
_OF_RECORDS = frozenset({"decision.reason"})
"""Rules that break because the reason lists the records that its signer opened."""


@dataclass(frozen=True)
class WayStep:
    """A way out: words, and the address that does it (empty: only words); `hand_to` is whom a button hands the task to."""

    words: str
    address: str = ""
    hand_to: str = ""


@dataclass(frozen=True)
class Obstacle:
    """A rule that stands against the signature, as it is refused: the sentence, the rule with its law, the ways out."""

    message: str
    rule: str
    ways: tuple[WayStep, ...]


@dataclass(frozen=True)
class Condition:
    """A condition of signing: `lead` is said bold, `rest` behind it; the obstacles are those rules that do not hold. One that
    `waits` holds as soon as another does."""

    step: str
    lead: str
    rest: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    waits: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing of it stands against the signature."""
        return not self.obstacles and not self.waits


@dataclass(frozen=True)
class SigningView:
    """Everything that the page has to say about whether and how this decision may be signed."""

    conditions: tuple[Condition, ...]

    @property
    def holds(self) -> bool:
        """Whether every condition holds."""
        return all(one.holds for one in self.conditions)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Every rule that stands against it, in the order of the conditions."""
        return tuple(one for condition in self.conditions for one in condition.obstacles)


def show_conditions(
    desk: SigningDesk,
    tried: DraftedDecision,
    blanks: Sequence[tuple[str, str]],
    signers: Sequence[tuple[Reviewer, int]],
    fields: DecisionFields | None = None,
) -> SigningView:
    """The conditions of this decision. `blanks` are the fields that are still empty, each with its id and words; `signers`
    those who may sign it, each with the number of their open tasks."""
    broken = {check.step: check.broken for check in tried.checks}
    unsaid = any(one.rule == "decision.lines" for one in broken.get(SigningStep.DECISION, ()))
    silent = _NOT_YET_SAID if unsaid else frozenset[str]()
    waiting = waits_for_records(tried, blanks)
    shown = []
    for step in SigningStep:
        waits = waiting and step is SigningStep.DECISION
        quiet = silent | (_OF_RECORDS if waits else frozenset())
        found = tuple(one for one in broken.get(step, ()) if one.rule not in quiet)
        obstacles = tuple(show_obstacle(one, step, desk, blanks, signers) for one in found)
        said = _said(step, desk, fields, holds=not obstacles)
        if waits and not obstacles:
            said = ("Every line is answered", "; the reason lists the documents that you open")
        if said is not None or obstacles:
            lead, rest = said or ("", "")
            shown.append(Condition(step.value, lead, rest, obstacles, waits=waits))
    return SigningView(tuple(shown))


def is_written(blanks: Sequence[tuple[str, str]]) -> bool:
    """Whether no text of the decision is blank, so that what its letter lacks is for another reason."""
    return not any(_is_text(at) for at, _ in blanks)


def waits_for_records(tried: DraftedDecision, blanks: Sequence[tuple[str, str]]) -> bool:
    """Whether everything is written, and the reason lacks only the records that were not opened: it lists those that were."""
    unopened = any(check.broken for check in tried.checks if check.step is SigningStep.RECORDS)
    return unopened and is_written(blanks)


def _is_text(at: str) -> bool:
    """Whether a blank field is one of the decision and its words, and no statement or answer to a criterion."""
    return not (at in DECLARED or at in ATTESTED or at.startswith("answer-"))


def show_obstacle(
    rule: RuleViolation,
    step: SigningStep,
    desk: SigningDesk,
    blanks: Sequence[tuple[str, str]],
    signers: Sequence[tuple[Reviewer, int]],
) -> Obstacle:
    """A rule that stands against the signature, with what its signer can do about it here."""
    ways = tuple(_ways(rule, step, desk, blanks, signers))
    message = ways_out.words_for_pages(rule.message).replace("_", " ")
    return Obstacle(message, rule.rule.replace(": ", " · ", 1), ways)


def _ways(
    rule: RuleViolation,
    step: SigningStep,
    desk: SigningDesk,
    blanks: Sequence[tuple[str, str]],
    signers: Sequence[tuple[Reviewer, int]],
) -> Iterator[WayStep]:
    case_id = desk.before.case_id
    if step is SigningStep.RECORDS:
        for record in desk.before.records:
            if record not in desk.before.opened:
                yield WayStep(f"Open {record.title}", f"/cases/{case_id}/documents/{record.document_id}")
        return
    if step is SigningStep.CRITERIA:
        for words, at in [(words, at) for at, words in blanks if at.startswith("answer-")]:
            yield WayStep(words, f"#{at}")
        return
    if step is SigningStep.PEER_TO_PEER and rule.rule.endswith(".peer_to_peer"):
        yield WayStep("Hold it", f"/cases/{case_id}/peer-to-peer#h-res")
        yield WayStep("record that it was declined", f"/cases/{case_id}/peer-to-peer#h-res")
        offer = desk.case.peer_to_peer
        if offer is not None:
            yield WayStep(f"or wait until the offer ends on {describe_instant(offer.until, desk.case.zone)}")
        return
    if step is SigningStep.SIGNER:
        yield from _other_signers(desk, signers)
        return
    if rule.rule == "decision.conflict":
        undeclared = [one for one in blanks if one[0] in DECLARED]
        yield from (WayStep(words, f"#{at}") for at, words in undeclared)
        yield from _other_signers(desk, () if undeclared else signers, known=bool(undeclared))
        return
    if rule.rule == "decision.attestation":
        yield from (WayStep(words, f"#{at}") for at, words in blanks if at in ATTESTED)
        return
    if rule.rule in _ABOUT_WORDS:
        named = [(at, words) for at, words in blanks if _is_text(at)]
        for at, words in named:
            yield WayStep(words, f"#{at}")
        if named:
            return
    way = ways_out.way_out(rule, case_id, desk.task.task_id)
    yield WayStep(way.words)
    yield from (WayStep(words, address) for address, words in way.links if not address.endswith("/decision"))


def _other_signers(
    desk: SigningDesk, signers: Sequence[tuple[Reviewer, int]], *, known: bool = False
) -> Iterator[WayStep]:
    """To whom the task may be handed; `known` without any leaves open whether there is somebody."""
    is_theirs = desk.task.assignee == _signer(desk).reviewer_id
    for who, tasks in signers:
        field = ", ".join(spell_out(one).lower() for one in who.specialties[:1])
        load = f"{count_phrase(tasks, 'open task')}" if tasks else "no open task"
        words = ", ".join(part for part in (who.name, field, load) if part)
        yield WayStep(f"Hand it to {words}", hand_to=who.reviewer_id) if is_theirs else WayStep(f"It is for {words}")
    if not signers and not known:
        yield WayStep("Nobody in the directory may sign it today: tell your supervisor")
    if is_theirs:
        yield WayStep("or give it back to the list", f"/tasks/{desk.task.task_id}")


def _said(
    step: SigningStep, desk: SigningDesk, fields: DecisionFields | None, *, holds: bool
) -> tuple[str, str] | None:
    """The words of a condition: what is so, whether or not it is enough. None for one that has none of its own."""
    match step:
        case SigningStep.RECORDS:
            return _records_said(desk)
        case SigningStep.CRITERIA:
            return _criteria_said(desk, fields)
        case SigningStep.PEER_TO_PEER:
            return _call_said(desk)
        case SigningStep.SIGNER:
            return _signer_said(desk, fields, holds=holds)
        case SigningStep.INDEPENDENCE:
            declared = "You have declared that you have no conflict" if holds else "Independence"
            before = ", and took no part before" if _excludes_earlier(desk) and holds else ""
            return declared, before
        case SigningStep.DECISION:
            return ("Every line is answered", ", with its reason") if holds else ("The decision", "")


def _records_said(desk: SigningDesk) -> tuple[str, str]:
    needed = len(desk.before.records)
    if not needed:
        return "No documents are on file", "; the letter says so"
    opened = [one.opened_at for one in desk.before.sheet.openings if one.reviewer_id == _signer(desk).reviewer_id]
    last = f", the last {describe_instant(max(opened), desk.case.zone)}" if opened else ""
    return f"{len(desk.before.opened)} of {count_phrase(needed, 'document')} opened by you", last


def _criteria_said(desk: SigningDesk, fields: DecisionFields | None) -> tuple[str, str] | None:
    if desk.task.kind is TaskKind.BENEFIT_REVIEW:
        return None
    if fields is None or not fields.criteria:
        return "No criterion is left to be answered", ""
    answered = sum(bool(one.answer) for one in fields.criteria)
    return f"{answered} of {len(fields.criteria)} deciding criteria answered", " by you"


def _call_said(desk: SigningDesk) -> tuple[str, str] | None:
    offer, rule = desk.case.peer_to_peer, desk.before.sheet.decider
    if offer is None:
        return None if rule is None or not rule.peer_to_peer_first else ("Peer-to-peer:", " not offered yet")
    return "Peer-to-peer", f" {describe_call(desk)}"


def describe_call(desk: SigningDesk) -> str:
    """The state of the peer-to-peer in words, such as 'held Fri Dec 4, 1:30 PM EST with Dr. Lee'; empty without an offer."""
    offer, entry, zone = desk.case.peer_to_peer, desk.call, desk.case.zone
    if offer is None:
        return ""
    contact = entry.data.get("contact") if entry is not None else None
    with_whom = f" with {contact['called']}" if isinstance(contact, Mapping) and contact.get("called") else ""
    at = f" {describe_instant(entry.at, zone)}" if entry is not None else ""
    match offer.result:
        case "held":
            return f"held{at}{with_whom}"
        case "declined":
            return f"declined{at}"
        case "provider_no_show":
            return f"missed by the provider{at}"
    if offer.ended:
        return f"offered until {describe_instant(offer.until, zone)}; nobody called"
    missed = "missed by the plan and offered again" if offer.result == "plan_no_show" else "offered"
    return f"{missed} until {describe_instant(offer.until, zone)}; not held, not declined"


def _signer_said(desk: SigningDesk, fields: DecisionFields | None, *, holds: bool) -> tuple[str, str]:
    who = _signer(desk)
    if desk.task.kind is TaskKind.BENEFIT_REVIEW:
        held = [one for one in who.credentials if one.duty is StaffDuty.BENEFIT_DECISIONS]
        last = max(held, key=lambda one: one.expires, default=None)
        return (
            "Your credential",
            f" {last.number}, valid to {describe_day(last.expires)}" if last is not None else ": none on file",
        )
    specialty = choose_specialty(desk.before, (fields.specialty if fields is not None else "") or None)
    named = spell_out(specialty) if specialty else "No specialty on file"
    chosen = _license(desk, fields)
    licence = (
        f"license {chosen.state} {chosen.number}, valid to {describe_day(chosen.expires)}"
        if chosen is not None
        else "no license"
    )
    fits = "fits this service; " if holds and desk.task.specialties else ""
    return named, f" {fits}{licence}" if fits else f", {licence}"


def _license(desk: SigningDesk, fields: DecisionFields | None) -> License | None:
    try:
        return choose_license(desk.before, (fields.licence if fields is not None else "") or None)
    except Refused:
        return None


def _excludes_earlier(desk: SigningDesk) -> bool:
    rule = desk.before.sheet.decider
    return rule is not None and rule.not_involved_before


def _signer(desk: SigningDesk) -> Reviewer:
    return desk.before.reviewer
