"""Usual lengths of stay: the shipped table, and the import of a year's CMS Table 5 in the shapes it has come in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from rulebook.gmlos_import import parse_table5
from rulebook.gmlos_table import load_gmlos
from rulebook.stay_rules import STAYS
from rulebook.yamlfile import RulebookErrors

TABLE = load_gmlos(STAYS)
PREAMBLE = "TABLE 5.-LIST OF MS-DRGS, RELATIVE WEIGHTING FACTORS AND MEAN LENGTH OF STAY-FY 2026 Final Rule"
HEADER = [
    "MS-DRG",
    "FY 2026 Final Post-Acute DRG",
    "FY 2026 Final Special Pay DRG",
    "MDC",
    "TYPE",
    "MS-DRG Title",
    "Weights",
    "Geometric mean LOS",
    "Arithmetic mean LOS",
]
CAPPED = [*HEADER[:6], "Weights Before 10% Cap Applied", "Weights with 10% Cap Applied", *HEADER[7:]]


def cells(capped: bool = False) -> list[list[str]]:
    rows = []
    for one in TABLE.entries:
        weights = ["9.9999", str(one.relative_weight)] if capped else [str(one.relative_weight)]
        flags = ["Yes" if flag else "No" for flag in (one.post_acute_transfer, one.special_pay)]
        kind = one.kind.value if one.kind else "**"
        title = one.title.replace(",", ";")
        rows.append([one.ms_drg, *flags, one.mdc or "PRE", kind, title, *weights, str(one.gmlos), str(one.amlos)])
    rows.append(
        ["999", "No", "No", "", "**", "UNGROUPABLE", *["0.0000"] * (len(CAPPED if capped else HEADER) - 8), "*", "*"]
    )
    return rows


def text(rows: list[list[str]], header: list[str] = HEADER, delimiter: str = "\t") -> str:
    note = "MS-DRGs 998 and 999 contain cases that could not be assigned to valid DRGs."
    return "\n".join([PREAMBLE, delimiter.join(header), *(delimiter.join(row) for row in rows), note, ""])


def umpire(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rulebook", "import-gmlos", *arguments])


# -- the shipped table -----------------------------------------------------------------------------------------------------


def test_a_drg_has_its_usual_length_with_or_without_leading_zeros():
    sepsis = TABLE.gmlos("871")
    assert sepsis is not None and sepsis.gmlos == Decimal("4.8") and sepsis.fiscal_year == 2021
    assert TABLE.gmlos("1") == TABLE.gmlos("001")


@pytest.mark.parametrize("drg", ["998", "999", "000", "018a", "", "x"])
def test_a_drg_without_a_usual_length_has_none(drg: str):
    assert TABLE.gmlos(drg) is None


def test_the_table_says_its_year_its_source_and_each_column():
    assert TABLE.about.fiscal_year == 2021 and "2020-10-01" in TABLE.about.source
    header = (STAYS / "gmlos.csv").read_text().partition("\n")[0].split(",")
    assert list(TABLE.about.columns) == header


def test_a_number_whose_meaning_changed_since_is_marked():
    changed = TABLE.gmlos("018")
    assert changed is not None and changed.same_meaning_now is False
    assert sum(one.same_meaning_now is False for one in TABLE.entries) == 45


def test_the_whole_table_is_there_and_plausible():
    assert len(TABLE.entries) == 765
    assert sum(one.post_acute_transfer for one in TABLE.entries) == 280
    assert all(one.gmlos <= one.amlos for one in TABLE.entries)


# -- the import ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_a_table_comes_out_as_it_went_in(delimiter: str, tmp_path: Path):
    (tmp_path / "t5.txt").write_text(text(cells(), delimiter=delimiter))
    done = umpire(str(tmp_path / "t5.txt"), "--out", str(tmp_path / "stays"))
    assert done.exit_code == 0, done.output
    assert "Fiscal year 2026: 765 DRGs" in done.stdout and "Left out, without a mean length: 999" in done.stdout
    made = load_gmlos(tmp_path / "stays")
    assert made.about.fiscal_year == 2026 and made.about.source.startswith("CMS Table 5, fiscal year 2026")
    for one in made.entries:
        was = TABLE.gmlos(one.ms_drg)
        assert was is not None and one.same_meaning_now is None
        same = {"fiscal_year": 2021, "title": was.title, "same_meaning_now": was.same_meaning_now}
        assert one.model_copy(update=same) == was
    assert sorted(path.name for path in (tmp_path / "stays").iterdir()) == ["gmlos.csv", "gmlos.yaml"]


def test_of_two_weights_the_capped_one_is_taken():
    found = parse_table5(text(cells(capped=True), CAPPED), "t5.txt")
    assert found.weight_column == "Weights with 10% Cap Applied"
    assert found.rows[0]["relative_weight"] == "28.9651"


def test_an_old_encoding_a_mark_at_the_beginning_and_quoted_cells_are_read(tmp_path: Path):
    rows = [[f'"{cell}"' for cell in row] for row in cells()]
    path = tmp_path / "t5.csv"
    path.write_bytes(text(rows, delimiter=",").replace("TABLE 5.-", "TABLE 5.–").encode("cp1252"))
    assert umpire(str(path), "--out", str(tmp_path / "one")).exit_code == 0
    path.write_text(text(rows, delimiter=","), encoding="utf-8-sig")
    assert umpire(str(path), "--out", str(tmp_path / "two")).exit_code == 0


def changed(row: int, column: int, value: str) -> str:
    rows = cells()
    rows[row][column] = value
    return text(rows)


FAULTS = {
    "a length in words": (changed(0, 7, "long"), r"t5.txt:3: Geometric mean LOS: got 'long'.*a number such as 4.8"),
    "a flag that is neither": (changed(1, 2, "maybe"), r"t5.txt:4: .*Special Pay.*got 'maybe'.*Yes or No"),
    "a DRG twice": (changed(1, 0, "001"), r"t5.txt:4: MS-DRG: DRG 001 is there twice"),
    "no title": (changed(2, 5, ""), r"t5.txt:5: MS-DRG Title: is empty"),
    "a part of the table": (text(cells()[:20]), "only 20 DRGs .*more than 700"),
    "no header": ("a\tb\tc\n1\t2\t3\n", "no line names the columns"),
    "a column left out": (
        text(cells(), [*HEADER[:8], "LOS"]),
        "Arithmetic mean LOS: 0 columns have such a name",
    ),
    "two weights and no word which": (
        text(cells(capped=True), [*HEADER[:6], "Weights", "Weights II", *HEADER[7:]]),
        "Weights: 2 columns have such a name",
    ),
    "two years": (text(cells()).replace("FY 2026 Final Rule", "FY 2025 Final Rule"), "fiscal years 2025, 2026"),
    "nothing": ("", "no line names the columns"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_table_with_a_fault_is_refused_with_its_place_and_nothing_is_written(name: str, tmp_path: Path):
    content, said = FAULTS[name]
    with pytest.raises(RulebookErrors, match=said):
        parse_table5(content, "t5.txt")
    (tmp_path / "t5.txt").write_text(content)
    done = umpire(str(tmp_path / "t5.txt"), "--out", str(tmp_path / "stays"))
    assert done.exit_code == 6 and "Traceback" not in done.output
    assert not (tmp_path / "stays").exists()


def test_a_workbook_is_refused_with_the_way_out(tmp_path: Path):
    (tmp_path / "t5.xlsx").write_bytes(b"PK\x03\x04rest")
    done = umpire(str(tmp_path / "t5.xlsx"), "--out", str(tmp_path))
    assert done.exit_code == 6 and "save the sheet as CSV" in done.stderr


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    done = umpire(str(tmp_path / "none.txt"), "--out", str(tmp_path))
    assert done.exit_code == 6 and "no such file" in done.stderr


def test_the_year_is_asked_for_where_the_file_does_not_name_it_and_may_not_contradict_it():
    bare = text(cells()).replace("FY 2026", "")
    with pytest.raises(RulebookErrors, match="--year"):
        parse_table5(bare, "t5.txt")
    assert parse_table5(bare, "t5.txt", 2027).fiscal_year == 2027
    with pytest.raises(RulebookErrors, match="of fiscal year 2026, not 2027"):
        parse_table5(text(cells()), "t5.txt", 2027)
