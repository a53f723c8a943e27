"""The objects the public API gives, by name, as the OpenAPI document shows them. Pure."""

from bot.sim.hosting.schemas import (
    BACKUP_STATUSES,
    BACKUP_TYPES,
    COUNT,
    FLAG,
    NUMBER,
    STATUSES,
    TEXT,
    TIME,
    UUID,
    WEBHOOK_FORMATS,
    Schema,
    array,
    choice,
    nullable,
    obj,
    ref,
    whole,
)

_PAGINATION = obj(has_more=FLAG, next_cursor=nullable(TEXT), total=COUNT)
_FINDING = {
    "type": "object",
    "properties": {"type": TEXT, "loc": array({"type": ["string", "integer"]}), "msg": TEXT, "input": {}},
    "required": ["type", "loc", "msg"],
}
_FIELD = obj(field=TEXT, message=TEXT)
_CODED = {
    "type": "object",
    "properties": {"error": TEXT, "message": TEXT, "task_id": UUID, "retry_after": COUNT},
    "required": ["error", "message"],
}
_BILLING = obj(reason=choice("subscription_blocked"), subscription_status=TEXT, message=TEXT)
_SERVICE_METRICS = nullable(
    obj(
        status=TEXT,
        cpu_percent=nullable(NUMBER),
        memory_used_bytes=nullable(COUNT),
        memory_limit_bytes=nullable(COUNT),
        memory_percent=nullable(NUMBER),
    )
)
_ACCEPTED = {
    "task_id": UUID,
    "status": choice("queued"),
    "environment_id": UUID,
}
_BACKUP = {
    "id": UUID,
    "environment_id": UUID,
    "task_id": UUID,
    "status": choice(*BACKUP_STATUSES),
    "backup_type": choice(*BACKUP_TYPES),
    "include_filestore": FLAG,
    "size_bytes": nullable(COUNT),
    "database_size_bytes": nullable(COUNT),
    "filestore_size_bytes": nullable(COUNT),
    "started_at": nullable(TIME),
    "completed_at": nullable(TIME),
    "duration_seconds": nullable(COUNT),
    "retention_type": TEXT,
    "expires_at": nullable(TIME),
    "is_verified": FLAG,
    "verified_at": nullable(TIME),
    "error_message": nullable(TEXT),
    "notes": nullable(TEXT),
    "created_at": TIME,
}
_ENVIRONMENT = {
    "id": UUID,
    "name": TEXT,
    "status": TEXT,
    "url": nullable(TEXT),
    "odoo_version": nullable(TEXT),
    "branch": nullable(TEXT),
    "last_commit": nullable(TEXT),
    "cpu_cores": nullable(COUNT),
    "ram_mb": nullable(COUNT),
    "disk_gb": nullable(COUNT),
    "project_id": UUID,
    "server_id": nullable(UUID),
    "custom_domain": nullable(TEXT),
    "custom_domain_verified": nullable(FLAG),
    "created_at": TIME,
    "updated_at": TIME,
}
_WEBHOOK = {
    "id": UUID,
    "url": TEXT,
    "events": array(TEXT),
    "description": nullable(TEXT),
    "project_id": nullable(UUID),
    "format": choice(*WEBHOOK_FORMATS),
    "is_active": FLAG,
    "last_triggered_at": nullable(TIME),
    "failure_count": COUNT,
    "created_at": TIME,
}
_LAST_DEPLOY = nullable(
    obj(id=UUID, status=choice(*STATUSES), started_at=nullable(TIME), completed_at=nullable(TIME))
)
_TASK = {
    "id": UUID,
    "type": TEXT,
    "status": TEXT,
    "environment_id": nullable(UUID),
    "progress_percent": whole(0, 100),
    "current_step": nullable(TEXT),
    "steps_completed": COUNT,
    "total_steps": COUNT,
    "started_at": nullable(TIME),
    "completed_at": nullable(TIME),
    "duration_seconds": nullable(COUNT),
    "error_message": nullable(TEXT),
    "triggered_by": nullable(TEXT),
}


def by_cursor(name: str) -> Schema:
    """A page of a list with cursors."""
    return obj(data=array(ref(name)), pagination=_PAGINATION)


def by_offset(name: str) -> Schema:
    """A page of a list with offsets."""
    return obj(items=array(ref(name)), total=COUNT, limit=COUNT, offset=COUNT, has_more=FLAG)


def by_page(name: str) -> Schema:
    """A page of a list with page numbers; the documents disagree about what the number of pages is called."""
    known = obj(items=array(ref(name)), total=COUNT, page=COUNT, page_size=COUNT)
    properties = known["properties"] | {"pages": COUNT, "total_pages": COUNT}
    return known | {"properties": properties, "minProperties": 5, "maxProperties": 5}


