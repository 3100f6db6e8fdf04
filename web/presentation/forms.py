"""Forms of pages, made from the same definitions that the command line asks from: one field for each, and no answer in it.

A form is built from its definition and from what was typed so far, so that nothing typed is lost when it is shown again. Names
of fields are paths with dots: `visits.0.with_whom` is the first visit's partner. Fields that nobody answered stay unanswered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from domain import form_fields
from domain.model import Model
from web.presentation import form_words

Typed = Mapping[str, Sequence[str]]
"""The fields of a form as a browser sends them: each name with its values, in order."""

MOST_RADIOS = 6
MOST_ENTRIES = 40
COUNT = "count"
"""Beside a list of groups: the number of groups that the page shows."""
NONE = "none"
"""Beside a list: the tick box by which somebody says that there is none."""
UNKNOWN = "unknown"
"""Beside a text that has to be answered: the tick box by which somebody says that it is not known."""
YES, NO, NOT_KNOWN = "yes", "no", "null"
_ONE_LINE = (
    *(
        "npi",
        "name",
        "title",
        "organization",
        "phone",
        "number",
        "unit",
        "fact",
        "setting",
        "authorization",
        "drg",
        "to",
    ),
    *(
        "with",
        "whom",
        "place",
        "id",
        "by",
        "told",
        "caller",
        "action",
        "value",
        "person",
        "role",
        "address",
        "proof",
        "in",
    ),
)


class FieldKind(StrEnum):
    """The kinds of fields, which are also those of the template's parts."""

    TEXT = "text"
    AREA = "area"
    LINES = "lines"
    """One entry on each line."""
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    RADIO = "radio"
    SELECT = "select"
    TICK = "tick"
    """A statement that is made or not: true, or unanswered."""
    BOXES = "boxes"
    GROUP = "group"
    LIST = "list"


@dataclass(frozen=True)
class Choice:
    """An answer that may be chosen, and whether somebody chose it."""

    value: str
    label: str
    chosen: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Chip:
    """A cited finding that one click puts where the cursor is."""

    label: str
    text: str


@dataclass(frozen=True)
class FormField:
    """A field as the page shows it. `path` is its name in the form; `value` what was typed, as it was typed.

    `parts` are the fields of a group, `entries` those of each group of a list; `otherwise` is the tick box beside it by which
    somebody says that there is none, or that it is not known. `zone` names the zone of an instant. `fold` are the words under
    which rarer fields of a form are folded away. `stands`: a list with one entry for each of its subjects, which their first
    part names.
    """

    path: str
    kind: FieldKind
    label: str
    hint: str = ""
    needed: bool = False
    value: str = ""
    choices: tuple[Choice, ...] = ()
    parts: tuple[FormField, ...] = ()
    entries: tuple[tuple[FormField, ...], ...] = ()
    otherwise: Choice | None = None
    error: str = ""
    zone: str = ""
    chips: tuple[Chip, ...] = ()
    rows: int = 2
    fold: str = ""
    says_optional: bool = True
    stands: bool = False

    @property
    def id(self) -> str:
        """The id of the field's element, to which errors link."""
        return "f-" + self.path.replace(".", "-")

    @property
    def chosen_words(self) -> str:
        """The words of what is chosen; empty where nothing is."""
        return ", ".join(choice.label for choice in self.choices if choice.chosen)

    @property
    def is_used(self) -> bool:
        """Whether something was typed into it, or is wrong with it."""
        return bool(self.value or self.error or any(choice.chosen for choice in self.choices))

    @property
    def zone_words(self) -> str:
        """The zone of an instant, in words."""
        return f"{self.zone.rpartition('/')[2].replace('_', ' ')} time"

    @property
    def input_type(self) -> str:
        """The type of the input: plain text for what was typed and is no date, because a date field would drop it."""
        fits = {FieldKind.DAY: shows_as_day, FieldKind.INSTANT: shows_as_instant}.get(self.kind)
        if fits is None or (self.value and not fits(self.value)):
            return "text"
        return "date" if self.kind is FieldKind.DAY else "datetime-local"


