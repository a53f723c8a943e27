"""Whatever stands in names, branches, errors, logs and reasons: no message is refused, calls anybody, or breaks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.approvals import Approval, ApprovalState, VoteRefusal
from bot.core.catalog import Catalog, Environment
from bot.core.entries import (
    ApprovalRenewed,
    Asked,
    Consented,
    DeniedAsk,
    Ended,
    Entry,
    PleaTaken,
    RecordedEntry,
    Refused,
    Started,
    Voted,
    VoteRefused,
)
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.explanations import Account, Explanation
from bot.core.intents import Change, Deploy
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    BadModules,
    BadRunNumber,
    MissingEnvironment,
    MissingModules,
    UnexpectedWords,
    UnknownEnvironment,
    UnknownPerson,
    UnknownWord,
)
from bot.core.names import Action, ButtonId, ChannelId, RunId, TaskId, UpdateMode
from bot.core.pleas import Opening, PleaState
from bot.core.policy import (
    Advice,
    Allowed,
    Decision,
    Denied,
    DeniedReason,
    HereYouMay,
    NeedsApproval,
    Power,
    WhoMay,
)
from bot.core.pre_flight import Backups, OpenTask, PreFlight
from bot.core.request import Place
from bot.core.rules import ApprovalRule, Escalation, People, Right, Rules, RuleSource
from bot.core.runs import Run, RunState, Step
from bot.core.sight import Sight
from bot.core.tasks import EnvironmentReport, Refusal, TaskLog, TaskReport, TaskStatus
from bot.views import answers
from bot.views.accounts import render_account, render_refusal_account
from bot.views.approvals import decline_modal, render_vote_refused, typed_modal, vote_error
from bot.views.asking import ask_modal
from bot.views.explaining import render_may
from bot.views.giving_up import give_up_modal, render_not_given_up
from bot.views.help import render_help
from bot.views.history import render_history
from bot.views.home import render_home
from bot.views.message import Home, Message, Modal
from bot.views.operators import render_rules_refused
from bot.views.pleas import (
    render_nobody_to_ask,
    render_not_placed,
    render_own_plea,
    render_plea,
    render_plea_outdated,
    render_plea_over,
    render_pleaded,
    render_pleaded_already,
)
from bot.views.runs import render_card, render_end, render_progress, render_run
from bot.views.status import StatusRow, render_status
from tests.support.block_limits import find_pings
from tests.views.scenes import (
    ANA,
    APPROVAL,
    BEN,
    DEPLOYS,
    ESTIMATE,
    EVA,
    NOW,
    PROD,
    a_report,
    a_run,
    a_running_run,
)
from tests.views.snapshots import breaches
from tests.views.test_pleas import PLEA

THOROUGH = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
"""A busy machine is no reason to fail."""

REASONS: tuple[DeniedReason, ...] = get_args(DeniedReason)
KNOWN = {f"@{ANA}", f"@{BEN}", f"@{EVA}", f"#{DEPLOYS}", "#C0OPS"}
FRAGMENTS = (
    "<!channel>",
    "<!here|here>",
    "<@U0VICTIM>",
    "<#C0SECRET>",
    "<!subteam^S0ALL>",
    "<https://evil.example|erp.client.example>",
    "@everyone",
    "`",
    "```",
    "*bold*",
    "_",
    "~",
    ">",
    "&",
    "&lt;",
    "\n",
    "\r",
    "\u2028",
    "\u202e",
    "\u200b",
    "\x00",
    "\ud800",
    "🚀",
    "\u0301",
    "{0}",
    "{",
    "%s",
    ":tada:",
    "|",
    "•••",
    "password=",
    "abc",
    " ",
)
hostile = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=80),
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join),
    st.builds(lambda fragment, times: fragment * times, st.sampled_from(FRAGMENTS), st.integers(500, 4000)),
)
maybe = st.none() | hostile
short_lists = st.lists(hostile, max_size=4).map(tuple)
modules = st.one_of(short_lists, st.just(tuple(f"module_{'x' * 55}_{n}" for n in range(50))))
environments = st.builds(
    Environment,
    id=st.just(PROD.id),
    alias=hostile,
    protected=st.booleans(),
    project=maybe,
    platform_name=maybe,
)
changes = st.builds(
    Change, st.sampled_from(Action), environments, st.none() | st.sampled_from(UpdateMode), modules
)
numbers = st.integers(-5, 10**6)
moments = st.integers(-(10**7), 10**7).map(lambda seconds: NOW + timedelta(seconds=seconds))
open_tasks = st.builds(
    OpenTask,
    hostile,
    st.none() | moments,
    is_of_user=st.booleans(),
    run_id=st.none() | st.just(RunId(41)),
    link=maybe | hostile.map("https://{}".format),
)
pre_flights = st.builds(
    PreFlight,
    moments,
    st.none() | open_tasks,
    st.none() | st.builds(Backups, st.none() | moments),
)
seen = st.builds(
    EnvironmentReport,
    st.just(PROD.id),
    name=maybe,
    project=maybe,
    status=maybe,
    url=maybe | hostile.map("https://{}".format),
    branch=maybe,
    last_commit=maybe,
    pre_flight=st.none() | pre_flights,
)


@st.composite
def reports(draw: st.DrawFn) -> TaskReport:
    """A report with anything in it."""
    return a_report(
        draw(st.sampled_from(TaskStatus)),
        type=draw(hostile),
        current_step=draw(maybe),
        error_message=draw(maybe),
        progress_percent=draw(numbers),
        steps_completed=draw(numbers),
        total_steps=draw(numbers),
        started_at=draw(st.none() | moments),
        completed_at=draw(st.none() | moments),
        duration=draw(st.none() | numbers.map(lambda seconds: timedelta(seconds=seconds))),
        unknown_status=draw(maybe),
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A run in any state with anything in it, also what the core would never put together."""
    names = draw(st.lists(hostile, max_size=30))
    return replace(
        draw(st.sampled_from([a_run(), a_running_run()])),
        change=draw(changes),
        state=draw(st.sampled_from(RunState)),
        rule=draw(hostile),
        place=draw(st.sampled_from([Place(DEPLOYS), a_run().place, Place(DEPLOYS, thread_ts=None)])),
        adopted=draw(st.booleans()),
        approvers=draw(st.sampled_from([(), (BEN,), (BEN, ANA)])),
        decided_by=draw(st.sampled_from([None, BEN])),
        decline_reason=draw(maybe),
        task_id=draw(maybe.map(lambda text: TaskId(text) if text else None)),
        report=draw(st.none() | reports()),
        unanswered_since=draw(st.none() | moments),
        stuck_since=draw(st.none() | moments),
        reported_at=draw(st.none() | moments),
        is_presumed=draw(st.booleans()),
        given_up_by=draw(st.sampled_from([None, BEN])),
        away=draw(st.none() | numbers.map(lambda seconds: timedelta(seconds=seconds))),
        steps=tuple(Step(n * 2 + 1, name, draw(moments)) for n, name in enumerate(names)),
        refusal=draw(st.none() | st.builds(Refusal, hostile | st.just("never_begun"), hostile)),
        log=draw(st.none() | st.builds(TaskLog, hostile, truncated=st.booleans())),
        environment_seen=draw(st.none() | seen),
        followers=(EVA,) * draw(st.integers(0, 3)),
        ended_at=draw(st.none() | moments),
    )


