"""The items of an information request, one by one: what is asked, how it is answered, and what has come since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.authorization.case import AuthorizationCase
from domain.criteria.asked_groups import planned_questions
from domain.criteria.fact_extraction import ClinicalStatement, QuestionnaireAnswer, extract_shared_facts
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactType
from domain.evidence.units import clinic_unit
from domain.journal import EntryKind
from domain.model import Model
from store import cases, criteria_traces, documents, inbox, journal, requests
from store.requests import StoredRequest


class AskedItem(Model):
    """One fact that the provider is asked for. `item_id` is the fact's id, or a reviewer's own words where it has none.

    `kind` is how it is answered: a kind of fact, or None where only a document or words can. `unit` is the UCUM code of a
    number and `unit_words` how a clinic writes it. `needs_document`: a bare word does not count. `for_what` names the question
    it belongs to, `any_one_of` that one item of it is enough, `instead` what would do as well. `got_at` (UTC): when an answer
    came; `got_document`: a document named for it came, which people read.
    """

    item_id: str
    asks: str
    kind: FactType | None
    unit: str | None = None
    unit_words: str | None = None
    values: tuple[str, ...] = ()
    needs_document: bool = False
    for_what: str = ""
    any_one_of: bool = False
    instead: tuple[str, ...] = ()
    got_at: AwareDatetime | None = None
    got_document: bool = False


def list_items(s: Session, case: AuthorizationCase, definitions: Mapping[str, FactDefinition]) -> tuple[AskedItem, ...]:
    """List the items of the case's information request, in the order in which they were asked; none without one."""
    asked = case.information
    if asked is None:
        return ()
    facts = asked.facts or asked.asked or _journaled_facts(s, case.case_id)
    came = _arrivals(s, case.case_id, asked.asked_at, definitions)
    questions = _questions(s, case.case_id)
    titled = tuple((one.title, one.received_at) for one in documents.of_case(s, case.case_id))
    return tuple(_item(fact, definitions.get(fact), questions.get(fact, {}), came, titled) for fact in facts)


def document_title(item: str, file_name: str) -> str:
    """The title of a document that is sent for an item: both, so that the reviewer finds it."""
    return f"{file_name} (for: {item})"


def _item(
    fact: str,
    known: FactDefinition | None,
    question: Mapping[str, Any],
    came: Mapping[str, datetime],
    titled: Sequence[tuple[str, datetime]],
) -> AskedItem:
    asks = known.ask if known is not None else fact
    sent = [at for title, at in titled if title.endswith(document_title(asks, ""))]
    return AskedItem(
        item_id=fact,
        asks=asks,
        kind=known.type if known is not None else None,
        unit=known.unit if known is not None else None,
        unit_words=clinic_unit(known.unit) if known is not None else None,
        values=known.values if known is not None else (),
        needs_document=known is not None and known.evidence in (EvidenceTier.DOCUMENT, EvidenceTier.STRUCTURED),
        got_at=came.get(fact) or max(sent, default=None),
        got_document=bool(sent) and fact not in came,
        **question,
    )


def _journaled_facts(s: Session, case_id: str) -> tuple[str, ...]:
    """The facts of the last information request; cases of older releases have them in the journal alone."""
    asked = [one for one in journal.entries(s, case_id) if one.kind is EntryKind.INFORMATION_REQUESTED]
    facts = asked[-1].data.get("facts") if asked else None
    return tuple(str(fact) for fact in facts) if isinstance(facts, list) else ()


def _questions(s: Session, case_id: str) -> dict[str, dict[str, Any]]:
    """The planned question that each fact belongs to, by fact."""
    found: dict[str, dict[str, Any]] = {}
    for line in cases.lines(s, case_id):
        if line.verdict_id is None:
            continue
        stored = criteria_traces.load(s, line.verdict_id)
        for group in planned_questions(stored.line_id, stored.verdict) or ():
            about = {"for_what": group.title, "any_one_of": group.any_one_of, "instead": group.instead}
            for option in group.options:
                for asked in option:
                    found.setdefault(asked.fact_id, about)
    return found


def _arrivals(
    s: Session, case_id: str, since: datetime, definitions: Mapping[str, FactDefinition]
) -> dict[str, datetime]:
    """The instant (UTC) at which each fact first came after `since`."""
    newest = requests.load(s, case_id)
    before: set[object] = set()
    came: dict[str, datetime] = {}
    for version in range(1, newest.version + 1):
        stored = requests.load(s, case_id, version)
        facts = _facts(stored, definitions)
        at = _received_at(s, stored)
        if at >= since:
            for fact in facts:
                if (fact.id, fact.value, fact.source.reference) not in before:
                    came.setdefault(fact.id, at)
        before = {(fact.id, fact.value, fact.source.reference) for fact in facts}
    return came


def _facts(stored: StoredRequest, definitions: Mapping[str, FactDefinition]) -> tuple[Fact, ...]:
    kept = stored.answers if isinstance(stored.answers, dict) else {}
    statements = tuple(ClinicalStatement.model_validate(one) for one in _listed(kept.get("statements")))
    answers = tuple(QuestionnaireAnswer.model_validate(one) for one in _listed(kept.get("answers")))
    return (*stored.request.facts, *extract_shared_facts(definitions, statements, answers, stored.request))


def _listed(kept: object) -> list[Any]:
    return kept if isinstance(kept, list) else []


def _received_at(s: Session, stored: StoredRequest) -> datetime:
    if stored.version == 1 or stored.inbox_id is None:
        return stored.request.received_at
    return inbox.get(s, stored.inbox_id).received_at
