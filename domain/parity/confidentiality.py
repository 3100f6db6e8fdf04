"""Cases that only those who work on them may see: behavioral health, substance use, and concerns.

Data, and functions that read it off what a case shows. A case that was ever one of these stays one: what was taken back later
may have been right (45 CFR 164.502(b), minimum necessary; 42 CFR Part 2, records of substance use treatment).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

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
    r"|G001[78]|G041[01]|G0560"  # crisis, groups of a partial hospital program, planning of safety
    r"|01[1-5][46]|0204|0513|09[01]\d|094[45]|100[1-6]"  # revenue codes: psychiatric and detoxification beds, programs
)
_BEHAVIORAL_RANGES = (
    # TRICARE Policy Manual 6010.60-M, chapter 7, section 3.8, 1.0: the numbers of mental health care since January 1, 2019.
    ("90785", "90899"), ("96112", "96113"), ("96121", "96121"), ("96130", "96133"), ("96136", "96139"), ("96146", "96146"),
    # TRICARE Operations Manual 6010.62-M, chapter 18, section 3: the numbers of applied behavior analysis.
    ("97151", "97158"), ("0362T", "0362T"), ("0373T", "0373T"),
)  # fmt: skip
"""First and last numbers of CPT codes of behavioral health, as public manuals print them; their texts are licensed, and not
here. Who may see a case does not hang on a file that an installation changes: read models are folded without the rulebook."""


def is_behavioral_code(code: str) -> bool:
    """Whether a code of a service, whatever kind its sender calls it, is behavioral health or treatment of substance use."""
    said = code.strip().upper().replace(".", "")
    by_range = len(said) == 5 and any(first <= said <= last for first, last in _BEHAVIORAL_RANGES)
    return by_range or _BEHAVIORAL_CODE.fullmatch(said) is not None


def confidentiality_of(
    process: ProcessKind | None,
    service_kind: ServiceKind | None = None,
    codes: Iterable[str] = (),
    levels: Iterable[object] = (),
) -> Confidentiality | None:
    """Why only those who work on it may see a case of which this is known; None: all who read cases may.

    `codes` are those of its services, `levels` its levels of care; None among them is unknown.
    """
    if process is ProcessKind.CONCERN:
        return Confidentiality.CONCERN
    by_code = any(is_behavioral_code(code) for code in codes)
    by_level = not BEHAVIORAL_LEVELS.isdisjoint(str(level) for level in levels)
    return Confidentiality.BEHAVIORAL if service_kind is ServiceKind.BEHAVIORAL or by_code or by_level else None
