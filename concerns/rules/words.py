"""Times in words, as people read them, in Europe/London. Pure: the present moment is passed in."""

from datetime import date, datetime, time, timedelta

from concerns.rules.deadlines import END_OF_DAY, LONDON


def clock_words(moment: datetime) -> str:
    """Return the local time of day: "4:05pm"."""
    return time_words(moment.astimezone(LONDON).time())


def time_words(wall: time) -> str:
    """Return a time of day: "4:05pm"."""
    return f"{wall.hour % 12 or 12}:{wall.minute:02d}{'am' if wall.hour < 12 else 'pm'}"


def end_words(wall: time) -> str:
    """Return the time of day at which something ends: "9:00pm", or "midnight"."""
    return "midnight" if wall in (time(0), END_OF_DAY) else time_words(wall)


def when_words(moment: datetime, *, at: datetime) -> str:
    """Return a moment in words: "today, 4:05pm", "yesterday, 4:05pm", "tomorrow, …", else "21 November 2026, 4:05pm"."""
    return f"{day_words(moment, at=at)}, {clock_words(moment)}"


def moment_words(moment: datetime) -> str:
    """Return a moment in full, whatever today is: "Thursday 24 December 2026, 4:05pm"."""
    day = moment.astimezone(LONDON).date()
    return f"{day:%A} {date_words(day)}, {clock_words(moment)}"


def day_words(moment: datetime, *, at: datetime) -> str:
    """Return a day in words: "today", "yesterday", "tomorrow", else "21 November 2026"."""
    day, today = moment.astimezone(LONDON).date(), at.astimezone(LONDON).date()
    near = {today: "today", today - timedelta(days=1): "yesterday", today + timedelta(days=1): "tomorrow"}
    return near.get(day, date_words(day))


def date_words(day: date) -> str:
    """Return a date in words: "21 November 2026"."""
    return f"{day.day} {day:%B %Y}"


def happened_words(moment: datetime, *, at: datetime) -> str:
    """Return when something happened: the day alone where it is noted as midnight, which is how an unknown time is kept."""
    local = moment.astimezone(LONDON)
    return day_words(moment, at=at) if (local.hour, local.minute) == (0, 0) else when_words(moment, at=at)


def span_words(span: timedelta) -> str:
    """Return a length of time in its largest unit: "12 minutes", "1 hour", "3 days"; less than a minute is "1 minute"."""
    minutes = max(int(span.total_seconds() // 60), 1)
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return counted(minutes // size, unit)
    raise AssertionError("unreachable")


def due_words(due: datetime, *, at: datetime) -> str:
    """Return a due time in words: "12 minutes late", or when it is."""
    return f"{span_words(at - due)} late" if due < at else when_words(due, at=at)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 session", "3 sessions"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
