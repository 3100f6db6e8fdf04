"""Edits of a formulary: limits of age, sex, dose and opioids, and the benefit that pays for a drug. None of them is a decision.

An edit is a tree of criteria about facts, as a guideline is. `met` means that the edit is no obstacle; `not_met` and `unknown`
go to the provider with a question, or to a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from domain.cited_value import Confidence
from domain.criteria.evaluation import evaluate
from domain.criteria.guideline_test_cases import GuidelineTestFailure, failing_test_cases
from domain.criteria.model import (
    AppliesTo,
    CriteriaNode,
    Guideline,
    GuidelineSource,
    GuidelineTestCase,
    Precedence,
    Verification,
)
from domain.criteria.trace import CriteriaResult, NeedRule, meets_floor, provider_questions
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.drug_limits.rules import DrugSelector, LimitRule
from domain.evidence.facts import EvidenceTier, Fact, FactDictionary
from domain.three_valued import Tri
from domain.vocabulary import Lob, ServiceKind

EDIT_KINDS = frozenset({LimitKind.AGE, LimitKind.SEX, LimitKind.DOSE, LimitKind.OPIOID, LimitKind.BENEFIT})


class DrugEdit(LimitRule):
    """One edit: `logic` states when it is no obstacle, `except_for` the drugs of the selection that it does not reach.

    `what_would_change` tells the provider in one sentence how it is settled. `by_exception`: a prescriber may ask for an
    exception to it; law that says which benefit pays knows none.
    """

    kind: LimitKind
    title: str = Field(min_length=1)
    service_kinds: tuple[ServiceKind, ...] = ()
    except_for: DrugSelector | None = None
    confidence: Confidence
    by_exception: bool = True
    what_would_change: str = Field(min_length=1)
    logic: CriteriaNode
    tests: tuple[GuidelineTestCase, ...]

    @model_validator(mode="after")
    def _is_an_edit(self) -> Self:
        if self.kind not in EDIT_KINDS:
            raise ValueError(f"kind is one of {', '.join(sorted(EDIT_KINDS))}")
        return self

    def reaches(self, lob: Lob, day: date, service_kind: ServiceKind, code: str, groups: Collection[str] = ()) -> bool:
        """Whether the edit binds a line on its first day of service."""
        freed = self.except_for is not None and self.except_for.holds(code, groups)
        of_kind = not self.service_kinds or service_kind in self.service_kinds
        return of_kind and not freed and self.binds(lob, day, code, groups)

    @cached_property
    def guideline(self) -> Guideline:
        """The edit as a guideline, by which it is checked and evaluated; it is never selected as one."""
        return Guideline(
            id=self.rule_id.replace("-", ""),
            title=self.title,
            version=self.first_day.isoformat(),
            source=GuidelineSource(
                doc=self.cite,
                cite=self.cite,
                verification=Verification.EXAMPLE,
                confidence=self.confidence,
                gap="an edit of the formulary",
            ),
            precedence=Precedence.PLAN,
            effective_from=self.first_day,
            auto_approve=False,
            applies_to=AppliesTo(every_service=True),
            logic=self.logic,
            tests=self.tests,
        )


def evaluate_edit(
    edit: DrugEdit, dictionary: FactDictionary, facts: Iterable[Fact], today: date, floor: EvidenceTier
) -> LimitOutcome:
    """Evaluate an edit on `today` (the case's local day). `floor` is the plan's floor of evidence for approvals by rule."""
    found = evaluate(edit.guideline, dictionary, facts, today)
    state = Tri(found.state.value)
    is_met = state is Tri.MET
    return LimitOutcome(
        rule_id=edit.rule_id,
        kind=edit.kind,
        title=edit.title,
        state=state,
        because=_reason(found, state),
        reason=edit.because,
        citation=edit.cite,
        rests_on_statement=is_met and not meets_floor(found, floor),
        missing_facts=found.missing_facts,
        any_one_of=_is_one_enough(found),
        what_would_change="" if is_met else edit.what_would_change,
    )


def failing_edit_tests(edit: DrugEdit, dictionary: FactDictionary) -> tuple[GuidelineTestFailure, ...]:
    """The test cases of an edit with an unexpected result."""
    return failing_test_cases(edit.guideline, dictionary)


def _reason(found: CriteriaResult, state: Tri) -> str:
    """The reason in words of the rulebook, without a value of the record."""
    if state is Tri.UNKNOWN:
        return "the record does not say enough to tell"
    decided = set(found.decided_by)
    texts = [
        node.criterion.text
        for node in (found.trace.walk() if found.trace is not None else ())
        if node.criterion.id in decided and node.criterion.text
    ]
    return "; ".join(dict.fromkeys(texts)) or ("nothing stands against it" if state is Tri.MET else "does not hold")


def _is_one_enough(found: CriteriaResult) -> bool:
    asked = provider_questions(found.missing)
    return len(asked) == 1 and asked[0].rule is NeedRule.ANY_ONE_OF
