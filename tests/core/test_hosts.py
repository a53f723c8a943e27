"""Which hosts are this very machine."""

import pytest

from bot.core.hosts import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_known_by_each_of_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "slack.com", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", "::"]
)
def test_other_hosts_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)
