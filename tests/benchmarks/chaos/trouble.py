"""What goes wrong around a life: at Slack, at oec.sh, and on the way to either."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.benchmarks.chaos.hosting import Hosting
from tests.benchmarks.chaos.people import People

Fault = Mapping[str, object]
_ACTIONS = "/environments/*/*"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that goes wrong a few times, on one of the two sides."""

    name: str
    fault: Fault
    is_at_slack: bool


def _at_slack(name: str, **fault: object) -> Trouble:
    return Trouble(f"Slack: {name}", fault, is_at_slack=True)


def _at_oec(name: str, **fault: object) -> Trouble:
    return Trouble(f"oec.sh: {name}", fault, is_at_slack=False)


_WRITES = {"method": "POST", "path": _ACTIONS}
_READS = {"method": "GET", "path": "/deployments/*"}

TROUBLES: Sequence[Trouble] = (
    _at_oec("an action is cut before", kind="drop_before", **_WRITES),
    _at_oec("an action is cut before, twice", kind="drop_before", times=2, **_WRITES),
    _at_oec("an action's answer is lost", kind="drop_after", **_WRITES),
    _at_oec("an action's answer is lost, twice", kind="drop_after", times=2, **_WRITES),
    _at_oec("an action hangs", kind="hang", seconds=2, **_WRITES),
    _at_oec("an action fails with 500", kind="status", status=500, **_WRITES),
    _at_oec("an action fails with 502, thrice", kind="status", status=502, times=3, **_WRITES),
    _at_oec("an action meets the limit", kind="status", status=429, headers={"Retry-After": "2"}, **_WRITES),
    _at_oec("an action meets a limit that says nothing", kind="status", status=429, body={}, **_WRITES),
    _at_oec("an action's answer is a proxy's page", kind="not_json", **_WRITES),
    _at_oec("a proxy's page instead of an error", kind="not_json", status=503, **_WRITES),
    _at_oec("looks are cut", kind="drop_before", times=3, **_READS),
    _at_oec("looks fail", kind="status", status=503, times=3, **_READS),
    _at_oec("a look is a proxy's page", kind="not_json", **_READS),
    _at_oec("a look hangs", kind="hang", seconds=2, **_READS),
    _at_oec("anything is cut", kind="drop_after", times=2),
    _at_slack("posts meet the limit", kind="ratelimit", method="chat.postMessage", retry_after=1, times=2),
    _at_slack(
        "edits meet the limit without a body",
        kind="ratelimit",
        method="chat.update",
        empty_body=True,
        times=2,
    ),
    _at_slack("anything meets the limit", kind="ratelimit", method="*", retry_after=1, times=2),
    _at_slack("a post's answer is lost", kind="drop_answer", method="chat.postMessage"),
    _at_slack("two posts' answers are lost", kind="drop_answer", method="chat.postMessage", times=2),
    _at_slack("an edit's answer is lost", kind="drop_answer", method="chat.update"),
    _at_slack("a post fails within", kind="error", method="chat.postMessage", error="internal_error"),
    _at_slack("an edit fails within", kind="error", method="chat.update", error="fatal_error", times=2),
    _at_slack("a post is refused", kind="error", method="chat.postMessage", error="restricted_action"),
    _at_slack("edits are refused", kind="error", method="chat.update", error="is_inactive", times=2),
    _at_slack("a form is refused", kind="error", method="views.open", error="expired_trigger_id"),
    _at_slack("a post hangs", kind="hang", method="chat.postMessage", seconds=2),
    _at_slack("an edit hangs", kind="hang", method="chat.update", seconds=2),
    _at_slack(
        "private answers fail", kind="error", method="chat.postEphemeral", error="internal_error", times=2
    ),
    _at_slack("a form does not open", kind="drop_answer", method="views.open"),
    _at_slack("nobody is known", kind="error", method="users.info", error="internal_error", times=4),
    _at_slack("the socket is cut", kind="reset"),
    _at_slack("the socket falls silent", kind="silent"),
    _at_slack("a ticket is refused", kind="refuse_ticket"),
    _at_slack("a fresh connection is asked for", kind="disconnect", reason="refresh_requested", seconds=1),
    _at_slack(
        "a fresh connection is asked for with a warning", kind="disconnect", reason="warning", seconds=1
    ),
    _at_slack("noise", kind="noise"),
)
BY_NAME: Mapping[str, Trouble] = {one.name: one for one in TROUBLES}


def draw_troubles(dice: Random) -> tuple[Trouble, ...]:
    """What goes wrong in one life: often nothing, sometimes a few things at once."""
    return tuple(dice.sample(TROUBLES, dice.choice((0, 0, 1, 1, 2, 3))))


async def cause(troubles: Sequence[Trouble], people: People, hosting: Hosting) -> None:
    """Let it begin."""
    for one in troubles:
        if one.is_at_slack:
            await people.causes(**one.fault)
        else:
            await hosting.causes(**one.fault)


async def clear(people: People, hosting: Hosting) -> None:
    """Let everything go well again."""
    await people.causes(kind="clear")
    await hosting.causes(kind="clear")
