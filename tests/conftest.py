"""What every test may use, and how many run side by side."""

import os


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: most of the time of the slow tests is spent waiting for Slack's limits, which hold in them too."""
    return 2 * (os.cpu_count() or 1)
