"""The keys that live outside the database: master keys, and the key of the chain. Missing or malformed keys stop everything."""

import base64
import binascii
import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from concerns.exceptions import KeyTrouble
from concerns.rules.packing import key_id
from concerns.rules.sealing import KEY_BYTES

MASTER_FILE, CHAIN_FILE, ANCHOR_FILE, DJANGO_FILE = "master.keys", "chain.key", "anchor.key", "django.secret"
BACKUP_FILE = "backup.key"
SECRET_BYTES = 48


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyTrouble(f"{where} does not hold a whole key. Put the file back from your copy; do not make a new one.")
    return key


def _read(name: str) -> str:
    path = Path(settings.KEYS_DIR) / name
    try:
        return path.read_text()
    except OSError:
        raise KeyTrouble(
            f"The key file {name} is missing. Put it back from your copy, or run `manage.py init_keys` on a new system."
        ) from None


@lru_cache(maxsize=4)
def _master_keys(_folder: str) -> dict[str, bytes]:
    lines = [line for line in _read(MASTER_FILE).splitlines() if line.strip() and not line.startswith("#")]
    keys = {}
    for line in lines:
        name, found, value = line.partition(":")
        if not found:
            raise KeyTrouble(f"{MASTER_FILE} has a line that is not `name:key`. Put the file back from your copy.")
        keys[name.strip()] = _decode(value, MASTER_FILE)
    if not keys:
        raise KeyTrouble(f"{MASTER_FILE} holds no key. Put the file back from your copy.")
    return keys


def master_keys() -> dict[str, bytes]:
    """Return every master key by its name; the last one is current.

    Raises KeyTrouble, with a sentence that says what to do, when the file is missing or malformed.
    """
    return _master_keys(str(settings.KEYS_DIR))


def master_key(name: str) -> bytes:
    """Return one master key by its name; the file is read again for a name that is new, as after a rotation.

    Raises KeyTrouble where the file does not hold it.
    """
    if name not in master_keys():
        _master_keys.cache_clear()
    try:
        return master_keys()[name]
    except KeyError:
        raise KeyTrouble(f"The master key {name} is missing. Put the key file back from your copy.") from None


def add_master_key() -> str:
    """Add a fresh master key to the file, which makes it the current one, and return its name. The old ones stay readable."""
    path = Path(settings.KEYS_DIR) / MASTER_FILE
    numbers = [int(name[1:]) for name in master_keys() if name[1:].isdigit()]
    name = f"k{max(numbers, default=0) + 1}"
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # of a rotation that was stopped
    write_key_file(fresh, f"{path.read_text().rstrip()}\n{name}:{fresh_key()}\n")
    fresh.replace(path)
    _master_keys.cache_clear()
    return name


def current_master_key() -> tuple[str, bytes]:
    """Return the name and the bytes of the master key that new data keys are wrapped with."""
    return list(master_keys().items())[-1]


@lru_cache(maxsize=4)
def _chain_key(_folder: str) -> bytes:
    return _decode(_read(CHAIN_FILE), CHAIN_FILE)


def chain_key() -> bytes:
    """Return the 32-byte key of the chains. Raises KeyTrouble."""
    return _chain_key(str(settings.KEYS_DIR))


@lru_cache(maxsize=4)
def _anchor_key(_folder: str) -> bytes:
    return _decode(_read(ANCHOR_FILE), ANCHOR_FILE)


def anchor_key() -> bytes:
    """Return the 32 bytes of the Ed25519 key that signs the anchors. Raises KeyTrouble."""
    return _anchor_key(str(settings.KEYS_DIR))


def backup_keys() -> list[bytes]:
    """Return every backup key, one a line of its file; new backups are made with the last. Raises KeyTrouble."""
    keys = [_decode(line, BACKUP_FILE) for line in _read(BACKUP_FILE).splitlines() if line.strip()]
    if not keys:
        raise KeyTrouble(f"{BACKUP_FILE} holds no key. Put the file back from your copy.")
    return keys


def django_secret() -> bytes:
    """Return the bytes of the secret that signs sessions and forms. Raises KeyTrouble."""
    try:
        secret = base64.b64decode(_read(DJANGO_FILE).strip(), validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) < SECRET_BYTES:
        raise KeyTrouble(f"{DJANGO_FILE} does not hold a whole secret. Put the file back from your copy.")
    return secret


def backup_key(wanted: bytes) -> bytes:
    """Return the backup key of this id. Raises KeyTrouble where the keys' folder does not hold it."""
    for key in backup_keys():
        if key_id(key) == wanted:
            return key
    raise KeyTrouble(f"This backup was made with another key. Put the {BACKUP_FILE} of the system that made it into the keys' folder.")


def fresh_key(size: int = KEY_BYTES) -> str:
    """Return so many random bytes in base64."""
    return base64.b64encode(os.urandom(size)).decode()


def make_keys(folder: Path) -> list[str]:
    """Make the key files that are missing, readable by this user only, and return their names. Never overwrites one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    texts = {MASTER_FILE: f"k1:{fresh_key()}\n", DJANGO_FILE: f"{fresh_key(64)}\n"}
    texts |= {name: f"{fresh_key()}\n" for name in (CHAIN_FILE, ANCHOR_FILE, BACKUP_FILE)}
    made = [name for name in texts if not (folder / name).exists()]
    for name in made:
        write_key_file(folder / name, texts[name])
    return made


def write_key_file(path: Path, text: str) -> None:
    """Write a file that is not there yet, readable by this user only; it is on the disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
