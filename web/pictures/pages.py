"""Pages of PDFs and pictures, redrawn as PNG apart from the server: nothing of the file itself reaches a browser."""

from __future__ import annotations

import asyncio
import struct
import sys
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from web.pictures import drawing

MOST_BYTES = 40_000_000
_PATIENCE = drawing.SECONDS + 5
_AT_ONCE = 2
_KEPT_BYTES = 32_000_000
_HEAD = struct.Struct(">I")


class RecordForm(StrEnum):
    """The way in which a record is shown."""

    TEXT = "text"
    PDF = "pdf"
    IMAGE = "image"
    OTHER = "other"
    """It can only be downloaded."""


class NotDrawable(Exception):
    """The file cannot be drawn: damaged, protected by a password, too large, or too slow."""


@dataclass(frozen=True)
class DrawnPage:
    """A page as PNG, and how many pages the file has."""

    count: int
    png: bytes


_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")


def form_of_record(content: bytes, is_text: bool) -> RecordForm:
    """The kind of a file by its first bytes; its sender's word counts for text alone."""
    if content.lstrip()[:5].startswith(b"%PDF"):
        return RecordForm.PDF
    if content.startswith(_IMAGES):
        return RecordForm.IMAGE
    return RecordForm.TEXT if is_text else RecordForm.OTHER


class PageDrawer:
    """Draws pages in processes of their own, at most two at once, and keeps what it drew by the content's hash."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], DrawnPage] = OrderedDict()
        self._size = 0
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def draw(self, document_id: str, content: bytes, kind: RecordForm, page: int) -> DrawnPage:
        """The page (from 1). Raises NotDrawable, and LookupError for a page that the file does not have."""
        key = (document_id, page)
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        if len(content) > MOST_BYTES:
            raise NotDrawable
        async with self._turn:
            drawn = await _draw_apart(content, kind, page)
        self._keep(key, drawn)
        return drawn

    def _keep(self, key: tuple[str, int], drawn: DrawnPage) -> None:
        self._kept[key] = drawn
        self._size += len(drawn.png)
        while self._size > _KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.png)


async def _draw_apart(content: bytes, kind: RecordForm, page: int) -> DrawnPage:
    command = (sys.executable, "-I", str(Path(drawing.__file__)), kind.value, str(page))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            out, _ = await process.communicate(content)
    except TimeoutError:
        raise NotDrawable from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == drawing.NO_SUCH_PAGE:
        raise LookupError(page)
    if process.returncode != 0 or len(out) <= _HEAD.size:
        raise NotDrawable
    return DrawnPage(_HEAD.unpack_from(out)[0], out[_HEAD.size :])
