"""Hypothesis profiles, "dev" by default and "ci" where CI is set, and a place for measurements.

Nothing is read from the user's cache or kept in it: programs that tests start inherit that.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ["MAPPER_CACHE"] = ""

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("dev", deadline=None, suppress_health_check=_SLOW, print_blob=True)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture
def measured(request):
    """Takes a line that says what a test measured; all of them are printed at the end."""
    return request.config.stash.setdefault(_MEASURED, []).append


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(_MEASURED, [])
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
