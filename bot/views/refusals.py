"""Why something was not done, in plain words, each with the next step: oec.sh's codes, Slack's, and our own."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.intents import Change, typed_form
from bot.core.tasks import Refusal
from bot.views.marked import Marked, code, lines, say
from bot.views.masking import mask_secrets
from bot.views.phrases import say_command


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why not, as a clause; and what to do, as a sentence."""

    why: Marked
    next: Marked


@dataclass(frozen=True, slots=True)
class _Reason:
    """A reason as written below: `{status}`, `{start}` … stand for commands to type; `quotes` oec.sh's own words."""

    why: str
    next: str
    quotes: bool = False


_OPERATORS = "The operators have to look at this:"
_TWICE = "Nothing happens twice by asking again."

PLATFORM_REASONS: Mapping[str, _Reason] = {
    "task_in_progress": _Reason(
        "oec.sh is already at work on this environment",
        "Ask again when it has ended.",
    ),
    "concurrent_action": _Reason(
        "another action was being queued at the same instant",
        "Look with {status}; ask again in half a minute if nothing is running.",
    ),
    "environment_not_running": _Reason(
        "the environment is not running",
        "Look with {status}; {start} starts a stopped one. Then ask again.",
    ),
    "environment_not_stopped": _Reason(
        "the environment is not stopped, so it cannot be started",
        "Look with {status}; {restart} restarts one that runs.",
    ),
    "environment_unassigned": _Reason(
        "the environment has no server",
        "Somebody who administers oec.sh has to give it one in the dashboard; then ask again.",
    ),
    "unsupported_mode": _Reason(
        "oec.sh does not know this kind of update",
        "{help_update} lists the kinds.",
    ),
    "modules_required": _Reason(
        "this kind of update needs module names",
        "Name them: {update_modules}.",
    ),
    "validation_error": _Reason(
        "oec.sh found a mistake in what it was asked",
        "Check the names you gave, and ask again.",
        quotes=True,
    ),
    "missing_auth": _Reason(
        "oec.sh got no key from me",
        f"{_OPERATORS} `OEC_API_KEY` has to hold a full-access key.",
    ),
    "invalid_key_format": _Reason(
        "oec.sh does not take my key for a key",
        f"{_OPERATORS} `OEC_API_KEY` has to hold a full-access key, whole.",
    ),
    "invalid_key": _Reason(
        "oec.sh refuses my key: it is wrong or was revoked",
        f"{_OPERATORS} put a valid full-access key in `OEC_API_KEY`.",
    ),
    "key_expired": _Reason(
        "my key for oec.sh has expired",
        f"{_OPERATORS} make a new full-access key and put it in `OEC_API_KEY`.",
    ),
    "read_only_key": _Reason(
        "my key for oec.sh may only read",
        f"{_OPERATORS} `OEC_API_KEY` has to hold a full-access key.",
    ),
    "project_scoped_key": _Reason(
        "my key for oec.sh reaches one project only",
        f"{_OPERATORS} this needs a key of the whole organization.",
    ),
    "org_scope_required": _Reason(
        "my key for oec.sh reaches one project only",
        f"{_OPERATORS} this needs a key of the whole organization.",
    ),
    "plan_feature_required": _Reason(
        "your oec.sh plan does not include this",
        "Whoever owns the oec.sh account can change the plan; until then it will be refused again.",
        quotes=True,
    ),
    "subscription_blocked": _Reason(
        "your oec.sh subscription is blocked, and changes are refused until it is settled",
        "Whoever owns the oec.sh account finds the reason under Billing in the dashboard.",
        quotes=True,
    ),
    "not_found": _Reason(
        "oec.sh does not know this environment, or my key may not see it",
        f"{_OPERATORS} the environment's id in the rules file, and what the key reaches.",
    ),
    "ip_blocked": _Reason(
        "oec.sh has blocked my address for 15 minutes after too many refused keys",
        f"Ask again in 15 minutes. {_OPERATORS} a key may be wrong.",
    ),
    "rate_limit_exceeded": _Reason(
        "oec.sh takes only so many requests a minute, and they are used up",
        "Ask again in a minute.",
    ),
    "target_rate_limit": _Reason(
        "oec.sh looks at one environment's logs only 6 times a minute",
        "Ask again in a minute.",
    ),
    "webhook_mutation_rate_limit": _Reason(
        "oec.sh takes only 10 changes of webhooks a minute",
        "Ask again in a minute.",
    ),
    "enqueue_failed": _Reason(
        "oec.sh could not put it in its queue",
        f"Ask again in a minute. {_TWICE}",
    ),
    "server_unreachable": _Reason(
        "the environment's own server did not answer oec.sh",
        "Ask again in a minute; if it stays silent, the server itself needs a look in the dashboard.",
    ),
    "metrics_unavailable": _Reason(
        "the environment's own server gave oec.sh no figures",
        "Ask again in a minute.",
    ),
    "docker_timeout": _Reason(
        "the environment's own server took too long to answer oec.sh",
        "Ask again in a minute; if it stays slow, the server itself needs a look in the dashboard.",
    ),
}
"""oec.sh's error codes, as its documents and its own client list them."""

