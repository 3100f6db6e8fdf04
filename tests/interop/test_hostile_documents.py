"""Whatever is sent, the answer is a Submission or a refusal with reasons: never another error, never a patient's name."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from domain.errors import NotReadable
from domain.vocabulary import Channel
from interop.reader import read_request
from tests.interop.fhir.bundles import (
    LOINC,
    RECEIVED_AT,
    Json,
    add_supporting_information,
    as_bytes,
    concept,
    document,
    observation,
    percent,
    questionnaire_response,
    request_bundle,
    update_of,
)
from tests.interop.plain.test_requests import plain

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**40, "", " ", "x", "2027-02-30", "2027", "J44.9"),
    *("Claim/claim-1", "Patient/patient", "urn:uuid:1", "#inside"),
    *([], [[]], [None], ["a"], [1], {}, {"reference": "#x"}, {"reference": 5}, {"coding": [{"code": "Z"}]}),
)
PRIVATE = ("MBR1000001", "Whitfield", "Alma", "1951-04-12")


def everything() -> Json:
    note = document()
    bundle = add_supporting_information(request_bundle(), note)
    add_supporting_information(bundle, observation(concept(LOINC, "2708-6"), percent(86)))
    return add_supporting_information(
        bundle, questionnaire_response({"o2.sat_rest": {"valueBoolean": True}}, evidence=note)
    )


def spots(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found.append((value, key))
        spots(value[key], found)
    return found


def damage(document: Json, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        places = spots(document, [])
        if not places:
            return
        parent, key = chance.choice(places)
        how = chance.random()
        if how < 0.25:
            del parent[key]
        elif how < 0.35 and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        else:
            parent[key] = copy.deepcopy(chance.choice(JUNK))


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_document_is_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    sound = (request_bundle(), everything(), update_of(everything()), plain())
    for _ in range(150):
        damaged = copy.deepcopy(chance.choice(sound))
        damage(damaged, chance)
        try:
            submission = read_request(as_bytes(damaged), RECEIVED_AT, Channel.FHIR_PAS)
        except NotReadable as refused:
            assert refused.problems
            assert not any(word in str(refused) for word in PRIVATE)
        else:
            assert submission.request.lines
            assert not any(word in str(note) for note in submission.notes for word in PRIVATE)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    sound = as_bytes(request_bundle())
    for _ in range(100):
        raw = bytearray(sound)
        for _ in range(chance.choice((1, 1, 3))):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        del raw[chance.randrange(len(raw)) :][chance.choice((0, 1)) :]
        try:
            read_request(bytes(raw), RECEIVED_AT, Channel.FHIR_PAS)
        except NotReadable as refused:
            assert refused.problems
