"""Table of drug labels, `review/drug_labels.csv`: which diagnoses stand in the label of a drug. A plan imports its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from domain.pharmacy.indications import LabelEntry
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.validation_messages import describe_error
from rulebook.yamlfile import shown_path

LABELS_FILE = "drug_labels.csv"
COLUMNS = ("drug_code", "indication", "diagnoses", "source", "version_day")


def load_labels(path: Path) -> tuple[LabelEntry, ...]:
    """Load the rulebook's own table; none when it has no such file. Raises RulebookErrors as `read_labels` does."""
    return read_labels(path) if path.exists() else ()


def read_labels(path: Path) -> tuple[LabelEntry, ...]:
    """Read a table of labels: a CSV file in UTF-8 with the columns of COLUMNS; beginnings of diagnosis codes are separated by
    blanks. Raises RulebookErrors with file, line, column and what was expected, for all rows at once."""
    file, text = shown_path(path), _text(path)
    reader = csv.reader(io.StringIO(text))
    header = tuple(next(reader, ()))
    if header != COLUMNS:
        raise RulebookErrors((RulebookError(file, 1, "", f"the header is {','.join(header)}", ",".join(COLUMNS)),))
    entries: dict[tuple[str, str], LabelEntry] = {}
    errors: list[RulebookError] = []
    for cells in reader:
        line = reader.line_num
        if not cells:
            continue
        if len(cells) != len(COLUMNS):
            expected = "a cell for each column, quoted where it holds a comma"
            errors.append(RulebookError(file, line, "", f"{len(cells)} cells instead of {len(COLUMNS)}", expected))
            continue
        row: dict[str, object] = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
        row["diagnoses"] = str(row["diagnoses"]).split()
        try:
            entry = LabelEntry.model_validate(row)
        except ValidationError as refused:
            for error in refused.errors(include_url=False):
                place, problem, expected = describe_error(error, row, LabelEntry)
                errors.append(RulebookError(file, line, str(place[0]) if place else "", problem, expected))
            continue
        if entries.setdefault((entry.drug_code, entry.indication), entry) is not entry:
            problem = f"{entry.indication!r} of {entry.drug_code} is there twice"
            errors.append(RulebookError(file, line, "indication", problem, "each indication of a drug once"))
    if not entries and not errors:
        errors.append(RulebookError(file, 1, "", "the table is empty", "one line for each indication of a drug"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(entries.values())


def render_labels_csv(labels: Iterable[LabelEntry]) -> str:
    """The CSV text of a table of labels."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in labels:
        day = one.version_day.isoformat()
        writer.writerow((one.drug_code, one.indication, " ".join(one.diagnoses), one.source, day))
    return text.getvalue()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem, expected = "the file does not exist", f"a CSV file with the columns {','.join(COLUMNS)}"
        raise RulebookErrors((RulebookError(shown_path(path), 1, "", problem, expected),)) from None
    except UnicodeDecodeError as refused:
        problem = f"byte {refused.start} is not UTF-8"
        raise RulebookErrors((RulebookError(shown_path(path), 1, "", problem, "a CSV file in UTF-8"),)) from None
