"""The chain that shows whether an entry was changed, removed or reordered. Covers ciphertext only, so disposal does not break it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

START = b"\x00" * 32


def canonical(header: Mapping[str, Any]) -> bytes:
    """Return one spelling of a header: JSON with sorted keys, no spaces, ASCII. Times are passed as ISO 8601 in UTC."""
    return json.dumps(dict(header), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(*, key: bytes, previous: bytes, header: Mapping[str, Any], sealed: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA256 over the previous digest, the canonical header and the hash of the sealed body."""
    body = hashlib.sha256(sealed).digest()
    return hmac.new(key, previous + canonical(header) + body, hashlib.sha256).digest()
