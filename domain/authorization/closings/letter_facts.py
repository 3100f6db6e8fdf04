"""Facts of the letters on a request that ended without a determination."""

from __future__ import annotations

from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import Route
from domain.decisions.closings import Dismissal, ImproperFiling, Misdirection, OutsideCoverage
from domain.letters.orders import NoticeFactMissing
from domain.letters.request_facts import (
    AnyRequestFacts,
    DismissalFacts,
    ImproperFilingFacts,
    MisdirectedFacts,
    NotCoveredFacts,
    RequestDetails,
)
from domain.vocabulary import NoticeKind

CHANNEL_WORDS = {"hl7_v2": "HL7 message", "fhir_pas": "electronic message", "api": "electronic message"}
"""Channels that are not said as they are written."""


def closing_facts(case: AuthorizationCase, request: RequestDetails, notice: NoticeKind) -> AnyRequestFacts:
    """The facts of the letter about how the request, or some days of it, ended. Raises NoticeFactMissing
    where it did not end so."""
    left_out = notice is NoticeKind.NOT_COVERED and not isinstance(case.closing, OutsideCoverage)
    match case.left_out if left_out else case.closing:
        case Dismissal() as dismissal:
            return _dismissal_facts(case, request, dismissal)
        case OutsideCoverage() as finding:
            some_days = case.closing is None and set(case.routes.values()) != {Route.NOT_COVERED}
            return NotCoveredFacts(
                request=request,
                covered_until=finding.covered_through if some_days else None,
                other_payer=(finding.other_payer or "").strip() or None,
            )
        case Misdirection() as sent:
            return MisdirectedFacts(
                request=request,
                forwarded_to=sent.to,
                forwarded_address=sent.address,
                forwarded_by=CHANNEL_WORDS.get(sent.channel.value, sent.channel.value.replace("_", " ")),
                forwarded_at=sent.sent_at,
            )
        case ImproperFiling() as filing:
            return ImproperFilingFacts(
                request=request,
                filing_missing="; ".join(text.strip().removesuffix(".") for text in filing.missing),
                how_to_file=filing.how_to_file,
                told_at=filing.told_at,
            )
    raise NoticeFactMissing("the request did not end without a decision")


def _dismissal_facts(case: AuthorizationCase, request: RequestDetails, dismissal: Dismissal) -> DismissalFacts:
    rules = case.require_context().closings
    rule = rules.dismissal if rules is not None else None
    ground = rule.ground(dismissal.reason) if rule is not None else None
    if rule is None or ground is None:
        raise NoticeFactMissing("the case has no rule on its dismissal")
    return DismissalFacts(
        request=request,
        dismissal_reason=ground.words,
        dismissal_explanation=dismissal.explanation,
        dismissal_citation=ground.cite,
        integrated=bool(rule.circumstances),
    )
