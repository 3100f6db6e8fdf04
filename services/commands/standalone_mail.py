"""Letters that belong to no case, printed and put on file. The worker hands them over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.letters.context import PlanContact
from domain.letters.standalone import StandaloneHead, StandaloneKind, StandalonePrinter
from services.destinations import Destination
from services.fitting_work import plan_zone
from store.correspondence import standalone_letters
from store.correspondence.standalone_letters import StandaloneLetter


def put_on_file(
    s: Session,
    kind: StandaloneKind,
    letter_id: str,
    about: str,
    plan: PlanContact,
    to: Destination,
    print_letter: StandalonePrinter,
    facts: Mapping[str, str],
    now: datetime,
) -> None:
    """Print the letter and put it into the outbox, once under its id. Raises LetterIncomplete."""
    zone = plan.zone or plan_zone(s)
    head = StandaloneHead(
        plan=plan,
        zone=zone,
        recipient=to.name,
        reached_at=to.printed,
        issue_date=now.astimezone(ZoneInfo(zone)).date(),
        letter_number=letter_id,
    )
    letter = StandaloneLetter(
        letter_id=letter_id,
        kind=kind,
        about=about,
        recipient=to.name,
        way=to.way,
        sent_to=to.sent_to,
        rendered=print_letter(head, facts),
        written_at=now,
    )
    standalone_letters.write(s, letter)