entries = st.one_of(
    st.builds(Asked, st.just(ANA), hostile, hostile, hostile),
    st.builds(DeniedAsk, st.just(ANA), hostile, hostile, hostile, maybe),
    st.builds(Voted, st.just(BEN), hostile, maybe, hostile),
    st.builds(VoteRefused, st.just(BEN), hostile),
    st.builds(Started, hostile.map(TaskId)),
    st.builds(Refused, hostile, hostile),
    st.builds(Ended, hostile, maybe),
    st.builds(Consented, st.just(BEN), st.just(1), st.just(2), hostile, st.just(7), hostile),
    st.builds(ApprovalRenewed, hostile, st.just(7), hostile, st.just((BEN,))),
    st.builds(PleaTaken, st.just(BEN), st.just(EVA)),
)


approvals = st.builds(
    lambda approvers, path, state: replace(APPROVAL, approvers=approvers, rule_path=path, state=state),
    hostile,
    hostile,
    st.sampled_from(ApprovalState),
)


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    """A run with anything around it."""
    return Sight(
        draw(runs()),
        NOW,
        approval=draw(st.none() | approvals),
        estimate=draw(st.sampled_from([None, ESTIMATE])),
        last=draw(st.none() | runs()),
        blocker=draw(st.none() | runs()),
    )


