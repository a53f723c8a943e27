"""What an approver should know beforehand: when a backup counts as missing or old."""

from datetime import timedelta

import pytest

from bot.core.pre_flight import Backups, PreFlight
from tests.core.samples import NOON_AT


@pytest.mark.parametrize(
    ("backups", "is_poor"),
    [
        (None, False),
        (Backups(None), True),
        (Backups(NOON_AT - timedelta(hours=24)), False),
        (Backups(NOON_AT - timedelta(hours=24, seconds=1)), True),
        (Backups(NOON_AT + timedelta(minutes=1)), False),
    ],
)
def test_backup_is_poor_where_it_is_old_or_known_to_be_missing(
    backups: Backups | None, is_poor: bool
) -> None:
    assert PreFlight(NOON_AT, backups=backups).is_poorly_backed_up is is_poor
