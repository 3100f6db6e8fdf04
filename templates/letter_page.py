"""Text of a letter's laid-out elements: every amount, date and code is formatted here, not in a template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.decisions.reasons import StructuredReason
from domain.evidence.units import clinic_unit
from domain.letters.context import AskedBranch, AskedFact, AskedGroup, LetterContext, LetterLine
from domain.letters.request_facts import AdverseFacts
from domain.vocabulary import ADVERSE_OUTCOMES, AskedBy, Audience, LineOutcome
from templates.amounts import amount_of_line, asked_amount_of_line
from templates.dates import date_range, format_instant, long_date
from templates.stay_page import StayPage, build_stay_page

OUTCOME_LABELS = {
    LineOutcome.APPROVED: "Approved",
    LineOutcome.APPROVED_IN_PART: "Approved in part",
    LineOutcome.DENIED: "Not approved",
}
DECISION_CODES = {
    LineOutcome.APPROVED_IN_PART: ("A6", "modified, which means that we approved less than was asked for"),
    LineOutcome.DENIED: ("A3", "not certified, which means that we did not approve the service"),
}
"""The action codes of X12 278, HCR01, with their meaning in plain words."""


@dataclass(frozen=True)
class ServiceRow:
    """One service line: the request, and the determination when there is one."""

    description: str
    code: str
    asked: str
    answer: str | None
    approved: str | None


@dataclass(frozen=True)
class ReasonSection:
    """A reason with the lines it is for; lines with the same reason share one section.

    `service` names the lines when the letter has several reasons.
    """

    service: str | None
    reason: StructuredReason


@dataclass(frozen=True)
class RequestedItem:
    """A thing to send, or, with `inner` items, the words that say how many of them are needed."""

    text: str
    inner: tuple[RequestedItem, ...] = ()

    def rows(self, depth: int = 0) -> Iterator[tuple[int, str]]:
        """This item and those inside it, each with its depth."""
        yield depth, self.text
        for item in self.inner:
            yield from item.rows(depth + 1)


@dataclass(frozen=True)
class RequestedItems:
    """Facts requested together; `lead` says how the list is answered, where not all of its items are simply sent. `instead`
    are other ways to satisfy the same rule."""

    title: str
    lead: str | None
    items: tuple[RequestedItem, ...]
    instead: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[tuple[int, str], ...]:
        """All items with their depths, in order."""
        return tuple(row for item in self.items for row in item.rows())

    @property
    def before_instead(self) -> str:
        """The sentence before the other ways."""
        one = len(self.instead) == 1
        return "If not, this is enough instead:" if one else "If not, one of these is enough instead:"


@dataclass(frozen=True)
class LetterPage:
    """Content of a letter's page: everything that the laid-out elements print."""

    issue_date: str
    services: tuple[ServiceRow, ...]
    diagnoses: tuple[str, ...]
    approved: tuple[str, ...]
    reasons: tuple[ReasonSection, ...]
    asked: tuple[RequestedItems, ...]
    decision_codes: tuple[tuple[str, str], ...]
    decided_by: str | None
    decided_on: str | None
    provider: str | None
    provider_label: str
    servicing: str | None
    reached_by: tuple[str, ...]
    stay: StayPage


def build_letter_page(context: LetterContext) -> LetterPage:
    """The content of a letter's page."""
    adverse = [line for line in context.lines if line.outcome in ADVERSE_OUTCOMES]
    outcomes = dict.fromkeys(line.outcome for line in adverse if line.outcome)
    return LetterPage(
        issue_date=long_date(context.issue_date),
        services=tuple(_row(line) for line in context.lines),
        diagnoses=_diagnoses(context),
        approved=tuple(filter(None, (_approved(line) for line in context.lines))),
        reasons=_reasons(adverse),
        asked=tuple(requested_items(group) for group in context.asked),
        decision_codes=tuple(DECISION_CODES[outcome] for outcome in outcomes),
        decided_by=_decided_by(context),
        decided_on=_decided_on(context),
        provider=context.requesting_provider.name if context.requesting_provider else None,
        provider_label="Asked for by" if context.asked_by in (None, AskedBy.PROVIDER) else "Provider",
        servicing=context.servicing_provider.name if context.servicing_provider else None,
        reached_by=_reached_by(context),
        stay=build_stay_page(context.stay, context.zone),
    )


def _diagnoses(context: LetterContext) -> tuple[str, ...]:
    """The diagnoses of the request. A code tells a member nothing: their letters have it beside its words, or not at all."""
    if context.audience is not Audience.MEMBER:
        return context.diagnoses
    known = (diagnosis.strip().partition(" ") for diagnosis in context.diagnoses)
    return tuple(f"{words.strip()} (diagnosis code {code})" for code, _, words in known if words.strip())


