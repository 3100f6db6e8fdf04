"""`umpire rulebook import-gmlos`: the yearly table of usual lengths of stay, from CMS Table 5 into the rulebook."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.errors import told
from rulebook.gmlos_import import ImportedTable, read_table5, source_yaml
from rulebook.gmlos_table import SOURCE_FILE, TABLE_FILE, load_gmlos, write_gmlos
from rulebook.rulebook import rulebook_root
from rulebook.stay_rules import STAYS


def import_gmlos(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CMS Table 5 as text with tabs or commas.")],
    year: Annotated[
        int | None, typer.Option("--year", min=2008, max=2100, help="The fiscal year, when the file does not name it.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where to write; stays/ of the rulebook in use.")
    ] = None,
) -> None:
    """Read a year's CMS Table 5 into gmlos.csv, with gmlos.yaml beside it.

    Nothing is written unless the whole file could be read. Cases keep the rulebook that they pinned.
    """
    with told():
        target = folder or rulebook_root() / "stays"
        table = read_table5(file, year)
        _write(table, file.name, target)
        output.say(
            f"Fiscal year {table.fiscal_year}: {len(table.rows)} DRGs written to {target / TABLE_FILE}.",
            f"Weights are those of the column '{table.weight_column}'.",
        )
        if table.left_out:
            output.say(f"Without a usual length, and left out: {', '.join(table.left_out)}.")


def _write(table: ImportedTable, source: str, target: Path) -> None:
    """Both files, checked by loading them before they take the place of the old ones."""
    target.mkdir(parents=True, exist_ok=True)
    columns = load_gmlos(STAYS).about.columns
    with tempfile.TemporaryDirectory(dir=target) as work:
        made = Path(work)
        (made / TABLE_FILE).write_text(write_gmlos(table.rows), encoding="utf-8")
        (made / SOURCE_FILE).write_text(source_yaml(table, source, columns), encoding="utf-8")
        load_gmlos(made)
        for name in (TABLE_FILE, SOURCE_FILE):
            os.replace(made / name, target / name)
