"""Medically accepted indications: the labels of drugs as imported, and the answer of a licensed compendium.

A drug that is prescribed for an indication of its label is covered as far as this goes. Anything else is unknown and a
question for a pharmacist or a physician: a list in which something does not stand is no proof against it, so nothing here
ever comes out as not met.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.cited_value import Confidence
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.drug_limits.rules import LimitRule, normalize_code
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import ServiceKind

DIAGNOSIS_QUESTION = (
    "The diagnosis for which the drug is prescribed, as an ICD-10-CM code, with an update of the request"
)

DiagnosisBeginning = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][0-9][0-9A-Za-z](\.?[0-9A-Za-z]{0,4})$")]


class LabelEntry(Model):
    """One indication of a drug's label. A trailing ``*`` makes `drug_code` a prefix; `diagnoses` are beginnings of ICD-10-CM
    codes of at least three characters, without or with the dot: a shorter one would label the drug for
    whatever there is. `version_day` is the date of the label."""

    drug_code: str = Field(pattern=r"^([0-9A-Za-z-]{4,}\*|[0-9A-Za-z-]+)$")
    indication: str = Field(min_length=1)
    diagnoses: tuple[DiagnosisBeginning, ...] = Field(min_length=1)
    source: str = Field(min_length=1)
    version_day: date

    def is_of(self, code: str) -> bool:
        asked, named = normalize_code(code), normalize_code(self.drug_code)
        return asked.startswith(named[:-1]) if named.endswith("*") else asked == named

    def covers(self, diagnosis: str) -> bool:
        return any(_plain(diagnosis).startswith(_plain(one)) for one in self.diagnoses)


class CompendiumAnswer(StrEnum):
    """The answer of a compendium on a drug for a diagnosis."""

    SUPPORTED = "supported"
    NOT_LISTED = "not_listed"
    """No listing was found. That is no "no": a pharmacist or physician reads the compendium."""


class CompendiumFinding(Model):
    """The answer of a compendium, with the place where it stands."""

    answer: CompendiumAnswer
    citation: str = Field(min_length=1)


class IndicationRule(LimitRule):
    """The law by which a drug has to be prescribed for a medically accepted indication; it binds the drugs that it selects."""

    service_kinds: tuple[ServiceKind, ...] = Field(min_length=1)
    confidence: Confidence
    compendia: tuple[str, ...] = Field(min_length=1)


def evaluate_indication(
    rule: IndicationRule,
    code: str,
    diagnoses: Collection[str],
    labels: Iterable[LabelEntry],
    compendium: CompendiumFinding | None,
) -> LimitOutcome:
    """Evaluate whether a stated diagnosis is an indication of the drug, by its label and then by the compendium's answer."""
    of_drug = [label for label in labels if label.is_of(code)]
    held = next((label for label in of_drug if any(label.covers(each) for each in diagnoses)), None)
    if held is not None:
        why = f"the label has it: {held.indication} ({held.source}, {held.version_day.isoformat()})"
        return _indication_outcome(rule, Tri.MET, why)
    if compendium is not None and compendium.answer is CompendiumAnswer.SUPPORTED and diagnoses:
        return _indication_outcome(rule, Tri.MET, f"a compendium supports it ({compendium.citation})")
    if not diagnoses:
        return _indication_outcome(rule, Tri.UNKNOWN, "the request names no diagnosis", (DIAGNOSIS_QUESTION,))
    on_label = "no diagnosis of the request stands in the label" if of_drug else "no label of the drug is on file"
    listed = "no compendium was asked" if compendium is None else f"no listing was found ({compendium.citation})"
    return _indication_outcome(rule, Tri.UNKNOWN, f"{on_label}; {listed}")


def _indication_outcome(rule: IndicationRule, state: Tri, because: str, missing: tuple[str, ...] = ()) -> LimitOutcome:
    change = f"The diagnosis as the label has it, or where {' or '.join(rule.compendia)} support the use."
    return LimitOutcome(
        rule_id=rule.rule_id,
        kind=LimitKind.INDICATION,
        title="What the drug is for",
        state=state,
        because=because,
        reason=rule.because,
        citation=rule.cite,
        missing_facts=missing,
        what_would_change="" if state is Tri.MET else change,
    )


def _plain(diagnosis: str) -> str:
    return diagnosis.replace(".", "").strip().upper()
