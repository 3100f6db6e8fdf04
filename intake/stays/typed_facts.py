"""Facts that a person typed, checked against the fact dictionary: a misspelled name is rejected, never dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

from domain.errors import NotReadable, ValidationIssue
from domain.evidence.facts import FactDictionary
from domain.evidence.typed_values import describe_expected, parse_value
from intake.stays.evidence import TypedFact

_RULE = "fact"


def read_typed_facts(
    said: Iterable[tuple[str, str]], dictionary: FactDictionary, place_of: Callable[[int, str], str]
) -> tuple[TypedFact, ...]:
    """Read facts as (id, value as typed). `place_of` names the place of a fact by its position and id.

    Raises NotReadable with every issue of every fact.
    """
    problems: list[ValidationIssue] = []
    found: list[TypedFact] = []
    for position, (name, value) in enumerate(said):
        read = _read(name.strip(), value.strip(), dictionary, place_of(position, name.strip()))
        if isinstance(read, ValidationIssue):
            problems.append(read)
        else:
            found.append(read)
    if problems:
        raise NotReadable(tuple(problems))
    return tuple(found)


def _read(name: str, value: str, dictionary: FactDictionary, path: str) -> TypedFact | ValidationIssue:
    if not value:
        return _issue(path, "there is no value", "id=value, such as ip.order=yes")
    known = dictionary.by_id.get(name)
    if known is None:
        return _issue(path, "the rulebook's dictionary has no such fact", _similar_facts(name, dictionary))
    if known.held_by is not None:
        holder = known.held_by.value.replace("_", " ")
        return _issue(path, "no sender can state this fact", f"nothing: the plan holds it ({holder})")
    read = parse_value(known, value)
    if read is None:
        return _issue(path, "the value does not fit the fact", describe_expected(known))
    return TypedFact(known.id, read, known.unit)


def _similar_facts(name: str, dictionary: FactDictionary) -> str:
    group = name.partition(".")[0] + "."
    near = get_close_matches(name, dictionary.by_id, n=3) or sorted(
        one for one in dictionary.by_id if one.startswith(group)
    )
    return f"a fact such as {', '.join(near[:6])}" if near else "a fact of rulebook/criteria/facts.yaml"


def _issue(path: str, message: str, expected: str) -> ValidationIssue:
    return ValidationIssue(path=path, rule=_RULE, message=message, expected=expected)
