"""The few ways in which an action says no. A leaf: imports nothing of ours."""


class SafeguardingError(Exception):
    """Base of the refusals below. `str()` is a plain-English sentence that may be shown to the person."""


class NotAllowed(SafeguardingError):
    """The person knows of the thing but may not do this (shown as 403 with the reason)."""


class NotVisible(SafeguardingError):
    """To this person the thing does not exist (shown as 404, the same as an unknown id)."""


class Stale(SafeguardingError):
    """Somebody else changed it first. Nothing was written; the person must look again."""


class Refused(SafeguardingError):
    """The state of the record does not allow this move."""


class KeyTrouble(SafeguardingError):
    """A key is missing, wrong or was destroyed; the sealed text cannot be opened."""


class DamagedBackup(SafeguardingError):
    """A file that should be a backup is none, is cut off, was changed, or does not fit here."""


class NoBackup(SafeguardingError):
    """A backup could not be made; the sentence says what to do. The older ones are as they were."""
