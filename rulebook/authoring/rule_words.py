"""A rule of the rulebook in one sentence, from its YAML: for people who read what changed and not how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from domain.evidence.units import clinic_unit

GROUP_WORDS = {
    "all": "all of",
    "any": "any one of",
    "none": "none of",
    "prefer": "by the first of these tests that was done,",
}
"""The words for the rule by which a group counts what stands in it, by its key."""
_OPERATORS = {
    "is_true": "yes",
    "is_false": "no",
    "eq": "",
    "ne": "not ",
    "lt": "below ",
    "le": "at most ",
    "gt": "above ",
    "ge": "at least ",
    "in": "one of ",
    "not_in": "none of ",
    "prefix_any": "a code beginning with ",
}


def describe_rule(entry: Any) -> str | None:
    """The entry in words; None where it is no rule of a kind that has a sentence."""
    if not isinstance(entry, Mapping):
        return None
    for key, words in _KINDS:
        if key in entry:
            return words(entry)
    return None


class FactWords(NamedTuple):
    """A fact as people read it: its label and, for a measurement, the unit."""

    label: str
    unit: str | None

    def with_unit(self, value: str) -> str:
        return f"{value} {self.unit}" if self.unit and value else value


def fact_words(facts: Any) -> dict[str, FactWords]:
    """The words of every fact of a dictionary file's entries, by id."""
    found = [one for one in facts if isinstance(one, Mapping) and one.get("label")] if isinstance(facts, list) else []
    return {str(one.get("id")): FactWords(str(one["label"]), clinic_unit(one.get("unit"))) for one in found}


def condition_words(leaf: Mapping[str, Any], facts: Mapping[str, FactWords] = MappingProxyType({})) -> str:
    """The comparison of a leaf in words: the fact, how it is compared, and the gap of the source in which a person looks.

    A fact of `facts` is told by its label and unit, any other by its id.
    """
    value, op = leaf.get("value"), str(leaf.get("op"))
    named, other = (facts.get(str(leaf.get(key))) for key in ("fact", "of"))
    subject = named.label if named else str(leaf.get("fact"))
    told = named.with_unit if named else str
    gap = leaf.get("gray")
    unsaid = f", between {gap[0]} and {gap[1]} a person looks" if isinstance(gap, list) and len(gap) == 2 else ""
    if isinstance(value, list) and len(value) == 2 and op in ("between", "days_after"):
        if op == "days_after":
            return (
                f"{subject} from {value[0]} to {value[1]} days after {other.label if other else leaf.get('of')}{unsaid}"
            )
        return f"{subject} from {value[0]} to {told(str(value[1]))}{unsaid}"
    words = "" if value is None else told(_plain(value))
    colon = ":" if named is not None and op in ("is_true", "is_false") else ""
    return f"{subject}{colon} {_OPERATORS.get(op, '')}{words}".strip() + unsaid


def _guideline(entry: Mapping[str, Any]) -> str:
    about = entry.get("applies_to") or {}
    services = [
        _plain(about[key])
        for key in ("hcpcs", "icd10pcs", "icd10pcs_prefix", "service_group", "level_of_care")
        if about.get(key)
    ]
    who = f" under {_plain(about['lobs'])}" if about.get("lobs") else ""
    approves = "may be approved by rule" if entry.get("auto_approve") is True else "a person reviews every case"
    cite = (entry.get("source") or {}).get("cite")
    return (
        f"{entry.get('title')}, for {', '.join(services) or 'no service'}{who}, from {entry.get('effective_from')}: "
        f"covered with {_node(entry['logic'])}; {approves}" + (f" ({cite})" if cite else "")
    )


def _node(node: Any) -> str:
    if not isinstance(node, Mapping):
        return str(node)
    if "ref" in node:
        return str(node["ref"])
    if "fact" in node:
        if node.get("text"):
            return str(node["text"])
        return condition_words(node)
    for key, words in GROUP_WORDS.items():
        if isinstance(node.get(key), list):
            return _listed(words, node[key])
    some = node.get("at_least")
    if isinstance(some, Mapping):
        return _listed(f"at least {some.get('n')} of", some.get("of") or [])
    return str(node.get("text") or node.get("id"))


def _listed(words: str, children: list[Any]) -> str:
    return f"{words} ({'; '.join(_node(child) for child in children)})" if len(children) != 1 else _node(children[0])


def _clock(entry: Mapping[str, Any]) -> str:
    length, starts, applies = entry.get("length"), entry.get("starts") or {}, entry.get("applies") or {}
    time = f"{length.get('value')} {_plain(length.get('unit'))}" if isinstance(length, Mapping) else "a time in words"
    points = starts.get("points") or [starts] if isinstance(starts, Mapping) else []
    events = " or ".join(
        _plain(point.get("event")) for point in points if isinstance(point, Mapping) and point.get("event")
    )
    who = ", ".join(_plain(applies[key]) for key in ("lob", "state", "urgency") if applies.get(key))
    cites = entry.get("cites") or []
    return (
        f"{entry.get('title')}: {_plain(entry.get('duty'))} within {time}" + (f" of {events}" if events else "")
        + (f", for {who}" if who else "") + (f" ({cites[0]})" if cites else "")
    )  # fmt: skip


def _requirement(entry: Mapping[str, Any]) -> str:
    need = {"required": "needs authorization", "not_required": "needs no authorization"}.get(
        str(entry["need"]), _plain(entry["need"])
    )
    codes = entry.get("codes") or entry.get("service_kinds") or entry.get("service_groups")
    beside = [_plain(entry[key]) for key in ("lobs", "network") if entry.get(key)]
    where = f" ({', '.join(beside)})" if beside else ""
    return f"{_plain(codes) if codes else 'what it names'}{where} {need}: {entry.get('because')}"


def _fact(entry: Mapping[str, Any]) -> str:
    kind = {"bool": "yes or no", "date": "a day", "number": f"a number {entry.get('unit') or ''}".strip()}.get(
        str(entry.get("type")), "a code"
    )
    return f"asks {str(entry['ask'])!r}, {kind}, evidence {entry.get('evidence')}"


def _notice(entry: Mapping[str, Any]) -> str:
    return f"letter {str(entry.get('title'))!r} to the {_plain(entry['audience'])}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value).replace("_", " ")


_KINDS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("logic", _guideline),
    ("duty", _clock),
    ("need", _requirement),
    ("ask", _fact),
    ("audience", _notice),
)
"""The key by which an entry of a kind is known, and its sentence."""
