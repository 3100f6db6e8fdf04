"""Carried out of domain/stay.py."""

from __future__ import annotations

from domain.stays.case import Stay
from domain.stays.start import StayStart


class StayRun(StayStart):
    """What starts a run of a stay's review: a stay that became known, or (`carried`) one that goes on."""

    carried: Stay | None = None
