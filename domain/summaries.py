"""The summary model of each kind of process, which gives the order in which people read its fields."""

from __future__ import annotations

from domain.appeals.views import AppealSummary
from domain.callbacks.views import CallbackSummary
from domain.concerns.views import ConcernSummary
from domain.discharge.views import DischargeSummary
from domain.model import Model
from domain.retrospective.views import RetrospectiveSummary
from domain.stays.views import StaySummary
from domain.vocabulary import ProcessKind

# A request has no summary of its own: its lines, clocks and letters are shown instead.
SUMMARY_MODELS: dict[ProcessKind, type[Model]] = {
    ProcessKind.STAY: StaySummary,
    ProcessKind.DISCHARGE_PLAN: DischargeSummary,
    ProcessKind.RETROSPECTIVE_REVIEW: RetrospectiveSummary,
    ProcessKind.CALLBACK: CallbackSummary,
    ProcessKind.CONCERN: ConcernSummary,
    ProcessKind.APPEAL: AppealSummary,
}
