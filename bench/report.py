"""Report of a benchmark run: plain tables with the targets beside the measurements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean, median
from typing import Any

from bench.cases import CaseMeasurements
from bench.load import Measured, percentile
from bench.speed import SpeedResult

NAMES = {
    "null": "null workflow",
    "bare": "bare workflow, same activities, empty",
    "case": "auto-approved case",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned, the first to the left and the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    laid_out = [
        "  ".join(_cell(text, width, place) for place, (text, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]
    return "\n".join([laid_out[0], "-" * len(laid_out[0]), *laid_out[1:]])


def _cell(text: str, width: int, place: int) -> str:
    return text.ljust(width) if place == 0 else text.rjust(width)


def throughput(found: CaseMeasurements, in_flight: int) -> str:
    """Operations a second with several in flight, and the ratios to both baselines."""
    null, bare = found.busy["null"], found.busy["bare"]
    rows = []
    for load, name in NAMES.items():
        took = found.busy[load]
        ratios = (f"{took.rate / null.rate:.2f}", f"{took.rate / bare.rate:.2f}")
        others = f"{took.others / took.wall:.1f} cores"
        rows.append((name, f"{took.rate:.1f}", *ratios, _ms(took.latencies, 0.5), _ms(took.latencies, 0.99), others))
    head = (f"{in_flight} in flight", "per s", "of null", "of bare", "p50 ms", "p99 ms", "others use")
    return table(head, rows)


def cost(found: CaseMeasurements) -> str:
    """CPU of one operation by process; the ratios hold also while the machine does other things."""
    null, bare = found.busy["null"], found.busy["bare"]
    rows = [_cost_row(NAMES[load], found.busy[load], null, bare) for load in NAMES]
    return table(("CPU ms for each", "server", "worker", "client", "sum", "null / it", "bare / it"), rows)


def _cost_row(name: str, took: Measured, null: Measured, bare: Measured) -> tuple[str, ...]:
    shares = (f"{took.share(used):.1f}" for used in (took.server, took.worker, took.client))
    return name, *shares, f"{took.cpu:.1f}", f"{null.cpu / took.cpu:.2f}", f"{bare.cpu / took.cpu:.2f}"


def latency(found: CaseMeasurements) -> str:
    """Milliseconds with nothing else in flight."""
    rows = [(NAMES[load], found.alone[load].latencies) for load in ("null", "bare")]
    rows += [
        ("case: submitted", found.handed_in),
        ("case: submit to decision in the journal", found.decided),
        ("case: submit to closed, letters handed over", found.alone["case"].latencies),
    ]
    return table(("one in flight, ms", "p50", "p99"), [(n, _ms(v, 0.5), _ms(v, 0.99)) for n, v in rows])


def _ms(values: list[float], share: float) -> str:
    return f"{percentile(values, share):.0f}"


def activities(found: CaseMeasurements) -> str:
    """Time of each kind of activity in the worker; `wall` with one case in flight, CPU with several."""
    rows = []
    for kind, took in sorted(found.activities.items()):
        alone: Any = found.activities_alone[kind]
        times = len(took["cpu"]) / found.busy["case"].count
        cpu = mean(took["cpu"])
        rows.append((kind, f"{times:.1f}", f"{cpu:.1f}", f"{times * cpu:.1f}", f"{median(alone['wall']):.1f}"))
    return table(("activity", "per case", "CPU ms", "CPU ms per case", "wall ms, p50 alone"), rows)


def history(found: CaseMeasurements) -> str:
    """Size of one case's history on the server."""
    local, remote = (found.history.kinds.count(kind) for kind in ("local", "remote"))
    kept = found.history
    return f"history of a case: {kept.events} events, {kept.size} bytes; {local} local and {remote} regular activities"


def speed(timed: list[SpeedResult]) -> str:
    rows = [(t.what, f"{t.median:.1f}", f"{t.best:.1f}", f"{t.rate:,.0f}") for t in timed]
    return table(("on one thread, CPU", "µs", "best µs", "per s"), rows)


def targets(found: CaseMeasurements, timed: list[SpeedResult]) -> str:
    """The targets and the measurements."""
    null, bare, case = found.busy["null"], found.busy["bare"], found.busy["case"]
    clock = next(t for t in timed if t.what.startswith("clock, one"))
    criteria = next(t for t in timed if t.what.startswith("criteria"))
    clocks = next(t for t in timed if t.what.startswith("clocks, all"))
    letter = next(t for t in timed if t.what.startswith("letter, approval to the member"))
    rows = [
        _target_row("pace of the bare workflow", case.rate / bare.rate, 0.75, "", at_least=True),
        _target_row("pace of the null workflow", case.rate / null.rate, 0.25, "", at_least=True),
        _target_row("worker's CPU of a case", case.share(case.worker), 40, " ms"),
        _target_row("client's CPU of a case", case.share(case.client), 8, " ms"),
        _target_row("server's CPU of a case", case.share(case.server), 45, " ms"),
        _target_row("history events", found.history.events, 45, ""),
        _target_row("submit to decision, p50", percentile(found.decided, 0.5), 60, " ms"),
        _target_row("clock computation", clock.median, 50, " µs"),
        _target_row("clocks of a case", clocks.median, 200, " µs"),
        _target_row("criteria with trace", criteria.median, 70, " µs"),
        _target_row("letter to the member", letter.median, 800, " µs"),
    ]
    return table(("aim", "wanted", "measured", ""), rows)


def _target_row(what: str, got: float, wanted: float, unit: str, *, at_least: bool = False) -> tuple[str, ...]:
    reached = got >= wanted if at_least else got <= wanted
    sign = ">=" if at_least else "<="
    return what, f"{sign} {wanted:g}{unit}", f"{got:.3g}{unit}", "reached" if reached else "NOT reached"
