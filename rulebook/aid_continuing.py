"""Rules on the continuation of benefits while an appeal is open, read from `rulebook/continuation.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from domain.clocks.rules import ClockRule, Confidence
from domain.model import Model
from domain.vocabulary import Lob
from rulebook.errors import RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, load_located

CONTINUATION = RULEBOOK_ROOT / "continuation.yaml"


class ContinuationRule(Model):
    """The rule of one line of business; `asked_by` is the clock rule of the request for continuation."""

    lob: Lob
    available: bool
    under: str
    asked_by: str | None = None
    words: str
    cites: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    def __str__(self) -> str:
        return f"{'available' if self.available else 'not available'} under {self.under}"


def load_continuation_rules(
    path: Path = CONTINUATION, clocks: Iterable[ClockRule] | None = None
) -> dict[Lob, ContinuationRule]:
    """The rule of each line of business that has one. Raises RulebookErrors naming file, line and key.

    With `clocks`, also raises it when `asked_by` is none of these.
    """
    known = None if clocks is None else {rule.rule_id for rule in clocks}
    found: dict[Lob, ContinuationRule] = {}
    for rule, place in load_located(path, "continuation", ContinuationRule):
        if rule.lob in found:
            problem = f"a second entry for {rule.lob.value}"
            raise RulebookErrors((place.error(("lob",), problem, "one entry for each line of business"),))
        if known is not None and rule.asked_by is not None and rule.asked_by not in known:
            raise RulebookErrors((place.error(("asked_by",), f"got {rule.asked_by!r}", "the rule_id of a clock"),))
        found[rule.lob] = rule
    return found
