"""Drawing of the folders and their floors, from the import contracts in pyproject.toml: `python docs/draw_architecture.py`.

Writes docs/architecture.svg. A test compares the file with what this would draw, so that the picture and the checked contracts
cannot part.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
TITLE = "Folders of Umpire, floor by floor"
# The contracts that are drawn: the name in pyproject.toml, and the heading of its column.
COLUMNS = (
    ("the floors of the house", "The house"),
    ("the floors of the domain", "domain/"),
    ("the floors of intake", "intake/"),
    ("the floors of the services", "services/"),
    ("the rooms of the command line do not know each other", "cli/"),
    ("the floors of the pages", "web/"),
)
WIDTH, MARGIN, GAP, ROOM, FLOOR, HEAD, LETTER = 1180, 24, 6, 26, 12, 92, 6.7
STYLE = """
    .paper { fill: #ffffff } .floor { fill: #f6f8fa; stroke: #d0d7de } .room { fill: #e6f1fb; stroke: #2f6fab }
    text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328 } .h { font-weight: bold; font-size: 14px }
    .s { fill: #47505a; font-family: Helvetica, Arial, sans-serif } .t { font: bold 18px Helvetica, Arial, sans-serif }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .floor { fill: #161b22; stroke: #30363d } .room { fill: #12283f; stroke: #4a8fd0 }
      text { fill: #e6edf3 } .s { fill: #9da7b1 }
    }"""


def floors(project: str) -> dict[str, list[list[str]]]:
    """For each drawn column its floors, top first, each with its rooms; from the text of pyproject.toml."""
    contracts = tomllib.loads(project)["tool"]["importlinter"]["contracts"]
    layers = {contract["name"]: contract["layers"] for contract in contracts if contract["type"] == "layers"}
    return {
        heading: [[room.strip() for room in layer.split("|")] for layer in layers[name]] for name, heading in COLUMNS
    }


def draw(project: str) -> str:
    """The picture as SVG text, from the text of pyproject.toml."""
    columns = floors(project)
    shapes: list[str] = []
    half = (WIDTH - 3 * MARGIN) / 2
    left = right = HEAD
    for heading in ("The house", "services/", "cli/"):
        left = _column(shapes, heading, columns[heading], MARGIN, left, half) + 1.5 * MARGIN
    for heading in ("domain/", "intake/", "web/"):
        right = _column(shapes, heading, columns[heading], 2 * MARGIN + half, right, half) + 1.5 * MARGIN
    height = max(left, right) + MARGIN
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{TITLE}">\n'
        f"  <title>{TITLE}</title>\n  <style>{STYLE}\n  </style>\n"
        f'  <rect class="paper" width="{WIDTH}" height="{height:.0f}"/>\n'
        f'  <text class="t" x="{MARGIN}" y="34">{TITLE}</text>\n'
        f'  <text class="s" x="{MARGIN}" y="56">A room imports rooms on lower floors only; rooms on one floor do not know '
        f"each other. Checked at every test run.</text>\n{body}\n</svg>\n"
    )


def _column(shapes: list[str], heading: str, inside: list[list[str]], x: float, y: float, width: float) -> float:
    """Draw one column of floors; the y where it ends."""
    shapes.append(f'  <text class="h" x="{x:.0f}" y="{y:.0f}">{escape(heading)}</text>')
    y += 10
    for rooms in inside:
        lines = _lines(rooms, width)
        height = len(lines) * (ROOM + GAP) + GAP
        shapes.append(f'  <rect class="floor" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height}" rx="5"/>')
        for row, line in enumerate(lines):
            _row(shapes, line, x + GAP, y + GAP + row * (ROOM + GAP))
        y += height + FLOOR / 2
    return y


def _row(shapes: list[str], rooms: list[str], x: float, y: float) -> None:
    for room in rooms:
        width = _width(room)
        shapes.append(f'  <rect class="room" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{ROOM}" rx="3"/>')
        shapes.append(f'  <text x="{x + 9:.0f}" y="{y + 17:.0f}">{escape(room)}</text>')
        x += width + GAP


def _lines(rooms: list[str], width: float) -> list[list[str]]:
    """The rooms of a floor, broken into lines that fit."""
    lines: list[list[str]] = [[]]
    for room in rooms:
        taken = sum(_width(each) + GAP for each in lines[-1])
        if lines[-1] and taken + _width(room) + 2 * GAP > width:
            lines.append([])
        lines[-1].append(room)
    return lines


def _width(room: str) -> float:
    return len(room) * (LETTER + 0.6) + 18


if __name__ == "__main__":
    PICTURE.write_text(draw((ROOT / "pyproject.toml").read_text(encoding="utf-8")), encoding="utf-8")
