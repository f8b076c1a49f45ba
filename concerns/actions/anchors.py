"""Anchors: the end of each audit chain, written down outside the database once an hour and signed.

Whoever can change the database cannot change what was written down; whoever has the public key can check it without any
secret of ours. Only so does a chain show that its end was cut off.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from concerns.access.masterkeys import anchor_key
from concerns.exceptions import KeyTrouble
from concerns.models import ChainHead
from concerns.queries.chains import Anchor
from concerns.rules.hashchain import canonical

EVERY = timedelta(hours=1)


def anchor_chains(*, at: datetime) -> int:
    """Write down the end of each chain that has grown, unless that was done less than an hour ago; return how many."""
    path = Path(settings.ANCHORS_FILE)
    last = {anchor.chain: anchor for anchor in read_anchors(path, public_key())} if path.exists() else {}
    if any(at - anchor.at < EVERY for anchor in last.values()):
        return 0
    heads = [head for head in ChainHead.objects.order_by("chain") if head.chain not in last or last[head.chain].number != head.number]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        for head in heads:
            file.write(_signed(Anchor(chain=head.chain, number=head.number, digest=bytes(head.digest).hex(), at=at)) + "\n")
    return len(heads)


def signed_with_another_key() -> bool:
    """Whether the last anchors are all signed with another key than the one in the keys' folder. A single changed line is no proof."""
    path = Path(settings.ANCHORS_FILE)
    last = path.read_text("ascii", "replace").splitlines()[-3:] if path.exists() else []
    key = Ed25519PublicKey.from_public_bytes(public_key())
    return bool(last) and not any(_read_line(line, key) for line in last)


def _plain(anchor: Anchor) -> dict[str, str | int]:
    return {**asdict(anchor), "at": anchor.at.isoformat()}


def _signed(anchor: Anchor) -> str:
    key = Ed25519PrivateKey.from_private_bytes(anchor_key())
    signature = base64.b64encode(key.sign(canonical(_plain(anchor)))).decode()
    return json.dumps({**_plain(anchor), "signature": signature}, sort_keys=True)


def public_key() -> bytes:
    """Return the 32 bytes with which anybody can check the anchors."""
    return Ed25519PrivateKey.from_private_bytes(anchor_key()).public_key().public_bytes_raw()


def read_anchors(path: Path, public: bytes) -> Sequence[Anchor]:
    """Return the anchors of a file, oldest first.

    Raises KeyTrouble, naming the line, where one is not signed by the holder of the key, or is no anchor.
    """
    key = Ed25519PublicKey.from_public_bytes(public)
    anchors = []
    for number, line in enumerate(path.read_text("ascii").splitlines(), start=1):
        anchor = _read_line(line, key)
        if anchor is None:
            raise KeyTrouble(f"Line {number} of the anchors was changed, or is signed with another key.")
        anchors.append(anchor)
    return anchors


def _read_line(line: str, key: Ed25519PublicKey) -> Anchor | None:
    """Return the anchor of a line, or None where it is none, or is not signed with this key."""
    try:
        data = json.loads(line)
        signature = base64.b64decode(data.pop("signature"))
        key.verify(signature, canonical(data))
        return Anchor(**{**data, "at": datetime.fromisoformat(data["at"])})
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return None
