"""The shapes of what the public API takes and gives, as JSON Schema. Pure.

What it takes is checked against these very values (`checks`); what it gives is shown in the OpenAPI document, and tests hold
the answers against it. Objects name all their fields, so that one too many shows.
"""

from collections.abc import Mapping
from typing import Any

from bot.sim.hosting.checks import CHECKED_LATER

Schema = dict[str, Any]


def obj(**fields: Schema) -> Schema:
    """An object that always has exactly these fields."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def form(*needed: str, **fields: Schema) -> Schema:
    """An object to send: some fields needed, others as one likes; strange ones are let be."""
    return {"type": "object", "properties": fields} | ({"required": list(needed)} if needed else {})


def nullable(schema: Mapping[str, Any]) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def array(items: Schema, **bounds: int) -> Schema:
    """A list."""
    return {"type": "array", "items": items, **bounds}


def choice(*values: str, **more: object) -> Schema:
    """One of a few words."""
    return {"type": "string", "enum": list(values), **more}


def whole(least: int | None = None, most: int | None = None, **more: object) -> Schema:
    """A whole number."""
    bounds = {"minimum": least, "maximum": most}
    return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}, **more}


def text(least: int | None = None, most: int | None = None, **more: object) -> Schema:
    """A string."""
    bounds = {"minLength": least, "maxLength": most}
    return {"type": "string", **{name: bound for name, bound in bounds.items() if bound is not None}, **more}


def ref(name: str) -> Schema:
    """A named shape."""
    return {"$ref": f"#/components/schemas/{name}"}


UUID: Schema = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT = whole(0)
NUMBER: Schema = {"type": "number"}
TIME: Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}

STATUSES = ("pending", "queued", "running", "completed", "failed", "cancelled")
EVENTS = (
    "deploy.started",
    "deploy.completed",
    "deploy.failed",
    "deploy.cancelled",
    "environment.created",
    "environment.deleted",
    "environment.status_changed",
    "environment.ready",
    "automation_rule.triggered",
    "automation_rule.completed",
    "automation_rule.failed",
    "monitoring.alert",
)
"""The events one can subscribe to; the documents name ten, the vendor's client twelve."""

MODULES = array(text(pattern="^[a-z0-9_]{1,64}$"), maxItems=50)
QUICK_UPDATE_MODES = ("pull_restart", "update_all", "update_specific", "reinitialize_specific")
MODES_WITH_MODULES = ("update_specific", "reinitialize_specific")
WEBHOOK_FORMATS = ("raw", "slack", "teams", "discord")
BACKUP_TYPES = ("manual", "scheduled", "pre_restore", "pre_upgrade", "pre_destroy", "pre_deploy")
BACKUP_STATUSES = (
    "pending",
    "in_progress",
    "uploading",
    "running",
    "completed",
    "failed",
    "cancelled",
    "expired",
)

DEPLOY = form(update_modules=nullable(MODULES | {"minItems": 1}))
QUICK_UPDATE = form(
    "mode",
    mode=choice(*QUICK_UPDATE_MODES) | {CHECKED_LATER: "refused with 400 unsupported_mode"},
    modules=nullable(MODULES),
) | {
    "if": {"properties": {"mode": {"enum": list(MODES_WITH_MODULES)}}},
    "then": {"required": ["modules"], "properties": {"modules": {"type": "array", "minItems": 1}}},
}
_NAME = text(1, 100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")
_BRANCH = text(1, 255, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+#@/-]*$")
_DOMAIN = text(most=253, pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$")
_SIZES = {"cpu_cores": whole(1, 64), "ram_mb": whole(512, 262_144), "disk_gb": whole(5, 4_000)}
NEW_ENVIRONMENT = form(
    "name",
    name=_NAME,
    environment_type=choice("development", "staging", "production"),
    branch=_BRANCH,
    vm_id=nullable(UUID),
    domain=_DOMAIN,
    postgres_version=choice("14", "15", "16", "17"),
    **_SIZES,
)
CHANGED_ENVIRONMENT = form(name=_NAME, branch=_BRANCH, domain=_DOMAIN, **_SIZES)
NEW_BACKUP = form(
    backup_type=choice("manual"),
    include_filestore=FLAG,
    retention_type=text(1, 50),
    storage_config_id=nullable(UUID),
    notes=nullable(text(most=500)),
)
_PUBLIC = r"^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(/[!-\[\]-~]*)?$"
_WEBHOOK_FIELDS = {
    "url": text(1, 2048, pattern=_PUBLIC) | {CHECKED_LATER: "refused with 422"},
    "events": array(choice(*EVENTS), minItems=1, maxItems=10),
    "description": nullable(text(most=500)),
    "format": choice(*WEBHOOK_FORMATS),
    "is_active": FLAG,
}
NEW_WEBHOOK = form("url", "events", project_id=nullable(UUID), **_WEBHOOK_FIELDS)
CHANGED_WEBHOOK = form(**_WEBHOOK_FIELDS)

LIMIT = whole(1, 100, default=20)
WEBHOOK_LIMIT = whole(1, 100, default=50)
LINES = whole(1, 1000, default=200)
