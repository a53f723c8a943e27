"""How a run came to be allowed, or an ask to be refused: the answers to `why`. Private, as all that only reads."""

from collections.abc import Iterator, Sequence

from bot.core.entries import (
    ApprovalEntry,
    Asked,
    DeniedAsk,
    PleaTaken,
    RecordedEntry,
)
from bot.core.explanations import Account, Explanation
from bot.core.policy import Denied
from bot.core.rules import Rules, RuleSource
from bot.views import signs
from bot.views.answers.not_allowed import say_here_you_may, say_ways
from bot.views.blocks import message, paragraphs, section
from bot.views.denials import say_reason
from bot.views.entries import DIGEST_SHOWN, say_entry
from bot.views.explaining import say_grounds, say_verdict
from bot.views.history import say_outcome_word
from bot.views.marked import LONG_DATE, Marked, bold, code, date, joined, lines, mention, message_link, say
from bot.views.message import Message
from bot.views.phrases import phrase_run, say_command
from bot.views.rules import say_place

_ENTRIES_SHOWN = 25


def render_account(account: Account, *, link_to_card: str | None = None) -> Message:
    """Who asked for a run, which rule let it be asked, who voted and by which rule, and what would be decided today."""
    run = account.run
    title = say("Why {}", bold(say("#{} · {}", run.id, phrase_run(run).ask)))
    stands = say("{}.", say_outcome_word(run.state.value))
    asked = next((one.entry for one in account.entries if isinstance(one.entry, Asked)), None)
    digest = asked.digest if asked else ""
    parts = [*_say_asked(account, asked), *_say_votes(account.entries, digest)]
    card = message_link(link_to_card, "Its card in the channel")
    today = _say_today(account.today, account.rules, digest) if not run.adopted else None
    return message(
        joined([joined([title, stands], ": "), *parts[:1]], " "),
        section(lines(joined([title, stands], ": "), card)),
        *paragraphs([one for one in parts if one], separator="\n"),
        *paragraphs([today] if today else []),
    )


def _say_asked(account: Account, asked: Asked | None) -> Iterator[Marked]:
    run = account.run
    at = date(run.asked_at, LONG_DATE)
    if run.adopted:
        yield say(
            "It was started elsewhere; {} asked {} that it be followed here.", mention(run.requester), at
        )
        yield Marked("No rule of mine let it through: I only look.")
        return
    if asked is None:
        yield say("{} asked for it, {}; by which rule is not in the history.", mention(run.requester), at)
        return
    yield say("{} asked for {}, {}.", mention(asked.by), code(asked.text, limit=120), at)
    for one in account.entries:
        if isinstance(one.entry, PleaTaken):
            taken = one.entry
            yield say(
                "{} did so because {} had asked those who may.", mention(taken.by), mention(taken.for_whom)
            )
    let = "let it be asked" if asked.decision == "needs_approval" else "let it through at once"
    place = _say_place(asked.rule, asked.line, account.rules.name)
    yield say("{} {}{}.", place, Marked(let), _say_version(asked.digest))
    if asked.known_as_of is not None:
        yield say("Who is who, and in which group, was known as of {}.", date(asked.known_as_of, LONG_DATE))
    yield from _say_approval(account, asked)


def _say_approval(account: Account, asked: Asked) -> Iterator[Marked]:
    approval = account.approval
    if approval is None:
        return
    path = asked.approval_rule or approval.rule_path
    line = asked.approval_line or (approval.rule_line if path == approval.rule_path else 0)
    place = _say_place(path, line, account.rules.name)
    needed = Marked("one") if approval.needed == 1 else say("{} different people", approval.needed)
    by = Marked("the team") if approval.approvers == "everyone" else bold(approval.approvers)
    yield say("{} asked for the approval of {} of {}.", place, needed, by)


def _say_votes(entries: Sequence[RecordedEntry], digest: str) -> Iterator[Marked]:
    """What happened while it waited, each with the version of the rules where that was another than at the ask."""
    told = [one for one in entries if isinstance(one.entry, ApprovalEntry)]
    left_out = len(told) - _ENTRIES_SHOWN
    if left_out > 0:
        yield say("… {} before that", left_out)
    for one in told[-_ENTRIES_SHOWN:]:
        version = getattr(one.entry, "digest", "")
        other = _say_version(version) if version and version != digest else Marked("")
        yield say("• {} {}{}", date(one.at, LONG_DATE), say_entry(one.entry), other)


def render_refusal_account(
    recorded: RecordedEntry, denied: DeniedAsk, rules: Rules, today: Explanation | None
) -> Message:
    """Why the reader was refused something in this channel, and whether they would be today."""
    said = say("You were refused {}, {}.", code(denied.text, limit=120), date(recorded.at, LONG_DATE))
    source = RuleSource(denied.rule or "", denied.line)
    why = say_reason(denied.reason, denied.channel_id, is_own=True)
    place = say("Rule: {}{}.", _say_place(source.path, source.line, rules.name), _say_version(denied.digest))
    now = _say_refused_today(today, rules, denied.digest) if today else None
    again = say("{} says what you may do here.", say_command("can"))
    return message(joined([said, why], " "), section(lines(said, why, place)), section(now or again))


def _say_refused_today(today: Explanation, rules: Rules, digest: str) -> Marked:
    """Under the same rules, who could; but the reader may have joined a group since."""
    since = _say_today(today, rules, digest)
    if digest != rules.digest:
        return since
    if not isinstance(today.decision, Denied):
        return lines(since, _say_verdict(today))
    ways = say_ways(today.decision, today.advice, rules.name)
    return lines(since, *ways, say_here_you_may(today.advice.here_you_may))


def render_nothing_to_explain() -> Message:
    """The reader was never refused anything here, and has no run here."""
    said = Marked("You were refused nothing here, and have no run here that I know of.")
    how = say("{} tells of one run, {} of what you may do.", say_command("why 42"), say_command("can"))
    return message(said, section(lines(said, how)))


def _say_today(today: Explanation | None, rules: Rules, digest: str) -> Marked:
    """What would be decided now, if that may be something else."""
    if digest == rules.digest:
        return Marked("The rules are the same today.")
    if digest:
        version = code(rules.digest[:DIGEST_SHOWN])
        since = say("{} The rules have changed since: now they are version {}.", signs.LOOK, version)
    else:
        since = Marked("Which version of the rules that was is not in the history.")
    if today is None:
        return lines(
            since, Marked("What they would say today I cannot tell: Slack does not say who it is about.")
        )
    return lines(since, _say_verdict(today))


def _say_verdict(today: Explanation) -> Marked:
    return lines(joined([Marked("Today:"), say_verdict(today)], " "), *say_grounds(today))


def _say_place(path: str, line: int, file: str) -> Marked:
    return say_place(path, line, file) if path else Marked("A rule that is not in the history")


def _say_version(digest: str) -> Marked:
    return say(" (rules version {})", code(digest[:DIGEST_SHOWN])) if digest else Marked("")
