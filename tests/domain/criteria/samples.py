"""Small guidelines, dictionaries and facts for the tests of the criteria engine."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.criteria.evaluation import CriteriaNode, CriteriaResult, Guideline, evaluate
from domain.evidence.facts import EvidenceTier, Fact, FactDefinition, FactDictionary, FactSource, SourceKind

TODAY = date(2026, 3, 10)

DICTIONARY = FactDictionary.model_validate(
    {
        "facts": [
            {"id": "t.yes", "type": "bool", "evidence": "document", "label": "it was done", "ask": "Was it done?"},
            {
                "id": "t.other",
                "type": "bool",
                "evidence": "document",
                "label": "the other was done",
                "ask": "And this?",
            },
            {"id": "t.said", "type": "bool", "evidence": "attest", "label": "it was said", "ask": "Was it said?"},
            {"id": "t.judged", "type": "bool", "evidence": "judgment", "label": "it helps", "ask": "Will it help?"},
            {
                "id": "t.level",
                "type": "number",
                "unit": "%",
                "evidence": "structured",
                "label": "the level",
                "ask": "Level",
            },
            {"id": "t.count", "type": "number", "unit": "{events}", "evidence": "document", "label": "n", "ask": "N?"},
            {
                "id": "t.weight",
                "type": "number",
                "unit": "kg",
                "evidence": "structured",
                "max_age_days": 180,
                "conflict": "newest",
                "label": "the weight",
                "ask": "Weight",
            },
            {
                "id": "t.cause",
                "type": "code",
                "values": ["trauma", "tumor", "none"],
                "evidence": "document",
                "label": "the cause",
                "ask": "Cause?",
            },
            {"id": "t.began", "type": "date", "evidence": "document", "label": "the beginning", "ask": "Began on?"},
            {"id": "t.tested", "type": "date", "evidence": "structured", "label": "the test", "ask": "Tested on?"},
            {
                "id": "t.gas",
                "type": "number",
                "unit": "mm[Hg]",
                "evidence": "structured",
                "label": "the gas",
                "ask": "Gas",
            },
            {"id": "t.item", "type": "code", "evidence": "structured", "label": "the item", "ask": "Item?"},
            {"id": "t.dx", "type": "codes", "evidence": "structured", "label": "the diagnoses", "ask": "Diagnoses?"},
        ]
    }
)

KIND_FOR = {
    EvidenceTier.STRUCTURED: SourceKind.STRUCTURED_RESOURCE,
    EvidenceTier.DOCUMENT: SourceKind.DOCUMENT,
    EvidenceTier.ATTEST: SourceKind.ATTESTATION,
    EvidenceTier.JUDGMENT: SourceKind.CLINICIAN_JUDGMENT,
}


def leaf(node_id: str, fact: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": node_id, "fact": fact, "op": op, **({"value": value} if value is not None else {}), **more}


def guideline(logic: dict[str, Any], **more: Any) -> Guideline:
    return Guideline.model_validate(
        {
            "id": "TST",
            "title": "A test rule",
            "version": "1",
            "source": {
                "doc": "Test",
                "cite": "Test rule 1",
                "verification": "full_text",
                "confidence": "confirmed",
                "gap": "no public rule",
            },
            "precedence": "plan",
            "effective_from": "2020-01-01",
            "auto_approve": True,
            "applies_to": {
                "service_group": ["test"],
                "lobs": ["medicare_advantage"],
                "ages": [0, 120],
                "setting": "any",
            },
            "logic": logic,
            "tests": [],
            **more,
        }
    )


def definition(fact_id: str) -> FactDefinition:
    return DICTIONARY.by_id[fact_id]


def fact(fact_id: str, value: Any, **more: Any) -> Fact:
    """A fact as the dictionary requires it, today, unless something else is given."""
    known = definition(fact_id)
    kind = more.pop("kind", KIND_FOR[known.evidence])
    reference, recorded_by = more.pop("reference", f"ref-{fact_id}"), more.pop("recorded_by", "dr-1")
    source = FactSource(kind=kind, reference=reference, recorded_by=recorded_by)
    return Fact(**{"id": fact_id, "value": value, "unit": known.unit, "effective": TODAY, "source": source, **more})


def evaluate_guideline(logic: dict[str, Any] | Guideline, *facts: Fact) -> CriteriaResult:
    rule = logic if isinstance(logic, Guideline) else guideline(logic)
    return evaluate(rule, DICTIONARY, facts, TODAY)


def states(verdict: CriteriaResult) -> dict[str, str]:
    """The state of every node by id, refs left out."""
    assert verdict.trace is not None
    return {node.criterion.id: node.state.value for node in verdict.trace.walk() if node.criterion.kind != "ref"}


def node(shape: dict[str, Any]) -> CriteriaNode:
    return CriteriaNode.model_validate(shape)
