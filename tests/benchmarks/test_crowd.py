"""The crowd's rules, environments and channels fit together, or the benchmark would measure refusals."""

from bot.sim.sandbox import Sandbox
from tests.benchmarks.crowd import Size, add_crowd, alias, channel_id, environment_id, write_rules
from tests.support.rules import read_rules

SIZE = Size(environments=12, channels=3)


def test_rules_of_the_crowd_name_what_the_stand_ins_hold() -> None:
    rules = read_rules(write_rules(SIZE))
    sandbox = Sandbox()
    add_crowd(sandbox, SIZE)
    named = {(environment.alias, environment.id) for environment in rules.catalog.environments}
    assert named == {(alias(number), environment_id(number)) for number in range(SIZE.environments)}
    assert {id_ for _, id_ in named} <= sandbox.hosting.hosting.environments.keys()
    assert {
        channel_id(number) for number in range(SIZE.channels)
    } <= sandbox.workspace.workspace.channels.keys()
