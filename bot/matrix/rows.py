"""The matrix as few rows: what comes to the same is said once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.policy import Allowed, Decision, Denied, NeedsApproval
from bot.core.policy.words import say_plainly
from bot.core.rules import ApprovalRule
from bot.matrix import EVERYONE, Cell, Channel

NOBODY = "–"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action comes to: who may do it at once, who with whose approval, and who may not."""

    at_once: str
    with_approval: str
    denied: str


@dataclass(frozen=True, slots=True)
class Row:
    """Environments and actions with the same outcome."""

    environments: tuple[str, ...]
    words: tuple[str, ...]
    outcome: Outcome


def find_rows(channel: Channel) -> list[Row]:
    """A channel's rows: actions that come to the same together, and environments where all come to the same."""
    words_on: dict[str, dict[Outcome, list[str]]] = {one.alias: {} for one in channel.environments}
    for cell in channel.cells:
        outcome = tell(cell)
        for environment in cell.environments:
            words_on[environment.alias].setdefault(outcome, []).append(cell.word)
    aliases_of: dict[tuple[tuple[Outcome, tuple[str, ...]], ...], list[str]] = {}
    for alias, words_of in words_on.items():
        said = tuple((outcome, tuple(words)) for outcome, words in words_of.items())
        aliases_of.setdefault(said, []).append(alias)
    return [
        Row(tuple(aliases), say_plainly(words), outcome)
        for said, aliases in aliases_of.items()
        for outcome, words in said
    ]


def tell(cell: Cell) -> Outcome:
    """A cell in words."""
    at_once = [kind.name for kind, decision in cell.decisions if isinstance(decision, Allowed)]
    denied = [kind.name for kind, decision in cell.decisions if isinstance(decision, Denied)]
    asking: dict[str, list[str]] = {}
    for kind, decision in cell.decisions:
        if isinstance(decision, NeedsApproval):
            asking.setdefault(say_approval(decision.approval, cell.word), []).append(kind.name)
    every = len(cell.decisions)
    asked = [f"{_name(kinds, every)}: {approval}" for approval, kinds in asking.items()]
    return Outcome(_name(at_once, every), "; ".join(asked) or NOBODY, _name(denied, every))


def say_approval(rule: ApprovalRule, word: str) -> str:
    """Whose press it takes: `2 of releasers, later leads too, name typed`."""
    by = "anybody else" if rule.by.everyone else rule.by.label
    typed = ", name typed" if word in rule.typed or rule.typed & set(say_plainly((word,))) else ""
    called = f", later {rule.escalate.to.label} too" if rule.escalate is not None else ""
    return f"{rule.count} of {by}{called}{typed}"


def _name(kinds: Sequence[str], every: int) -> str:
    if len(kinds) == every:
        return EVERYONE
    return ", ".join(kinds) or NOBODY


def to_records(channel: Channel) -> Iterator[dict[str, object]]:
    """A channel for programs: environment by environment, a record for each action."""
    cells_on: dict[str, list[tuple[Cell, list[dict[str, object]]]]] = {}
    for cell in channel.cells:
        decisions = [{"who": kind.name, **_as_record(decision)} for kind, decision in cell.decisions]
        for environment in cell.environments:
            cells_on.setdefault(environment.alias, []).append((cell, decisions))
    for environment in channel.environments:
        for cell, decisions in cells_on[environment.alias]:
            yield {
                "channel": channel.id,
                "environment": environment.alias,
                "action": cell.word,
                "decisions": decisions,
            }


def _as_record(decision: Decision) -> dict[str, object]:
    rule = {"rule": decision.rule.path, "line": decision.rule.line}
    match decision:
        case Allowed():
            return {"decision": "allowed", **rule}
        case Denied(reason):
            return {"decision": "denied", "reason": reason, **rule}
        case NeedsApproval(_, approval):
            return {
                "decision": "approval",
                **rule,
                "approvers": approval.by.label,
                "count": approval.count,
                "typed": bool(approval.typed),
                "approval_rule": approval.source.path,
                "approval_line": approval.source.line,
            }
