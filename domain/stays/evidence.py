"""Clinical evidence of a stay update, as stored: a message about the update carries only its number."""

from __future__ import annotations

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.request import DocumentReference

CONTENT_TYPE = "application/vnd.umpire.stay-update+json"


class StayEvidence(Model):
    """Facts, statements and answers read from an update, and the documents that came with it.

    `summary` is what the sender wrote for people.
    """

    facts: tuple[Fact, ...] = ()
    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()
    documents: tuple[DocumentReference, ...] = ()
    summary: str = ""
