"""Carrier that delivers letters into folders: one HTML and one text file per letter, written whole or not at all.

A letter lies in one of 256 folders by the hash of its id, so that none holds more files than a person can list.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from activities.delivery import CarriedLetter
from domain.errors import Corrupt
from engine import edge_clock
from store.engines.private_files import make_private_folder

_WRITING = ".writing-"
_TORN_AFTER = timedelta(hours=1)
"""Age of a half-written page after which no worker can still be writing it."""
_LETTER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,199}")


def letter_path(folder: Path, letter_id: str) -> str:
    """The path of a letter's files within the outbox, without their suffix.

    Earlier releases put all letters into the one folder: what they began there, or handed over, stays there.
    """
    name = letter_id.replace(":", "_")
    if any((folder / f"{name}.{kind}").exists() for kind in ("txt", "html")):
        return name
    return f"{hashlib.sha256(letter_id.encode()).hexdigest()[:2]}/{name}"


class FileOutbox:
    """Implements `Carrier`. The file name is the letter's key, so a letter cannot be there twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private_folder(folder)
        self._remove_torn_pages()

    def carry(self, letter: CarriedLetter) -> str:
        """Write both files; the receipt is the path of the first within the outbox. Raises Corrupt if another letter has that
        name, and for an id that is no plain name: it would lead out of the folder."""
        if not _LETTER_ID.fullmatch(letter.letter_id):
            raise Corrupt("the id of a letter is no name for a file")
        name = letter_path(self._folder, letter.letter_id)
        self._put(f"{name}.txt", letter.rendered.text)
        return self._put(f"{name}.html", letter.rendered.html)

    def remove_letters_of(self, case_id: str) -> int:
        """Remove the files of a case whose record is purged, as far as nobody has taken them away; the number of files."""
        if not _LETTER_ID.fullmatch(case_id):
            raise Corrupt("the number of a case is no name for a file")
        found = list(self._folder.rglob(f"{case_id}_*"))
        for page in found:
            page.unlink(missing_ok=True)
        return len(found)

    def _remove_torn_pages(self) -> None:
        """Remove what workers that were killed had begun to write: nobody finishes it, and it is about a member."""
        for page in self._folder.glob(f"{_WRITING}*"):
            with suppress(OSError):  # another worker starts, too, or the page belongs to another account
                begun = datetime.fromtimestamp(page.stat().st_mtime, UTC)
                if edge_clock.now() - begun > _TORN_AFTER:
                    page.unlink()

    def _put(self, name: str, content: str) -> str:
        target = self._folder / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
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
