"""Import of CMS Table 5 (the yearly list of MS-DRGs with weights and lengths of stay) into the rulebook's own table.

The table is a text with tabs or commas, under a title and column names that change a little every year. Columns are found by
their names. Years with a capped weight have one more weight column: payment uses the capped weight.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rulebook.errors import RulebookError, RulebookErrors
from rulebook.gmlos_table import COLUMNS

LEAST_ROWS = 600
"""A whole table has more than 700 DRGs; far fewer mean that a part was read."""

_YEAR = re.compile(r"\bFY\s*(20[0-9]{2})\b", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_WITHOUT_LENGTH = frozenset({"", "*", "**", "***", "NA", "N/A", ".", "0", "0.0", "0.00"})
_FLAGS = {"yes": "Y", "y": "Y", "no": "N", "n": "N", "": "N"}
_NAMED = {
    "ms_drg": "MS-DRG",
    "post_acute_transfer": "Post-Acute DRG",
    "special_pay": "Special Pay DRG",
    "mdc": "MDC",
    "type": "TYPE",
    "title": "MS-DRG Title",
    "relative_weight": "Weights",
    "gmlos": "Geometric mean LOS",
    "amlos": "Arithmetic mean LOS",
}


@dataclass(frozen=True)
class ImportedTable:
    """Rows by the columns of the rulebook's table; `left_out` are DRGs without a length of stay in the file."""

    fiscal_year: int
    rows: tuple[dict[str, str], ...]
    left_out: tuple[str, ...]
    weight_column: str


def read_table5(path: Path, year: int | None = None) -> ImportedTable:
    """Read a Table 5. `year` is the fiscal year where the file does not name it.

    Raises RulebookErrors with file, line, column and what was expected, for all rows at once.
    """
    return parse_table5(_text(path), str(path), year)


