"""Names of services within a sentence: a capital stays where it says something."""

from __future__ import annotations

import pytest

from domain.plain_language.phrases import lower_in_sentence


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("Fusion of 2 lumbar joints", "fusion of 2 lumbar joints"),
        ("Acute inpatient, medical or surgical ward", "acute inpatient, medical or surgical ward"),
        ("Walker", "walker"),
    ],
)
def test_the_capital_of_a_sentence_is_not_carried_into_the_middle_of_another(name: str, within: str) -> None:
    assert lower_in_sentence(name) == within


@pytest.mark.parametrize(
    "name",
    [
        "CPAP device",
        "X-ray of the chest",
        "T-cell therapy",
        "Doppler study",
        "Roux-en-Y bypass",
        "FreeStyle sensor",
        "3D scan",
    ]
    + ["Power Wheelchair, Group 2", "MRI of the lower back", "HCPCS E1390", "already small", ""],
)
def test_abbreviations_proper_names_and_titles_stay_as_they_are(name: str) -> None:
    assert lower_in_sentence(name) == name
