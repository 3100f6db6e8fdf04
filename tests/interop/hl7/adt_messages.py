"""Sample ADT messages of invented people: a complete message, for tests to damage."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.stays.adt import AdtMessage
from interop.hl7.adt import read_adt
from tests.paths import SAMPLES

SAMPLES = SAMPLES / "adt"
AT = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)

WHOLE = "\r".join(
    [
        r"MSH|^~\&|MERADT|MERIDIAN|UMPIRE|PLAN|20260302211000-0600||ADT^A01^ADT_A01|C-1|P|2.5.1||||||UNICODE UTF-8",
        "EVN|A01|20260302211000-0600||||20260302205500-0600|MERIDIAN^1215000062^NPI",
        "PID|1||MRN1^^^MERIDIAN^MR~MBR1000001^^^PLAN^MB||WHITFIELD^ALMA||19510412|F||||||||||ACC1",
        "PV1|1|I|ICU^1^A|E||OBS^2^B|1215000039^OKONJO^NADIA^^^^MD^^NPI^L^^^NPI|||MED||||7|||||V1^^^MERIDIAN^VN"
        "|||||||||||||||||03||||||||20260302205500-0600|20260306104500-0600",
        "DG1|1||I21.4^x^I10||20260302|A",
        "",
    ]
)


def read(text: str | bytes, at: datetime = AT) -> AdtMessage:
    return read_adt(text.encode() if isinstance(text, str) else text, at)


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.hl7").read_bytes()
