"""Facts typed as ``id=value``."""

from __future__ import annotations

from domain.evidence.facts import FactDictionary
from intake.stays.evidence import TypedFact
from intake.stays.typed_facts import read_typed_facts


def parse_facts(said: list[str], dictionary: FactDictionary) -> tuple[TypedFact, ...]:
    """Parse the facts. Raises NotReadable with every issue of every fact."""
    pairs = [(name.strip() or text, value) for text in said for name, _, value in (text.partition("="),)]
    return read_typed_facts(pairs, dictionary, lambda _position, name: f"--fact {name}")