def parse_table5(text: str, file: str, year: int | None = None) -> ImportedTable:
    """Parse the text of a Table 5 as `read_table5` does."""
    delimiter = "\t" if any("\t" in line for line in text.splitlines()[:20]) else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    lines = [(reader.line_num, [_clean(cell) for cell in cells]) for cells in reader]
    place, header = _header(lines, file)
    columns, weight = _columns(header, file, lines[place][0])
    fiscal_year = _year(lines[: place + 1], file, year)
    rows: dict[str, dict[str, str]] = {}
    left_out: list[str] = []
    errors: list[RulebookError] = []
    for line, cells in lines[place + 1 :]:
        number = cells[columns["ms_drg"]] if len(cells) > columns["ms_drg"] else ""
        if not re.fullmatch(r"[0-9]{1,3}", number):
            continue  # footnotes and empty lines
        row = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        drg = row["ms_drg"] = number.zfill(3)
        if drg in rows or drg in left_out:
            errors.append(RulebookError(file, line, header[columns["ms_drg"]], f"DRG {drg} is there twice", "once"))
        elif row["gmlos"].upper() in _WITHOUT_LENGTH:
            left_out.append(drg)
        else:
            errors.extend(_row_errors(row, file, line, columns, header))
            rows[drg] = _table_row(row)
    if not errors and len(rows) < LEAST_ROWS:
        problem = f"only {len(rows)} DRGs with a length of stay were found"
        errors.append(RulebookError(file, lines[place][0], "", problem, "the whole Table 5, with more than 700"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return ImportedTable(fiscal_year, tuple(rows.values()), tuple(left_out), weight)


def render_source_yaml(table: ImportedTable, file_name: str, columns: dict[str, str]) -> str:
    """The text of the YAML file that describes the table."""
    described = "".join(f"  {name}: {words}\n" for name, words in columns.items())
    return (
        "# Says what stands in gmlos.csv beside it. Written by `umpire rulebook import-gmlos`.\n"
        f"fiscal_year: {table.fiscal_year}\n"
        "title: Usual length of stay of each MS-DRG\n"
        f"source: CMS Table 5, fiscal year {table.fiscal_year}, read from {_quoted(file_name)}\n"
        "confidence: confirmed\n"
        f"note: {len(table.rows)} DRGs; without a usual length {', '.join(table.left_out) or 'none'}\n"
        f"columns:\n{described}"
    )


def _quoted(name: str) -> str:
    """A file's name without characters that are special in YAML."""
    return re.sub(r"[^A-Za-z0-9._ -]", "_", name)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as problem:
        words = problem.strerror or "cannot be read"
        raise _single_error(str(path), 1, "", words.lower(), "the text file of CMS Table 5") from None
    if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
        said = "this is a workbook or an archive, not text"
        way_out = "unpack it, and take its text file or save the sheet as CSV"
        raise _single_error(str(path), 1, "", said, way_out)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _header(lines: list[tuple[int, list[str]]], file: str) -> tuple[int, list[str]]:
    for place, (_, cells) in enumerate(lines):
        names = {_plain(cell) for cell in cells}
        if any("geometric" in name for name in names) and any("drg" in name for name in names) and len(cells) > 3:
            return place, cells
    raise _single_error(file, 1, "", "no line names the columns", f"a line with {', '.join(_NAMED.values())}")


def _columns(header: list[str], file: str, line: int) -> tuple[dict[str, int], str]:
    """The position of each column, and the name of the weight column that is used."""
    plain = [_plain(name) for name in header]
    fits: dict[str, Callable[[str], bool]] = {
        "ms_drg": lambda name: name in ("msdrg", "drg"),
        "post_acute_transfer": lambda name: "postacute" in name,
        "special_pay": lambda name: "specialpay" in name,
        "mdc": lambda name: name == "mdc",
        "type": lambda name: name == "type",
        "title": lambda name: "title" in name,
        "gmlos": lambda name: "geometric" in name,
        "amlos": lambda name: "arithmetic" in name,
    }
    found = {key: [at for at, name in enumerate(plain) if fit(name)] for key, fit in fits.items()}
    found["relative_weight"] = _weight_columns(plain)
    errors = [
        RulebookError(file, line, _NAMED[key], f"{len(places)} columns have such a name", "exactly one")
        for key, places in found.items()
        if len(places) != 1
    ]
    if errors:
        raise RulebookErrors(tuple(errors))
    columns = {key: places[0] for key, places in found.items()}
    return columns, header[columns["relative_weight"]]


def _weight_columns(plain: list[str]) -> list[int]:
    """The columns of the weight that payment uses: the capped one where there is one, else the only one."""
    every = [at for at, name in enumerate(plain) if "weight" in name]
    uncapped = [at for at in every if re.search(r"uncapped|before|priorto|without|nocap", plain[at])]
    capped = [at for at in every if at not in uncapped and "cap" in plain[at]]
    return capped or [at for at in every if at not in uncapped]


def _year(lines: list[tuple[int, list[str]]], file: str, told: int | None) -> int:
    named = {int(year) for _, cells in lines for cell in cells for year in _YEAR.findall(cell)}
    if len(named) > 1:
        raise _single_error(
            file, 1, "", f"names the fiscal years {', '.join(map(str, sorted(named)))}", "one fiscal year"
        )
    if not named and told is None:
        raise _single_error(file, 1, "", "the file does not name its fiscal year", "--year, such as --year 2027")
    year = named.pop() if named else told
    assert year is not None
    if told is not None and told != year:
        raise _single_error(file, 1, "", f"the file is of fiscal year {year}, not {told}", "the year of the file")
    return year


def _row_errors(
    row: dict[str, str], file: str, line: int, columns: dict[str, int], header: list[str]
) -> Iterator[RulebookError]:
    for name in ("relative_weight", "gmlos", "amlos"):
        if not _NUMBER.fullmatch(row[name]):
            yield RulebookError(file, line, header[columns[name]], f"got {row[name]!r}", "a number such as 4.8")
    for name in ("post_acute_transfer", "special_pay"):
        if row[name].lower() not in _FLAGS:
            yield RulebookError(file, line, header[columns[name]], f"got {row[name]!r}", "Yes or No")
    if not row["title"]:
        yield RulebookError(file, line, header[columns["title"]], "is empty", "the title of the DRG")


def _table_row(row: dict[str, str]) -> dict[str, str]:
    kind = row["type"].upper()
    mdc = row["mdc"].zfill(2)
    made = row | {
        "type": kind if kind in ("MED", "SURG") else "",
        "mdc": mdc if re.fullmatch(r"[0-9]{2}", mdc) and mdc != "00" else "",
        "same_meaning_now": "",
    }
    made |= {name: _FLAGS.get(row[name].lower(), "") for name in ("post_acute_transfer", "special_pay")}
    return {name: made[name] for name in COLUMNS}


def _clean(cell: str) -> str:
    return " ".join(cell.split())


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _single_error(file: str, line: int, key: str, problem: str, expected: str) -> RulebookErrors:
    return RulebookErrors((RulebookError(file, line, key, problem, expected),))
