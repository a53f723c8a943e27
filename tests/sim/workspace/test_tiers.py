"""Rate limits as sliding windows."""

from datetime import UTC, datetime, timedelta

from bot.sim.workspace.tiers import Tiers

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_full_window_asks_to_wait_until_the_oldest_call_is_a_minute_old() -> None:
    tiers = Tiers()
    for second in range(50):
        assert tiers.seconds_to_wait("chat.update", 50, None, now=START + timedelta(seconds=second)) == 0
    assert tiers.seconds_to_wait("chat.update", 50, None, now=START + timedelta(seconds=50)) == 10
    assert tiers.seconds_to_wait("chat.update", 50, None, now=START + timedelta(seconds=60)) == 0


def test_refused_calls_are_not_counted() -> None:
    tiers = Tiers()
    for _ in range(20):
        assert tiers.seconds_to_wait("usergroups.list", 20, None, now=START) == 0
    for _ in range(5):
        assert tiers.seconds_to_wait("usergroups.list", 20, None, now=START) == 60
    assert tiers.seconds_to_wait("usergroups.list", 20, None, now=START + timedelta(seconds=60)) == 0


def test_methods_do_not_share_their_windows() -> None:
    tiers = Tiers()
    for _ in range(20):
        tiers.seconds_to_wait("usergroups.list", 20, None, now=START)
    assert tiers.seconds_to_wait("usergroups.users.list", 20, None, now=START) == 0


def test_one_busy_channel_waits_while_another_is_served() -> None:
    tiers = Tiers()
    for _ in range(5):
        assert tiers.seconds_to_wait("chat.postMessage", 300, "C1", now=START) == 0
    assert tiers.seconds_to_wait("chat.postMessage", 300, "C1", now=START) == 5
    assert tiers.seconds_to_wait("chat.postMessage", 300, "C2", now=START) == 0
    assert tiers.seconds_to_wait("chat.postMessage", 300, "C1", now=START + timedelta(seconds=5)) == 0
