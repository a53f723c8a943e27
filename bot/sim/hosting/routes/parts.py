"""What the entries of the route tables share: ways of paging, places, good answers."""

from bot.sim.hosting.route import Parameter, Reply
from bot.sim.hosting.schemas import LIMIT, TEXT, WEBHOOK_LIMIT, Schema, whole

CURSOR = (
    Parameter("limit", LIMIT),
    Parameter("cursor", TEXT, "The `next_cursor` of the page before."),
)
PAGE = (
    Parameter("page", whole(1, default=1)),
    Parameter("page_size", whole(1, 100, default=20)),
)
OFFSET = (
    Parameter("limit", WEBHOOK_LIMIT),
    Parameter("offset", whole(0, default=0)),
)
ONE_ENVIRONMENT = "/environments/{env_id}"


def gives(schema: Schema, about: str = "What was asked for.", status: int = 200) -> Reply:
    """A good answer with a body."""
    return Reply(status, schema, about)
