"""What every test may use, how many run side by side, and how properties are tried."""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no counterexample. Where `CI` is set, Hypothesis draws the same examples each time.
settings.register_profile(
    "here", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("here")


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: much of the time of the slow tests is spent waiting, for retries, processes and Slack's limits."""
    return 2 * (os.cpu_count() or 1)
