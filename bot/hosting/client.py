"""The `Hosting` port over HTTP: retries what is safe to retry, keeps to the limits, and never presses a refused key."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from bot.core.budget import Budget, RateLimit, learn
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import EnvironmentId, TaskId
from bot.core.pre_flight import Backups
from bot.core.tasks import EnvironmentReport, RecentTasks, Submission, TaskLog, TaskReport
from bot.hosting import bodies, wire
from bot.hosting.connection import Connection
from bot.hosting.fields import Json
from bot.hosting.keys import ApiKey, RefusedKeys
from bot.hosting.retries import RetryWaits
from bot.hosting.wire import HttpAnswer, HttpRequest

TIMEOUT = timedelta(seconds=30)
MOST_PAGES = 100
"""Pages of projects read at most: a cursor that leads in circles comes to an end."""

# Ten refused keys in a row block the address: fewer than ten requests are ever under way at once, so that a key
# revoked at this moment cannot be refused that often before the first refusal is known.
_READS_AT_ONCE = 6
_WRITES_AT_ONCE = 3


class HostingClient:
    """oec.sh. Reads go with the read key where there is one: it has a limit of its own."""

    def __init__(
        self,
        base_url: str,
        full_key: str,
        read_key: str | None = None,
        *,
        now: Callable[[], datetime],
        timeout: timedelta = TIMEOUT,
        waits: RetryWaits | None = None,
    ) -> None:
        self._full_key = ApiKey("OEC_API_KEY", full_key)
        self._read_key = ApiKey("OEC_READ_KEY", read_key) if read_key else self._full_key
        self._connection = Connection(base_url, timeout=timeout)
        self._now = now
        self._waits = waits or RetryWaits()
        self._refused = RefusedKeys()
        self._blocked_until: datetime | None = None
        self._budget = Budget()
        self._reads = asyncio.Semaphore(_READS_AT_ONCE)
        self._writes = asyncio.Semaphore(_WRITES_AT_ONCE)
        self._projects: dict[EnvironmentId, str | None] = {}

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
        await self._connection.aclose()

    async def check_key(self) -> None:
        """See at start whether the platform takes the keys: `HostingRefusedError` if it does not.

        `HostingUnavailableError` says only that it could not be found out now.
        """
        if self._full_key.is_read_only:
            text = "OEC_API_KEY is a read-only key; deploying needs one with full access."
            raise HostingRefusedError(status=403, code="read_only_key", text=text)
        for key in dict.fromkeys((self._full_key, self._read_key)):
            await self._check(key)

    async def _check(self, key: ApiKey) -> None:
        try:
            await self._call(wire.build_key_check(), key)
        except HostingRefusedError as refusal:
            # a key of one project may not see the organization, but it is a good key
            if refusal.code not in {"project_scoped_key", "org_scope_required"}:
                text = f"{key.setting}: {refusal.text or refusal.code}"
                raise HostingRefusedError(status=refusal.status, code=refusal.code, text=text) from None

    def read_budget(self) -> Budget:
        """What the limits leave for looking, as last told."""
        return self._budget

    async def start_action(self, submission: Submission) -> TaskId:
        """Ask for an action; asking again with the same key gives the same task (24 hours).

        One retry with the same key is made here. `HostingUnavailableError.may_have_acted` tells whether an answer was
        lost on the way: only asking once more with the same key can then tell what became of it.
        """
        request = wire.build_action(submission)
        try:
            return await self._act(request)
        except HostingUnavailableError as error:
            first = error
        wait = self._waits.before(first)
        if wait is None:
            raise first
        await asyncio.sleep(wait.total_seconds())
        return await self._act_again(request, first)

    async def _act(self, request: HttpRequest) -> TaskId:
        body = await self._call(request, self._full_key)
        try:
            return bodies.read_accepted(body)
        except HostingUnavailableError as error:
            raise HostingUnavailableError(error.reason, code=error.code, may_have_acted=True) from None

    async def _act_again(self, request: HttpRequest, first: HostingUnavailableError) -> TaskId:
        try:
            return await self._act(request)
        except HostingRefusedError as refusal:
            if first.may_have_acted:
                _raise_uncertain(refusal)
            raise
        except HostingUnavailableError as error:
            raise HostingUnavailableError(
                error.reason,
                retry_after=error.retry_after,
                may_have_acted=first.may_have_acted or error.may_have_acted,
                code=error.code,
                task_id=error.task_id,
            ) from None

    async def fetch_task(self, task_id: TaskId) -> TaskReport:
        """One look at a task."""
        return bodies.read_task(await self._read(wire.build_task_look(task_id)))

    async def fetch_recent_tasks(self, environment_id: EnvironmentId) -> RecentTasks:
        """The newest tasks of an environment, as far as the platform lists them: three reads at most."""
        listed = await self._read(wire.build_deploy_list(environment_id))
        deploys, are_all = bodies.read_deploys(listed)
        newest = bodies.read_newest_task(await self._read(wire.build_newest_task_look(environment_id)))
        known = {task.task_id: task for task in deploys}
        if newest is None or newest in known:
            return RecentTasks(deploys, are_all, known[newest] if newest else None)
        return RecentTasks(deploys, are_all, await self.fetch_task(newest))

    async def fetch_open_task(self, environment_id: EnvironmentId) -> TaskReport | None:
        """The task that holds an environment or waits to, whoever began it: two reads at most.

        There is one at most, so it is the newest of all.
        """
        newest = bodies.read_newest_task(await self._read(wire.build_newest_task_look(environment_id)))
        report = None if newest is None else await self.fetch_task(newest)
        return None if report is None or report.status.is_terminal else report

    async def fetch_backups(self, environment_id: EnvironmentId) -> Backups:
        """The newest finished backup of an environment: one read. Older services refuse it."""
        return bodies.read_backups(await self._read(wire.build_backup_list(environment_id)), self._now())

    async def fetch_environment(self, environment_id: EnvironmentId) -> EnvironmentReport:
        """One environment as it stands; its project's name as the last `fetch_environments` told it."""
        body = await self._read(wire.build_environment_look(environment_id))
        return bodies.read_environment(body, self._projects.get(environment_id))

    async def fetch_environments(self) -> Sequence[EnvironmentReport]:
        """Every environment the key can see, with its project's name: one read, and one per project."""
        projects = await self._fetch_projects()
        answers = await asyncio.gather(
            *(self._fetch_of_project(project) for project in projects), return_exceptions=True
        )
        reports: list[EnvironmentReport] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            reports.extend(answer)
        self._projects = {report.id: report.project for report in reports}
        return reports

    async def _fetch_projects(self) -> list[bodies.ProjectBody]:
        projects: list[bodies.ProjectBody] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page, cursor = bodies.read_projects(await self._read(wire.build_project_list(cursor)))
            projects.extend(page)
            if cursor is None:
                break
        return projects

    async def _fetch_of_project(self, project: bodies.ProjectBody) -> list[EnvironmentReport]:
        try:
            body = await self._read(wire.build_environment_list(project.id))
        except HostingRefusedError as refusal:
            if refusal.status == 404:  # removed since the projects were listed
                return []
            raise
        return bodies.read_environments(body, project.name)

    async def fetch_log(self, environment_id: EnvironmentId, task_id: TaskId, *, lines: int) -> TaskLog:
        """The tail of a task's step log."""
        return bodies.read_log(await self._read(wire.build_log_look(environment_id, task_id, lines)))

    async def _read(self, request: HttpRequest) -> Json:
        """A read, once more where the connection broke: a kept-alive one may have gone stale.

        Where the read key is refused, the full key does its work: what is under way must be followed to its end.
        """
        try:
            return await self._call(request, self._read_key)
        except HostingUnavailableError as error:
            if error.code != "network_error":
                raise
        except HostingRefusedError as refusal:
            if not refusal.is_key_refused or self._read_key == self._full_key:
                raise
            return await self._call(request, self._full_key)
        return await self._call(request, self._read_key)

    def find_refused_settings(self) -> frozenset[str]:
        """The settings whose keys the platform refused lately."""
        return self._refused.settings()

    async def _call(self, request: HttpRequest, key: ApiKey) -> Json:
        """One attempt: its turn, what speaks against it, the exchange, and what is to be learned from it."""
        async with self._writes if request.is_write else self._reads:
            self._refuse_early(request, key)
            answer = await self._connection.exchange(request, key)
            self._learn(request, key, answer)
            try:
                body = wire.decipher(request, answer, now=self._now())
            except HostingRefusedError as refusal:
                if refusal.is_key_refused:
                    refusal.setting = key.setting
                    self._refused.note(key, refusal, self._now())
                raise
            except HostingUnavailableError as error:
                self._note_block(error)
                raise
            self._refused.forget(key)
            return body

    def _refuse_early(self, request: HttpRequest, key: ApiKey) -> None:
        """Raise what the platform would say, without asking it, where asking would do harm."""
        now = self._now()
        refusal = self._refused.find(key, now)
        if refusal is not None:
            raise refusal
        if self._blocked_until is not None and now < self._blocked_until:
            raise HostingUnavailableError(
                "this address is blocked", retry_after=self._blocked_until - now, code="ip_blocked"
            )
        until = self._budget.blocked_until
        if until is not None and now < until and key == self._read_key and not request.is_write:
            raise HostingUnavailableError(
                "the limit of reads is used up", retry_after=until - now, code="rate_limit_exceeded"
            )

    def _note_block(self, error: HostingUnavailableError) -> None:
        """The block of an address holds for every key and every request."""
        if error.code == "ip_blocked" and error.retry_after is not None:
            now = self._now()
            self._blocked_until = now + error.retry_after
            self._budget = learn(self._budget, RateLimit(retry_after=error.retry_after), now)

    def _learn(self, request: HttpRequest, key: ApiKey, answer: HttpAnswer) -> None:
        """Learn the limit of reads. What a write tells is the limit of writes."""
        if key == self._read_key and not request.is_write:
            now = self._now()
            self._budget = learn(self._budget, wire.read_limits(answer, now), now)


def _raise_uncertain(refusal: HostingRefusedError) -> NoReturn:
    """A refusal after a lost answer says nothing of the first try: a conflict may even be with ourselves.

    Older servers look for a conflict before they look at the key.
    """
    raise HostingUnavailableError(
        f"an answer was lost, and asked again oec.sh says {refusal.code}",
        may_have_acted=True,
        code=refusal.code,
        task_id=refusal.task_id,
    ) from None
