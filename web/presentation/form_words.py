"""Words of form fields: the label of a field from its name, and its hint from its description, without what is for programs."""

from __future__ import annotations

import re
from typing import Any

_LABELS = {
    "accepts": "Takes the patient",
    "at": "Date and time",
    "by": "By whom",
    "called_at": "Time of the call",
    "how": "How",
    "line_id": "Line",
    "on": "Day",
    "programme": "Program",
    "said": "What was said",
    "says": "What they said",
    "told": "Who was spoken to",
    "told_by": "Who called",
    "to": "To whom",
    "way": "Which way",
    "what": "What",
    "whom": "Who was told",
    "with_whom": "With whom",
}
"""Labels of fields whose name alone does not say it."""
_KEPT = {
    "api": "API",
    "bnp": "BNP",
    "drg": "DRG",
    "fhir": "FHIR",
    "hl7": "HL7",
    "icu": "ICU",
    "id": "number",
    "irf": "IRF",
    "lace": "LACE score",
    "hospital": "HOSPITAL score",
    "ltch": "LTCH",
    "npi": "NPI",
    "pas": "PAS",
    "pcp": "PCP",
    "qio": "QIO",
    "snf": "SNF",
    "tty": "TTY",
}
_NULL = re.compile(r"[;,]? *null(?: means)?:? *([^.;]*)(?=[.;]|$)")
_EMPTY = re.compile(r"[;,]? *an empty list(?::| is an answer| records)? *([^.;]*)(?=[.;]|$)")
_NAMES = re.compile(r"(?<=[a-z])_(?=[a-z])")
_FOR_PROGRAMS = (
    re.compile(r" \((?:YYYY-MM-DD|true)\)"),
    re.compile(r" \('umpire[^)]*\)"),
    re.compile(r": an instant with its offset, such as [^.]*"),
    re.compile(r",? such as \d{4}-[^.]*"),
)


def label_of(name: str) -> str:
    """The label of a field: `chosen_npi` becomes 'Chosen NPI'."""
    if name in _LABELS:
        return _LABELS[name]
    words = " ".join(_KEPT.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def hint_of(description: str | None) -> str:
    """The hint of a field: its description in what people read, without the words about null, empty lists and formats."""
    said = description or ""
    for pattern in (_NULL, _EMPTY, *_FOR_PROGRAMS):
        said = pattern.sub("", said)
    said = " ".join(_NAMES.sub(" ", said).split()).strip(" ;")
    return said if not said or said.endswith((".", "?", "'")) else f"{said}."


def unknown_word(description: str | None) -> str:
    """The words of the answer that nothing is known, from what the description says null means."""
    found = _NULL.search(description or "")
    said = found[1].strip() if found else ""
    return said[:1].upper() + said[1:] if said else "Not known"


def empty_word(description: str | None) -> str:
    """The words of the answer that there is none, from what the description says an empty list means."""
    found = _EMPTY.search(description or "")
    said = found[1].strip() if found else ""
    return f"None: {said}" if said and said != "none" else "None"


def choice_word(choice: Any) -> str:
    """An allowed value in words."""
    if isinstance(choice, bool):
        return "Yes" if choice else "No"
    said = str(getattr(choice, "value", choice))
    words = " ".join(_KEPT.get(word, word) for word in said.split("_"))
    return words[:1].upper() + words[1:]


def error_sentence(said: str) -> str:
    """The end of a sentence about a wrong value, such as 'is missing', as a sentence beside its field."""
    if said.strip(". ") == "is missing":
        return "Answer this."
    return f"{said[:1].upper()}{said[1:]}".rstrip(".") + "."
