"""Our own calls held against a public reference of Slack's methods, and what they carry against Slack's limits.

The reference is `tests/data/slack-methods.json`; the limits are those of `block_limits`. Both know nothing of the stand-in.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from bot.sim.workspace.entities import Answer, Call
from bot.sim.workspace.store import Workspace
from tests.support.block_limits import find_message_breaches, find_pings, find_view_breaches

JsonObject = dict[str, Any]

_ROOT = Path(__file__).parents[2]
_MESSAGES = {"chat.postMessage", "chat.postEphemeral", "chat.update"}
_VIEWS = {"views.open", "views.push", "views.update", "views.publish"}
_BROADCASTS = {"!here", "!channel", "!everyone"}

# Errors that any method may answer; the reference leaves them out.
ERRORS_OF_ALL = frozenset(
    {
        "access_denied",
        "account_inactive",
        "accesslimited",
        "fatal_error",
        "internal_error",
        "invalid_arguments",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "token_expired",
        "token_revoked",
    }
)


@cache
def known_methods() -> Mapping[str, JsonObject]:
    """The reference: arguments, errors and scopes of methods by their names."""
    text = (_ROOT / "tests" / "data" / "slack-methods.json").read_text(encoding="utf-8")
    methods: dict[str, JsonObject] = json.loads(text)["methods"]
    return methods


@cache
def granted_scopes() -> frozenset[str]:
    """What our manifest asks for, the scopes that may be left out included."""
    manifest = yaml.safe_load((_ROOT / "manifest.yml").read_text(encoding="utf-8"))
    scopes = manifest["oauth_config"]["scopes"]
    return frozenset((*scopes["bot"], *scopes["bot_optional"]))


def find_breaches(workspace: Workspace) -> list[str]:
    """Everything wrong with what an app of ours has sent to this workspace so far, each once."""
    found = find_misuse(workspace)
    found += [breach for call in workspace.calls for breach in find_content_breaches(call)]
    found += [breach for answer in workspace.answers for breach in find_answer_breaches(answer)]
    return list(dict.fromkeys(found))


def find_misuse(workspace: Workspace) -> list[str]:
    """Calls that the reference or our manifest does not allow, whatever words and blocks they carried; each once."""
    return list(dict.fromkeys(breach for call in workspace.calls for breach in find_call_breaches(call)))


def find_call_breaches(call: Call) -> list[str]:
    """What Slack's reference or our manifest has against one call of ours."""
    method = known_methods().get(call.method)
    if method is None:
        return [f"{call.method}: is not in the reference"]
    found = [*_check_arguments(method, call.args), *_check_scopes(method), *_check_error(method, call.error)]
    return [f"{call.method}: {breach}" for breach in found]


def find_content_breaches(call: Call) -> list[str]:
    """What Slack's limits have against the message or view that one call of ours carries."""
    return [f"{call.method}: {breach}" for breach in _check_content(call.method, call.args)]


def find_answer_breaches(answer: Answer) -> list[str]:
    """What Slack's limits have against what was said in an acknowledgement or at a response_url."""
    body = answer.body
    found = [] if answer.error in (None, "expired_url") else [f"refused with {answer.error}"]
    if "view" in body:
        found += _check_view(body["view"])
    elif "text" in body or "blocks" in body:
        found += _check_message(body)
    return [f"{answer.via}: {breach}" for breach in found]


def find_undocumented(calls: Iterable[Call]) -> list[str]:
    """Errors that were answered though the reference does not know them for that method, each once."""
    found = [
        f"{call.method}: {breach}"
        for call in calls
        if call.method in known_methods()
        for breach in _check_error(known_methods()[call.method], call.error)
    ]
    return list(dict.fromkeys(found))


def _check_arguments(method: JsonObject, args: JsonObject) -> Iterator[str]:
    """Arguments by their JSON schema, as a form would carry them: a structure there is a text with JSON in it."""
    schema = method["args"] | {
        "additionalProperties": False,
        "required": [name for name in method["args"].get("required", []) if name != "token"],
    }
    flat = {name: _flatten(value, schema["properties"].get(name, {})) for name, value in args.items()}
    for error in jsonschema.Draft7Validator(schema).iter_errors(flat):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


def _flatten(value: Any, schema: JsonObject) -> Any:
    kinds = {schema.get("type")} | {one.get("type") for one in schema.get("anyOf", [])}
    if isinstance(value, dict | list) and "string" in kinds:
        return json.dumps(value)
    if isinstance(value, str):
        if "boolean" in kinds and value in ("0", "1", "true", "false"):
            return value in ("1", "true")
        if kinds & {"number", "integer"} and value.isdigit():
            return int(value)
    return value


def _check_scopes(method: JsonObject) -> Iterator[str]:
    needed = set(method["scope"].get("bot", []))
    if needed and not needed & granted_scopes():
        yield f"needs one of {sorted(needed)}, which the manifest does not ask for"


def _check_error(method: JsonObject, error: str | None) -> Iterator[str]:
    if error is not None and error not in ERRORS_OF_ALL and error not in method["errors"]:
        yield f"the error {error} is not documented"


def _check_content(name: str, args: JsonObject) -> Iterable[str]:
    if name in _MESSAGES:
        return _check_message(args)
    return _check_view(_read(args.get("view"))) if name in _VIEWS else []


def _check_message(fields: JsonObject) -> list[str]:
    text, blocks = fields.get("text") or "", _read(fields.get("blocks")) or []
    found = find_message_breaches(text, blocks)
    return found + [f"pings {ping}" for ping in sorted(find_pings([text, blocks]) & _BROADCASTS)]


def _check_view(view: JsonObject) -> list[str]:
    """A view, as our own value would have its fields."""
    words = {name: view[name]["text"] for name in ("title", "submit") if view.get(name)}
    fields = {"blocks": view["blocks"], "subject": view.get("private_metadata") or "", **words}
    found = find_view_breaches(fields)
    return found + [f"pings {ping}" for ping in sorted(find_pings(view["blocks"]) & _BROADCASTS)]


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
