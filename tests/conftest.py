"""Hypothesis profiles, "dev" by default and "ci" where CI is set, and a place for measurements.

Nothing is read from the user's cache or kept in it: programs that tests start inherit that.
"""

import os

import pytest
import secrecy
from fuzzing import driver
from hypothesis import HealthCheck, settings

os.environ["MAPPER_CACHE"] = ""

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("dev", deadline=None, suppress_health_check=_SLOW, print_blob=True)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


secrecy.watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """Fail a test that showed a secret; its files are still there."""
    captured = [(f"what pytest captured ({what})", text) for _, what, text in item._report_sections]
    found = secrecy.leaks(getattr(item, "funcargs", {}).get("tmp_path"), captured)
    secrecy.forget()
    result = yield
    if found:
        pytest.fail(f"a secret is shown in {', '.join(found)}", pytrace=False)
    return result


@pytest.fixture
def unshrunk(monkeypatch):
    """Do without smaller cases, which take long to make, where it is enough that there is one."""
    monkeypatch.setattr(driver, "SHRINKING", 0)


@pytest.fixture
def measured(request):
    """Takes a line that says what a test measured; all of them are printed at the end."""
    # Properties travel with a report, from whatever process a test runs in.
    return lambda line: request.node.user_properties.append(("measured", line))


def pytest_terminal_summary(terminalreporter):
    reports = [report for found in terminalreporter.stats.values() for report in found]
    lines = [
        line
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, line in report.user_properties
        if name == "measured"
    ]
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
