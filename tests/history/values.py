"""Runs, approvals and entries for the tests of the history: plain ones, and any that can be."""

from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from bot.core.approvals import Approval
from bot.core.catalog import Environment
from bot.core.entries import Asked, Entry
from bot.core.intents import Change
from bot.core.names import (
    Action,
    ApprovalId,
    ButtonId,
    ChannelId,
    EnvironmentId,
    IdempotencyKey,
    MessageTs,
    RequestKey,
    RunId,
    TaskId,
    TeamId,
    UpdateMode,
    UserId,
)
from bot.core.pleas import Opening, Plea
from bot.core.request import Place
from bot.core.rules import RuleSource
from bot.core.runs import Run, RunState

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ANA, BEN = UserId("U0ANA"), UserId("U0BEN")
PROD = Environment(
    EnvironmentId("5a296461-9222-40da-91f5-9e912890dc1b"),
    "prod",
    aliases=("production",),
    protected=True,
    project="Client ERP",
    platform_name="production",
)
STAGING = Environment(EnvironmentId("0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f"), "staging")
ASKED = Asked(ANA, "deploy prod", "channels.C0DEPLOYS[0]", "allowed")


def a_run(
    name: str = "one",
    *,
    state: RunState = RunState.ACCEPTED,
    environment: Environment = PROD,
    action: Action = Action.DEPLOY,
    mode: UpdateMode | None = None,
    thread: MessageTs | None = None,
    task_id: str | None = None,
    asked_at: datetime = NOON,
    took: timedelta | None = None,
    adopted: bool = False,
) -> Run:
    """A run whose handle, request and key are named after `name`."""
    return Run(
        id=RunId(0),
        handle=ButtonId(f"handle-{name}"),
        request_key=RequestKey(f"request-{name}"),
        change=Change(action, environment, mode),
        requester=ANA,
        team_id=TeamId("T0ACME"),
        place=Place(ChannelId("C0DEPLOYS"), thread),
        asked_at=asked_at,
        state=state,
        rule="channels.C0DEPLOYS[0]",
        adopted=adopted,
        task_id=TaskId(task_id) if task_id else None,
        submitted_at=asked_at if took else None,
        ended_at=asked_at + took if took else None,
        idempotency_key=IdempotencyKey(f"key-{name}") if task_id and not adopted else None,
    )


def a_plea(name: str = "one", *, by: UserId = BEN, asked_at: datetime = NOON) -> Plea:
    """A plea that is about to be recorded: to the releasers in #deploys, else to everybody in #ops."""
    rule = RuleSource("channels.C0DEPLOYS[0]", 16)
    to_releasers = Opening(ChannelId("C0DEPLOYS"), "releasers", rule, users=(ANA,))
    return Plea(
        id=ButtonId(f"plea-{name}"),
        by=by,
        team_id=TeamId("T0ACME"),
        change=Change(Action.DEPLOY, PROD, modules=("sale",)),
        asked_in=ChannelId("C0SUPPORT"),
        openings=(
            to_releasers,
            replace(to_releasers, channel_id=ChannelId("C0OPS"), to="everyone", users=()),
        ),
        asked_at=asked_at,
        expires_at=asked_at + timedelta(hours=1),
    )


def an_approval(name: str = "one", *, asked_at: datetime = NOON) -> Approval:
    """A waiting approval of a run that is about to be recorded."""
    return Approval(
        id=ApprovalId(f"approval-{name}"),
        run_id=RunId(0),
        requester=ANA,
        approvers="releasers",
        rule_path="approvals[0]",
        fingerprint="f00d",
        asked_at=asked_at,
        expires_at=asked_at + timedelta(minutes=15),
    )


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_BY_TYPE: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(max_size=30),
    bool: st.booleans(),
    int: st.integers(min_value=-(2**63), max_value=2**63 - 1),  # what SQLite's INTEGER holds
    datetime: st.datetimes(
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=zones,
    ),
    timedelta: st.timedeltas(min_value=timedelta(days=-3000), max_value=timedelta(days=3000)),
    type(None): st.none(),
}


def any_value(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of this type: of a dataclass every field is drawn, those with defaults included."""
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if isinstance(kind, type) and is_dataclass(kind):
        return st.builds(kind, **{name: any_value(hint) for name, hint in get_type_hints(kind).items()})
    if hasattr(kind, "__supertype__"):
        return any_value(kind.__supertype__)
    if get_origin(kind) is tuple:
        return st.lists(any_value(get_args(kind)[0]), max_size=4).map(tuple)
    if get_args(kind):
        return st.one_of(*(any_value(part) for part in get_args(kind)))
    return st.sampled_from(kind)


any_run: st.SearchStrategy[Run] = any_value(Run)
any_approval: st.SearchStrategy[Approval] = any_value(Approval)
any_entry: st.SearchStrategy[Entry] = any_value(Entry)