_OURS: Mapping[str, _Reason] = {
    "never_begun": _Reason(
        "oec.sh left it without an answer, and shows that nothing has begun there since",
        "Ask again if you still want it.",
    ),
    "leave_lost": _Reason(
        "the rules no longer let it be done, and nothing had begun",
        "{can} says who may.",
    ),
}
"""What we found out ourselves: oec.sh said nothing, or was not asked any more."""

_BY_STATUS: Mapping[str, _Reason] = {
    "http_400": PLATFORM_REASONS["validation_error"],
    "http_401": PLATFORM_REASONS["invalid_key"],
    "http_402": PLATFORM_REASONS["subscription_blocked"],
    "http_403": _Reason(
        "my key for oec.sh may not do this",
        f"{_OPERATORS} what the key in `OEC_API_KEY` may do.",
        quotes=True,
    ),
    "http_404": PLATFORM_REASONS["not_found"],
    "http_409": _Reason(
        "oec.sh is at something else that excludes this, such as a backup",
        "Look with {status}, and ask again when it has ended.",
        quotes=True,
    ),
    "http_422": PLATFORM_REASONS["validation_error"],
    "http_429": PLATFORM_REASONS["rate_limit_exceeded"],
}
"""Where oec.sh gave no code, its status says a little."""

_UNKNOWN = _Reason(
    "oec.sh refused it for a reason I have no words for",
    "Look with {status}; the operators find more about the code in oec.sh's documents.",
    quotes=True,
)

_DROPS: Mapping[str, _Reason] = {
    "restarted": _Reason(
        "I was restarted before it was sent, and it was too old to be sent unseen",
        "Ask again if you still want it.",
    ),
    "shown_late": _Reason(
        "more than a minute had passed before it could be sent",
        "Ask again if you still want it.",
    ),
    "card_refused": _Reason(
        "Slack would not show its card here",
        "Ask again in another channel; {help} says what you may do there.",
    ),
    "rules_changed": _Reason(
        "the rules have changed since it was asked for",
        "Ask again: it is then judged by the rules as they are now.",
    ),
    "requester_may_not": _Reason(
        "who asked for it may no longer do so",
        "Whoever may can ask for it again; {can} says who that is.",
    ),
    "not_in_channel": _Reason(
        "I am not in this channel",
        "Type `/invite @oec` here, then ask again.",
    ),
    "channel_not_found": _Reason(
        "Slack does not let me see this channel",
        "Type `/invite @oec` here, then ask again.",
    ),
    "is_archived": _Reason(
        "this channel is archived",
        "Ask in another channel; {help} says what you may do there.",
    ),
    "restricted_action": _Reason(
        "this channel does not let me post",
        "Somebody who runs the workspace can change that; or ask in another channel.",
    ),
    "restricted_action_thread_only_channel": _Reason(
        "this channel takes only replies in threads",
        "Mention me in a thread: `@oec`, then what you want.",
    ),
}
"""Why a run of ours was not sent: our own reasons, and Slack's where the card could not be shown."""

_DROP_UNKNOWN = _Reason(
    "something stood in the way that I have no words for",
    "Ask again; if it stays so, the operators find the reason in the log.",
)


def explain(refusal: Refusal, change: Change | None = None) -> Explanation:
    """Why oec.sh refused, and what to do; where its own words say more, they are quoted."""
    known = PLATFORM_REASONS.get(refusal.code) or _OURS.get(refusal.code) or _BY_STATUS.get(refusal.code)
    reason = known or _UNKNOWN
    why = Marked(reason.why)
    if known is None:
        why = say("{}: {}", why, code(refusal.code, limit=60))
    if reason.quotes and refusal.text:
        why = say("{}. It says: {}", why, code(mask_secrets(refusal.text), limit=300))
    return Explanation(why, _next(reason, change))


def explain_drop(reason_code: str, change: Change | None = None) -> Explanation:
    """Why a run was not sent, or a card not shown, and what to do."""
    reason = _DROPS.get(reason_code)
    if reason is not None:
        return Explanation(Marked(reason.why), _next(reason, change))
    why = say("{}: {}", Marked(_DROP_UNKNOWN.why), code(reason_code, limit=60))
    return Explanation(why, _next(_DROP_UNKNOWN, change))


def as_sentence(explanation: Explanation) -> Marked:
    """The explanation as a paragraph: why, then what to do."""
    why = explanation.why
    begun = why if why.startswith("oec.sh") else Marked(why[:1].upper() + why[1:])
    return lines(say("{}.", begun), explanation.next)


def _next(reason: _Reason, change: Change | None) -> Marked:
    name = change.environment.alias if change else "…"
    return Marked(
        reason.next.format(
            status=say_command(f"status {name}" if change else "status"),
            start=say_command(f"start {name}"),
            restart=say_command(f"restart {name}"),
            update_modules=say_command(f"update {name} sale,stock"),
            help_update=say_command("help update"),
            help=say_command("help"),
            can=say_command(f"can {typed_form(change)}" if change else "can"),
        )
    )
