"""Instants and days. UTC everywhere inside; China's calendar where WeChat's rules name a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # no daylight saving since 1991


def china_day(instant: datetime) -> date:
    """The calendar day in China: quotas reset when it changes."""
    return instant.astimezone(CHINA).date()


def china_midnight(instant: datetime) -> datetime:
    """The instant at which the day in China began, in UTC."""
    day = china_day(instant)
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def next_china_midnight(instant: datetime) -> datetime:
    """The next instant at which `china_day` changes, in UTC."""
    return china_midnight(instant) + timedelta(days=1)


def begins(day: date) -> datetime:
    """The instant at which a day in China begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def from_unix(seconds: int) -> datetime:
    """The UTC instant of whole unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def unix(instant: datetime) -> int:
    """Whole unix seconds of an instant, rounded down."""
    return int(instant.timestamp())
