"""Errors of checked values in words that people read: what was expected, without the names that a programmer gives to kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INSTANT = "a date and time with its offset, such as 2026-03-02T14:00-06:00"
_DAY = "a day, such as 2026-03-10"
_OF_KIND = {
    "missing": "a value",
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a finite number",
    "date": _DAY,
    "datetime": _INSTANT,
    "timezone": _INSTANT,
    "time": "a time of day, such as 14:30",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "dict": "an object with named values",
    "mapping": "an object with named values",
    "model": "an object with named values",
    "json": "JSON",
    "none": "nothing",
    "bytes": "the content in base64",
    "union": "one of the documented kinds",
}
_OF_PATTERN = {
    r"^[0-9]{2}$": "two digits",
    r"^[0-9]{3}$": "three digits",
    r"^[0-9]{10}$": "ten digits",
    r"^[A-Z]{2}$": "the two letters of a State",
    r"^[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?$": "an ICD-10-CM code such as J44.9",
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "a code of a language, such as es",
}


def expected_value(error: Mapping[str, Any]) -> str:
    """The expected value for one of pydantic's errors, given its `type` and `ctx`. It never repeats the value itself."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    match kind:
        case "enum" | "literal_error":
            return "one of " + str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        case "string_pattern_mismatch":
            return _OF_PATTERN.get(str(context.get("pattern", "")), "text of the documented form")
        case "string_too_short":
            return (
                "text that is not empty"
                if context.get("min_length") == 1
                else f"{context['min_length']} letters or more"
            )
        case "string_too_long":
            return f"no more than {context['max_length']} letters"
        case "too_short":
            return (
                "at least one entry" if context.get("min_length") == 1 else f"{context['min_length']} entries or more"
            )
        case "too_long":
            return f"no more than {_entries(context['max_length'])}"
        case "greater_than":
            return f"a number above {context['gt']}"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than":
            return f"a number below {context['lt']}"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "value_error" | "assertion_error":
            return _own_words(error).removeprefix("should be ")
    return _OF_KIND.get(kind.partition("_")[0], "a value of the documented kind")


def describe_value_error(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as the end of a sentence, without a period: 'is missing', 'expected a whole number'."""
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not known here"
        case "value_error" | "assertion_error":
            words = _own_words(error)
            return f"expected {words.removeprefix('should be ')}" if words.startswith("should be ") else words
    return f"expected {expected_value(error)}"


def _own_words(error: Mapping[str, Any]) -> str:
    """The words of one of our own checks, behind the library's opening."""
    return str(error.get("msg", "")).partition(", ")[2].rstrip(".")


def _entries(number: int) -> str:
    return "one entry" if number == 1 else f"{number} entries"
