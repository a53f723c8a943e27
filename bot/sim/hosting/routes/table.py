"""Every route of the public API that this simulator serves. The server and the OpenAPI document are made from this table."""

from bot.sim.hosting.route import Route
from bot.sim.hosting.routes.account_table import ACCOUNT_ROUTES
from bot.sim.hosting.routes.environment_table import ENVIRONMENT_ROUTES

ROUTES: tuple[Route, ...] = (*ENVIRONMENT_ROUTES, *ACCOUNT_ROUTES)
