"""The prudent layperson standard for emergency care: judged by the presenting symptoms, never by the final diagnosis.

An emergency medical condition shows itself by acute symptoms so severe (severe pain included) that a prudent layperson
with average knowledge of health and medicine could expect serious harm without immediate care: health in serious
jeopardy, a bodily function seriously impaired, an organ or part seriously dysfunctional. 42 CFR 438.114(a), 42 CFR
422.113(b)(1), 29 CFR 2590.716-4(c)(1) and 45 CFR 149.110(c)(1), which took the place of 29 CFR 2590.715-2719A(b) for plan
years from 2022 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob


class PresentingSymptoms(Model):
    """The presenting symptoms as triage or the patient described them. There is no field for the final diagnosis.

    None is not known. `plan_sent_patient`: somebody of the plan told the patient to seek emergency care.
    """

    symptoms: tuple[str, ...] = Field(default=(), description="Each symptom on arrival.")
    onset: str | None = Field(default=None, description="When and how it began.")
    age_years: int | None = Field(default=None, ge=0, description="The patient's age in years.")
    plan_sent_patient: bool | None = Field(
        default=None, description="Whether the plan sent the patient; null: not known."
    )


class PresentingFacts(PresentingSymptoms):
    """The presenting symptoms with the judgments of a clinician on them; software carries these and makes none."""

    acute_and_severe: bool | None = Field(default=None, description="Whether it was acute and severe; null: not shown.")
    serious_harm_to_be_expected: bool | None = Field(
        default=None, description="Whether a layperson could fear serious harm; null: not shown."
    )


class EmergencyFinding(Model):
    """`state`: whether the prudent layperson standard is met. `consider` lists the points for a reviewer.

    `missing` are questions still open. A finding is never a denial: not met goes to a physician, unknown to somebody who
    can find out.
    """

    state: Tri
    because: str
    consider: tuple[str, ...]
    missing: tuple[str, ...]
    citations: tuple[str, ...]


class DenialGround(StrEnum):
    """Possible grounds for denying an emergency claim."""

    FINAL_DIAGNOSIS = "final_diagnosis"
    DIAGNOSIS_LIST = "diagnosis_list"
    NO_PRIOR_AUTHORIZATION = "no_prior_authorization"
    OUT_OF_NETWORK = "out_of_network"
    LATE_NOTICE_OF_VISIT = "late_notice_of_visit"
    TIME_SINCE_ONSET = "time_since_onset"
    PRESENTING_SYMPTOMS = "presenting_symptoms"
    NOT_COVERED_PERSON = "not_covered_person"
    NOT_FURNISHED = "not_furnished"


class EmergencyDenial(Model):
    """Why emergency care is denied, as stated by the signing clinician: the grounds, and their judgment of the symptoms.

    `presentation` is needed where a ground is the presenting symptoms.
    """

    grounds: tuple[DenialGround, ...] = Field(description="Each ground for the denial.")
    presentation: PresentingFacts | None = Field(
        default=None, description="Your judgment of the symptoms, where they are a ground."
    )


class EmergencyLines(Model):
    """The lines of a request that emergency care law protects, and the presentation as the claim states it."""

    line_ids: tuple[str, ...]
    presentation: PresentingSymptoms = PresentingSymptoms()


REVIEW_POINTS = (
    "the symptoms as the patient or triage described them, with pain and how severe it was",
    "when they began and how they changed before the visit",
    "age and history as the patient knew them",
    "what somebody with average knowledge of health and medicine would have feared",
    "what anybody of the plan, a nurse line included, told the patient to do",
)
_CITES: dict[Lob, tuple[str, ...]] = {
    Lob.MEDICARE_ADVANTAGE: ("42 CFR 422.113(b)",),
    Lob.MEDICAID: ("42 CFR 438.114",),
    Lob.CHIP: ("42 CFR 457.1228", "42 CFR 438.114"),
    Lob.COMMERCIAL_ERISA: ("29 CFR 2590.716-4", "29 CFR 2590.715-2719A(b) before 2022"),
    Lob.COMMERCIAL_ACA: ("45 CFR 149.110", "45 CFR 147.138(b) before 2022"),
    Lob.QHP: ("45 CFR 149.110", "45 CFR 147.138(b) before 2022"),
    Lob.PART_D: (),
}
_PROHIBITED: dict[DenialGround, tuple[str, str]] = {
    DenialGround.FINAL_DIAGNOSIS: (
        "Emergency care is judged by the symptoms that the patient came with, not by the final diagnosis.",
        "Have a clinician judge the presenting symptoms.",
    ),
    DenialGround.DIAGNOSIS_LIST: (
        "A list of diagnoses cannot limit what an emergency is.",
        "Have a clinician judge the presenting symptoms.",
    ),
    DenialGround.NO_PRIOR_AUTHORIZATION: (
        "Emergency care needs no prior authorization.",
        "Judge it without regard to authorization.",
    ),
    DenialGround.OUT_OF_NETWORK: (
        "Emergency care is covered in and out of the network.",
        "Judge it as if the provider were in the network.",
    ),
    DenialGround.LATE_NOTICE_OF_VISIT: (
        "Emergency care is not denied because of a late notice to the plan.",
        "Judge the care itself.",
    ),
    DenialGround.TIME_SINCE_ONSET: (
        "The time between the first symptoms and the visit alone does not make it no emergency.",
        "Have a clinician judge the symptoms as they were at the visit.",
    ),
}
PROHIBITED_GROUNDS = frozenset(_PROHIBITED)
"""Grounds on which, alone or with each other, an emergency claim may never be denied."""


def emergency_citations(lob: Lob) -> tuple[str, ...]:
    """The law on emergency care of a line of business; empty where it has none (drug plans)."""
    return _CITES[lob]


def emergency_finding(facts: PresentingFacts, lob: Lob) -> EmergencyFinding:
    """Evaluate the facts against the standard, with the questions still open. The final diagnosis is never used."""
    state, because = _state(facts)
    missing = () if state is not Tri.UNKNOWN else tuple(_open_questions(facts))
    return EmergencyFinding(
        state=state, because=because, consider=REVIEW_POINTS, missing=missing, citations=emergency_citations(lob)
    )


def _state(facts: PresentingFacts) -> tuple[Tri, str]:
    if facts.plan_sent_patient:
        return Tri.MET, "somebody of the plan told the patient to seek emergency care"
    judged = (facts.acute_and_severe, facts.serious_harm_to_be_expected)
    if not facts.symptoms:
        return Tri.UNKNOWN, "nobody has recorded the symptoms that the patient came with"
    if all(judged):
        return Tri.MET, "the symptoms were acute and severe, and a layperson could expect serious harm"
    if None in judged or facts.plan_sent_patient is None:
        return Tri.UNKNOWN, "a clinician has not yet answered every question about the symptoms"
    return Tri.NOT_MET, "a clinician judged the presenting symptoms: a physician has to see the case"


def _open_questions(facts: PresentingFacts) -> list[str]:
    asked = {
        "the symptoms at arrival": bool(facts.symptoms) or None,
        "whether they were acute and severe": facts.acute_and_severe,
        "whether a layperson could expect serious harm": facts.serious_harm_to_be_expected,
        "whether the plan sent the patient": facts.plan_sent_patient,
    }
    return [question for question, answer in asked.items() if answer is None]


def emergency_denial_violations(
    denial: EmergencyDenial | None, on_claim: PresentingSymptoms, lob: Lob
) -> Iterator[RuleViolation]:
    """The violations of a denial of emergency care; none when it rests on a ground that the law leaves open.

    A denial on the presenting symptoms needs the signer's judgment of each question about them, and that the plan is not
    known (`on_claim`) to have sent the patient.
    """
    cites = "; ".join(emergency_citations(lob)) or "plan policy"
    grounds = frozenset(denial.grounds) if denial is not None else frozenset()
    if denial is None or not grounds:
        yield violation(
            "emergency.ground",
            f"A denial of emergency care states its ground ({cites}).",
            "Name the ground, and judge the presenting symptoms as a prudent layperson could see them.",
        )
        return
    if grounds <= PROHIBITED_GROUNDS:
        for ground in sorted(grounds):
            said, way_out = _PROHIBITED[ground]
            yield violation(f"emergency.{ground.value}", f"{said} ({cites})", way_out)
    if DenialGround.PRESENTING_SYMPTOMS in grounds:
        yield from _presentation_violations(denial.presentation or PresentingFacts(), on_claim, lob, cites)


def _presentation_violations(
    judged: PresentingFacts, on_claim: PresentingSymptoms, lob: Lob, cites: str
) -> Iterator[RuleViolation]:
    found = emergency_finding(judged, lob)
    if found.state is Tri.UNKNOWN:
        yield violation(
            "emergency.presenting_symptoms",
            f"The presenting symptoms are not fully judged: {found.because} ({cites}).",
            f"Answer: {'; '.join(found.missing)}.",
        )
    elif found.state is Tri.MET or on_claim.plan_sent_patient:
        yield violation(
            "emergency.presenting_symptoms",
            f"The presenting symptoms meet the standard of a prudent layperson, or the plan sent the patient ({cites}).",
            "Approve it as emergency care.",
        )
