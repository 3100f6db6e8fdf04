"""Printer of a story on a terminal, from the case's own journal; it also saves the letters for reading.

A story states what it expects; an expectation that does not hold ends the story with a plain sentence.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from activities.integrations.file_outbox import letter_path
from demo import case_record, timeline, trace_tree
from demo.case_record import CaseRecord
from domain.errors import RuleViolation
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind
from store.session import Store
from templates.rendered_check import extract_text

KINDS_LEFT_OUT = frozenset(
    {
        EntryKind.CLOCKS_COMPUTED,
        EntryKind.CRITERIA_EVALUATED,
        EntryKind.REQUIREMENT_CHECKED,
        EntryKind.TASK_CLAIMED,
        EntryKind.TASK_CANCELLED,
        EntryKind.TASK_MOVED,
        EntryKind.STAY_OPENED,
        EntryKind.ESCALATED,
        EntryKind.CLOSED,
    }
)
"""Entries that a joint timeline of several processes leaves out."""

STYLES = {
    EntryKind.STAY_EVENT: "bold",
    EntryKind.ROUND_ANSWERED: "bold green",
    EntryKind.SECOND_LOOK_ASKED: "yellow",
    EntryKind.REQUEST_RECEIVED: "bold",
    EntryKind.DETERMINATION_MADE: "bold green",
    EntryKind.MESSAGE_REFUSED: "red",
    EntryKind.CLOCK_MISSED: "bold red",
    EntryKind.CONSEQUENCE_APPLIED: "red",
    EntryKind.LETTER_BLOCKED: "bold red",
    EntryKind.ESCALATED: "yellow",
    EntryKind.TASK_OPENED: "yellow",
    EntryKind.INFORMATION_REQUESTED: "yellow",
    EntryKind.CLOCK_MET: "green",
    EntryKind.CLOCKS_COMPUTED: "dim",
    EntryKind.LETTER_HANDED_OVER: "blue",
    EntryKind.CLOSED: "bold",
}


class StoryFailed(Exception):
    """An expectation of the story that does not hold; the message names it."""


class StoryPrinter:
    """Prints stories on a console. With a folder `out` the letters of each story are saved there."""

    def __init__(self, console: Console, out: Path | None = None) -> None:
        self._console, self._out = console, out
        self._status = console.status("", spinner="dots")
        self._checked: list[str] = []

    # -- the frame of a story ------------------------------------------------------------------------------------------

    @contextmanager
    def story(self, number: int, count: int, title: str, intro: tuple[str, ...]) -> Iterator[None]:
        """Print the title before the story and the checked expectations after it. Passes on the story's exceptions."""
        self._checked.clear()
        self._console.print()
        self._console.rule(Text(f" {number} of {count}  {title} ", style="bold"), align="left", style="blue")
        self._console.print(Padding(" ".join(intro), (0, 0, 1, 2)), style="italic")
        self._status.update("")
        with self._status:
            yield
        self._console.print("  What this showed", style="bold")
        for words in self._checked:
            self._console.print(_indented_item("✓", words, "green"))

    def show_progress(self, words: str) -> None:
        """Show the current activity."""
        self._status.update(f"[dim]{words} …[/dim]")
        if not self._console.is_terminal:
            self._console.print(f"  … {words}", style="dim")

    def expect(self, holds: bool, words: str) -> None:
        """Check an expectation of the story. Raises StoryFailed when it does not hold."""
        if not holds:
            raise StoryFailed(f"it does not hold that: {words}")
        self._checked.append(words)

    # -- the record of a case ------------------------------------------------------------------------------------------

    def timeline(self, store: Store, case_id: str, beside: Iterable[timeline.TimelineLine] = ()) -> CaseRecord:
        """Print the journal of a case as a timeline, with events outside the case. Expects the hash chain to be whole."""
        found = case_record.read_case_record(store, case_id)
        self._console.print(_heading(found))
        self._console.print(_table(found, timeline.timeline_lines(found, beside)))
        self._console.print()
        self.expect(found.fault is None, f"the journal's {len(found.entries)} entries form one unbroken hash chain")
        return found

    def print_joined_timeline(
        self, store: Store, processes: Mapping[str, str], since: datetime | None = None
    ) -> dict[str, CaseRecord]:
        """Print several journals as one timeline, from the aware instant `since` or from their beginning; `processes` gives
        each a short name. Expects every chain whole."""
        found = {case_id: case_record.read_case_record(store, case_id) for case_id in processes}
        lines = [
            (line, processes[case_id])
            for case_id, one in found.items()
            for line in timeline.timeline_lines(one)
            if line.kind not in KINDS_LEFT_OUT and (since is None or line.at >= since)
        ]
        lines.sort(key=lambda pair: pair[0].at)
        first = next(iter(found.values()))
        self._console.print(_joined_table(first, lines))
        self._console.print()
        entries = sum(len(one.entries) for one in found.values())
        whole = all(one.fault is None for one in found.values())
        self.expect(whole, f"the {entries} entries of {len(found)} journals form unbroken hash chains")
        return found

    def criteria(self, found: CaseRecord, verdict_id: str) -> None:
        """Print a criteria trace as a tree."""
        self.heading("Why: the criteria, as the rule read them")
        self._console.print(Padding(trace_tree.build_tree(found.verdicts[verdict_id], found.documents), (0, 0, 1, 2)))

    def refused(self, who: str, tried: str, refusals: tuple[RuleViolation, ...]) -> None:
        """Print the rule violations of a rejected action."""
        self._console.print(Padding(Text.assemble(("✗ ", "bold red"), (f"{who} {tried}", "bold")), (0, 0, 0, 2)))
        for refusal in refusals:
            says = Text.assemble(refusal.message, (f" [{refusal.rule}]", "dim"))
            self._console.print(Padding(says, (0, 0, 0, 4)))
            self._console.print(Padding(Text(f"Remedy: {refusal.way_out}", style="italic"), (0, 0, 0, 4)))
        self._console.print()

    def letter(self, found: CaseRecord, notice: NoticeKind, audience: Audience, elements: dict[str, str]) -> None:
        """Print a letter element by element, as it stands on the page."""
        for letter in found.letters_of(notice, audience):
            marked = extract_text(letter.rendered.html).marked
            rows = Table.grid(padding=(0, 2), pad_edge=False)
            rows.add_column(style="dim", no_wrap=True)
            rows.add_column()
            for key, name in elements.items():
                rows.add_row(name, marked[key])
            self.heading(f"From the letter to {letter.recipient}: {letter.rendered.subject}")
            self._console.print(Padding(rows, (0, 0, 1, 2)))

    def heading(self, words: str) -> None:
        """Print a heading."""
        self._console.print(f"  {words}", style="bold")

    def keep(self, found: CaseRecord, outbox: Path, folder: str) -> None:
        """Copy the case's letters, as mailed, to ``out/<folder>/`` under readable names."""
        if self._out is None:
            return
        target = self._out / folder
        target.mkdir(parents=True, exist_ok=True)
        for number, letter in enumerate(found.letters, 1):
            name = f"{number}-{letter.notice.value}-{letter.audience.value}"
            for suffix in ("html", "txt"):
                source = outbox / f"{letter_path(outbox, letter.letter_id)}.{suffix}"
                if source.exists():
                    shutil.copyfile(source, target / f"{name}.{suffix}")
        self._console.print(f"  Letters: {target}{'/'} ({len(found.letters)})", style="blue", highlight=False)


