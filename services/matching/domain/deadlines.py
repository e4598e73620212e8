"""How long people have, as settings say it: working days of the facility's calendar, or so many hours or seconds."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_WORKING_DAYS = re.compile(r"([1-9][0-9]{0,2}) working days?")
_SECONDS = re.compile(r"([1-9][0-9]{0,8}) seconds?")
_HOURS = re.compile(r"([1-9][0-9]{0,3}) hours?")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The facility's working days: Monday to Friday without the public holidays of `country` (ISO 3166-1 alpha-2, the
    whole country's, none of a region), each from midnight to midnight in `zone` (IANA)."""

    country: str
    zone: str

    def public_holidays(self) -> Container[date]:
        """The public holidays. ValueError for a country whose holidays are not known."""
        import holidays  # imported here: it takes a quarter of a second, also where no working day is counted

        try:
            known: Container[date] = holidays.country_holidays(self.country)
        except NotImplementedError:
            raise ValueError(f"the public holidays of {self.country!r} are not known") from None
        return known

    def after(self, start: datetime, days: int) -> datetime:
        """The instant at which `days` (from 1) working days are over, in the zone of `start`.

        Begun on a working day, the same local time of day so many working days later. Begun on any other day, the end
        of the last of them, 24:00: the time runs from the first working moment, so that nobody has less than `days`
        whole working days. Our rule, no public source.
        """
        closed = self.public_holidays()
        local = start.astimezone(ZoneInfo(self.zone))

        def works(day: date) -> bool:
            return day.weekday() < SATURDAY and day not in closed

        beyond = timedelta()
        if not works(local.date()):
            local, beyond = local.replace(hour=0, minute=0, second=0, microsecond=0), timedelta(days=1)
        while days:
            local += timedelta(days=1)
            if works(local.date()):
                days -= 1
        return (local + beyond).astimezone(start.tzinfo)


BRUSSELS = WorkingDays("BE", "Europe/Brussels")
"""The calendar of the facility's deadlines where nothing else is set; default, no public source."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: working days of a calendar, or a time that runs on nights and holidays too."""

    working_days: int
    elapsed: timedelta
    calendar: WorkingDays

    @classmethod
    def read(cls, text: str, calendar: WorkingDays) -> Duration:
        """Read "5 working days", "48 hours" or "20 seconds". ValueError for anything else."""
        if found := _WORKING_DAYS.fullmatch(text):
            return cls(int(found[1]), timedelta(), calendar)
        if found := _HOURS.fullmatch(text):
            return cls(0, timedelta(hours=int(found[1])), calendar)
        if found := _SECONDS.fullmatch(text):
            return cls(0, timedelta(seconds=int(found[1])), calendar)
        raise ValueError(
            f"{text!r} is no length of time; write for example '5 working days', '48 hours' or '20 seconds'"
        )

    def after(self, start: datetime) -> datetime:
        """The instant at which a time that began at `start` is over, in the zone of `start`."""
        return self.calendar.after(start, self.working_days) if self.working_days else start + self.elapsed
