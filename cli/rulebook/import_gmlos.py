"""`umpire rulebook import-gmlos`: import of the yearly mean lengths of stay (CMS Table 5) into the rulebook."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.errors import handle_errors
from rulebook.gmlos_import import ImportedTable, read_table5, render_source_yaml
from rulebook.gmlos_table import SOURCE_FILE, TABLE_FILE, load_gmlos, render_gmlos_csv
from rulebook.rulebook import rulebook_root
from rulebook.stay_rules import STAYS


def import_gmlos(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CMS Table 5 as text with tabs or commas.")],
    year: Annotated[
        int | None, typer.Option("--year", min=2008, max=2100, help="The fiscal year, if the file does not name it.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Target folder; stays/ of the rulebook in use unless given."),
    ] = None,
) -> None:
    """Read a year's CMS Table 5 into gmlos.csv, with gmlos.yaml beside it.

    Nothing is written unless the whole file could be read. Cases keep their pinned rulebook.
    """
    with handle_errors():
        target = folder or rulebook_root() / "stays"
        table = read_table5(file, year)
        _write_table(table, file.name, target)
        output.print_lines(
            f"Fiscal year {table.fiscal_year}: {len(table.rows)} DRGs written to {target / TABLE_FILE}.",
            f"Weights are those of the column '{table.weight_column}'.",
        )
        if table.left_out:
            output.print_lines(f"Left out, without a mean length: {', '.join(table.left_out)}.")


def _write_table(table: ImportedTable, source: str, target: Path) -> None:
    """Write both files, checked by loading them before they replace the old files."""
    target.mkdir(parents=True, exist_ok=True)
    columns = load_gmlos(STAYS).about.columns
    with tempfile.TemporaryDirectory(dir=target) as work:
        made = Path(work)
        (made / TABLE_FILE).write_text(render_gmlos_csv(table.rows), encoding="utf-8")
        (made / SOURCE_FILE).write_text(render_source_yaml(table, source, columns), encoding="utf-8")
        load_gmlos(made)
        for name in (TABLE_FILE, SOURCE_FILE):
            os.replace(made / name, target / name)
