"""What servers and containers would tell about themselves: figures and log lines drawn from ids and the time. Pure.

The same environment at the same second always tells the same, so that a test may ask twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.sim.hosting.entities import DOWN, Environment, EnvironmentStatus, Server
from bot.sim.hosting.scripts import draw
from bot.sim.hosting.shapes import Object

_EVERY = timedelta(seconds=7)
_LINES_KEPT = 1_200
_GIGABYTE = 1_000_000_000
_PRINTED = {
    "odoo": (
        '{at},{ms:03d} 31 INFO {name} werkzeug: "GET /web/health HTTP/1.1" 200 - 2 0.001 0.003',
        "{at},{ms:03d} 31 INFO {name} odoo.addons.base.models.ir_cron: Job 'Mail: Email Queue Manager' done.",
        "{at},{ms:03d} 31 INFO {name} odoo.modules.registry: Reloading the model registry after database signaling.",
        '{at},{ms:03d} 31 INFO {name} werkzeug: "POST /web/dataset/call_kw/sale.order HTTP/1.1" 200 - 14 0.012 0.041',
        "{at},{ms:03d} 31 WARNING {name} odoo.http: Session expired",
    ),
    "container": (
        "{at} odoo entered RUNNING state, pid 31",
        "{at} odoo health check passed",
    ),
    "postgres": (
        "{at}.{ms:03d} UTC [58] LOG:  checkpoint starting: time",
        "{at}.{ms:03d} UTC [58] LOG:  checkpoint complete: wrote 41 buffers (0.3%)",
        '{at}.{ms:03d} UTC [912] LOG:  automatic vacuum of table "{name}.public.bus_bus": index scans: 1',
    ),
}


def runtime_log(environment: Environment, source: str, *, now: datetime) -> list[str]:
    """What the containers have printed lately, oldest first."""
    if environment.runtime_log is not None:
        return environment.runtime_log.splitlines()
    return list(_printed(environment, source, now=now))


def _printed(environment: Environment, source: str, *, now: datetime) -> Iterator[str]:
    kinds = _PRINTED[source]
    newest = int(now.timestamp() // _EVERY.total_seconds())
    for number in range(newest - _LINES_KEPT, newest + 1):
        luck = draw(environment.id, source, number)
        moment = datetime.fromtimestamp(number * _EVERY.total_seconds(), UTC)
        yield kinds[int(luck * len(kinds))].format(
            at=moment.strftime("%Y-%m-%d %H:%M:%S"), ms=int(luck * 1000), name=environment.name
        )


def environment_metrics(environment: Environment, *, now: datetime) -> Object:
    """Figures of both services, null where only the container's state is known; sizes on disk as last measured."""
    seed = f"{environment.id}/{now:%Y%m%d%H%M}"
    ram = (environment.ram_mb or 1024) * 1_048_576
    return {
        "status": environment.status,
        "odoo": _service(environment, f"{seed}/odoo", limit=ram * 3 // 4),
        "postgres": _service(environment, f"{seed}/postgres", limit=ram // 4),
        "disk": {
            "allocated_gb": environment.disk_gb,
            "database_bytes": int((1 + draw(environment.id, "database")) * _GIGABYTE),
            "filestore_bytes": int((1 + 3 * draw(environment.id, "filestore")) * _GIGABYTE),
            "addons_bytes": int((0.1 + 0.2 * draw(environment.id, "addons")) * _GIGABYTE),
        },
    }


def _service(environment: Environment, seed: str, *, limit: int) -> Object | None:
    if environment.status in {EnvironmentStatus.PENDING, EnvironmentStatus.CLONING}:
        return None
    names = ("cpu_percent", "memory_used_bytes", "memory_limit_bytes", "memory_percent")
    if environment.status in DOWN:
        state = "paused" if environment.status == EnvironmentStatus.PAUSED else "exited"
        return {"status": state, **dict.fromkeys(names)}
    share = 0.3 + 0.4 * draw(seed, "memory")
    figures = (round(60 * draw(seed, "cpu"), 1), int(limit * share), limit, round(100 * share, 1))
    return {"status": "running", **dict(zip(names, figures, strict=True))}


def server_metrics(server: Server, environments: list[Environment], *, now: datetime) -> Object:
    """Figures of a whole server."""
    seed = f"{server.id}/{now:%Y%m%d%H%M}"
    memory, disk = 0.3 + 0.5 * draw(seed, "memory"), 0.4 + 0.2 * draw(server.id, "disk")
    running = [one for one in environments if one.status == EnvironmentStatus.RUNNING]
    return {
        "status": "online",
        "cpu_percent": round(70 * draw(seed, "cpu"), 1),
        "memory_percent": round(100 * memory, 1),
        "memory_used_bytes": int(server.ram_mb * 1_048_576 * memory),
        "memory_total_bytes": server.ram_mb * 1_048_576,
        "disk_percent": round(100 * disk, 1),
        "disk_used_bytes": int(server.disk_gb * _GIGABYTE * disk),
        "disk_total_bytes": server.disk_gb * _GIGABYTE,
        "network_rx_bytes_per_second": int(200_000 * draw(seed, "received")),
        "network_tx_bytes_per_second": int(400_000 * draw(seed, "sent")),
        "container_count": 2 * len(environments),
        "containers_running": 2 * len(running),
    }
