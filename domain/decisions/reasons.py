"""The structured reason of an adverse decision."""

from __future__ import annotations

from pydantic import Field

from domain.decisions.prudent_layperson import EmergencyDenial
from domain.model import Model


class CriterionFinding(Model):
    """One deciding criterion, in plain words, with the finding in the record."""

    criterion: str = Field(description="The criterion that is not met, in plain words.")
    finding: str = Field(description="What the record shows of it.")
    source: str | None = Field(default=None, description="The record in which it stands.")
    citation: str = Field(description="Where the criterion stands.")


class StructuredReason(Model):
    """The reason why a line was not (fully) approved, as stated by the signing clinician.

    `plain_words` is for the member: it explains the decision with facts from their record, in sentences of at most 30
    words, without codes. `plan_provision` names the place in the plan's own documents, for example a chapter of the
    Evidence of Coverage, when the decision rests on one besides the rule. `emergency` is required where emergency care
    is denied after it was given; it is left out of what is signed where it is not stated, as in decisions of older releases.
    """

    asked: str
    records_read: tuple[str, ...]
    findings: tuple[CriterionFinding, ...]
    rule: str
    rule_citation: str
    gap: str
    what_would_change: str
    plain_words: str
    plan_provision: str | None = None
    emergency: EmergencyDenial | None = Field(default=None, exclude_if=lambda stated: stated is None)
