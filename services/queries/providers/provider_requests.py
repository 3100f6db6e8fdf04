"""A provider's own requests, as the provider sees them: standing in one sentence, and the one that waits for them first.

No reviewer is named here: the plan answers, not a person. Another provider's request is not on file for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.authorization.case import AuthorizationCase
from domain.authorization.peer_to_peer.planning import offer_until
from domain.cases.tasks import TaskKind
from domain.cases.views import CaseStatus, CaseView, LineView
from domain.errors import NotOnFile
from domain.evidence.facts import FactDefinition
from domain.journal import EntryKind
from domain.model import Model
from domain.plain_language.phrases import count_phrase, day_phrase, role_phrase
from domain.requests.request import AuthorizationRequest, DocumentReference
from domain.vocabulary import Audience, LineOutcome, NoticeKind
from services.call_offers import load_case_state
from services.queries.providers.information_items import AskedItem, list_items
from services.request_versions import load_current_version
from store import cases, directory, documents, inbox, journal, letters, requests, tasks
from store.letters import LetterRecord

LISTED_FOR = timedelta(days=30)
"""A decided request stays on the list so long after its decision."""
MOST = 200


class ProviderStep(StrEnum):
    """The side that a request waits for, in the order in which a provider reads them."""

    ANSWER = "answer"
    """The provider is asked for information."""
    CALL = "call"
    """A peer-to-peer is offered."""
    PLAN = "plan"
    DONE = "done"


class OwnRequest(Model):
    """A request in the provider's list. `sentence` is its standing; until `due_at` (UTC) the provider or the plan acts."""

    case_id: str
    member_name: str
    service: str
    zone: str
    received_at: AwareDatetime
    step: ProviderStep
    sentence: str
    due_at: AwareDatetime | None = None
    status: CaseStatus = CaseStatus.OPEN
    decided_at: AwareDatetime | None = None
    authorization_number: str | None = None
    items: tuple[AskedItem, ...] = ()

    @property
    def left(self) -> tuple[AskedItem, ...]:
        """The items that nobody has answered."""
        return tuple(item for item in self.items if item.got_at is None)

    @property
    def can_withdraw(self) -> bool:
        """Whether the provider may take the request back."""
        return self.step is not ProviderStep.DONE and self.decided_at is None


class OwnRequestDetail(Model):
    """A request with its lines, the letters to the provider, and the documents that came from the provider's side.

    `expedited`: it is expedited, or that is being decided. `peer_to_peer_until` (UTC) is the end of an open offer.
    """

    row: OwnRequest
    request: AuthorizationRequest
    lines: tuple[LineView, ...]
    letters: tuple[LetterRecord, ...]
    documents: tuple[DocumentReference, ...]
    expedited: bool
    peer_to_peer_until: AwareDatetime | None


def list_own_requests(
    s: Session, npi: str, definitions: Mapping[str, FactDefinition], now: datetime, *, all_of_them: bool = False
) -> tuple[OwnRequest, ...]:
    """The provider's requests that are open or were decided in the last 30 days (or all): what waits for them first, then by
    the instant due. `now` is UTC."""
    ids = requests.cases_of_requester(s, npi, MOST)
    views = cases.get_many(s, ids)
    shown = [one for one in ids if all_of_them or _is_listed(views.get(one), now)]
    found = [_row(s, case_id, views.get(case_id), definitions, now) for case_id in shown]
    order = list(ProviderStep)
    return tuple(
        sorted(found, key=lambda one: (order.index(one.step), one.due_at is None, one.due_at or now, one.case_id))
    )


