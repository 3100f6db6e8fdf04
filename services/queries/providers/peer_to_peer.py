"""The peer-to-peer of a case as both sides see it: the offer, the booked time, free times, wishes, and what happened so far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.authorization.peer_to_peer.planning import offer_until
from domain.errors import NotOnFile
from domain.journal import EntryKind, JournalEntry
from domain.model import Model
from services.call_offers import fitting_peers, fitting_slots, load_case_state, peers
from services.case_lookup import sees_case
from services.principals import Principal
from services.queries.providers.provider_requests import plan_zone
from services.request_versions import load_current_version
from store import cases, directory, journal
from store.portal import slots
from store.portal.slots import CallSlot, CallWishes

_KINDS = frozenset(
    {
        EntryKind.PEER_TO_PEER_OFFERED,
        EntryKind.PEER_TO_PEER_PLANNED,
        EntryKind.PEER_TO_PEER_SETTLED,
        EntryKind.CONTACT_LOGGED,
    }
)


class Peer(Model):
    """Somebody of the plan who speaks with providers, with their specialties in words."""

    reviewer_id: str
    name: str
    specialty: str


class CallSheet(Model):
    """The peer-to-peer of a case. Instants are UTC; `until` is the end of an open offer, None without one. Times are told in
    two zones: the plan's, and the requester's (where the directory has none for them, the case's)."""

    case_id: str
    service: str
    member_name: str
    requester: str
    requester_phone: str
    plan_zone: str
    office_zone: str
    until: AwareDatetime | None
    result: str | None
    booked: CallSlot | None
    free: tuple[CallSlot, ...]
    wishes: CallWishes | None
    peers: tuple[Peer, ...]
    entries: tuple[JournalEntry, ...]

    def specialty_of(self, reviewer_id: str) -> str:
        """The specialty of a peer in words."""
        return next((one.specialty for one in self.peers if one.reviewer_id == reviewer_id), "physician of the plan")

    def name_of(self, reviewer_id: str) -> str:
        """The name of a peer."""
        return next((one.name for one in self.peers if one.reviewer_id == reviewer_id), reviewer_id)


class CallCalendar(Model):
    """Times of peers (of one, or of all) from now on, and the zone of the plan in which they are entered. `seen` are the cases
    of booked times that the reader may see; of any other the time alone is told."""

    zone: str
    slots: tuple[CallSlot, ...]
    peers: tuple[Peer, ...]
    seen: frozenset[str] = frozenset()

    def name_of(self, reviewer_id: str) -> str:
        """The name of a peer."""
        return next((one.name for one in self.peers if one.reviewer_id == reviewer_id), reviewer_id)


def offers_call(entries: Iterable[JournalEntry]) -> bool:
    """Whether a case with these journal entries offers a peer-to-peer, or once did."""
    return any(one.kind is EntryKind.PEER_TO_PEER_OFFERED for one in entries)


def load_call_sheet(s: Session, case_id: str, now: datetime) -> CallSheet:
    """Load the peer-to-peer of an authorization. Raises NotOnFile for a case that has none, now or before."""
    state, request = load_case_state(s, case_id), load_current_version(s, case_id).request
    entries = tuple(one for one in journal.entries(s, case_id) if one.kind in _KINDS)
    if state is None or not offers_call(entries):
        raise NotOnFile("No peer-to-peer is offered in this case.", "It is offered before a physician decides.")
    until = offer_until(state)
    npi = request.requesting_provider.npi
    office, member = directory.provider(s, npi), directory.member(s, request.member.member_id)
    view = cases.get(s, case_id)
    case_zone = view.zone if view is not None else "UTC"
    fitting = [who.reviewer_id for who in fitting_peers(s, case_id)]
    return CallSheet(
        case_id=case_id,
        service="; ".join(dict.fromkeys(line.description or line.code for line in request.lines)),
        member_name=f"{member.given_name} {member.family_name}" if member is not None else "",
        requester=(office.name if office is not None else None) or request.requesting_provider.name or npi,
        requester_phone=request.requesting_provider.phone or (office.phone if office is not None else None) or "",
        plan_zone=plan_zone(s) or case_zone,
        office_zone=(office.zone if office is not None else None) or case_zone,
        until=until,
        result=state.peer_to_peer.result if state.peer_to_peer is not None else None,
        booked=slots.of_case(s, case_id),
        free=fitting_slots(s, case_id, until, now) if until is not None else (),
        wishes=slots.wishes_of(s, case_id),
        peers=tuple(sorted(_peers(s), key=lambda one: (one.reviewer_id not in fitting, one.name))),
        entries=entries,
    )


def load_call_calendar(
    s: Session, reviewer_id: str | None, now: datetime, reader: Principal | None = None
) -> CallCalendar:
    """Load the calendar of one peer (None: of all) from `now` (UTC) on, as this reader may see it (None: the operator)."""
    found = slots.of_reviewer(s, reviewer_id, now)
    ahead = tuple(one for one in found if one.ends_at > now)
    seen = {one.case_id for one in ahead if one.case_id is not None and sees_case(s, reader, one.case_id)}
    slots_seen = tuple(one if one.case_id in seen else _without_caller(one) for one in ahead)
    return CallCalendar(zone=plan_zone(s) or "UTC", slots=slots_seen, peers=_peers(s), seen=frozenset(seen))


def _without_caller(slot: CallSlot) -> CallSlot:
    return slot.model_copy(update={"person": None, "phone": None, "booked_by": None})


def _peers(s: Session) -> tuple[Peer, ...]:
    return tuple(
        Peer(
            reviewer_id=who.reviewer_id,
            name=who.name,
            specialty=(who.specialties[0] if who.specialties else who.roles[0].value).replace("_", " "),
        )
        for who in peers(s)
    )
