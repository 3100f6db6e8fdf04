"""Retention periods of the rulebook, read from `rulebook/retention.yaml`."""

from __future__ import annotations

from pathlib import Path

from domain.retention.periods import RetentionPolicy
from rulebook.errors import RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, read_yaml, to_model

RETENTION = RULEBOOK_ROOT / "retention.yaml"


def load_retention_policy(path: Path = RETENTION) -> RetentionPolicy:
    """Load the periods of a file. Raises RulebookErrors with file, line, key and what was expected."""
    located = read_yaml(path)
    policy = to_model(located, RetentionPolicy)
    seen: set[str] = set()
    for position, rule in enumerate(policy.periods):
        if rule.rule_id in seen:
            problem = f"a second period {rule.rule_id}"
            raise RulebookErrors((located.error(("periods", position, "rule_id"), problem, "an id of its own"),))
        seen.add(rule.rule_id)
    return policy
