"""Adapter of the MS-DRG grouper `drgpy` to the domain's port: retrospective checks only, optional, without defaults.

The library defaults missing values to female, alive, discharged home and present on admission; here such a stay is not
grouped and the result says what is missing. The library does not use age or birth weight, so newborns are not grouped.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from domain.retrospective.drg_check import BilledStay, CannotGroup, DiagnosisSeverity, DrgGrouper, DrgGrouping

_DIED = frozenset({"20", "40", "41", "42"})
"""Discharge status codes of patients who died."""

_UNGROUPED = frozenset({"000", "998", "999"})
_NEWBORN_DAYS = 28


def installed_grouper() -> DrgGrouper | None:
    """The grouper when its package is installed (`pip install 'umpire-um[grouper]'`), else None."""
    return DrgpyGrouper() if find_spec("drgpy") is not None else None


class DrgpyGrouper:
    """Groups by the version in force on the day of discharge. The first stay of a version takes about 0.4 seconds."""

    def group(self, stay: BilledStay) -> DrgGrouping | CannotGroup:
        """Group a stay: the DRG, or why there is none. No health information is in the reason."""
        missing = tuple(_missing(stay))
        if missing:
            return CannotGroup(because="the bill does not state everything that groups a stay", missing=missing)
        if _is_newborn(stay):
            return CannotGroup(because="newborns need age and birth weight, which this grouper does not take")
        version = _version(stay.discharged)
        if version is None:
            return CannotGroup(because="the grouper holds no version for the day of discharge")
        assert stay.sex is not None and stay.discharge_status is not None
        engine = _engine(version)
        codes = [_plain(one.code) for one in stay.diagnoses]
        drg = engine.get_drg(
            list(codes),
            [_plain(code) for code in stay.procedures],
            gender=stay.sex.value,
            is_alive=stay.discharge_status not in _DIED,
            poa={_plain(one.code): one.present_on_admission for one in stay.diagnoses},
            discharge_status=stay.discharge_status,
        )
        if drg in _UNGROUPED:
            return CannotGroup(because="the codes group to no DRG: look for an invalid principal diagnosis")
        levels = {one.code: engine.ccmap.get(_plain(one.code), {}).get("level") for one in stay.diagnoses[1:]}
        return DrgGrouping(
            ms_drg=drg,
            grouper=f"drgpy, MS-DRG {version}",
            severities={
                code: DiagnosisSeverity(level) for code, level in levels.items() if level in set(DiagnosisSeverity)
            },
        )


def _missing(stay: BilledStay) -> list[str]:
    found = []
    if stay.sex is None:
        found.append("sex")
    if stay.discharge_status is None:
        found.append("discharge status")
    if any(one.present_on_admission is None for one in stay.diagnoses):
        found.append("whether each diagnosis was present on admission")
    return found


def _is_newborn(stay: BilledStay) -> bool:
    young = stay.age_days is not None and stay.age_days <= _NEWBORN_DAYS
    return young or any(_plain(one.code).startswith(("P", "Z38")) for one in stay.diagnoses)


def _version(discharged: date) -> str | None:
    """The version in force; None before the first one and after the fiscal year of the last one, which ends in September."""
    from drgpy._versions import SUPPORTED_VERSIONS

    fitting = [one for one in SUPPORTED_VERSIONS if one.effective_date <= discharged]
    if not fitting:
        return None
    begun = fitting[-1].effective_date
    year_ends = date(begun.year + (begun.month >= 10), 9, 30)
    return str(fitting[-1].name) if discharged <= year_ends else None


@lru_cache(maxsize=4)
def _engine(version: str) -> Any:
    from drgpy.msdrg import DRGEngine  # optional, and read only when a bill is checked

    return DRGEngine(version=version)


def _plain(code: str) -> str:
    return code.replace(".", "").upper()
