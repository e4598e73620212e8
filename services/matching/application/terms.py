"""How long people have, as settings say it: working days of the facility's calendar, or a plain duration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_WORKING_DAYS = re.compile(r"([1-9][0-9]{0,2}) working days?")
_SECONDS = re.compile(r"([1-9][0-9]{0,8}) seconds?")
_HOURS = re.compile(r"([1-9][0-9]{0,3}) hours?")


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time that starts now. Working days follow the public holidays of `country` and keep the local
    time of day of `zone`."""

    working_days: int | None
    duration: timedelta | None
    country: str = "BE"
    zone: str = "Europe/Brussels"

    @classmethod
    def read(cls, text: str) -> Term:
        """Read "5 working days", "48 hours" or "20 seconds". ValueError for anything else."""
        if found := _WORKING_DAYS.fullmatch(text):
            return cls(int(found[1]), None)
        if found := _HOURS.fullmatch(text):
            return cls(None, timedelta(hours=int(found[1])))
        if found := _SECONDS.fullmatch(text):
            return cls(None, timedelta(seconds=int(found[1])))
        raise ValueError(
            f"{text!r} is no length of time; write for example '5 working days', '48 hours' or '20 seconds'"
        )

    def after(self, start: datetime) -> datetime:
        """The instant at which the term that began at `start` is over, in the zone of `start`."""
        if self.duration is not None:
            return start + self.duration
        import holidays  # imported here: loading every country's rules takes a noticeable part of a second

        days = holidays.country_holidays(self.country)
        local = start.astimezone(ZoneInfo(self.zone))
        left = self.working_days or 0
        while left:
            local += timedelta(days=1)
            if local.weekday() < 5 and local.date() not in days:
                left -= 1
        return local.astimezone(start.tzinfo)