def _reasons(adverse: list[LetterLine]) -> tuple[ReasonSection, ...]:
    services: dict[StructuredReason, list[str]] = {}
    for line in adverse:
        if line.reason is not None:
            services.setdefault(line.reason, []).append(line.description)
    several = len(services) > 1
    return tuple(
        ReasonSection("; ".join(dict.fromkeys(names)) if several else None, reason)
        for reason, names in services.items()
    )


def _reached_by(context: LetterContext) -> tuple[str, ...]:
    """Fax number and NPI of a provider without a mail address, as the address block shows them."""
    if context.audience is Audience.MEMBER or context.recipient.address:
        return ()
    fax = f"Fax {context.recipient.fax}" if context.recipient.fax else None
    npi = f"NPI {context.recipient.npi}" if context.recipient.npi else None
    return tuple(filter(None, (fax, npi)))


def _row(line: LetterLine) -> ServiceRow:
    asked = ", ".join(filter(None, (asked_amount_of_line(line), date_range(line.start, line.end))))
    approved = _approved_terms(line) if line.outcome is LineOutcome.APPROVED_IN_PART else None
    return ServiceRow(
        line.description, line.code, asked, OUTCOME_LABELS[line.outcome] if line.outcome else None, approved
    )


def _approved_terms(line: LetterLine) -> str:
    """The approved quantity and dates; the requested ones apply where the determination does not differ. An approval of fewer
    units that names no days is for the requested days."""
    whole = line.outcome is LineOutcome.APPROVED
    quantity = line.approved_quantity if line.approved_quantity is not None or not whole else line.quantity
    as_asked = whole or (line.approved_start is None and line.approved_end is None)
    start = line.approved_start or (line.start if as_asked else None)
    end = line.approved_end or (line.end if as_asked else None)
    level = f"as {line.approved_level.replace('_', ' ')}" if line.approved_level else None
    return ", ".join(filter(None, (amount_of_line(line, quantity), date_range(start, end), level)))


def _approved(line: LetterLine) -> str | None:
    """The line's approval in one phrase; None when nothing was approved, or neither its last day nor its units are known."""
    if line.outcome not in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART):
        return None
    whole = line.outcome is LineOutcome.APPROVED
    end = line.approved_end or (line.end if whole else None)
    bounded = end is not None or line.approved_quantity is not None
    return f"{line.description}: {_approved_terms(line)}" if bounded else None


def requested_items(group: AskedGroup) -> RequestedItems:
    """A question as its page puts it: questions with units, and the words that say how many of them are needed."""
    if group.none_of:
        # Each entry is answered: none of them waits for another one, as "All of these" would say.
        listed = tuple(RequestedItem(question_text(fact)) for option in group.options for fact in option)
        return RequestedItems(
            group.title, "Is one of these so? Please answer yes or no to each:", listed, group.instead
        )
    if group.tree is None:
        branches = tuple(
            AskedBranch(items=option) if len(option) > 1 else option[0] for option in group.options if option
        )
        # Without alternatives there is one option, and it is the list itself.
        alone = len(branches) == 1 and isinstance(branches[0], AskedBranch)
        items = branches[0].items if alone and isinstance(branches[0], AskedBranch) else branches
        tree = AskedBranch(enough=1 if group.any_one_of and not alone else None, items=items)
    else:
        tree = group.tree
    lead = None if len(tree.items) < 2 else {None: None, 1: "One of these is enough:"}.get(tree.enough, _how_many(tree))
    return RequestedItems(group.title, lead, tuple(_requested(item) for item in tree.items), group.instead)


def question_text(fact: AskedFact) -> str:
    """The question with its unit as a clinic writes it, unless the question names it already."""
    unit = clinic_unit(fact.unit)
    return f"{fact.ask} ({unit})" if unit and unit.lower() not in fact.ask.lower() else fact.ask


def _requested(item: AskedFact | AskedBranch) -> RequestedItem:
    if isinstance(item, AskedFact):
        return RequestedItem(question_text(item))
    words = f"{item.title} ({_how_many(item)[0].lower()}{_how_many(item)[1:-1]}):" if item.title else _how_many(item)
    return RequestedItem(words, tuple(_requested(inner) for inner in item.items))


def _how_many(branch: AskedBranch) -> str:
    if branch.enough is None:
        return "All of these:"
    return "One of these:" if branch.enough == 1 else f"At least {branch.enough} of these:"


def _decided_on(context: LetterContext) -> str | None:
    at = context.facts.decided_at if isinstance(context.facts, AdverseFacts) else None
    return format_instant(at, context.zone) if at else None


def _decided_by(context: LetterContext) -> str | None:
    who = context.decided_by
    if who is None:
        return None
    licensed = f"licensed in {who.licence_state}" if who.licence_state else None
    field = who.specialty.replace("_", " ") if who.specialty else None
    credential = who.credential.replace("_", " ") if who.credential else None
    return ", ".join(filter(None, (who.name, credential, field, licensed)))
