"""Chaos command `python -m tests.chaos`: kills under load on both stores, and the checks afterwards. Exit code 1 on a fault."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys

from tests.chaos import course
from tests.chaos.course import ChaosResult, ChaosSize
from tests.chaos.databases import STORES
from tests.chaos.faults import KINDS
from tests.store import throwaway_postgres


def main(argv: list[str] | None = None) -> int:
    """The command; its exit code: 0 when every promise was kept, 1 on a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Kill processes under load, then check.")
    parser.add_argument("--kills", type=int, default=100, help="kills on each store (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the order of the kills (default 1)")
    parser.add_argument("--store", choices=[*STORES, "both"], default="both")
    parser.add_argument("--keep", action="store_true", help="keep the folders with store, letters and logs")
    given = parser.parse_args(argv)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # a lost connection is what this is about
    faults = 0
    for store in STORES if given.store == "both" else (given.store,):
        if store == "postgres" and (why := throwaway_postgres.unavailable_reason()) is not None:
            sys.exit(f"chaos: {why}")
        result = _run(store, given.kills, given.seed, given.keep)
        sys.stdout.write(report(result) + "\n\n")
        sys.stdout.flush()
        faults += len(result.faults)
    return 1 if faults else 0


def _run(store: str, kills: int, seed: int, keep: bool) -> ChaosResult:
    home = course.fresh_home()

    def say(what: str) -> None:
        sys.stderr.write(f"chaos, {store}: {what}\n")

    failed = True
    try:
        result = asyncio.run(course.run_chaos(store, ChaosSize(kills=kills), seed, home, say))
        failed = bool(result.faults)
    except TimeoutError as error:
        sys.exit(f"chaos, {store}: {error}; the logs are in {home / 'logs'}")
    finally:
        if keep or failed:
            say(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    return result


def report(result: ChaosResult) -> str:
    """The run as a table: kills by component and way, what was sent, what the store has, and the faults."""
    seen, lines = result.chronicle, []
    lines.append(
        f"Chaos on {result.store}, seed {result.seed}: {sum(seen.kills.values())} kills in {result.seconds:.0f} s"
    )
    rows = [(f"killed: {target}, {way}", times) for (target, way), times in sorted(seen.kills.items())]
    rows += [(f"restarted: {name}", times) for name, times in sorted(seen.restarts.items())]
    acknowledged = [one for one in seen.documents.values() if one.acknowledged]
    rows += [
        ("requests, changes and claims begun", len(seen.documents)),
        ("of them acknowledged", len(acknowledged)),
        ("of them updates and cancellations", sum(one.is_change for one in acknowledged)),
        ("sent, repeats and retries included", sum(one.attempts for one in seen.documents.values())),
        ("ADT messages answered AA", sum(one.answer == "AA" for one in seen.messages.values())),
        ("ADT messages answered AE", sum(one.answer == "AE" for one in seen.messages.values())),
        ("ADT messages sent, retries included", sum(one.attempts for one in seen.messages.values())),
        ("completions accepted", len(seen.completed)),
        ("calls to withdraw, or to take that back, accepted", len(seen.calls)),
        *((f"at the end: {name}", number) for name, number in result.figures.items()),
        *((f"FAULTS: {kind}", sum(one.kind == kind for one in result.faults)) for kind in KINDS),
    ]
    lines += [f"  {name:70} {number:6}" for name, number in rows]
    lines += [f"  {fault.kind}: {fault.where}: {fault.what}" for fault in result.faults]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
