"""The whole way of the platform page's sample client."""

from bot.sim.hosting.seeds import FULL_KEY, STAGING, seeded_hosting
from bot.sim.hosting.server import HostingServer
from tests.sim.hosting.caller import Caller, MovedClock, plain_client
from tests.support.ports import start_again


async def test_deploy_polled_to_its_end_completes(full: Caller, clock: MovedClock) -> None:
    task_id = await full.start(STAGING, "deploy")
    seen = []
    for _ in range(100):
        task = await full.task(task_id)
        seen.append((task["status"], task["progress_percent"]))
        if task["status"] in {"completed", "failed", "cancelled"}:
            break
        clock.forward(seconds=5)
    assert task["status"] == "completed"
    assert seen[0] == ("queued", 0)
    assert 160 < task["duration_seconds"] < 200
    assert [percent for _, percent in seen] == sorted(percent for _, percent in seen)
    assert task["total_steps"] == task["steps_completed"] == 12


async def test_poll_url_joined_to_the_host_root_gives_the_task(full: Caller) -> None:
    accepted = (await full.act(STAGING, "deploy")).json()
    assert set(accepted) == {"task_id", "status", "environment_id", "poll_url"}
    answer = await full.client.get(full.server.url + accepted["poll_url"])
    assert answer.json()["id"] == accepted["task_id"]
    assert accepted["status"] == "queued"
    assert accepted["environment_id"] == STAGING


async def test_server_stopped_twice_is_quiet(clock: MovedClock) -> None:
    server = HostingServer(seeded_hosting(clock), now=clock)
    await server.start()
    async with plain_client(headers={"X-API-Key": FULL_KEY}) as client:
        assert (await client.get(f"{server.api_url}/org")).status_code == 200
    await server.stop()
    await server.stop()


async def test_server_started_again_remembers_its_tasks(clock: MovedClock) -> None:
    server = HostingServer(seeded_hosting(clock), now=clock)
    await server.start()
    port = int(server.url.rpartition(":")[2])
    async with Caller(server, FULL_KEY) as caller:
        task_id = await caller.start(STAGING, "deploy")
    await server.stop()
    clock.forward(minutes=10)
    await start_again(server.start, port)
    async with Caller(server, FULL_KEY) as caller:
        assert (await caller.task(task_id))["status"] == "completed"
    await server.stop()


async def test_microseconds_off_writes_whole_seconds(clock: MovedClock) -> None:
    server = HostingServer(seeded_hosting(clock), now=clock, microseconds=False)
    await server.start()
    async with Caller(server, FULL_KEY) as caller:
        plain = (await caller.environment(STAGING))["created_at"]
    await server.stop()
    assert plain.endswith("10Z")


async def test_microseconds_by_default_are_written(full: Caller) -> None:
    assert (await full.environment(STAGING))["created_at"].endswith("10.250000Z")
