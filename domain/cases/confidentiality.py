"""Cases that only those who work on them may see: behavioral health, substance use, and concerns.

Data, and functions that read it off what a case shows. A case that was ever one of these stays one: what was taken back later
may have been right (45 CFR 164.502(b), minimum necessary; 42 CFR Part 2, records of substance use treatment).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from domain.cases.views import CaseSummary, CaseView, LineView
from domain.vocabulary import ProcessKind, ServiceKind


class Confidentiality(StrEnum):
    """The reason that a case is seen only by those who work on it."""

    BEHAVIORAL = "behavioral"
    CONCERN = "concern"


BEHAVIORAL_LEVELS = frozenset({"psych_ip", "inpatient_psychiatric", "residential", "php", "iop"})
"""Levels of care of behavioral health, in a stay's words and in a request's."""
_BEHAVIORAL_CODE = re.compile(
    r"H\d{4}"  # HCPCS section H: treatment of alcohol and drug use, and other behavioral health services
    r"|[GH][0-9A-Z]{6}"  # ICD-10-PCS sections G (mental health) and H (substance abuse treatment)
    r"|S9480|S9475|S9484|S9485|T1006|T1007|T1012"  # programs and crisis intervention
    r"|G20(6[7-9]|7\d|80)|G2086|G2087|G2088"  # opioid treatment programs, office-based treatment of opioid use
    r"|J057[1-578]|J0592|J2315|Q999[12]"  # medication for opioid use disorder
    r"|01[1-5][46]|0204|0513|09[01]\d|094[45]|100[1-6]"  # revenue codes: psychiatric and detoxification beds, programs
)


def is_behavioral_code(code: str) -> bool:
    """Whether a code of a service, whatever kind its sender calls it, is behavioral health or treatment of substance use."""
    return _BEHAVIORAL_CODE.fullmatch(code.strip().upper().replace(".", "")) is not None


def confidentiality_of(
    view: CaseView | None = None,
    lines: Iterable[LineView] = (),
    summary: CaseSummary | None = None,
    levels: Iterable[str | None] = (),
) -> Confidentiality | None:
    """Why only those who work on it may see a case with these parts (each as far as it is known); None: all of its readers."""
    if (view is not None and view.process is ProcessKind.CONCERN) or (
        summary is not None and summary.process is ProcessKind.CONCERN
    ):
        return Confidentiality.CONCERN
    shown = view is not None and view.service_kind is ServiceKind.BEHAVIORAL
    coded = any(is_behavioral_code(line.code) for line in lines)
    content = summary.content if summary is not None else {}
    at_level = not BEHAVIORAL_LEVELS.isdisjoint(
        str(level) for level in (*levels, content.get("level_of_care"), content.get("target_setting"))
    )
    return Confidentiality.BEHAVIORAL if shown or coded or at_level else None
