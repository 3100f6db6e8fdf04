"""Granting of temporary supplies: what the law supplies while a drug is reviewed, at once and without a decision."""

from __future__ import annotations

from datetime import datetime

from domain.authorization.case import AuthorizationCase
from domain.authorization.views import line_rows
from domain.clocks.engine import EventKind
from domain.decisions.decision_makers import ByLaw
from domain.journal import RULE, EntryKind
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import NoticeKind


def grant_temporary_supplies(case: AuthorizationCase, now: datetime) -> None:
    """Grant the temporary supply of every line that waits for its decision, once; member and prescriber are written to.

    The line itself stays where it is: a supply neither approves nor denies it.
    """
    fresh = [line for line in case.unresolved_lines() if line.supply is not None and line.line_id not in case.supplies]
    if not fresh:
        return
    granted = []
    for line in fresh:
        supply = line.supply
        if supply is None:
            continue
        case.grant_supply(line.line_id, supply)
        granted.append(
            {
                "line_id": line.line_id,
                "days": supply.days,
                "by": str(ByLaw(supply.rule_id)),
                "citation": supply.citation,
            }
        )
    told = "; ".join(
        f"line {row['line_id']} is supplied for {count_phrase(int(str(row['days'])), 'day')} by law ({row['citation']})"
        for row in granted
    )
    case.happened(EventKind.TEMPORARY_SUPPLY_GRANTED, now)
    case.queue_notice(NoticeKind.TEMPORARY_SUPPLY)
    case.note(
        EntryKind.SUPPLY_GRANTED, now, told[0].upper() + told[1:] + ".", RULE, supplies=granted, lines=line_rows(case)
    )
