"""Strict reader of rulebook YAML: every error names the file, the line, the key and what was expected.

The dialect is narrower than YAML 1.1 on purpose. Only ``true``/``false`` are booleans (``no`` and ``on`` stay text),
dates stay text until a model asks for a date, ``0123`` stays text (codes keep their zeros), keys are always text, and
tags, merge keys, duplicate keys and several documents in one file are rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rulebook.errors import RulebookError, RulebookErrors
from rulebook.validation_messages import describe_error
from rulebook.yaml_dialect import TAG, compose, describe_syntax_error

KeyPath: TypeAlias = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

RULEBOOK_ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class LocatedYaml:
    """The plain data of a YAML file (or of a part of it) that still knows its lines.

    ``data`` is made of dict, list, str, int, float, bool and None; ``lines`` maps key paths, relative to ``data``, to
    line numbers counted from 1.
    """

    file: str
    data: Any
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath = ()) -> int:
        """The line of ``path``, or of its nearest ancestor that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, *path: str | int) -> LocatedYaml:
        """The part under ``path``; raises KeyError or IndexError when it does not exist."""
        data, depth = self.data, len(path)
        for part in path:
            data = data[part]
        inside = {key[depth:]: line for key, line in self.lines.items() if key[:depth] == path}
        return LocatedYaml(self.file, data, inside)

    def error(self, path: KeyPath, problem: str, expected: str = "") -> RulebookError:
        """An error that points at ``path``."""
        return RulebookError(self.file, self.line(path), format_key_path(path), problem, expected)


def read_yaml(path: Path) -> LocatedYaml:
    """Read one YAML file. Raises RulebookErrors when it is not readable, with all duplicate keys at once."""
    file = shown_path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        raise _single_error(file, 1, "the file does not exist", "a YAML file at this place") from problem
    except UnicodeDecodeError as problem:
        raise _single_error(file, 1, f"byte {problem.start} is not UTF-8", "a text file in UTF-8") from problem
    try:
        root = compose(text)
    except yaml.MarkedYAMLError as problem:
        raise RulebookErrors((_syntax_error(file, text, problem),)) from problem
    except yaml.YAMLError as problem:
        raise _single_error(file, 1, f"not YAML: {problem}", "") from problem
    if root is None:
        raise _single_error(file, 1, "the file is empty", "a mapping")
    return _Builder(file).build(root)


def load_models(path: Path, key: str, model: type[M], *, beside: frozenset[str] = frozenset()) -> tuple[M, ...]:
    """The models listed under the top-level ``key`` of a file; ``beside`` names other top-level keys it may have.

    Raises RulebookErrors with every error of every item. Key paths in the errors start at the item.
    """
    return tuple(item for item, _ in load_located(path, key, model, beside=beside))


def load_located(
    path: Path, key: str, model: type[M], *, beside: frozenset[str] = frozenset()
) -> tuple[tuple[M, LocatedYaml], ...]:
    """Load models as `load_models` does, each with its location, for checks across items that have to name lines."""
    loaded: list[tuple[M, LocatedYaml]] = []
    errors: list[RulebookError] = []
    for item in model_items(read_yaml(path), key, beside=beside):
        try:
            loaded.append((to_model(item, model), item))
        except RulebookErrors as refused:
            errors.extend(refused.errors)
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(loaded)