def shows_as_day(said: str) -> bool:
    """Whether a browser's date field would show it."""
    try:
        return len(said) == 10 and bool(date.fromisoformat(said))
    except ValueError:
        return False


def shows_as_instant(said: str) -> bool:
    """Whether a browser's field of date and time would show it."""
    try:
        return len(said) in (16, 19) and said[10] == "T" and datetime.fromisoformat(said).tzinfo is None
    except ValueError:
        return False


def build_form(
    model: type[Model], typed: Typed, zone: str, errors: Mapping[str, str] | None = None, prefix: str = ""
) -> tuple[FormField, ...]:
    """The fields of a definition with what was typed in the case's `zone`; `errors` are sentences by their field's path."""
    wrong = errors or {}
    return tuple(
        build_field(f"{prefix}{name}", field, typed, zone, wrong) for name, field in model.model_fields.items()
    )


def build_field(path: str, field: FieldInfo, typed: Typed, zone: str, errors: Mapping[str, str]) -> FormField:
    """One field of a definition with what was typed."""
    kind, about = kind_of(path, field), field.description
    said = typed_text(typed, path)
    shared: dict[str, Any] = {
        "path": path,
        "kind": kind,
        "label": form_words.label_of(path.rpartition(".")[2]),
        "hint": form_words.hint_of(about),
        "needed": field.is_required(),
        "error": errors.get(path, ""),
    }
    inner, _ = form_fields.nested_model(field.annotation)
    match kind:
        case FieldKind.GROUP if inner is not None:
            return FormField(**shared, parts=build_form(inner, typed, zone, errors, f"{path}."))
        case FieldKind.LIST if inner is not None:
            subjects = standing_subjects(field)
            typed = _with_subjects(typed, path, inner, subjects)
            entries = tuple(
                build_form(inner, typed, zone, errors, f"{path}.{number}.")
                for number in range(len(subjects) or shown_entries(typed, path))
            )
            none = _empty_box(path, field, typed)
            return FormField(**shared, entries=entries, otherwise=none, stands=bool(subjects))
        case FieldKind.RADIO | FieldKind.SELECT | FieldKind.BOXES | FieldKind.TICK:
            return FormField(**shared, choices=tuple(_choices(path, field, typed)))
        case FieldKind.LINES:
            return FormField(**shared, value=said, otherwise=_empty_box(path, field, typed), rows=3)
        case FieldKind.INSTANT:
            return FormField(**shared, value=said, zone=zone)
    unknown = None
    if accepts_null(field):
        box = f"{path}.{UNKNOWN}"
        unknown = Choice(YES, form_words.unknown_word(about), chosen=typed_text(typed, box) == YES)
    return FormField(**shared, value=said, otherwise=unknown)


def kind_of(path: str, field: FieldInfo) -> FieldKind:
    """The kind of field in which somebody answers it."""
    kind = form_fields.base_type(field.annotation)
    inner, is_list = form_fields.nested_model(field.annotation)
    if inner is not None:
        return FieldKind.LIST if is_list else FieldKind.GROUP
    if form_fields.is_list(kind):
        return FieldKind.BOXES if form_fields.choices(form_fields.base_type(get_args(kind)[0])) else FieldKind.LINES
    known = form_fields.choices(kind)
    if known == (True,):
        return FieldKind.TICK
    if kind is bool or known:
        return FieldKind.SELECT if len(known) > MOST_RADIOS else FieldKind.RADIO
    match getattr(kind, "__name__", ""):
        case "int" | "float" | "Decimal":
            return FieldKind.NUMBER
        case "date":
            return FieldKind.DAY
        case "datetime" | "AwareDatetime":
            return FieldKind.INSTANT
    name = path.rpartition(".")[2]
    is_short = get_origin(kind) is not None or name.rpartition("_")[2] in _ONE_LINE
    return FieldKind.TEXT if is_short else FieldKind.AREA


def accepts_null(field: FieldInfo) -> bool:
    """Whether the field has to be answered and null is an answer: then somebody says that it is not known."""
    return field.is_required() and type(None) in get_args(field.annotation)


def takes_none(field: FieldInfo) -> bool:
    """Whether the list has to be answered and may be empty: then somebody says that there is none."""
    return field.is_required() and not any(getattr(one, "min_length", 0) for one in field.metadata)