def check(shown: Message | Modal | Home) -> None:
    """Slack takes it, and it calls nobody that our own values do not name."""
    assert breaches(shown) == []
    assert find_pings([getattr(shown, "text", ""), *shown.blocks]) <= KNOWN


@pytest.mark.parametrize(
    "render", [render_card, render_progress, render_end, render_run, answers.render_busy]
)
@given(sight=sights())
@THOROUGH
def test_run_messages_with_hostile_text_are_harmless(
    render: Callable[[Sight], Message], sight: Sight
) -> None:
    check(render(sight))


@given(run=runs(), remembered=st.lists(entries, max_size=40))
@THOROUGH
def test_history_of_a_run_with_hostile_text_is_harmless(run: Run, remembered: list[Entry]) -> None:
    recorded = [RecordedEntry(run.id, NOW, entry) for entry in remembered]
    check(render_run(Sight(run, NOW), entries=recorded))


@given(run=runs(), link=maybe)
@THOROUGH
def test_answers_about_a_run_with_hostile_text_are_harmless(run: Run, link: str | None) -> None:
    check(answers.render_already_asked(run, link))
    check(answers.render_following(run, link))
    check(answers.render_log(run, run.log or TaskLog("", truncated=False)))
    check(answers.render_no_log(run))
    check(answers.render_log_unavailable(run, link))
    check(answers.render_ended_meanwhile(run.change.environment, run.report or a_report()))
    check(decline_modal(run, by=BEN))
    check(typed_modal(run, terms="f00d"))
    check(give_up_modal(run))
    check(render_not_given_up(run))


@given(run=runs(), approval=approvals, refusal=st.sampled_from(VoteRefusal))
@THOROUGH
def test_refused_votes_with_hostile_text_are_harmless(
    run: Run, approval: Approval, refusal: VoteRefusal
) -> None:
    check(render_vote_refused(refusal, run, approval, voter=run.requester))
    said = vote_error(refusal, run, approval, voter=run.requester)
    assert 0 < len(said) <= 300
    assert "<" not in said


@given(change=changes, to=hostile, path=hostile, state=st.sampled_from(PleaState), text=hostile, url=maybe)
@THOROUGH
def test_pleas_with_hostile_text_are_harmless(
    change: Change, to: str, path: str, state: PleaState, text: str, url: str | None
) -> None:
    opening = Opening(DEPLOYS, to, RuleSource(path, 1), users=(BEN,))
    plea = replace(PLEA, change=change, openings=(opening,), state=state)
    for render in (render_plea, render_own_plea, render_plea_over, render_not_placed, render_plea_outdated):
        check(render(plea))
    check(render_pleaded(plea, url))
    check(render_pleaded_already(plea, url))
    check(render_nobody_to_ask(text))


misunderstood = st.one_of(
    st.builds(UnknownPerson, hostile),
    st.builds(UnknownWord, hostile, maybe),
    st.builds(MissingEnvironment, hostile),
    st.builds(UnknownEnvironment, hostile, st.just(())),
    st.builds(AmbiguousEnvironment, hostile, st.just(())),
    st.builds(BadModules, short_lists),
    st.builds(MissingModules, hostile),
    st.builds(UnexpectedWords, hostile, short_lists),
    st.builds(BadRunNumber, hostile, maybe),
)
here = st.lists(st.builds(HereYouMay, short_lists, hostile), max_size=20)
people = st.builds(People, hostile, everyone=st.booleans())
ways = st.lists(
    st.builds(WhoMay, people, st.just("C0OPS"), st.builds(RuleSource, hostile, st.just(1))), max_size=20
).map(tuple)


