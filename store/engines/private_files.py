"""Files and folders that are closed to other accounts of the machine."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
log = logging.getLogger("umpire.store")


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner alone (mode 0700); one that is there becomes so."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    make_private(folder)


def make_private(path: Path) -> None:
    """Take everybody else's rights on a file or folder away; nothing happens where there is none.

    What belongs to somebody else, or is everybody's folder (with the sticky bit, as /tmp), keeps its mode, with a remark.
    """
    try:
        found = path.stat()
        if not found.st_mode & _OTHERS:
            return
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            path.chmod(found.st_mode & stat.S_IRWXU)
            return
        reason = "it is everybody's folder" if found.st_mode & stat.S_ISVTX else "it belongs to another account"
    except FileNotFoundError:
        return
    except OSError as error:
        reason = (error.strerror or "its mode cannot be changed").lower()
    log.warning("%s is open to other accounts of this machine, and %s: its owner must close it.", path, reason)
