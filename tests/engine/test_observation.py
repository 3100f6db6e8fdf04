from __future__ import annotations

import json
import logging

import pytest

from engine.observing.logs import JsonLines
from engine.observing.observation import LogForm, ObservationSettings
from engine.settings import SettingsError


def test_nothing_is_seen_from_outside_unless_asked_for() -> None:
    assert ObservationSettings.from_environment({}) == ObservationSettings(LogForm.TEXT, None, "127.0.0.1", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("UMPIRE_LOG", "xml"), ("UMPIRE_TRACES", "collector:4318"), ("UMPIRE_WEB_METRICS_PORT", "seven")],
)
def test_a_wrong_setting_is_named_with_what_was_expected(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name}: .*expected"):
        ObservationSettings.from_environment({name: value})


def test_a_line_of_the_sdk_keeps_the_case_and_the_kind_and_nothing_else() -> None:
    record = logging.LogRecord(
        "temporalio.activity", logging.WARNING, "x.py", 1, "Completing %s ({'a': 1})", ("it",), None
    )
    record.temporal_activity = {
        "workflow_id": "PA-7K3QX2MDVH5A",
        "activity_type": "record",
        "attempt": 2,
        "workflow_namespace": "default",
        "details": "Quintessa",
    }
    line = json.loads(JsonLines().format(record))
    assert (line["case"], line["activity_type"], line["attempt"]) == ("PA-7K3QX2MDVH5A", "record", 2)
    assert line["message"] == "Completing it" and "Quintessa" not in str(line)


def test_a_line_names_the_case_that_its_words_name() -> None:
    record = logging.LogRecord("umpire.worker", logging.INFO, "x.py", 1, "%s: restarted", ("ST-7K3QX2MDVH5A-R1",), None)
    assert json.loads(JsonLines().format(record))["case"] == "ST-7K3QX2MDVH5A-R1"
