"""Log lines of every process: text for people, or one JSON object a line for programs, with case numbers and kinds only."""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from domain.case_numbers import CasePrefix
from engine.observing.observation import LogForm

_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_CASE = re.compile(rf"\b(?:{'|'.join(CasePrefix)})[A-Z0-9]{{8,}}(?:-[A-Z0-9]+)*\b")
_SDK_FIELDS = ("workflow_id", "workflow_type", "activity_type", "attempt", "task_queue")
"""The facts that the SDK tells of a workflow or an activity, as far as they may stand in a log."""


class JsonLines(logging.Formatter):
    """One JSON object for each record: `at` (UTC), `level`, `logger`, `message`, and where known `case`, workflow and activity.

    An error is told by its type and the places in the code that it came through, never by its text, which may quote a document.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for source in ("temporal_workflow", "temporal_activity"):
            told = getattr(record, source, None)
            if isinstance(told, dict):
                line |= {name: told[name] for name in _SDK_FIELDS if told.get(name) is not None}
                # The SDK puts the same again at the end of its message, with more than belongs here.
                line["message"] = line["message"].split(" ({", 1)[0]
        found = _CASE.search(str(line.get("workflow_id", ""))) or _CASE.search(line["message"])
        if found is not None:
            line["case"] = found.group()
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at_places"] = [
                f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]
            ]
        return json.dumps(line, ensure_ascii=False)


def configure_logging(form: LogForm) -> None:
    """Send the records of this process to standard error, from INFO on, in this form."""
    if form is LogForm.TEXT:
        logging.basicConfig(level=logging.INFO, format=_TEXT)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
