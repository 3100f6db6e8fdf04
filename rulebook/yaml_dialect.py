"""Restricted YAML dialect of the rulebook, as node trees with line marks."""

from __future__ import annotations

import re
from typing import Any

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
