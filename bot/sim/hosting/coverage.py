"""Which documented routes of the public API this simulator serves; a test compares this with the server.

"page" is the platform's own page on deploy actions; "reference" its further API pages; "client" the vendor's own client,
which is newer than the pages.
"""

from typing import Literal, NamedTuple

Source = Literal["page", "reference", "client"]


class Documented(NamedTuple):
    """One documented route."""

    method: str
    path: str
    source: Source
    is_served: bool


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
    Documented("POST", "/projects/{project_id}/environments", "reference", False),
    Documented("PATCH", "/environments/{env_id}", "client", False),
    Documented("DELETE", "/environments/{env_id}", "client", False),
    Documented("GET", "/environments/{env_id}/runtime-logs", "client", False),
    Documented("GET", "/environments/{env_id}/metrics", "client", False),
    Documented("GET", "/environments/{env_id}/backups", "reference", False),
    Documented("POST", "/environments/{env_id}/backups", "client", False),
    Documented("GET", "/backups/{backup_id}", "client", False),
    Documented("GET", "/backups/{backup_id}/download", "client", False),
    Documented("POST", "/backups/{backup_id}/restore", "client", False),
    Documented("GET", "/servers", "client", False),
    Documented("GET", "/servers/{server_id}", "client", False),
    Documented("GET", "/servers/{server_id}/metrics", "client", False),
    Documented("GET", "/org/api-keys", "client", False),
    Documented("DELETE", "/org/api-keys/{key_id}", "client", False),
    Documented("GET", "/webhooks", "reference", False),
    Documented("POST", "/webhooks", "reference", False),
    Documented("GET", "/webhooks/{webhook_id}", "reference", False),
    Documented("PATCH", "/webhooks/{webhook_id}", "reference", False),
    Documented("DELETE", "/webhooks/{webhook_id}", "reference", False),
    Documented("POST", "/webhooks/{webhook_id}/rotate-secret", "reference", False),
    Documented("POST", "/webhooks/{webhook_id}/test", "reference", False),
    Documented("GET", "/webhooks/{webhook_id}/deliveries", "reference", False),
)
