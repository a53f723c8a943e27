"""The diagrams of `DESIGN.md` say what the code does: found by trying every move in every state."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

from bot.core.approvals import (
    Approval,
    ApprovalState,
    Approve,
    Claim,
    Decline,
    Escalate,
    Expire,
    Move,
    Remind,
    Renew,
    ShowAgain,
    Unclaim,
    advance,
    fingerprint,
)
from bot.core.intents import Change
from bot.core.names import Action, ApprovalId, RunId
from tests.core.samples import ANA, BEN, CLEO, NOON_AT, PROD, approval

DESIGN = (Path(__file__).parents[1] / "bot" / "DESIGN.md").read_text(encoding="utf-8")
DEPLOY_PROD = Change(Action.DEPLOY, PROD)
RULE = approval("deploy", on=(PROD,))

Arrow = tuple[str, str, str]
"""From a state, by a move, to a state."""

WAITING = Approval(
    id=ApprovalId("a1"),
    run_id=RunId(42),
    requester=ANA.user_id,
    approvers="releasers",
    rule_path="approvals[0]",
    fingerprint=fingerprint(DEPLOY_PROD, "d1"),
    asked_at=NOON_AT,
    expires_at=NOON_AT + timedelta(minutes=15),
    needed=2,
    claimed_by=CLEO.user_id,
    claimed_at=NOON_AT,
    consents=(CLEO.user_id,),
)

MOVES: dict[str, Move] = {
    "approve": Approve(BEN.user_id),
    "decline": Decline(BEN.user_id, "not today"),
    "decline, by the requester": Decline(ANA.user_id),
    "expire": Expire(),
    "claim": Claim(BEN.user_id),
    "unclaim": Unclaim(CLEO.user_id),
    "remind": Remind(),
    "escalate": Escalate(),
    "renew": Renew(RULE, DEPLOY_PROD, fingerprint(DEPLOY_PROD, "d2")),
    "show again": ShowAgain(),
}


def read_diagram(heading: str) -> set[Arrow]:
    """The arrows of a diagram: each line of it leads from its one source, named in the first, to the state at its end."""
    section = DESIGN.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    drawn = re.findall(r"──(.+?)─*▶ (\w+)", section.split("```")[1])
    source = section.split("```")[1].split()[0]
    return {(source, move.strip(), target) for moves, target in drawn for move in moves.split(" · ")}


def walk() -> Iterator[Arrow]:
    """Every move in every state, also at the end of the time, with one vote missing and with two."""
    for state in ApprovalState:
        for consents in (WAITING.consents, ()):
            for at in (NOON_AT, WAITING.expires_at):
                standing = replace(WAITING, state=state, consents=consents)
                for name, move in MOVES.items():
                    moved = advance(standing, move, at)
                    if moved is not standing:
                        yield state.value, _as_drawn(name, moved), moved.state.value


def _as_drawn(name: str, moved: Approval) -> str:
    if name != "approve":
        return name
    is_last = moved.state is ApprovalState.GRANTED
    return "approve, the last that was needed" if is_last else "approve, one of several"


def test_diagram_of_an_approval_shows_every_move_and_no_other() -> None:
    assert read_diagram("The states of an approval") == set(walk())


def test_every_kind_of_move_is_tried() -> None:
    assert {type(move) for move in MOVES.values()} == set(get_args(Move))


def test_diagram_beside_the_code_is_the_same() -> None:
    docstring = (Path(__file__).parents[1] / "bot/core/approvals/moves.py").read_text(encoding="utf-8")
    drawn = re.findall(r"──(.+?)─*▶ (\w+)", docstring.split('"""')[1])
    arrows = {("waiting", move, target) for moves, target in drawn for move in moves.split(" · ")}
    assert arrows == read_diagram("The states of an approval")
