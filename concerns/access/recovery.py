"""The keys' folder as a whole: what a recovery sheet holds, whether it was typed back once, and putting the files back from it.

What is remembered of the check stands next to the keys, outside the database: a fingerprint, from which nobody learns a key.
"""

import base64
import json
from datetime import datetime
from pathlib import Path

from django.conf import settings

from concerns.exceptions import KeyTrouble
from concerns.rules.recovery import fingerprint
from concerns.rules.sealing import KEY_BYTES

from .masterkeys import (
    ANCHOR_FILE,
    BACKUP_FILE,
    CHAIN_FILE,
    DJANGO_FILE,
    MASTER_FILE,
    anchor_key,
    backup_keys,
    chain_key,
    django_secret,
    fresh_key,
    master_keys,
    write_key_file,
)

CHECKED_FILE = "recovery.json"
NOT_EMPTY = "{folder} holds {name} already. Keys are put back into an empty folder only: move it away first, and keep it."
LACKS = "The sheet holds no {name}. Type every line of it."
TOO_SHORT = "{name} on the sheet is not a whole key."


def all_keys() -> dict[str, bytes]:
    """Return every key of the folder by the name that it has on the sheet. Raises KeyTrouble."""
    backups = {f"backup{number}": key for number, key in enumerate(backup_keys(), start=1)}
    return {**master_keys(), "chain": chain_key(), "anchor": anchor_key(), **backups, "django": django_secret()}


def recovery_is_checked() -> bool:
    """Whether the sheet of exactly these keys was typed back once. A new key makes it due again. Raises KeyTrouble."""
    try:
        kept = json.loads((Path(settings.KEYS_DIR) / CHECKED_FILE).read_text())
        return bool(kept["fingerprint"] == fingerprint(all_keys()).hex())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def remember_check(*, at: datetime) -> None:
    """Note that the sheet of these keys was typed back."""
    kept = json.dumps({"fingerprint": fingerprint(all_keys()).hex(), "checked_on": at.date().isoformat()})
    path = Path(settings.KEYS_DIR) / CHECKED_FILE
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    write_key_file(fresh, f"{kept}\n")
    fresh.replace(path)


def put_back(keys: dict[str, bytes], folder: Path) -> list[str]:
    """Write the key files of a sheet into a folder that holds none, and return their names.

    Raises KeyTrouble where a file is there, or the sheet lacks a key. A sheet without the web's own secret gets a fresh one, which
    signs everybody out and does nothing else.
    """
    for name in (MASTER_FILE, CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE, DJANGO_FILE):
        if (folder / name).exists():
            raise KeyTrouble(NOT_EMPTY.format(folder=folder, name=name))
    texts = _texts(keys)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in texts.items():
        write_key_file(folder / name, text)
    return list(texts)


def _texts(keys: dict[str, bytes]) -> dict[str, str]:
    masters = {name: key for name, key in keys.items() if name[0] == "k" and name[1:].isdigit()}
    backups = {name: key for name, key in keys.items() if name.startswith("backup")}
    for name, found in (("k1", masters), ("chain", "chain" in keys), ("anchor", "anchor" in keys), ("backup1", backups)):
        if not found:
            raise KeyTrouble(LACKS.format(name=name))
    for name, key in keys.items():
        if name != "django" and len(key) != KEY_BYTES:
            raise KeyTrouble(TOO_SHORT.format(name=name))
    secret = _text(keys["django"]) if "django" in keys else fresh_key(64)
    return {
        MASTER_FILE: "".join(f"{name}:{_text(key)}\n" for name, key in masters.items()),
        CHAIN_FILE: f"{_text(keys['chain'])}\n",
        ANCHOR_FILE: f"{_text(keys['anchor'])}\n",
        BACKUP_FILE: "".join(f"{_text(key)}\n" for key in backups.values()),
        DJANGO_FILE: f"{secret}\n",
    }


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
