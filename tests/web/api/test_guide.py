"""The guide's commands, run one after the other: each is answered with the status that stands behind it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from string import Template

import httpx

from demo.time_skipping_lab import Lab
from store import requests
from tests.paths import ROOT
from tests.web.api.programs import make_token
from tests.web.conftest import lab_context
from web.app import build_app

GUIDE = (ROOT / "docs" / "api.md").read_text()
_BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^(curl .*) # (\d{3})$")


@dataclass
class CurlCommand:
    """A curl command as far as the guide uses it."""

    address: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @classmethod
    def read(cls, words: list[str]) -> CurlCommand:
        """Read the words behind `curl`. Raises KeyError for an option that the guide should not use."""
        read, left = cls(), iter(words)
        for word in left:
            match word:
                case "-X":
                    read.method = next(left)
                case "-H":
                    name, _, value = next(left).partition(": ")
                    read.headers[name] = value
                case "-d" | "--data-binary":
                    said = next(left)
                    read.body = (ROOT / said[1:]).read_bytes() if said.startswith("@") else said.encode()
                case _ if word.startswith("http"):
                    read.address = word
                case _:
                    raise KeyError(word)
        return read


def test_every_command_of_the_guide_says_its_status() -> None:
    lines = [line for block in _BLOCKS.findall(GUIDE) for line in block.splitlines()]
    assert len(lines) > 10
    assert [line for line in lines if not _COMMAND.match(line)] == []


async def test_the_guides_commands_do_what_they_say(lab: Lab) -> None:
    context = await lab_context(lab)
    told = {
        "UMPIRE": "http://umpire.test/api/v1",
        "INTAKE": make_token(context, "intake.kim"),
        "NURSE": make_token(context, "nurse.adams"),
    }
    transport = httpx.ASGITransport(build_app(context))
    async with httpx.AsyncClient(transport=transport) as http:
        for block in _BLOCKS.findall(GUIDE):
            for line in block.splitlines():
                found = _COMMAND.match(line)
                assert found is not None
                command = CurlCommand.read(shlex.split(Template(found[1]).substitute(told))[1:])
                answer = await http.request(
                    command.method, command.address, headers=command.headers, content=command.body
                )
                assert answer.status_code == int(found[2]), (line, answer.text)
                if "CASE" not in told and answer.status_code == 201:
                    told["CASE"] = answer.json()["result"]["case_id"]
                    await lab.settle()
                    with lab.store.read() as s:
                        npi = requests.load(s, told["CASE"], 1).request.requesting_provider.npi
                    told["PROVIDER"] = make_token(context, npi)
