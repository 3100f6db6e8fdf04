"""Table of geometric mean lengths of stay: `gmlos.csv`, with its year and source in `gmlos.yaml`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from domain.stays.day_counts import GmlosEntry, GmlosSource, GmlosTable
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.validation_messages import describe_error
from rulebook.yamlfile import read_yaml, shown_path, to_model

TABLE_FILE, SOURCE_FILE = "gmlos.csv", "gmlos.yaml"
COLUMNS = (
    "ms_drg", "title", "type", "mdc", "relative_weight", "gmlos", "amlos", "post_acute_transfer", "special_pay",
    "same_meaning_now",
)  # fmt: skip
_FLAGS = {"Y": True, "N": False}


def load_gmlos(folder: Path) -> GmlosTable:
    """Load the table of a folder. Raises RulebookErrors with file, line, column and what was expected, all at once."""
    about = to_model(read_yaml(folder / SOURCE_FILE), GmlosSource)
    path = folder / TABLE_FILE
    entries: dict[str, GmlosEntry] = {}
    errors: list[RulebookError] = []
    for line, row in _rows(path):
        try:
            entry = _entry(row, about.fiscal_year)
        except ValidationError as refused:
            errors.extend(_row_errors(refused, shown_path(path), line, row))
            continue
        if entries.setdefault(entry.ms_drg, entry) is not entry:
            problem = f"DRG {entry.ms_drg} is there twice"
            errors.append(RulebookError(shown_path(path), line, "ms_drg", problem, "each DRG once"))
    if not entries and not errors:
        errors.append(RulebookError(shown_path(path), 1, "", "the table is empty", "one line for each DRG"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return GmlosTable(about=about, entries=tuple(entries.values()))


def render_gmlos_csv(rows: Iterable[dict[str, str]]) -> str:
    """The CSV text of the table, from rows by column name."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _single_error(path, 1, "", "the file does not exist", "a table of usual lengths of stay") from None
    except UnicodeDecodeError as problem:
        raise _single_error(path, 1, "", f"byte {problem.start} is not UTF-8", "a CSV file in UTF-8") from None
    reader = csv.reader(io.StringIO(text))
    header = tuple(next(reader, ()))
    if header != COLUMNS:
        raise _single_error(path, 1, "", f"the header is {','.join(header)}", ",".join(COLUMNS))
    found: list[tuple[int, dict[str, str]]] = []
    for cells in reader:
        if len(cells) != len(COLUMNS):
            said = f"{len(cells)} cells instead of {len(COLUMNS)}"
            raise _single_error(
                path, reader.line_num, "", said, "a cell for each column, quoted where it holds a comma"
            )
        found.append((reader.line_num, dict(zip(COLUMNS, cells, strict=True))))
    return found


def _entry(row: dict[str, str], fiscal_year: int) -> GmlosEntry:
    told = {"kind" if name == "type" else name: value or None for name, value in row.items()}
    flags = {name: _FLAGS.get(row[name], told[name]) for name in COLUMNS[-3:]}
    return GmlosEntry.model_validate(told | flags | {"fiscal_year": fiscal_year})


def _row_errors(refused: ValidationError, file: str, line: int, row: dict[str, str]) -> Iterable[RulebookError]:
    for error in refused.errors(include_url=False):
        path, problem, expected = describe_error(error, row | {"kind": row["type"]}, GmlosEntry)
        column = "type" if path == ("kind",) else str(path[0]) if path else ""
        yield RulebookError(file, line, column, problem, "Y or N" if column in COLUMNS[-3:] else expected)


def _single_error(path: Path, line: int, column: str, problem: str, expected: str) -> RulebookErrors:
    return RulebookErrors((RulebookError(shown_path(path), line, column, problem, expected),))
