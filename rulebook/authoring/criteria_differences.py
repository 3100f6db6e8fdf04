"""Comparison of two wordings of one guideline, criterion by criterion, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rulebook.authoring.rule_words import GROUP_WORDS, FactWords, condition_words

_PARTS = {"logic", "tests"}
_Words = Mapping[str, FactWords]
_NO_WORDS: _Words = {}


class _Criterion(NamedTuple):
    """A node by itself: the group that it stands in, its words, what it asks (of a group how it counts), and its refs."""

    parent: str
    text: str
    asks: str
    refs: tuple[str, ...]
    cite: str


def is_guideline(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("logic"), Mapping)


def without_criteria(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The guideline without its criteria and worked examples, which are compared here."""
    return {key: value for key, value in entry.items() if key not in _PARTS}


def find_predecessor(entry: Any, before: Iterable[Any]) -> Mapping[str, Any] | None:
    """The version of the same guideline, among those of the earlier rulebook, after which this one comes: the last one in
    force. None for what is no guideline or has no other version."""
    if not is_guideline(entry):
        return None
    others = [one for one in before if is_guideline(one) and one.get("id") == entry.get("id")]
    return max(others, key=lambda one: (str(one.get("effective_from")), str(one.get("version"))), default=None)


def criteria_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], facts: tuple[_Words, _Words] = (_NO_WORDS, _NO_WORDS)
) -> Iterator[str]:
    """Each criterion that is new, gone, moved or asks something else, and how many worked examples came and went. `facts` are
    the words of the facts before and after."""
    before, after = (dict(_criteria(one["logic"], "", words)) for one, words in zip((old, new), facts, strict=True))
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            yield f"criterion {name} is new{_place(now)}: {_words(now)}"
            continue
        if was.parent != now.parent:
            yield f"criterion {name} moves from {was.parent or 'the top'} to {now.parent or 'the top'}"
        if was.asks != now.asks:
            yield f"criterion {name} ({now.text or was.text}) changes from {was.asks} to {now.asks}"
        if was.text != now.text:
            yield f"criterion {name} is worded {now.text!r} (it was {was.text!r})"
        if was.cite != now.cite:
            yield f"criterion {name} cites {now.cite} (it cited {was.cite})"
        for ref in sorted({*now.refs} - {*was.refs}):
            yield f"criterion {name} now takes in {ref}"
        for ref in sorted({*was.refs} - {*now.refs}):
            yield f"criterion {name} no longer takes in {ref}"
    yield from (
        f"criterion {name} is taken out (it was: {_words(before[name])})" for name in before if name not in after
    )
    yield from _example_changes(old.get("tests") or [], new.get("tests") or [])


def _criteria(node: Any, parent: str, facts: _Words) -> Iterator[tuple[str, _Criterion]]:
    if not isinstance(node, Mapping) or "ref" in node:
        return
    name = str(node.get("id"))
    kind, children = _children(node)
    asks = condition_words(node, facts) if "fact" in node else kind
    refs = tuple(str(child["ref"]) for child in children if isinstance(child, Mapping) and "ref" in child)
    yield (
        name,
        _Criterion(parent, str(node.get("text") or ""), asks, refs, str(node.get("cite") or "no place of its own")),
    )
    for child in children:
        yield from _criteria(child, name, facts)


def _children(node: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The rule by which a group counts its children, in words, and the children."""
    some = node.get("at_least")
    if isinstance(some, Mapping):
        return f"at least {some.get('n')} of", list(some.get("of") or [])
    return next(((words, node[key]) for key, words in GROUP_WORDS.items() if isinstance(node.get(key), list)), ("", []))


def _words(criterion: _Criterion) -> str:
    return f"{criterion.text} ({criterion.asks})" if criterion.text else criterion.asks


def _place(criterion: _Criterion) -> str:
    return f" in {criterion.parent}" if criterion.parent else ""


def _example_changes(old: list[Any], new: list[Any]) -> Iterator[str]:
    before = {str(one.get("name")): one for one in old if isinstance(one, Mapping)}
    after = {str(one.get("name")): one for one in new if isinstance(one, Mapping)}
    counts = {
        "new": len(after.keys() - before.keys()),
        "taken out": len(before.keys() - after.keys()),
        "changed": sum(before[name] != after[name] for name in before.keys() & after.keys()),
    }
    if any(counts.values()):
        yield "worked examples: " + ", ".join(f"{count} {words}" for words, count in counts.items() if count)
