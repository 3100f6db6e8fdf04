"""Comparison of two rulebook folders, one line in words for each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rulebook.authoring.criteria_differences import criteria_changes, find_predecessor, is_guideline, without_criteria
from rulebook.authoring.rule_words import FactWords, describe_rule, fact_words
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import KeyPath, format_key_path, read_yaml, shorten_value

# Keys that identify the entries of a list, in this order of preference.
_NAMES = (
    "id",
    "rule_id",
    "ban_id",
    "set_id",
    "programme",
    "ladder_id",
    "key",
    "kind",
    "name",
    "lob",
    "level",
    "reason",
    "task",
    "item",
    "setting",
    "domain",
    "npi",
    "to_level",
    "title",
    "because",
)
_CRITERIA, _EDITIONS = "criteria/", "criteria/editions/"
_EDITION_WORDS = {True: "kept as an earlier edition for running cases", False: "no longer kept for running cases"}
_OF_THE_VERSION = {"version", "effective_from", "effective_to"}
_FactWordsOfBoth = tuple[Mapping[str, FactWords], Mapping[str, FactWords]]
_BESIDE_THE_NAME = ("variant", "version", "audience")
_WORDS = {
    "length": "the time",
    "extension.most": "the longest extension",
    "effective.first_day": "the first day in force",
    "effective.last_day": "the last day in force",
    "missed.effect": "what a miss does",
    "missed.told": "when the member is told of a miss",
    "missed.next_rule": "the clock that a miss starts",
    "missed.forward_to": "to whom a miss sends the case file",
    "missed.liability": "who pays after a miss",
    "confidence": "how well it is established",
    "cites": "the list of citations",
    "applies": "whom it binds",
    "applies_to": "for what and for whom it is",
    "auto_approve": "whether a rule may approve it",
    "certifies": "how long one approval lasts",
    "effective_from": "the first day in force",
    "effective_to": "the last day in force",
    "source.confidence": "how well it is established",
    "starts": "the start",
}


class RulebookChange(NamedTuple):
    """One change: the file, the entry (empty for the file itself) and what happened to it, in words."""

    file: str
    entry: str
    says: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


def find_differences(old: Path, new: Path) -> tuple[RulebookChange, ...]:
    """Find every change of a rulebook's YAML files, in the order of files and entries. Order and comments do not count.

    Raises RulebookErrors for a folder that is not there or a file that is not readable YAML.
    """
    before, after = _files(old), _files(new)
    return tuple(change for name in sorted({*before, *after}) for change in _file_changes(name, before, after))


def changed_entry_names(old: Path, new: Path, folder: str) -> frozenset[str]:
    """The names (`rule_id`, `id`, ..., without variant or version) of the entries of a folder that differ."""
    return frozenset(
        change.entry.split(" ")[0] for change in find_differences(old, new) if change.file.startswith(f"{folder}/")
    )


def entries_of_file(path: Path) -> dict[str, Any]:
    """The entries of a file by the names that changes use; none where there is no such file."""
    return _entries(read_yaml(path).data) if path.exists() else {}


def _files(root: Path) -> dict[str, Any]:
    if not root.is_dir():
        raise RulebookErrors((RulebookError(str(root), 1, "", "is no folder", "a rulebook folder"),))
    found = {path.relative_to(root).as_posix(): read_yaml(path).data for path in sorted(root.rglob("*.yaml"))}
    if not found:
        raise RulebookErrors((RulebookError(str(root), 1, "", "holds no YAML file", "a rulebook folder"),))
    return found


def _file_changes(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[RulebookChange]:
    old, new = _entries(before.get(name)), _entries(after.get(name))
    facts = _facts_of(before), _facts_of(after)
    for entry in dict.fromkeys((*new, *old)):
        if entry in old and entry in new:
            yield from (RulebookChange(name, entry, says) for says in _entry_changes(old[entry], new[entry], facts))
        elif name.startswith(_EDITIONS):
            yield RulebookChange(name, entry, _EDITION_WORDS[entry in new])
        elif entry in new:
            earlier = find_predecessor(new[entry], _entries_of_criteria(before))
            yield from (RulebookChange(name, entry, says) for says in _new_words(new[entry], earlier, after, facts))
        elif _successor_of(old[entry], before, after) is None:
            words = describe_rule(old[entry])
            yield RulebookChange(name, entry, f"taken out (it was: {words})" if words else "taken out")


def _new_words(
    entry: Any, earlier: Mapping[str, Any] | None, after: Mapping[str, Any], facts: _FactWordsOfBoth
) -> Iterator[str]:
    """The news about an entry: of a guideline that has an earlier version, what changes from that one."""
    if earlier is None:
        words = describe_rule(entry)
        yield f"new: {words}" if words else "new"
        return
    stays = any(_is_same_version(one, earlier) for one in _entries_of_criteria(after))
    relation = "a new version beside" if stays else "a new version in place of"
    yield f"{relation} {earlier.get('version')}, in force from {entry.get('effective_from')}"
    yield from _entry_changes(_without_version(earlier), _without_version(entry), facts)


def _successor_of(entry: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> Any:
    """The version that takes the place of this one, and by which it is told; None where there is none."""
    known = tuple(_entries_of_criteria(before))
    return next(
        (
            one
            for one in _entries_of_criteria(after)
            if find_predecessor(one, known) is entry and not any(_is_same_version(one, each) for each in known)
        ),
        None,
    )


def _entries_of_criteria(files: Mapping[str, Any]) -> Iterator[Any]:
    """The guidelines in use, of every file; earlier editions are kept for running cases and are not among them."""
    for name, data in files.items():
        if name.startswith(_CRITERIA) and not name.startswith(_EDITIONS) and isinstance(data, dict):
            yield from (one for one in data.get("guidelines") or () if is_guideline(one))


def _is_same_version(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one.get("id"), one.get("version")) == (other.get("id"), other.get("version"))


def _without_version(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in _OF_THE_VERSION}


def _facts_of(files: Mapping[str, Any]) -> Mapping[str, FactWords]:
    data = files.get(f"{_CRITERIA}facts.yaml")
    return fact_words(data.get("facts")) if isinstance(data, dict) else {}


def _entries(data: Any) -> dict[str, Any]:
    """The entries of every list of a file by name; any other value is an entry by its key."""
    if not isinstance(data, dict):
        return {} if data is None else {"": data}
    found: dict[str, Any] = {}
    for key, value in data.items():
        if not isinstance(value, list):
            found[key] = value
            continue
        for position, item in enumerate(value):
            name = _name(item) or f"{key}[{position}]"
            found[name if name not in found else f"{name} ({key}[{position}])"] = item
    return found


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    name = next((str(item[key]) for key in _NAMES if isinstance(item.get(key), str)), "")
    beside = [str(item[key]) for key in _BESIDE_THE_NAME if item.get(key)]
    return " ".join((name, *beside)) if name else ""


def _entry_changes(old: Any, new: Any, facts: _FactWordsOfBoth) -> Iterator[str]:
    if is_guideline(old) and is_guideline(new):
        yield from _entry_changes(without_criteria(old), without_criteria(new), facts)
        yield from criteria_changes(old, new, facts)
        return
    seen: set[str] = set()
    for path in _differing_paths(old, new, ()):
        name, subject = _subject(path)
        if name in seen:
            continue
        seen.add(name)
        parts = tuple(_path_of_part(name, path))
        yield _describe_change(subject, _value_at(old, parts), _value_at(new, parts))


def _describe_change(subject: str, was: Any, now: Any) -> str:
    if was is None:
        return f"{subject} is new: {_display_value(now)}"
    if now is None:
        return f"{subject} is taken out (it was {_display_value(was)})"
    return f"{subject} changes from {_display_value(was)} to {_display_value(now)}"


def _differing_paths(old: Any, new: Any, path: KeyPath) -> Iterator[KeyPath]:
    """The paths of every difference, as deep as both sides go."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _differing_paths(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differing_paths(one, other, (*path, place))
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield path


def _subject(path: KeyPath) -> tuple[str, str]:
    """The part that changed, and its name in words: a change anywhere in a length is a change of the time."""
    spelled = format_key_path(path)
    for known, words in _WORDS.items():
        if spelled == known or spelled.startswith((f"{known}.", f"{known}[")):
            return known, words
    return spelled, spelled


def _path_of_part(name: str, path: KeyPath) -> Iterator[str | int]:
    for place in range(len(path) + 1):
        if format_key_path(path[:place]) == name:
            yield from path[:place]
            return


def _value_at(data: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _display_value(value: Any) -> str:
    """A value for people: a length as '7 calendar days', a list with commas, the rest as written."""
    if isinstance(value, dict) and {"value", "unit"} <= set(value):
        more = [f"{key} {str(one).replace('_', ' ')}" for key, one in value.items() if key not in ("value", "unit")]
        return ", ".join((f"{value['value']} {str(value['unit']).replace('_', ' ')}", *more))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else shorten_value(value)
