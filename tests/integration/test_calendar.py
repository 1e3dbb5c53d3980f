"""Working days against dates counted by hand, and the calendar as the platform's people keep it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform import calendar
from liveshelf.platform.calendar import CalendarInvalid, Year, check_year, read_years, unknown_years, working_days
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, reviewer_session, staff_session
from tests.make.shops import a_shop

# Counted on paper from the State Council's notices of both years. Spring Festival 2025: off 28 January to 4 February,
# worked on Sunday 26 January and Saturday 8 February. 2026: off 15 to 23 February, worked on Saturdays 14 and 28.
# National Day 2025: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October. 2026: off 1 to 7
# October, worked on Sunday 20 September and Saturday 10 October.
BY_HAND = [
    ("2025-01-24", 1, "2025-01-26"),  # Friday: the Sunday is worked
    ("2025-01-25", 2, "2025-01-27"),  # Saturday: Sunday and Monday
    ("2025-01-27", 1, "2025-02-05"),  # the eve: eight days off
    ("2025-01-27", 3, "2025-02-07"),
    ("2025-01-27", 4, "2025-02-08"),  # the make-up Saturday
    ("2025-01-27", 5, "2025-02-10"),
    ("2025-09-26", 1, "2025-09-28"),  # Friday: the Sunday before National Day is worked
    ("2025-09-30", 3, "2025-10-11"),  # 9, 10 and the make-up Saturday
    ("2025-10-03", 1, "2025-10-09"),  # filed in the middle of the holiday
    ("2026-02-13", 1, "2026-02-14"),  # Friday: the Saturday is worked
    ("2026-02-14", 1, "2026-02-24"),  # the eve: nine days off
    ("2026-02-14", 5, "2026-02-28"),  # 24, 25, 26, 27 and the make-up Saturday
    ("2026-02-14", 6, "2026-03-02"),
    ("2026-09-18", 1, "2026-09-20"),  # Friday: the Sunday is worked
    ("2026-09-30", 3, "2026-10-10"),  # 8, 9 and the make-up Saturday
    ("2026-09-30", 4, "2026-10-12"),
    ("2025-12-31", 1, "2026-01-04"),  # over the turn of the year: 1 to 3 January off, Sunday the 4th worked
]


@pytest.mark.feature("L-207")
@pytest.mark.parametrize(("filed", "days", "due"), BY_HAND)
async def test_a_limit_of_working_days_ends_on_the_day_counted_by_hand(db: Database, filed: str, days: int, due: str):
    async with db.read() as tx:
        known = await working_days(tx)
    at = datetime.fromisoformat(f"{filed}T09:30:00+08:00")
    ends = known.due_at(at, days)
    assert known.after(date.fromisoformat(filed), days) == date.fromisoformat(due)
    # The whole day counts: the limit ends with it, in China's time.
    assert (ends - datetime.fromisoformat(f"{due}T00:00:00+08:00")).total_seconds() == 86_400


@pytest.mark.feature("L-207")
async def test_a_year_that_is_entered_counts_from_then_on_and_can_be_taken_back(client: httpx.AsyncClient, runtime):
    who = bearer(await reviewer_session(runtime))
    body = {"request_id": "a", "off": ["2031-10-02"], "on": ["2031-10-04"]}
    answer = await client.put("/v1/calendar/2031", json=body, headers=who)
    assert answer.status_code == 200
    (year,) = [one for one in answer.json()["years"] if one["year"] == 2031]
    assert (year["entered"], year["off"], year["on"]) == (True, ["2031-10-02"], ["2031-10-04"])
    async with runtime.db.read() as tx:
        assert (await working_days(tx)).after(date(2031, 10, 1), 2) == date(2031, 10, 4)
    corrected = {"request_id": "b", "off": [], "on": []}
    assert (await client.put("/v1/calendar/2026", json=corrected, headers=who)).status_code == 200
    async with runtime.db.read() as tx:
        assert (await working_days(tx)).after(date(2026, 9, 30), 1) == date(2026, 10, 1)
    assert (await client.delete("/v1/calendar/2026", headers=who)).status_code == 200
    async with runtime.db.read() as tx:
        assert (await working_days(tx)).after(date(2026, 9, 30), 1) == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("year", "off", "on", "field"),
    [
        (2027, ["2026-12-31"], [], "off"),
        (2027, [], ["2027-01-04"], "on"),  # a Monday
        (2027, ["2027-01-03"], ["2027-01-03"], "on"),
        (1999, [], [], "year"),
    ],
)
def test_a_year_that_can_not_be_right_is_refused(year: int, off: list[str], on: list[str], field: str):
    days = Year([date.fromisoformat(one) for one in off], [date.fromisoformat(one) for one in on])
    with pytest.raises(CalendarInvalid) as refused:
        check_year(year, days)
    assert refused.value.context["field"] == field


@pytest.mark.parametrize("data", [b"[", b'{"2027": {"off": ["soon"], "on": []}}', b'{"next": {"off": [], "on": []}}'])
def test_a_file_that_is_not_a_calendar_is_refused(data: bytes):
    with pytest.raises(CalendarInvalid):
        read_years(data)


async def test_a_file_enters_its_years(db: Database):
    entered = read_years(json.dumps({"2027": {"off": ["2027-01-01"], "on": []}}).encode())
    await db.write(SYSTEM, PLATFORM, lambda tx: calendar.save_year(tx, 2027, entered[2027]))
    async with db.read() as tx:
        assert (await working_days(tx)).after(date(2026, 12, 31), 1) == date(2027, 1, 4)


@pytest.mark.feature("L-207")
async def test_a_year_that_nobody_knows_is_warned_of(db: Database):
    async with db.read() as tx:
        days = await working_days(tx)
    assert unknown_years(days, datetime(2026, 11, 14, 15, 59, 59, tzinfo=UTC)) == []
    # From 15 November, in China, the next year is announced.
    assert unknown_years(days, datetime(2026, 11, 14, 16, 0, 0, tzinfo=UTC)) == [2027]
    assert unknown_years(days, datetime(2027, 5, 1, tzinfo=UTC)) == [2027]


async def test_only_the_platforms_people_see_and_keep_the_calendar(client: httpx.AsyncClient, runtime: Runtime):
    made = await a_shop(runtime.db)
    owner = bearer(await staff_session(runtime, made.shop, Role.OWNER))
    assert (await client.get("/v1/calendar", headers=owner)).status_code == 403
    body = {"request_id": "a", "off": [], "on": []}
    assert (await client.put("/v1/calendar/2031", json=body, headers=owner)).status_code == 403
    assert (await client.get("/v1/calendar")).status_code == 401
