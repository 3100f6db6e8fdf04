"""Port to the drug compendia that Medicare and Medicaid accept. They are licensed, so none is shipped: the slot is empty."""

from __future__ import annotations

import logging
import queue
import threading
from datetime import date
from typing import Protocol

from domain.pharmacy.indications import CompendiumFinding


class Compendia(Protocol):
    """Port that returns what the compendia in `names` (as the law names them) say about a drug for these diagnoses on a day.

    None means that none of them was asked. One that is down raises `Unavailable`. Whatever else it raises, and an answer that
    takes longer than a second, count as not asked too: a pharmacist or a physician looks.
    """

    def look_up(
        self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
    ) -> CompendiumFinding | None: ...


class NoCompendia:
    """The empty slot: no compendium is asked, so that a pharmacist or a physician looks."""

    def look_up(
        self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
    ) -> CompendiumFinding | None:
        return None


_log = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 1.0
_MOST_AT_ONCE = 8


class BoundedCompendia:
    """Compendia behind a bound: no fault and no silence of theirs holds up a case.

    An answer is waited for `seconds`. While as many look-ups as may run at once hang, none is begun.
    """

    def __init__(self, compendia: Compendia, seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._compendia, self._seconds = compendia, seconds
        self._free = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def look_up(
        self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
    ) -> CompendiumFinding | None:
        """The answer, or None where there is none in time. Never raises."""
        if isinstance(self._compendia, NoCompendia) or not self._free.acquire(blocking=False):
            return None
        answers: queue.SimpleQueue[object] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._compendia.look_up(names, drug_code, diagnoses, day))
            except Exception as fault:
                _log.warning("a compendium did not answer (%s)", type(fault).__name__)
                answers.put(None)
            finally:
                self._free.release()

        threading.Thread(target=ask, name="compendium", daemon=True).start()
        try:
            found = answers.get(timeout=self._seconds)
        except queue.Empty:
            _log.warning("a compendium did not answer in time")
            return None
        return found if isinstance(found, CompendiumFinding) else None