def standing_subjects(field: FieldInfo) -> tuple[Any, ...]:
    """The subjects of a list that asks about each of many things once, such as the domains of need; empty for any other list.
    They stand on the page, and an entry in which nobody answered anything else is no answer."""
    inner, is_list = form_fields.nested_model(field.annotation)
    if inner is None or not is_list or not field.is_required():
        return ()
    first = next(iter(inner.model_fields.values()))
    known = form_fields.choices(form_fields.base_type(first.annotation))
    return known if len(known) > MOST_RADIOS else ()


def _with_subjects(typed: Typed, path: str, inner: type[Model], subjects: tuple[Any, ...]) -> Typed:
    first = next(iter(inner.model_fields))
    named = {f"{path}.{number}.{first}": [choice_value(one)] for number, one in enumerate(subjects)}
    return {**typed, **named} if named else typed


def shown_entries(typed: Typed, path: str) -> int:
    """The number of groups of a list that the page shows: those that it showed, one at least."""
    said = typed_text(typed, f"{path}.{COUNT}")
    return min(max(1, int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 1), MOST_ENTRIES)


def change_entries(typed: Typed, more: str | None, less: str | None) -> dict[str, list[str]]:
    """The typed fields, with one group more of the list `more`, or without the group `less` (a path with its number)."""
    changed = {name: list(said) for name, said in typed.items()}
    if more is not None:
        changed[f"{more}.{COUNT}"] = [str(min(shown_entries(typed, more) + 1, MOST_ENTRIES))]
    path, _, number = (less or "").rpartition(".")
    if not (path and number.isascii() and number.isdecimal()):
        return changed
    shown = shown_entries(typed, path)
    kept: dict[str, list[str]] = {}
    for name, said in changed.items():
        at, _, rest = name.removeprefix(f"{path}.").partition(".")
        if name.startswith(f"{path}.") and at.isdecimal():
            if int(at) == int(number):
                continue
            at = str(int(at) - 1) if int(at) > int(number) else at
            name = f"{path}.{at}.{rest}"
        kept[name] = said
    return kept | {f"{path}.{COUNT}": [str(max(1, shown - 1))]}


def typed_text(typed: Typed, path: str) -> str:
    """The text that was typed into a field, with line ends as we write them; empty where nothing was."""
    said = typed.get(path) or ("",)
    return said[0].replace("\r\n", "\n")


def count_fields(fields: Sequence[FormField]) -> int:
    """The number of fields that the page shows, without those that are folded away."""
    below = ((*one.parts, *(part for entry in one.entries for part in entry)) for one in fields if not one.fold)
    return sum(count_fields(parts) if parts else 1 for parts in below)


def find_errors(fields: Sequence[FormField]) -> Iterator[tuple[FormField, str]]:
    """The fields with an error, in the order of the page, each with its sentence."""
    for one in fields:
        if one.error:
            yield one, one.error
        yield from find_errors(one.parts)
        for entry in one.entries:
            yield from find_errors(entry)


def _choices(path: str, field: FieldInfo, typed: Typed) -> Iterator[Choice]:
    kind = form_fields.base_type(field.annotation)
    said = set(typed.get(path, ()))
    if form_fields.is_list(kind):
        kind = form_fields.base_type(get_args(kind)[0])
    known = form_fields.choices(kind)
    if kind is bool:
        known = (True, False)
    for choice in known:
        value = choice_value(choice)
        yield Choice(value, form_words.choice_word(choice), chosen=value in said)
    if kind is bool and type(None) in get_args(field.annotation):
        yield Choice(NOT_KNOWN, form_words.unknown_word(field.description), chosen=NOT_KNOWN in said)


def choice_value(choice: Any) -> str:
    """The value of a choice in the form."""
    if isinstance(choice, bool):
        return YES if choice else NO
    return str(getattr(choice, "value", choice))


def _empty_box(path: str, field: FieldInfo, typed: Typed) -> Choice | None:
    if not takes_none(field):
        return None
    box = f"{path}.{NONE}"
    return Choice(YES, form_words.empty_word(field.description), chosen=typed_text(typed, box) == YES)
