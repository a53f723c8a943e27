"""What an approver is told before deciding: what is at work there, what is backed up, and nothing that is not known."""

from tests.support.hosting import PROD, STAGING
from tests.support.world import DEPLOYS, World


async def test_approver_reads_how_the_environment_stands_and_how_old_its_backup_is(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", "last backup 4 h ago", "as of", channel=DEPLOYS)
    assert "running, branch `main` at `a1b2c3d`" in card.words
    assert "no earlier deploy that I know of" in card.words
    assert "runs database migrations; the site is briefly unavailable" in card.words
    assert "⚠" not in card.words
    assert await world.hosting.posts() == []


async def test_last_run_of_the_kind_is_told_with_its_end(world: World) -> None:
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("waits for approval", channel=DEPLOYS)
    await world.ben.presses("Approve", card)
    task = await world.hosting.the_task(PROD)
    await world.hosting.moves(task["id"], status="completed")
    await world.ana.sees("is deployed", channel=DEPLOYS, thread=card.ts)
    await world.until_idle()
    await world.ana.reads_thread(card)
    world.clock.forward(hours=2)
    await world.ana.says("/oec deploy prod", DEPLOYS)
    again = await world.ben.sees("waits for approval", "#2", "as of", channel=DEPLOYS)
    assert "last deploy 2 h ago" in again.words
    assert ", fine" in again.words


async def test_task_started_in_the_dashboard_is_named_on_the_card(world: World) -> None:
    await world.hosting.starts(PROD, "backup")
    await world.ana.says("/oec deploy prod", DEPLOYS)
    card = await world.ben.sees("⚠ `backup`", "asked for in the oec.sh dashboard", channel=DEPLOYS)
    assert "Until it ends, oec.sh takes nothing else" in card.words


async def test_data_loss_without_a_fresh_backup_has_a_warning_of_its_own(world: World) -> None:
    await world.cleo.says("/oec reinit dev sale", DEPLOYS)
    await world.ben.sees("⚠ oec.sh shows no finished backup of this environment", channel=DEPLOYS)
    await world.cleo.says("/oec reinit staging sale", DEPLOYS)
    await world.ben.sees("⚠ The newest backup that oec.sh shows was made 2 days ago", channel=DEPLOYS)


async def test_service_that_shows_no_backups_is_not_taken_for_none(world: World) -> None:
    gone = {"detail": "Not Found"}
    await world.hosting.fails(method="GET", path="*/backups*", kind="status", status=404, body=gone, times=9)
    await world.cleo.says("/oec reinit staging sale", DEPLOYS)
    card = await world.ben.sees("waits for approval", "as of", channel=DEPLOYS)
    await world.until_idle()
    card = await world.ben.sees("waits for approval", "as of", channel=DEPLOYS)
    assert "backup of this" not in card.words
    assert "newest backup" not in card.words


async def test_run_that_needs_no_approval_reads_neither_backups_nor_tasks(world: World) -> None:
    await world.cleo.says("/oec restart staging", DEPLOYS)
    await world.cleo.sees("`staging`", "#1", channel=DEPLOYS)
    await world.hosting.the_task(STAGING)
    await world.until_idle()
    paths = [request["path"] for request in await world.hosting.requests()]
    assert f"/environments/{STAGING}" in "".join(paths)
    assert not [path for path in paths if "/backups" in path or "/logs" in path]
    world.may_leave_unread = True