def model_items(located: LocatedYaml, key: str, *, beside: frozenset[str] = frozenset()) -> tuple[LocatedYaml, ...]:
    """The items of the list under the top-level ``key``; raises RulebookErrors when the file has another shape."""
    if not isinstance(located.data, dict):
        raise RulebookErrors((located.error((), "the file is not a mapping", f"the top-level key {key}"),))
    allowed = sorted({key} | beside)
    strange = [name for name in located.data if name not in allowed]
    errors = [located.error((name,), "unknown key", "one of " + ", ".join(allowed)) for name in strange]
    items = located.data.get(key)
    if not isinstance(items, list):
        problem = "is missing" if key not in located.data else f"got {shorten_value(items)}"
        errors.append(located.error((key,), problem, "a list"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(located.at(key, position) for position in range(len(items or ())))


def to_model(located: LocatedYaml, model: type[M]) -> M:
    """Validate one part of a file as ``model``; raises RulebookErrors with every error."""
    try:
        return model.model_validate(located.data)
    except ValidationError as refused:
        errors = [error for error in refused.errors(include_url=False) if not _is_consequence(error, refused)]
        found = [describe_error(error, located.data, model) for error in errors]
        raise RulebookErrors(tuple(located.error(*refusal) for refusal in dict.fromkeys(found))) from refused


def _is_consequence(error: ErrorDetails, refused: ValidationError) -> bool:
    """Whether a list is too short only because its items were rejected."""
    if error["type"] != "too_short":
        return False
    depth = len(error["loc"])
    return any(len(one["loc"]) > depth and one["loc"][:depth] == error["loc"] for one in refused.errors())


def format_key_path(path: KeyPath) -> str:
    """A key path as people write it: ``length.unit``, ``cites[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def shorten_value(value: object) -> str:
    """A value as it is shown in an error, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def shown_path(path: Path) -> str:
    """The path as it is shown in errors: relative to the rulebook when inside it, else as given."""
    try:
        return path.resolve().relative_to(RULEBOOK_ROOT).as_posix()
    except ValueError:
        return str(path)


def _single_error(file: str, line: int, problem: str, expected: str) -> RulebookErrors:
    return RulebookErrors((RulebookError(file, line, "", problem, expected),))


def _syntax_error(file: str, text: str, problem: yaml.MarkedYAMLError) -> RulebookError:
    """The line that cannot be read, with a caret under the place and words on what to do."""
    mark = problem.problem_mark or problem.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.splitlines()
    found = describe_syntax_error(str(problem.problem), lines, line, column)
    shown = lines[found.line] if found.line < len(lines) else ""
    excerpt = f"\n    {shown}\n    {' ' * found.column}^" if shown.strip() else ""
    return RulebookError(file, found.line + 1, "", found.problem, found.expected, excerpt)


MOST_VALUES = 500_000


class _Builder:
    """Turns a node tree into plain data and a table of lines."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: dict[KeyPath, int] = {}
        self._errors: list[RulebookError] = []
        self._open: set[int] = set()
        self._values = 0

    def build(self, root: Node) -> LocatedYaml:
        data = self._value(root, ())
        if self._errors:
            raise RulebookErrors(tuple(self._errors))
        return LocatedYaml(self._file, data, self._lines)

    def _value(self, node: Node, path: KeyPath) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        self._values += 1
        if self._values > MOST_VALUES:
            # Stop at once: a few nested aliases stand for billions of values.
            self._refuse(node, (), f"more than {MOST_VALUES} values, counting what aliases repeat", "fewer")
            raise RulebookErrors(tuple(self._errors))
        if id(node) in self._open:
            self._refuse(node, path, "an alias that contains itself", "plain data")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, MappingNode) and node.tag == TAG + "map":
                return dict(self._entries(node, path))
            if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
                return [self._value(child, (*path, place)) for place, child in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _entries(self, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        first_line: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, path, "a key that is not text", "a text key")
                continue
            key = str(key_node.value)
            if key == "<<":
                self._refuse(key_node, (*path, key), "a merge key", "the keys written out")
                continue
            if key in first_line:
                problem = f"the key is written twice (first on line {first_line[key]})"
                self._refuse(key_node, (*path, key), problem, "each key once")
                continue
            first_line[key] = self._lines[(*path, key)] = line
            yield key, self._value(value_node, (*path, key))

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, ScalarNode):
            match node.tag.removeprefix(TAG):
                case "str":
                    return node.value
                case "int":
                    return int(node.value)
                case "float":
                    return float(node.value)
                case "bool":
                    return node.value == "true"
                case "null":
                    return None
        self._refuse(node, path, f"the tag {node.tag.removeprefix(TAG)}", "plain data without tags")
        return None

    def _refuse(self, node: Node, path: KeyPath, problem: str, expected: str) -> None:
        self._errors.append(
            RulebookError(self._file, node.start_mark.line + 1, format_key_path(path), problem, expected)
        )
