"""An appeal as it was said: by which party and person, how, when, about what, and who wrote it down."""

from __future__ import annotations

from pydantic import Field

from domain.authorization.messages import PartyStatement
from domain.model import Model
from domain.vocabulary import AskedBy


class AppealFiling(Model):
    """An appeal as it is kept when it arrives.

    `case_id` is the case whose determination is appealed; `entered_by` the reviewer id of who wrote it down (None: the party
    sent it). `line_ids` are the lines appealed, none named means every line that was decided adversely. `expedited`: a fast
    decision is asked for; `clinician_supports`: a clinician says that waiting could harm the member, None where nobody asked.
    `late_because` is what the party says of the lateness.
    """

    case_id: str
    by: AskedBy
    asked: PartyStatement
    said: str = Field(min_length=1)
    entered_by: str | None = None
    line_ids: tuple[str, ...] = ()
    expedited: bool = False
    clinician_supports: bool | None = None
    late_because: str | None = None
