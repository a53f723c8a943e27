"""The shapes in which the platform answers errors, and a builder for each error this simulator knows.

1. {"detail": {"error": code, "message": text, …}}       most routes
2. {"detail": [{"loc": […], "msg": text, "type": …}]}    a request that does not validate (422)
3. {"detail": text}                                      routing, some 404s, one 409 whose code is unknown
4. {"detail": {"reason": "subscription_blocked", …}}     billing (402)
5. {"error": code, "message": text, "details": {}}       the central net for what went wrong inside (500)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Json = dict[str, object] | list[object] | str


class RefusedError(Exception):
    """The API refuses or fails; carries the answer to give."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(f"{answer.status} {answer.body}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer as values: status, JSON body (None for none), further headers."""

    status: int
    body: object
    headers: dict[str, str] = field(default_factory=dict)


def coded(status: int, code: str, message: str, **extras: object) -> Answer:
    """Shape 1."""
    return Answer(status, {"detail": {"error": code, "message": message, **extras}})


def invalid(loc: Sequence[str | int], msg: str, kind: str, given: object = None) -> Answer:
    """Shape 2, with one finding."""
    return Answer(422, {"detail": [{"type": kind, "loc": list(loc), "msg": msg, "input": given}]})


def plain(status: int, text: str) -> Answer:
    """Shape 3."""
    return Answer(status, {"detail": text})


def subscription_blocked(subscription_status: str = "past_due") -> Answer:
    """Shape 4."""
    message = "Your subscription does not allow changes. Update your payment method."
    detail = {
        "reason": "subscription_blocked",
        "subscription_status": subscription_status,
        "message": message,
    }
    return Answer(402, {"detail": detail})


def central(status: int, code: str, message: str) -> Answer:
    """Shape 5."""
    return Answer(status, {"error": code, "message": message, "details": {}})


def missing_auth() -> Answer:
    """No key came along."""
    return coded(
        401, "missing_auth", "Missing API key. Send Authorization: Bearer <key> or X-API-Key: <key>."
    )


def invalid_key_format() -> Answer:
    """What came along does not look like a key."""
    return coded(401, "invalid_key_format", "The API key is not well formed.")


def invalid_key() -> Answer:
    """Unknown, revoked or inactive."""
    return coded(401, "invalid_key", "The API key is invalid or has been revoked.")


def key_expired() -> Answer:
    """It was good once."""
    return coded(401, "key_expired", "The API key has expired.")


def read_only_key() -> Answer:
    """A write with a key that may only read."""
    return coded(403, "read_only_key", "This API key is read-only. Use a full access key for this operation.")


def plan_feature_required(plan: str) -> Answer:
    """The plan has no API."""
    message = "API access needs the Starter plan or higher."
    return coded(403, "plan_feature_required", message, required_plan="starter", current_plan=plan)


def org_scope_required() -> Answer:
    """Only a key of the whole organization may do this."""
    return coded(403, "org_scope_required", "This needs an organization-wide API key.")


def project_scoped_key() -> Answer:
    """A project's key asks for something outside any project."""
    return coded(403, "project_scoped_key", "This API key belongs to one project; name that project.")


def confirmation_required(header: str) -> Answer:
    """A destructive call without its confirmation. The platform's code for it is unknown, so none is given."""
    return plain(400, f"Send {header}: true to confirm.")


def no_backup_storage() -> Answer:
    """The organization has not set up where backups go."""
    return plain(400, "No storage configuration found for this organization.")


def backup_not_completed(status: str) -> Answer:
    """Only a completed backup can be downloaded or restored."""
    return plain(400, f"Backup is not completed (status: {status}).")


def backup_running() -> Answer:
    """One backup of an environment at a time; no code is known for this."""
    return plain(409, "A backup is already running for this environment.")


def environment_is_down(status: str) -> Answer:
    """Nothing runs there that could be asked."""
    return coded(404, "not_found", f"Runtime logs are not available: the environment is {status}.")


def server_unreachable() -> Answer:
    """The customer's own server did not answer."""
    return coded(502, "server_unreachable", "The server of this environment did not answer.")


def metrics_unavailable() -> Answer:
    """The customer's own server did not tell its figures."""
    return coded(502, "metrics_unavailable", "Metrics could not be read from the server.")


def docker_timeout() -> Answer:
    """Docker on the customer's server did not answer."""
    return coded(504, "docker_timeout", "Docker on the server did not answer in time.")


def not_found(what: str) -> Answer:
    """Absent, deleted, or outside the key's project: the platform does not tell which."""
    return coded(404, "not_found", f"{what} not found.")


def unsupported_mode(mode: str, allowed: Sequence[str]) -> Answer:
    """Not one of the four quick-update modes."""
    also = " To restart only, use the restart endpoint." if mode == "restart_only" else ""
    return coded(
        400, "unsupported_mode", f"Mode '{mode}' is not supported. Use one of: {', '.join(allowed)}.{also}"
    )


def modules_required(mode: str) -> Answer:
    """A mode that needs a module list came without one."""
    return coded(400, "modules_required", f"Mode '{mode}' requires a non-empty list of modules.")


def task_in_progress(task_id: str) -> Answer:
    """The environment's one slot is taken."""
    message = "Another task is already queued or running for this environment."
    return coded(409, "task_in_progress", message, task_id=task_id)


def concurrent_action() -> Answer:
    """Another action is being queued this instant."""
    return coded(
        409, "concurrent_action", "Another action is being queued for this environment. Try again shortly."
    )


def environment_not_running(status: str) -> Answer:
    """Restart, stop and quick update need a running environment."""
    return coded(409, "environment_not_running", f"Environment must be running; it is {status}.")


def environment_not_stopped(status: str) -> Answer:
    """Start needs a stopped environment."""
    return coded(409, "environment_not_stopped", f"Environment must be stopped; it is {status}.")


def environment_unassigned() -> Answer:
    """No server to work on."""
    return coded(409, "environment_unassigned", "Environment has no server assigned.")


def key_in_flight() -> Answer:
    """The same idempotency key is still being worked on. The platform's code for it is unknown, so none is given."""
    return plain(409, "A request with this Idempotency-Key is still being processed.")


def key_reused() -> Answer:
    """The same idempotency key with another body or route. The platform's answer is unknown; this is our choice."""
    loc = ("header", "Idempotency-Key")
    return invalid(
        loc, "This Idempotency-Key was already used for a different request.", "idempotency_key_reused"
    )


def enqueue_failed() -> Answer:
    """The queue would not take the task."""
    answer = coded(503, "enqueue_failed", "The task could not be queued. Try again shortly.")
    return Answer(answer.status, answer.body, {"Retry-After": "5"})


_USUAL = {
    400: coded(400, "bad_request", "The request cannot be carried out."),
    401: invalid_key(),
    402: subscription_blocked(),
    403: plan_feature_required("free"),
    404: plain(404, "Not Found"),
    409: concurrent_action(),
    422: invalid(("body",), "Field required", "missing"),
    429: Answer(
        429,
        {"detail": {"error": "rate_limit_exceeded", "message": "Rate limit exceeded.", "retry_after": 30}},
        {"Retry-After": "30"},
    ),
    500: central(500, "internal_error", "An unexpected error occurred."),
    502: server_unreachable(),
    503: enqueue_failed(),
    504: docker_timeout(),
}


def usual(status: int) -> Answer:
    """The answer this status most likely carries, for faults that name only the status."""
    return _USUAL.get(status) or central(status, "error", f"The request failed with status {status}.")
