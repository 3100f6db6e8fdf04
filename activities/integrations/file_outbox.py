"""Carrier that delivers letters into a folder: one HTML and one text file per letter, written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.errors import Corrupt
from engine import edge_clock
from store.engines.private_files import make_private_folder
from store.letters import LetterRecord

_WRITING = ".writing-"
_TORN_AFTER = timedelta(hours=1)
"""Age of a half-written page after which no worker can still be writing it."""
_LETTER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,199}")


class FileOutbox:
    """Implements `Carrier`. The file name is the letter's key, so a letter cannot be there twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private_folder(folder)
        self._remove_torn_pages()

    def carry(self, letter: LetterRecord) -> str:
        """Write both files; the receipt is the name of the first. Raises Corrupt if another letter has that name, and for an id
        that is no plain name: it would lead out of the folder."""
        if not _LETTER_ID.fullmatch(letter.letter_id):
            raise Corrupt("the id of a letter is no name for a file")
        name = letter.letter_id.replace(":", "_")
        self._put(f"{name}.txt", letter.rendered.text)
        return self._put(f"{name}.html", letter.rendered.html)

    def _remove_torn_pages(self) -> None:
        """Remove what workers that were killed had begun to write: nobody finishes it, and it is about a member."""
        for page in self._folder.glob(f"{_WRITING}*"):
            with suppress(OSError):  # another worker starts, too, or the page belongs to another account
                begun = datetime.fromtimestamp(page.stat().st_mtime, UTC)
                if edge_clock.now() - begun > _TORN_AFTER:
                    page.unlink()

    def _put(self, name: str, content: str) -> str:
        target = self._folder / name
        data = content.encode()
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=_WRITING)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, target)
        except FileExistsError:
            if target.read_bytes() != data:
                raise Corrupt(f"the outbox holds another letter under the name {name}") from None
        finally:
            os.unlink(temporary)
        return name