def _heading(found: CaseRecord) -> Padding:
    view, request = found.view, found.request
    services = "; ".join(line.description or line.code for line in request.lines) if request else view.title
    who = f"{found.names.get(view.member_id, view.member_id)}, {view.line_of_business.replace('_', ' ').title()}, {view.state}"
    parts = [Text.assemble((view.case_id, "bold cyan"), f"  {services} for {who}")]
    due = found.due_instants()
    if due:
        words = f"{view.governing_rule}: {timeline.format_local_time(due[-1], found.zone)}"
        parts.append(Text.assemble(("decision due ", "dim"), words))
    return Padding(Group(*parts), (0, 0, 1, 2))


def _table(found: CaseRecord, lines: Iterable[timeline.TimelineLine]) -> Padding:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", expand=True)
    table.add_column(_zone_name(found), no_wrap=True)
    table.add_column("left", no_wrap=True, justify="right", style="cyan")
    table.add_column("who", max_width=22)
    table.add_column("what, and why", ratio=1)
    day = ""
    for line in lines:
        at = line.at.astimezone(found.zone)
        if (today := f"{at:%A, %B} {at.day}, {at.year}") != day:
            day = today
            table.add_row(Text(f"{at:%a %b} {at.day}", style="bold underline"), "", "", "")
        style = STYLES.get(line.kind, "") if line.kind is not None else "magenta"
        what = Text(line.what, style=style)
        for why in line.why:
            what.append(f"\n{why}", style="dim")
        left = "" if line.left is None else _time_left(line)
        table.add_row(
            f"{at:%H:%M:%S}",
            left,
            Text(line.who, style=style if line.kind is None else "dim" if line.who in ("Umpire", "Rule") else ""),
            what,
        )
    return Padding(table, (0, 0, 0, 2))


def _joined_table(first: CaseRecord, lines: Iterable[tuple[timeline.TimelineLine, str]]) -> Padding:
    """One table of the events of several processes, in the zone of the first of them."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", expand=True)
    table.add_column(_zone_name(first), no_wrap=True)
    table.add_column("in", no_wrap=True, style="cyan")
    table.add_column("who", max_width=20)
    table.add_column("what", ratio=1)
    day = ""
    for line, name in lines:
        at = line.at.astimezone(first.zone)
        if (today := f"{at:%a %b} {at.day}") != day:
            day = today
            table.add_row(Text(today, style="bold underline"), "", "", "")
        style = STYLES.get(line.kind, "") if line.kind is not None else "magenta"
        table.add_row(f"{at:%H:%M}", name, Text(line.who, style="dim"), Text(line.what, style=style))
    return Padding(table, (0, 0, 0, 2))


def _time_left(line: timeline.TimelineLine) -> Text:
    assert line.left is not None
    late = line.left.total_seconds() < 0
    return Text(f"{timeline.format_duration(line.left)}{' late' if late else ''}", style="bold red" if late else "cyan")


def _zone_name(found: CaseRecord) -> str:
    names: dict[str, None] = dict.fromkeys(_abbreviation(entry.at, found) for entry in found.entries)
    return "/".join(names)


def _abbreviation(instant: datetime, found: CaseRecord) -> str:
    return f"{instant.astimezone(found.zone):%Z}"


def _indented_item(mark: str, words: str, style: str) -> Padding:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(mark, style=f"bold {style}"), words)
    return Padding(grid, (0, 0, 0, 2))