def load_own_request(
    s: Session, npi: str, case_id: str, definitions: Mapping[str, FactDefinition], now: datetime
) -> OwnRequestDetail:
    """Load one of the provider's requests. Raises NotOnFile for another provider's, as for one that is not there."""
    require_own(s, npi, case_id)
    view, state = cases.get(s, case_id), load_case_state(s, case_id)
    stored = load_current_version(s, case_id)
    recalled = {
        one.data.get("letter_id") for one in journal.entries(s, case_id) if one.kind is EntryKind.LETTER_RECALLED
    }
    return OwnRequestDetail(
        row=_row(s, case_id, view, definitions, now),
        request=stored.request,
        lines=cases.lines(s, case_id),
        letters=tuple(one for one in _provider_letters(s, case_id) if one.letter_id not in recalled),
        documents=tuple(one for one in documents.of_case(s, case_id) if one.document_id not in _of_staff(s, case_id)),
        expedited=state is not None and (state.urgency.value == "expedited" or state.expediting.asked is not None),
        peer_to_peer_until=offer_until(state),
    )


def require_own(s: Session, npi: str, case_id: str) -> None:
    """Raise NotOnFile unless this provider asked for the case."""
    missing = NotOnFile(f"You have no request {case_id}.", "Your requests are listed on your first page.")
    try:
        first = requests.load(s, case_id, 1)
    except NotOnFile:
        raise missing from None
    if first.request.requesting_provider.npi != npi:
        raise missing


def load_own_letter(s: Session, npi: str, case_id: str, letter_id: str) -> LetterRecord:
    """A letter to the provider that was sent. Raises NotOnFile for any other."""
    require_own(s, npi, case_id)
    found = next((one for one in _provider_letters(s, case_id) if one.letter_id == letter_id), None)
    if found is None:
        raise NotOnFile("There is no such letter to you.", "Open the request: its letters are listed there.")
    return found


def _is_listed(view: CaseView | None, now: datetime) -> bool:
    ended = view.closed_at if view is not None else None
    return ended is None or now - ended <= LISTED_FOR


def _row(
    s: Session, case_id: str, view: CaseView | None, definitions: Mapping[str, FactDefinition], now: datetime
) -> OwnRequest:
    stored = load_current_version(s, case_id).request
    member = directory.member(s, stored.member.member_id)
    name = f"{member.given_name} {member.family_name}" if member is not None else stored.member.member_id
    service = "; ".join(dict.fromkeys(line.description or line.code for line in stored.lines))
    known = {"case_id": case_id, "member_name": name, "service": service, "received_at": stored.received_at}
    if view is None:
        says = "We have your request, and it is being opened. You need not send it again."
        return OwnRequest(**known, zone="UTC", step=ProviderStep.PLAN, sentence=says)
    state = load_case_state(s, case_id) if view.status is CaseStatus.OPEN else None
    items = list_items(s, state, definitions) if state is not None and view.decided_at is None else ()
    step, due, sentence = _standing(s, view, state, items, now)
    return OwnRequest(
        **known,
        zone=view.zone,
        step=step,
        sentence=sentence,
        due_at=due,
        status=view.status,
        decided_at=view.decided_at,
        authorization_number=view.authorization_number,
        items=items,
    )


def _standing(
    s: Session, view: CaseView, state: AuthorizationCase | None, items: tuple[AskedItem, ...], now: datetime
) -> tuple[ProviderStep, datetime | None, str]:
    """The side that the request waits for, until when (UTC), and the sentence."""
    if view.status is not CaseStatus.OPEN:
        return ProviderStep.DONE, None, _end(s, view)
    if view.decided_at is not None:
        return ProviderStep.DONE, None, "It is decided, and the letter is being sent."
    asked = state.information if state is not None else None
    left = [item for item in items if item.got_at is None]
    if asked is not None and asked.is_open:
        facts = f"{count_phrase(len(left), 'more fact')} from you" if left else "facts from you"
        says = (
            f"We need {facts} by {describe_when(asked.wait_until, view.zone)}. After that a nurse goes on with what the "
            "record says. You can add records until the decision."
        )
        return ProviderStep.ANSWER, asked.wait_until, says
    until = offer_until(state)
    if until is not None and until > now:
        says = (
            f"Before a physician decides, you can speak with a physician of the plan until {describe_when(until, view.zone)}. "
            "If the plan misses the call, it is offered again."
        )
        return ProviderStep.CALL, until, says
    return ProviderStep.PLAN, view.decision_due, _plan_works(s, view, now)


