"""The languages of dates and times in some years, with Python's calendar as the oracle."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from random import Random
from zoneinfo import ZoneInfo

import pytest

from mapper.converters import MAX_LAYOUT
from mapper.infer.layouts import clocks_of, dates_of, instants_of, years_in
from mapper.languages import regex_language

CLOCK = "%Y-%m-%d %H:%M:%S"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
EVEN = frozenset(range(2000, 2100, 2))
SCATTERED = frozenset(Random(1).sample(range(1900, 2200), 100))
HALF_HOURS = [timedelta(minutes=30 * each) for each in range(-60, 60)]


def around(year):
    """Return times around the beginning of a year, and one in its middle, in UTC."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    return [begin + each for each in (*HALF_HOURS, timedelta(days=180))]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("years", [EVEN, SCATTERED], ids=["even", "scattered"])
def test_a_zone_moves_times_out_of_their_years(years, zone):
    instants, clocks = instants_of(years, zone), clocks_of(CLOCK, years, zone)
    for year in sorted(years)[::10]:
        for at in (*around(year), *around(year + 1)):
            local = at.astimezone(ZoneInfo(zone))
            assert local.year not in years or at.strftime(INSTANT) in instants
            assert at.year not in years or local.strftime(CLOCK) in clocks
    assert f"{min(years) - 1}-12-30T12:00:00Z" not in instants
    assert f"{min(years) - 1}-12-30 12:00:00" not in clocks


def test_the_years_that_are_told_apart_can_be_written_in_any_format():
    chosen = Random(2)
    decades = [(each, frozenset(chosen.sample(range(10), 5))) for each in range(100, 160)]
    years = frozenset(10 * decade + digit for decade, digits in decades for digit in digits)
    dates = reduce(or_, (regex_language(f"{year}-06-15") for year in sorted(years)))
    assert years_in(dates, "%Y-%m-%d") == years
    layout = "%Y/%m/%d".ljust(MAX_LAYOUT, "-")
    written = dates_of(layout, years)
    for year in range(990, 1610):
        assert (f"{year}/06/15".ljust(MAX_LAYOUT + 2, "-") in written) == (year in years)
