"""Whether services go on while an appeal is open, read from `rulebook/continuation.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from domain.clock_rules import Confidence
from domain.model import Model
from domain.vocabulary import Lob
from rulebook.yamlfile import RULEBOOK_ROOT, RulebookErrors, load_located

CONTINUATION = RULEBOOK_ROOT / "continuation.yaml"


class Continuation(Model):
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


def load_continuation(path: Path = CONTINUATION) -> dict[Lob, Continuation]:
    """The rule of each line of business that has one. Raises RulebookErrors naming file, line and key."""
    found: dict[Lob, Continuation] = {}
    for rule, place in load_located(path, "continuation", Continuation):
        if rule.lob in found:
            problem = f"a second entry for {rule.lob.value}"
            raise RulebookErrors((place.error(("lob",), problem, "one entry for each line of business"),))
        found[rule.lob] = rule
    return found