@st.composite
def explanations(draw: st.DrawFn) -> Explanation:
    """Any decision on anything, by rules with anything in them."""
    environment = draw(environments)
    source = RuleSource(draw(hostile), draw(st.integers(0, 10**9)))
    whom = draw(people)
    words = frozenset(draw(short_lists))
    line = Right(source, words, frozenset({environment.id}), whom, deny=draw(st.booleans()))
    asked = ApprovalRule(
        source, words, frozenset({environment.id}), whom, escalate=Escalation(whom, timedelta(1))
    )
    decisions: tuple[Decision, ...] = (
        Allowed(source),
        NeedsApproval(source, asked),
        Denied(draw(st.sampled_from(REASONS)), source),
    )
    return Explanation(
        Deploy(environment, draw(short_lists)),
        draw(st.sampled_from([None, ANA])),
        DEPLOYS,
        draw(st.sampled_from(decisions)),
        Advice(draw(ways), tuple(draw(here))),
        Rules(Catalog((environment,)), {DEPLOYS: (line,)}, (asked,), None, draw(hostile), draw(hostile)),
    )


@given(explained=explanations(), run=runs(), remembered=st.lists(entries, max_size=40), today=st.booleans())
@THOROUGH
def test_explanations_with_hostile_text_are_harmless(
    explained: Explanation, run: Run, remembered: list[Entry], today: bool
) -> None:
    check(render_may(explained, plea=ButtonId("ask-1")))
    recorded = tuple(RecordedEntry(run.id, NOW, entry) for entry in remembered)
    told = explained if today else None
    check(render_account(Account(run, APPROVAL, recorded, explained.rules, told)))
    for one in recorded:
        if isinstance(one.entry, DeniedAsk):
            check(render_refusal_account(one, one.entry, explained.rules, told))


@given(unclear=misunderstood, offered=st.lists(environments, max_size=30), instead=here)
@THOROUGH
def test_misunderstandings_with_hostile_text_are_harmless(
    unclear: UnknownWord, offered: list[Environment], instead: list[HereYouMay]
) -> None:
    asks = [(ButtonId(f"ask-{n}"), environment) for n, environment in enumerate(offered)]
    check(answers.render_misunderstood(unclear, asks=asks, here_you_may=instead))


@given(reason=st.sampled_from(REASONS), who=ways, instead=here.map(tuple), what=hostile, path=hostile)
@THOROUGH
def test_denials_with_hostile_text_are_harmless(
    reason: DeniedReason, who: tuple[WhoMay, ...], instead: tuple[HereYouMay, ...], what: str, path: str
) -> None:
    denied, advice = Denied(reason, RuleSource(path, 1)), Advice(who, instead)
    check(answers.render_denied(denied, what=what, channel_id=DEPLOYS, advice=advice))


@given(text=hostile)
@THOROUGH
def test_answers_about_trouble_with_hostile_text_are_harmless(text: str) -> None:
    check(answers.render_broken(text))
    check(answers.render_card_refused(text))
    check(answers.render_late_ask(text, ask=ButtonId("a"), age=timedelta(minutes=4)))
    check(answers.render_hosting_unwell(HostingRefusedError(status=403, code=text, text=text)))
    check(answers.render_hosting_unwell(HostingUnavailableError(text, code=text)))
    check(answers.render_no_such_run(RunId(10**9)))
    check(render_rules_refused([text] * 50))
    check(ask_modal(text))


powers = st.lists(st.builds(Power, short_lists, hostile, st.booleans()), max_size=45)


@given(given_powers=powers, topic=maybe)
@THOROUGH
def test_help_and_home_with_hostile_text_are_harmless(given_powers: list[Power], topic: str | None) -> None:
    check(render_help(given_powers, topic=topic))
    check(render_help(given_powers, topic="deploy"))
    check(render_home([(ChannelId("C0OPS"), given_powers)] * 4))


rows = st.builds(StatusRow, environments, st.none() | seen, st.none() | runs(), st.none() | runs())


@given(given_rows=st.lists(rows, max_size=4), times=st.integers(1, 15))
@THOROUGH
def test_status_and_history_with_hostile_text_are_harmless(given_rows: list[StatusRow], times: int) -> None:
    check(render_status(given_rows * times, now=NOW))
    been = [row.last for row in given_rows if row.last]
    check(render_history(been * times, environment=None, now=NOW))