OBJECTS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "properties": {
            "detail": {"anyOf": [_CODED, _BILLING, TEXT, array(_FINDING), array(_FIELD)]},
            "error": TEXT,
            "message": TEXT,
            "details": {"type": "object"},
        },
        "anyOf": [{"required": ["detail"]}, {"required": ["error", "message"]}],
    },
    "Accepted": obj(**_ACCEPTED, poll_url=TEXT),
    "Task": obj(**_TASK),
    "TaskLog": obj(task_id=nullable(UUID), log=TEXT, lines=COUNT, truncated=FLAG),
    "Project": obj(
        id=UUID,
        name=TEXT,
        odoo_version=nullable(TEXT),
        git_repo_url=nullable(TEXT),
        git_provider=nullable(TEXT),
        default_branch=nullable(TEXT),
        server_id=nullable(UUID),
        environment_count=COUNT,
        created_at=TIME,
    ),
    "Environment": obj(**_ENVIRONMENT),
    "EnvironmentStatus": obj(
        environment_id=UUID,
        status=TEXT,
        url=nullable(TEXT),
        container_running=FLAG,
        db_ready=FLAG,
        http_ok=FLAG,
        last_deploy=_LAST_DEPLOY,
    ),
    "RuntimeLog": obj(
        environment_id=UUID, source=TEXT, lines=COUNT, truncated=FLAG, log=TEXT, fetched_at=TIME
    ),
    "EnvironmentMetrics": obj(
        status=TEXT,
        odoo=_SERVICE_METRICS,
        postgres=_SERVICE_METRICS,
        disk=obj(
            allocated_gb=nullable(COUNT),
            database_bytes=nullable(COUNT),
            filestore_bytes=nullable(COUNT),
            addons_bytes=nullable(COUNT),
            measured_at=nullable(TIME),
        ),
        queried_at=TIME,
    ),
    "ServerMetrics": obj(
        status=TEXT,
        cpu_percent=NUMBER,
        memory_percent=NUMBER,
        memory_used_bytes=COUNT,
        memory_total_bytes=COUNT,
        disk_percent=NUMBER,
        disk_used_bytes=COUNT,
        disk_total_bytes=COUNT,
        network_rx_bytes_per_second=COUNT,
        network_tx_bytes_per_second=COUNT,
        container_count=COUNT,
        containers_running=COUNT,
        queried_at=TIME,
    ),
    "Server": obj(
        id=UUID,
        name=TEXT,
        provider=TEXT,
        region=TEXT,
        cpu_cores=COUNT,
        ram_mb=COUNT,
        disk_gb=COUNT,
        environment_count=COUNT,
        qualification_status=TEXT,
        last_checked_at=nullable(TIME),
    ),
    "Organization": obj(
        id=UUID,
        name=TEXT,
        plan=TEXT,
        limits=obj(max_environments=COUNT, max_cpu_cores=COUNT, max_ram_mb=COUNT, max_disk_gb=COUNT),
    ),
    "Usage": obj(
        running_environments=COUNT,
        environment_count=COUNT,
        cpu_cores_used=COUNT,
        ram_mb_used=COUNT,
        disk_gb_used=COUNT,
    ),
    "ApiKey": obj(
        id=UUID,
        name=TEXT,
        prefix=TEXT,
        kind=choice("full", "read_only"),
        scope=choice("organization", "project"),
        project_id=nullable(UUID),
        is_active=FLAG,
        expires_at=nullable(TIME),
        created_at=nullable(TIME),
    ),
    "Backup": obj(**_BACKUP),
    "BackupWithSnapshot": obj(**_BACKUP, environment_snapshot=obj(**_ENVIRONMENT)),
    "BackupStarted": obj(id=UUID, task_id=UUID, status=choice("pending")),
    "BackupDownload": obj(
        backup_id=UUID, database_url=TEXT, filestore_url=nullable(TEXT), expires_in=COUNT, expires_at=TIME
    ),
    "RestoreAccepted": obj(**_ACCEPTED, backup_id=UUID),
    "Webhook": obj(**_WEBHOOK),
    "WebhookWithSecret": obj(**_WEBHOOK, secret=TEXT),
    "Secret": obj(id=UUID, secret=TEXT),
    "WebhookTest": obj(success=FLAG, status_code=nullable(COUNT), duration_ms=COUNT, message=TEXT),
    "Delivery": obj(
        id=UUID,
        event=TEXT,
        status=choice("pending", "delivered", "failed"),
        attempt_count=COUNT,
        response_status=nullable(COUNT),
        response_body=nullable(TEXT),
        duration_ms=nullable(COUNT),
        delivered_at=nullable(TIME),
        created_at=TIME,
    ),
}
