"""Parser of facts typed as ``id=value``, checked against the fact dictionary: a misspelled name is rejected, never dropped."""

from __future__ import annotations

from difflib import get_close_matches

from domain.errors import NotReadable, ValidationIssue
from domain.evidence.facts import FactDictionary
from domain.evidence.typed_values import describe_expected, parse_value
from intake.stays.evidence import TypedFact

_RULE = "fact"


def parse_facts(said: list[str], dictionary: FactDictionary) -> tuple[TypedFact, ...]:
    """Parse the facts. Raises NotReadable with every issue of every fact."""
    problems: list[ValidationIssue] = []
    found = tuple(one for text in said if (one := _parse_fact(text, dictionary, problems)) is not None)
    if problems:
        raise NotReadable(tuple(problems))
    return found


def _parse_fact(text: str, dictionary: FactDictionary, problems: list[ValidationIssue]) -> TypedFact | None:
    name, equals, value = text.partition("=")
    where = f"--fact {name.strip() or text}"
    if not equals or not value.strip():
        problems.append(_issue(where, "there is no value", "id=value, such as ip.order=yes"))
        return None
    known = dictionary.by_id.get(name.strip())
    if known is None:
        problems.append(
            _issue(where, "the rulebook's dictionary has no such fact", _similar_facts(name.strip(), dictionary))
        )
        return None
    if known.held_by is not None:
        holder = known.held_by.value.replace("_", " ")
        problems.append(_issue(where, "no sender can state this fact", f"nothing: the plan holds it ({holder})"))
        return None
    read = parse_value(known, value.strip())
    if read is None:
        problems.append(_issue(where, "the value does not fit the fact", describe_expected(known)))
        return None
    return TypedFact(known.id, read, known.unit)


def _similar_facts(name: str, dictionary: FactDictionary) -> str:
    group = name.partition(".")[0] + "."
    near = get_close_matches(name, dictionary.by_id, n=3) or sorted(
        one for one in dictionary.by_id if one.startswith(group)
    )
    return f"a fact such as {', '.join(near[:6])}" if near else "a fact of rulebook/criteria/facts.yaml"


def _issue(path: str, message: str, expected: str) -> ValidationIssue:
    return ValidationIssue(path=path, rule=_RULE, message=message, expected=expected)