def _plan_works(s: Session, view: CaseView, now: datetime) -> str:
    work = [task for task in tasks.of_case(s, view.case_id) if task.is_open]
    reviews = [one for one in work if one.kind in (TaskKind.NURSE_REVIEW, TaskKind.PHYSICIAN_REVIEW)] or work
    if not reviews:
        first = "The plan is working on it."
    else:
        who = role_phrase(reviews[0].role)
        first = f"It is read by {who}." if reviews[0].assignee else f"It waits for {who} of the plan."
    if view.decision_due is None:
        return f"{first} Nothing is needed from you."
    when = describe_when(view.decision_due, view.zone)
    if view.decision_due < now:
        return f"{first} The answer was due by {when} and is late; the plan's compliance department knows."
    return f"{first} You will hear by {when}. Nothing is needed from you."


def _end(s: Session, view: CaseView) -> str:
    day = day_phrase(view.decided_at or view.closed_at or view.received_at, view.zone)
    match view.status:
        case CaseStatus.APPROVED:
            return f"Approved on {day}: {_authorized(s, view)}."
        case CaseStatus.APPROVED_IN_PART:
            return f"Approved in part on {day}: {_authorized(s, view)}. The letter says what was not approved, and why."
        case CaseStatus.DENIED:
            return f"Not approved on {day}. The letter says why, and how to appeal."
        case CaseStatus.NOT_REQUIRED:
            return f"No authorization is needed; told on {day}. The letter says why."
        case CaseStatus.WITHDRAWN:
            return f"Withdrawn on {day}. Nothing was decided."
        case CaseStatus.VOIDED:
            return f"The authorization was given back on {day}."
        case _:
            return f"Closed on {day} without a decision. The letter says why."


def _authorized(s: Session, view: CaseView) -> str:
    lines = [
        line
        for line in cases.lines(s, view.case_id)
        if line.outcome in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART)
    ]
    parts = [f"authorization {view.authorization_number}"]
    parts += [_extent(line) for line in lines]
    return ", ".join(part for part in parts if part)


def _extent(line: LineView) -> str:
    if line.approved_start is None:
        return ""
    first = f"{line.approved_start:%B} {line.approved_start.day}, {line.approved_start.year}"
    last = line.approved_end
    return f"{first} to {last:%B} {last.day}, {last.year}" if last is not None else f"from {first}"


def _provider_letters(s: Session, case_id: str) -> tuple[LetterRecord, ...]:
    """The letters to the requesting provider that were sent."""
    sent = (one for one in letters.of_case(s, case_id) if one.handed_over_at is not None)
    return tuple(one for one in sent if one.audience is Audience.PROVIDER and one.notice in NoticeKind)


def _of_staff(s: Session, case_id: str) -> set[str]:
    """The documents that the plan's own staff put on the case."""
    newest = requests.load(s, case_id)
    before: set[str] = set()
    found: set[str] = set()
    for version in range(1, newest.version + 1):
        stored = requests.load(s, case_id, version)
        held = {one.document_id for one in stored.request.documents}
        sender = inbox.get(s, stored.inbox_id).sender if stored.inbox_id is not None else None
        if version > 1 and (sender or "").startswith("reviewer:"):
            found |= held - before
        before = held
    return found


def office_zone(s: Session, npi: str) -> str:
    """The IANA zone in which a provider reads times that belong to no case: their own, else the plan's."""
    office = directory.provider(s, npi)
    return (office.zone if office is not None else None) or plan_zone(s) or "UTC"


def plan_zone(s: Session) -> str | None:
    """The IANA zone of the plan's office; None where the directory has none."""
    return next((plan.zone for plan in directory.plans(s).values() if plan.zone), None)


def describe_when(at: datetime, zone: str) -> str:
    """'Friday, December 4, 5 PM EST': an instant as a letter to a clinic says it."""
    there = at.astimezone(ZoneInfo(zone))
    minutes = f":{there:%M}" if there.minute else ""
    return f"{there:%A, %B} {there.day}, {there.hour % 12 or 12}{minutes} {there:%p %Z}"
