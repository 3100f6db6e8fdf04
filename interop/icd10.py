"""Format of ICD-10-CM codes."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-TV-Z][0-9][0-9AB](?:\.?[0-9A-Z]{1,4})?")


def icd10_code(text: str) -> str | None:
    """The code in its usual spelling (``I21.4``); None when it has not the form of one."""
    if not _CODE.fullmatch(text.strip().upper()):
        return None
    plain = text.strip().upper().replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain
