"""When things happen in the practice data: short words such as "d2@10:15", read against the moment at which it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from concerns.rules.deadlines import LONDON, Session, is_working_day

ONE_DAY = timedelta(days=1)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


@dataclass(frozen=True)
class Moments:
    """Reads the words of the stories. `at` (aware) is now; `sessions` are the centre's weekly ones.

    s24+70     70 minutes into the 24th session before now
    w5@16:00   16:00 on the fifth working day before today
    d2@10:15   10:15 on the second working day after the opening
    +6m, +2h   after the opening
    -4m, -3h   before now
    """

    at: datetime
    sessions: Sequence[Session]

    def read(self, words: str, *, opened: datetime) -> datetime:
        """Return the moment that `words` stand for, in a concern opened at `opened`. Raises KeyError or ValueError on unknown words."""
        read: dict[str, Callable[[str], datetime]] = {
            "s": self._in_session,
            "w": lambda rest: _wall(rest, self.at, step=-ONE_DAY),
            "d": lambda rest: _wall(rest, opened, step=ONE_DAY),
            "+": lambda rest: opened + _span(rest),
            "-": lambda rest: self.at - _span(rest),
        }
        return read[words[0]](words[1:])

    def _in_session(self, rest: str) -> datetime:
        count, minutes = (int(part) for part in rest.split("+"))
        day = self.at.astimezone(LONDON).date()
        while count:
            day -= ONE_DAY
            starts = sorted((session.on(day)[0] for session in self.sessions if session.weekday == day.weekday()), reverse=True)
            for begin in starts:
                count -= 1
                if not count:
                    return begin + timedelta(minutes=minutes)
        raise ValueError("Sessions before now count from 1.")


def _span(rest: str) -> timedelta:
    return int(rest[:-1]) * UNITS[rest[-1]]


def _wall(rest: str, start: datetime, *, step: timedelta) -> datetime:
    """The wall time "5@16:00": that many working days after (or before) the day of `start`."""
    count, clock = rest.split("@")
    day: date = start.astimezone(LONDON).date()
    for _ in range(int(count)):
        day += step
        while not is_working_day(day):
            day += step
    return datetime.combine(day, time.fromisoformat(clock), LONDON)
