"""How far this simulator goes: which documented routes it serves, and what it knows of the rules around them.

Tests compare the routes with the server, and the names of tests with the tests there are; `render` shows all of it as text.
"page" is the platform's own page on deploy actions; "reference" its further API pages; "client" the vendor's own client,
which is newer than the pages; "customer" what customers' public code and logs show; "unknown" what no source tells, so that
the simulator has had to choose.
"""

from typing import Literal, NamedTuple

Source = Literal["page", "reference", "client", "customer", "unknown"]


class Documented(NamedTuple):
    """One documented route."""

    method: str
    path: str
    source: Source
    is_served: bool
    note: str = ""


COVERAGE = (
    Documented("POST", "/environments/{env_id}/deploy", "page", True),
    Documented("POST", "/environments/{env_id}/restart", "page", True),
    Documented("POST", "/environments/{env_id}/start", "page", True),
    Documented("POST", "/environments/{env_id}/stop", "page", True),
    Documented("POST", "/environments/{env_id}/quick-update", "page", True),
    Documented("GET", "/environments/{env_id}/deployments", "page", True),
    Documented("GET", "/deployments/{task_id}", "page", True),
    Documented("GET", "/environments/{env_id}/logs", "client", True),
    Documented("GET", "/projects", "reference", True),
    Documented("GET", "/projects/{project_id}", "client", True),
    Documented("GET", "/projects/{project_id}/environments", "reference", True),
    Documented("GET", "/environments/{env_id}", "client", True),
    Documented("GET", "/environments/{env_id}/status", "client", True),
    Documented("GET", "/org", "client", True),
    Documented("GET", "/org/usage", "client", True),
    Documented("POST", "/projects/{project_id}/environments", "reference", True),
    Documented("PATCH", "/environments/{env_id}", "client", True),
    Documented("DELETE", "/environments/{env_id}", "client", True),
    Documented("GET", "/environments/{env_id}/runtime-logs", "client", True),
    Documented("GET", "/environments/{env_id}/metrics", "client", True),
    Documented("GET", "/environments/{env_id}/backups", "reference", True),
    Documented("POST", "/environments/{env_id}/backups", "client", True),
    Documented("GET", "/backups/{backup_id}", "client", True),
    Documented("GET", "/backups/{backup_id}/download", "client", True),
    Documented("POST", "/backups/{backup_id}/restore", "client", True),
    Documented("GET", "/servers", "client", True),
    Documented("GET", "/servers/{server_id}", "client", True),
    Documented("GET", "/servers/{server_id}/metrics", "client", True),
    Documented("GET", "/org/api-keys", "client", True),
    Documented("DELETE", "/org/api-keys/{key_id}", "client", True),
    Documented("GET", "/webhooks", "reference", True),
    Documented("POST", "/webhooks", "reference", True),
    Documented("GET", "/webhooks/{webhook_id}", "reference", True),
    Documented("PATCH", "/webhooks/{webhook_id}", "reference", True),
    Documented("DELETE", "/webhooks/{webhook_id}", "reference", True),
    Documented("POST", "/webhooks/{webhook_id}/rotate-secret", "reference", True),
    Documented("POST", "/webhooks/{webhook_id}/test", "reference", True),
    Documented("GET", "/webhooks/{webhook_id}/deliveries", "reference", True),
    Documented("GET", "/openapi.json", "customer", True, "its exact path is not documented"),
    Documented("GET", "/docs", "reference", True, "a plain page of our own, not Swagger"),
    Documented("GET", "/redoc", "reference", False, "a second view of the same document"),
    Documented("POST", "/projects", "client", False, "nothing a bot in a chat should do"),
    Documented("PATCH", "/projects/{project_id}", "client", False, "nothing a bot in a chat should do"),
    Documented("DELETE", "/projects/{project_id}", "client", False, "nothing a bot in a chat should do"),
)


class Rule(NamedTuple):
    """Something the platform does across routes, where it is known from, and which test holds the simulator to it."""

    area: str
    what: str
    source: Source
    test: str


