"""Comparison of two rulebook folders, one line in words for each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rulebook.authoring.criteria_differences import criteria_changes, is_guideline, without_criteria
from rulebook.authoring.rule_words import describe_rule
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
    for entry in dict.fromkeys((*new, *old)):
        if entry not in old:
            words = describe_rule(new[entry])
            yield RulebookChange(name, entry, f"new: {words}" if words else "new")
        elif entry not in new:
            words = describe_rule(old[entry])
            yield RulebookChange(name, entry, f"taken out (it was: {words})" if words else "taken out")
        else:
            yield from (RulebookChange(name, entry, says) for says in _entry_changes(old[entry], new[entry]))


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


def _entry_changes(old: Any, new: Any) -> Iterator[str]:
    if is_guideline(old) and is_guideline(new):
        yield from _entry_changes(without_criteria(old), without_criteria(new))
        yield from criteria_changes(old, new)
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
