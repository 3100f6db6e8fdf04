"""Reservations of benefit units by approvals. The limit is checked again at the end, because two cases may draw on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import Reservation
from domain.authorization.views import line_rows
from domain.journal import Actor, EntryKind
from domain.requests.request import StayPurpose
from domain.vocabulary import LineOutcome

BENEFIT_LIMITS = Actor(kind="rule", id="benefit-limits")


def needed_reservations(case: AuthorizationCase) -> tuple[Reservation, ...]:
    """The units that the approvals of the case take; none once it ended without a decision, and none for a proposed reduction,
    whose units are reserved already, as are those of an authorization that is changed."""
    if case.ends_undecided or case.is_put_on_record or (case.after is not None and case.after.asked.kind.keeps_units):
        return ()
    if case.stay is not None and case.stay.purpose is StayPurpose.REDUCTION:
        return ()
    taken = []
    for line in case.require_context().lines:
        units, beyond = _approved_units(case, line.line_id)
        if line.benefit is not None and units is not None:
            taken.append(
                Reservation(
                    line_id=line.line_id, benefit_id=line.benefit.benefit_id, units=units, within_limit=not beyond
                )
            )
    return tuple(taken)


def are_settled(case: AuthorizationCase, units: tuple[Reservation, ...]) -> bool:
    """Whether the case holds these units and no others.

    What was reserved in a task that was lost with its worker stands in the store, and the case that is looked up again may
    need it no more. So a case with limits asks at least once, be it for nothing: what it does not ask for is given back.
    """
    found = case.determinations
    if units != found.reserved:
        return False
    has_limits = found.units_in_task and any(line.benefit is not None for line in case.require_context().lines)
    return found.units_settled or not has_limits


def released_lines(case: AuthorizationCase, now_wanted: tuple[Reservation, ...]) -> tuple[str, ...]:
    """The lines whose reserved units are no longer needed."""
    kept = {each.line_id for each in now_wanted}
    return tuple(each.line_id for each in case.determinations.reserved if each.line_id not in kept)


def record_reservations(
    case: AuthorizationCase, asked: tuple[Reservation, ...], refused: tuple[str, ...], now: datetime
) -> None:
    """Record the result of a reservation. A line whose limit is used up goes back to a nurse before any letter is written."""
    case.reserve(tuple(each for each in asked if each.line_id not in refused), refused)
    if not refused:
        return
    lines = ", ".join(refused)
    case.note(
        EntryKind.BENEFIT_EXHAUSTED,
        now,
        f"The benefit limit was used up by another case meanwhile: line {lines} goes to a nurse.",
        BENEFIT_LIMITS,
        lines=line_rows(case),
    )


def _approved_units(case: AuthorizationCase, line_id: str) -> tuple[Decimal | None, bool]:
    """The units approved for a line, and whether they may go beyond the limit: a signed decision and an exception may."""
    signed = case.signed_answer(line_id)
    if signed is not None:
        answer = signed[1]
        return (None if answer.outcome is LineOutcome.DENIED else answer.approved_quantity), True
    approval = case.approvals.get(line_id)
    return (approval.approved_quantity, approval.beyond_limits) if approval is not None else (None, False)
