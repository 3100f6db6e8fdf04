"""The stay as other cases rely on it: dates, level of care, working DRG, and the determination of each day.

It is journaled beside the summary, which is for people only. Its fields are named as the summary's, because entries older than
it carry the summary alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime, JsonValue

from domain.model import Model
from domain.stays.case import StayCase
from domain.stays.levels_of_care import LevelOfCare
from domain.stays.parts import DayStatus


class DecidedDays(Model):
    """Consecutive days and their determination; `changed_by` is the later review that overturned or ended it."""

    first: date
    last: date
    answer: DayStatus
    level_of_care: LevelOfCare
    review: str
    decided_by: str
    changed_by: str | None

    @property
    def is_certified(self) -> bool:
        """Whether the days stand certified. Days that a later review ended or overturned do not."""
        return self.answer is DayStatus.CERTIFIED and self.changed_by is None


class StayOnFile(Model):
    """A stay on file. Instants are UTC. No field has a default: what an entry leaves out is an error, never "nothing"."""

    level_of_care: LevelOfCare | None
    admitted_at: AwareDatetime | None
    discharged_at: AwareDatetime | None
    voided_at: AwareDatetime | None
    working_drg: str | None
    days: tuple[DecidedDays, ...]

    @property
    def certified_through(self) -> date | None:
        """The last certified day."""
        return max((days.last for days in self.days if days.is_certified), default=None)


def stay_on_file(stay: StayCase) -> StayOnFile:
    course = stay.course
    return StayOnFile(
        level_of_care=stay.level,
        admitted_at=course.admitted_at,
        discharged_at=course.discharged_at,
        voided_at=course.voided_at,
        working_drg=stay.working_drg,
        days=tuple(
            DecidedDays(
                first=span.first,
                last=span.last,
                answer=span.stand,
                level_of_care=span.level,
                review=span.case_id,
                decided_by=span.by,
                changed_by=span.overturned_by or span.ended_by,
            )
            for span in sorted(stay.spans, key=lambda span: (span.first, span.decided_at))
        ),
    )


def of_summary(content: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields of a StayOnFile in a stay's summary, for entries that carry nothing else."""
    return {name: content[name] for name in StayOnFile.model_fields if name in content}
