"""Restricted YAML dialect of the rulebook, as node trees with line marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml
from yaml.nodes import Node

TAG = "tag:yaml.org,2002:"


class _Resolver(yaml.resolver.BaseResolver):
    """Implicit types of the restricted dialect: true/false, null, decimal integers and decimal fractions."""


_Resolver.add_implicit_resolver(TAG + "bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Resolver.add_implicit_resolver(TAG + "null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Resolver.add_implicit_resolver(TAG + "int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Resolver.add_implicit_resolver(TAG + "float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789"))


class _Loader(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer, _Resolver):
    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)
        yaml.composer.Composer.__init__(self)
        _Resolver.__init__(self)


def compose(text: str) -> Node | None:
    """The node tree of the one document in `text`; None when it is empty. Raises yaml.YAMLError."""
    found: Node | None = _loader(text).get_single_node()
    return found


class SyntaxMistake(NamedTuple):
    """A place that cannot be read, line and column counted from 0, and what to do about it."""

    line: int
    column: int
    problem: str
    expected: str


_COLON_IN_TEXT = re.compile(r":\s+(?![\"'{\[|>&*]).*?:(\s|$)")


def describe_syntax_error(problem: str, lines: Sequence[str], line: int, column: int) -> SyntaxMistake:
    """The mistake behind the parser's words, as an author would call it; where it is not known, the parser's own words."""
    here = lines[line] if line < len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return SyntaxMistake(line, 0, "the line begins with a tab", "spaces, as many as the keys above it have")
    if problem.startswith("mapping values are not allowed"):
        if _COLON_IN_TEXT.search(here):
            return SyntaxMistake(line, column, "a text with a colon in it", 'quotes around the text: "first: second"')
        expected = "the key as far to the right as its neighbors above, and text with a colon in quotes"
        return SyntaxMistake(line, column, "a key where no key can stand", expected)
    if problem.startswith(("did not find expected ',' or", "while parsing a flow", "expected ',' or")):
        expected = "a comma between entries, the closing bracket, and quotes around text with , : { } [ ] in it"
        return SyntaxMistake(line, column, "brackets that do not close here", expected)
    if problem.startswith(("did not find expected key", "did not find expected '-'", "expected <block end>")):
        expected = (
            "keys of one entry below each other, as far to the right as the first; quotes around text with : or # in it"
        )
        return SyntaxMistake(line, column, "the line does not fit the ones above it: look at its indent", expected)
    if "cannot start any token" in problem or "unexpected end of stream" in problem or "quoted scalar" in problem:
        return SyntaxMistake(
            line, column, "a text that does not end, or begins with a sign that means something", "quotes around it"
        )
    return SyntaxMistake(line, column, f"not YAML: {problem}", "")


def _loader(text: str) -> Any:
    """The loader, based on PyYAML's C parser where available: a worker reads thousands of lines at every start."""
    return _Loader(text) if _FAST is None else _FAST(text)


def _fast() -> type[Any] | None:
    try:
        from yaml._yaml import CParser
    except ImportError:
        return None

    class Fast(CParser, _Resolver):
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            _Resolver.__init__(self)

    return Fast


_FAST = _fast()
