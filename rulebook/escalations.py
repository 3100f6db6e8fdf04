"""Escalation ladders of the rulebook, read from `rulebook/escalations.yaml`."""

from __future__ import annotations

from pathlib import Path

from domain.cases.escalation_ladders import EscalationLadders
from rulebook.yamlfile import RULEBOOK_ROOT, read_yaml, to_model

ESCALATIONS = RULEBOOK_ROOT / "escalations.yaml"


def load_escalation_ladders(path: Path = ESCALATIONS) -> EscalationLadders:
    """Load the ladders of a file. Raises RulebookErrors with file, line, key and what was expected."""
    return to_model(read_yaml(path), EscalationLadders)
