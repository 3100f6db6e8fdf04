"""Retrospective review policy of the plan, read from `rulebook/review/retrospective.yaml`."""

from __future__ import annotations

from pathlib import Path

from domain.retrospective.parts import RetrospectivePolicy
from rulebook.yamlfile import RULEBOOK_ROOT, read_yaml, to_model

RETROSPECTIVE = RULEBOOK_ROOT / "review" / "retrospective.yaml"


def load_retrospective_policy(path: Path = RETROSPECTIVE) -> RetrospectivePolicy:
    """Load the policy of a file. Raises RulebookErrors with file, line, key and what was expected."""
    return to_model(read_yaml(path), RetrospectivePolicy)
