"""The rules in force, with the names that the platform gives to their environments."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.catalog import Catalog, Environment
from bot.core.names import EnvironmentId
from bot.core.rules import Rules
from bot.core.tasks import EnvironmentReport


class Rulebook:
    """Holds the newest good rules. Readers call `current()` at each ask and each press, never keep the answer."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._reports: dict[EnvironmentId, EnvironmentReport] = {}
        self._named = rules

    def current(self) -> Rules:
        """The rules in force now."""
        return self._named

    def put(self, rules: Rules) -> None:
        """Put a new version of the rules in force."""
        self._rules = rules
        self._named = replace(rules, catalog=self._with_names(rules.catalog))

    def learn_names(self, reports: Sequence[EnvironmentReport]) -> None:
        """Learn what the platform calls the environments, so that `project/environment` finds them."""
        self._reports = {report.id: report for report in reports}
        self.put(self._rules)

    def _with_names(self, catalog: Catalog) -> Catalog:
        return Catalog(tuple(self._with_name(environment) for environment in catalog.environments))

    def _with_name(self, environment: Environment) -> Environment:
        report = self._reports.get(environment.id)
        if report is None:
            return environment
        return replace(environment, project=report.project, platform_name=report.name)
