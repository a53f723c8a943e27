"""The account that other tests and the demo rely on."""

import re

import pytest

from bot.sim.hosting.seeds import (
    DEVELOPMENT,
    FULL_KEY,
    OLD,
    PRODUCTION,
    READ_KEY,
    STAGING,
    WEBSHOP_KEY,
    WEBSHOP_PRODUCTION,
    seeded_hosting,
)
from tests.sim.hosting.caller import MovedClock


@pytest.mark.parametrize(("key", "tier"), [(FULL_KEY, "rw"), (READ_KEY, "ro"), (WEBSHOP_KEY, "rw")])
def test_keys_are_well_formed(key: str, tier: str) -> None:
    assert re.fullmatch(rf"oec_live_{tier}_[A-Za-z0-9_-]{{43}}", key)


def test_environments_stand_as_promised(clock: MovedClock) -> None:
    environments = seeded_hosting(clock).environments
    assert {one.id: (one.name, one.status) for one in environments.values()} == {
        PRODUCTION: ("production", "running"),
        STAGING: ("staging", "running"),
        DEVELOPMENT: ("development", "running"),
        OLD: ("old", "stopped"),
        WEBSHOP_PRODUCTION: ("production", "running"),
    }
    assert environments[PRODUCTION].last_commit == "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"


def test_every_environment_has_history_of_usual_length(clock: MovedClock) -> None:
    hosting = seeded_hosting(clock())
    for environment_id in hosting.environments:
        deployments = hosting.deployments_of(environment_id)
        assert deployments
        for task in deployments:
            assert task.is_over
            assert task.completed_at is not None
            assert task.completed_at < clock()
            assert task.duration_seconds is not None
            assert task.status == "failed" or 180 <= task.duration_seconds <= 260
    failed = [task for task in hosting.tasks.values() if task.status == "failed"]
    assert len(failed) == 1


def test_seeded_twice_gives_the_same_ids(clock: MovedClock) -> None:
    assert list(seeded_hosting(clock).tasks) == list(seeded_hosting(clock).tasks)
    assert seeded_hosting(clock) == seeded_hosting(clock())