RULES = (
    Rule("keys", "Bearer or X-API-Key, Bearer first; four ways to be refused", "reference", "test_gate"),
    Rule("keys", "ten refused keys block an address for 15 minutes", "client", "test_gate"),
    Rule("keys", "full and read-only, of the organization or of one project", "reference", "test_gate"),
    Rule("keys", "another project's things answer 404 (the reference also says 403)", "client", "test_gate"),
    Rule(
        "limits",
        "120 reads and 20 writes a minute, or 20 in all; full minute or last 60 s",
        "client",
        "test_limits",
    ),
    Rule(
        "limits",
        "X-RateLimit-Limit, -Remaining, -Window; Retry-After; or none of them",
        "client",
        "test_limits",
    ),
    Rule("limits", "6 a minute on one target's logs or metrics", "client", "routes/test_observation"),
    Rule("limits", "10 webhook changes a minute", "client", "routes/test_webhooks"),
    Rule("limits", "a refused call counts, a 429 does not", "unknown", "test_limits"),
    Rule("errors", "every code, each met by its own cause", "client", "test_codes"),
    Rule(
        "errors",
        "five shapes under `detail` and beside it; or only the reference's one",
        "client",
        "test_dialect",
    ),
    Rule("paging", "by cursor, by page, by offset, whole", "client", "test_paging"),
    Rule("paging", "`pages` or `total_pages`", "client", "test_dialect"),
    Rule("idempotency", "24 hours; the first answer again; 409 while in flight", "page", "test_idempotency"),
    Rule(
        "idempotency",
        "Idempotency-Key for actions and restores, X- for creations",
        "client",
        "test_idempotency",
    ),
    Rule("idempotency", "same key with another body or route: 422", "unknown", "test_idempotency"),
    Rule(
        "idempotency",
        "errors are not remembered; keys are kept apart per API key",
        "unknown",
        "test_idempotency",
    ),
    Rule("tasks", "one at a time for an environment, with `task_in_progress`", "page", "test_model"),
    Rule("tasks", "six states; steps and percent that only grow", "page", "test_lifecycle"),
    Rule(
        "tasks", "started elsewhere; stuck in the queue; failed before they began", "client", "test_control"
    ),
    Rule("tasks", "type strings other than deploy and redeploy", "unknown", "routes/test_actions"),
    Rule("environments", "created, changed, deleted with confirmation", "client", "routes/test_environments"),
    Rule("environments", "an older service hides what is down", "client", "test_dialect"),
    Rule("environments", "`error` after a failed deploy, update or restore", "unknown", "test_lifecycle"),
    Rule(
        "backups", "states, sizes, download links, restore with confirmation", "client", "routes/test_backups"
    ),
    Rule("backups", "whether a backup holds the slot; when it expires", "unknown", "routes/test_backups"),
    Rule(
        "webhooks",
        "https to public addresses; secret once; rotate; ping",
        "reference",
        "routes/test_webhooks",
    ),
    Rule(
        "webhooks", "header, encoding, prefix of the signature; payload; retries", "unknown", "test_courier"
    ),
    Rule(
        "webhooks",
        "formats raw, slack, teams, discord; what the last three look like",
        "unknown",
        "test_courier",
    ),
    Rule("times", "ISO 8601 with Z; microseconds or whole seconds", "customer", "test_dialect"),
    Rule("transport", "cut connections, hanging answers, a proxy's page", "client", "test_gate"),
)


def render() -> str:
    """Both tables as text, for people."""
    lines = ["Routes of the public API"]
    for one in COVERAGE:
        served = "served" if one.is_served else "not served"
        note = f": {one.note}" if one.note else ""
        lines.append(f"  {one.method:<6} {one.path:<42} {one.source:<9} {served}{note}")
    lines += ["", "Rules across routes (and the test that holds each)"]
    lines += [f"  {one.area:<12} {one.what:<78} {one.source:<9} {one.test}" for one in RULES]
    return "\n".join(lines) + "\n"
