"""Text of strangers that shows what it is: marks that turn the direction of what follows are seen, names of files are plain.

"invoice[U+202E]fdp.exe" is shown by a browser as "invoiceexe.pdf", and one such mark in a name turns the rest of its line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from markupsafe import Markup

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates. Marks that belong to right-to-left writing (U+200E, U+200F) stay."""
_MOST = 100
_KINDS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/fhir+json": ".json",
    "application/xml": ".xml",
    "application/dicom": ".dcm",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/tiff": ".tif",
}
_BEGINNINGS = (
    (b"%PDF", ".pdf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)


def show_turning(value: Any) -> Any:
    """The value as a page shows it: in a text, each mark that turns the direction stands as its number."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isascii():
        return value
    return _TURNING.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", value)


def file_name(title: str, content_type: str, content: bytes, is_text: bool) -> str:
    """The name under which a record is downloaded: its title without marks, controls and separators, and an ending that says
    what its bytes are. An ending that a machine would run is never the last."""
    plain = "".join(" " if unicodedata.category(one)[0] in "CZ" or one in '/\\:*?"<>|' else one for one in title)
    words = " ".join(plain.split())[:_MOST].strip(". ") or "record"
    ending = _ending(content_type, content, is_text)
    return words if words.lower().endswith(ending) else f"{words}{ending}"


def _ending(content_type: str, content: bytes, is_text: bool) -> str:
    begins = content.lstrip()[:8]
    by_bytes = next((ending for start, ending in _BEGINNINGS if begins.startswith(start)), None)
    by_name = _KINDS.get(content_type.partition(";")[0].strip().lower(), ".txt" if is_text else ".bin")
    return by_bytes or by_name
