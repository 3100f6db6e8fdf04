"""The workflow input of one run of a stay's review."""

from __future__ import annotations

from domain.stays.case import StayCase
from domain.stays.start import StayStart


class StayRun(StayStart):
    """The start of a run: a new stay, or (`carried`) one that continues from an earlier run."""

    carried: StayCase | None = None
