"""The coverage table says what the stand-in really does, and the tests it names hold it."""

import json
from pathlib import Path
from typing import get_args

import pytest

from bot.sim.workspace.announcements import SUBSCRIPTIONS
from bot.sim.workspace.coverage import COVERAGE, Covered, Kind, render
from bot.sim.workspace.faults import CALL_FAULTS, SOCKET_FAULTS
from bot.sim.workspace.methods.catalogue import METHODS
from bot.sim.workspace.payloads import Interaction
from bot.sim.workspace.server import WorkspaceServer
from tests.sim.workspace.door import Door, RefusedError

HERE = Path(__file__).parent
KNOWN_METHODS = set(
    json.loads((HERE.parents[1] / "data" / "slack-methods.json").read_text(encoding="utf-8"))["methods"]
)


def named(kind: Kind, *, there: bool | None = None) -> set[str]:
    """The names of this kind in the table: all, or those that are there, or those that are not."""
    return {
        one.name
        for one in COVERAGE
        if one.kind == kind and (there is None or there is (one.extent != "none"))
    }


def test_methods_of_the_table_are_those_that_are_answered() -> None:
    assert named("method", there=True) == {*METHODS, "apps.connections.open"}


def test_methods_a_chat_bot_may_call_are_all_in_the_table() -> None:
    assert KNOWN_METHODS - named("method") == set()


def test_events_of_the_table_are_those_that_are_sent() -> None:
    assert named("event", there=True) == {*SUBSCRIPTIONS, "url_verification"}


def test_interactions_of_the_table_are_those_that_are_sent() -> None:
    assert named("interaction", there=True) == {*get_args(Interaction), "slash_commands"}


async def test_faults_of_the_table_are_those_that_can_be_had(door: Door) -> None:
    assert named("fault") == CALL_FAULTS | SOCKET_FAULTS | {"clear"}
    with pytest.raises(RefusedError) as refused:
        await door.fault("earthquake")
    assert all(fault in refused.value.words for fault in named("fault"))


def test_doors_of_the_table_are_those_that_open(server: WorkspaceServer) -> None:
    assert server.application is not None
    routes = {
        f"{route.method} {route.resource.canonical}"
        for route in server.application.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert named("door") == {route for route in routes if " /person/" in route}


def test_everything_stands_once() -> None:
    names = [(one.kind, one.name) for one in COVERAGE]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", [one for one in COVERAGE if one.extent != "whole"], ids=lambda one: one.name)
def test_every_gap_has_a_note(one: Covered) -> None:
    assert one.note


@pytest.mark.parametrize("one", [one for one in COVERAGE if one.extent != "none"], ids=lambda one: one.name)
def test_everything_there_is_held_by_the_test_that_is_named(one: Covered) -> None:
    text = (HERE / f"{one.test}.py").read_text(encoding="utf-8")
    assert "def test_" in text
    if one.kind != "rule":
        name = one.name.rpartition("/")[2]
        assert name in text or name.replace(".", "_") in text, f"{one.test} does not speak of it"


def test_nothing_left_out_names_a_test() -> None:
    assert [one for one in COVERAGE if one.extent == "none" and one.test] == []


def test_text_has_every_line() -> None:
    text = render()
    assert [one for one in COVERAGE if f"  {one.name} " not in text or one.note not in text] == []
