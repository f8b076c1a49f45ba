"""A leaf: making sure that what was written is still there after the power has failed."""

import os
from pathlib import Path


def keep_names(folder: Path) -> None:
    """Put the names of a folder's files on the disk: a file that was flushed can still lack its name after a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
