"""Fields of the plain formats in docs/requests.md, from the models that read them: `python docs/write_request_page.py`.

Writes what stands between the two marks; the rest of the page people write. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interop.plain.schema import SCHEMA_NAMES, models_of_format, schema_of_format

PAGE = Path(__file__).resolve().parent / "requests.md"
BEGIN = "<!-- Fields: written by docs/write_request_page.py from the models that read them. -->"
END = "<!-- End of the fields. -->"
TITLES = {
    "request": "`umpire-request/1`, a request for care",
    "claim": "`umpire-claim/1`, a claim for care that was given",
    "admission": "`umpire-admission/1`, an admission entered by hand",
    "contact": "`umpire-callback/1` and `umpire-concern/1`",
}
KINDS = {"date": "day", "date-time": "instant"}


def write_fields() -> str:
    """The text between the marks."""
    lines: list[str] = [BEGIN]
    told: set[str] = set()
    for name in SCHEMA_NAMES:
        schema = schema_of_format(name)
        definitions = schema["$defs"]
        lines += ["", f"### {TITLES[name]}"]
        alone = models_of_format(name)
        parts = [(None, schema)] if len(alone) == 1 else []
        for title, part in (*parts, *definitions.items()):
            if title in told or "properties" not in part:
                continue
            if title is not None:
                told.add(title)
                lines += ["", f"**{title}**"]
            lines += ["", "| property | value | |", "|---|---|---|", *_rows(part, definitions)]
    return "\n".join([*lines, "", END])


def _rows(part: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    for key, about in part["properties"].items():
        named = _reference(about)
        words = about["description"]
        if named is not None and "enum" in definitions[named]:
            words += " " + "".join(definitions[named]["description"].partition("Values: ")[1:])
        needed = "**" if key in part.get("required", ()) else ""
        yield f"| {needed}`{key}`{needed} | {_kind(about, definitions)} | {words.replace('|', 'or')} |"


def _reference(about: dict[str, Any]) -> str | None:
    kinds = [about, about.get("items", {}), *about.get("anyOf", ())]
    found: str | None = next((kind["$ref"].rpartition("/")[2] for kind in kinds if "$ref" in kind), None)
    return found


def _kind(about: dict[str, Any], definitions: dict[str, Any]) -> str:
    named = _reference(about)
    if named is not None:
        word = "word" if "enum" in definitions[named] else named
        return f"list of {word}" if "items" in about else word
    if "const" in about:
        return f'"{about["const"]}"'
    if "items" in about:
        return "list"
    if "enum" in about:
        return "word"
    stated = about.get("type", [one.get("type") for one in about.get("anyOf", ())])
    kinds = [stated] if isinstance(stated, str) else [kind for kind in stated if kind not in ("null", None)]
    return KINDS.get(about.get("format", ""), " or ".join(dict.fromkeys(_word(kind) for kind in kinds)))


def _word(kind: str) -> str:
    return {"string": "text", "boolean": "true or false", "integer": "number", "array": "list"}.get(kind, kind)


def write_page() -> str:
    """The whole page with its fields written anew."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    return before + write_fields() + after


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
