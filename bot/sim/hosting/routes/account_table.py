"""The routes around backups, servers, the organization and webhooks."""

from bot.sim.hosting import objects, schemas
from bot.sim.hosting.route import Idempotency, Parameter, Reply, Route
from bot.sim.hosting.routes import backups, observation, organization, webhooks
from bot.sim.hosting.routes.parts import CURSOR, OFFSET, ONE_ENVIRONMENT, PAGE, gives
from bot.sim.hosting.schemas import array, choice, ref, whole

_ONE_BACKUP = "/backups/{backup_id}"
_ONE_WEBHOOK = "/webhooks/{webhook_id}"
_ONE_SERVER = "/servers/{server_id}"
_GONE = Reply(204, None, "Gone.")

_BACKUPS = (
    Route(
        "GET",
        f"{ONE_ENVIRONMENT}/backups",
        backups.list_backups,
        "List backups",
        gives(objects.by_page("Backup")),
        query=(
            *PAGE,
            Parameter("status", choice(*schemas.BACKUP_STATUSES)),
            Parameter("backup_type", choice(*schemas.BACKUP_TYPES)),
        ),
    ),
    Route(
        "POST",
        f"{ONE_ENVIRONMENT}/backups",
        backups.create_backup,
        "Make a backup",
        gives(ref("BackupStarted"), "Queued.", 201),
        body=schemas.NEW_BACKUP,
        refusals=(400, 409, 503),
    ),
    Route("GET", _ONE_BACKUP, backups.get_backup, "Get a backup", gives(ref("BackupWithSnapshot"))),
    Route(
        "GET",
        f"{_ONE_BACKUP}/download",
        backups.download_backup,
        "Get links to a backup's data",
        gives(ref("BackupDownload")),
        query=(Parameter("expires_in", whole(300, 3600, default=3600), "Seconds the links are good for."),),
        refusals=(400,),
    ),
    Route(
        "POST",
        f"{_ONE_BACKUP}/restore",
        backups.restore_backup,
        "Restore a backup",
        gives(ref("RestoreAccepted"), "Queued.", 202),
        refusals=(400, 409, 503),
        idempotency=Idempotency.ACTION,
        confirmation="X-Confirm-Restore",
    ),
)
_SERVERS = (
    Route(
        "GET",
        "/servers",
        observation.list_servers,
        "List servers",
        gives(objects.by_cursor("Server")),
        query=CURSOR,
    ),
    Route("GET", _ONE_SERVER, observation.get_server, "Get a server", gives(ref("Server"))),
    Route(
        "GET",
        f"{_ONE_SERVER}/metrics",
        observation.get_server_metrics,
        "Get a server's figures",
        gives(ref("ServerMetrics")),
        refusals=(502, 504),
    ),
)
_ORGANIZATION = (
    Route("GET", "/org", organization.get_organization, "Get the organization", gives(ref("Organization"))),
    Route("GET", "/org/usage", organization.get_usage, "Get what is used", gives(ref("Usage"))),
    Route(
        "GET",
        "/org/api-keys",
        organization.list_api_keys,
        "List API keys",
        gives(array(ref("ApiKey"))),
        needs_organization_key=True,
    ),
    Route(
        "DELETE",
        "/org/api-keys/{key_id}",
        organization.revoke_api_key,
        "Revoke an API key",
        _GONE,
        needs_organization_key=True,
    ),
)
_WEBHOOKS = (
    Route(
        "GET",
        "/webhooks",
        webhooks.list_webhooks,
        "List webhooks",
        gives(objects.by_offset("Webhook")),
        query=OFFSET,
    ),
    Route(
        "POST",
        "/webhooks",
        webhooks.create_webhook,
        "Register a webhook",
        gives(ref("WebhookWithSecret"), "The secret is shown this once.", 201),
        body=schemas.NEW_WEBHOOK,
        is_body_needed=True,
        refusals=(409,),
        idempotency=Idempotency.CREATION,
        changes_webhooks=True,
    ),
    Route("GET", _ONE_WEBHOOK, webhooks.get_webhook, "Get a webhook", gives(ref("Webhook"))),
    Route(
        "PATCH",
        _ONE_WEBHOOK,
        webhooks.change_webhook,
        "Change a webhook",
        gives(ref("Webhook")),
        body=schemas.CHANGED_WEBHOOK,
        is_body_needed=True,
        changes_webhooks=True,
    ),
    Route(
        "DELETE",
        _ONE_WEBHOOK,
        webhooks.delete_webhook,
        "Remove a webhook",
        _GONE,
        changes_webhooks=True,
    ),
    Route(
        "POST",
        f"{_ONE_WEBHOOK}/rotate-secret",
        webhooks.rotate_secret,
        "Make a new secret",
        gives(ref("Secret"), "The new secret, shown this once."),
    ),
    Route("POST", f"{_ONE_WEBHOOK}/test", webhooks.try_webhook, "Send a ping", gives(ref("WebhookTest"))),
    Route(
        "GET",
        f"{_ONE_WEBHOOK}/deliveries",
        webhooks.list_deliveries,
        "List deliveries",
        gives(array(ref("Delivery"))),
    ),
)

ACCOUNT_ROUTES: tuple[Route, ...] = (*_BACKUPS, *_SERVERS, *_ORGANIZATION, *_WEBHOOKS)
