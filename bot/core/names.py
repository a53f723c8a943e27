"""The names things go by: ids that must not be mixed up, and the closed sets of words.

Ids of Slack and of oec.sh are opaque strings; ours are numbers, which people can say (`RunId`), or opaque
strings.
"""

from enum import Enum
from typing import NewType

TeamId = NewType("TeamId", str)
UserId = NewType("UserId", str)
GroupId = NewType("GroupId", str)
ChannelId = NewType("ChannelId", str)
MessageTs = NewType("MessageTs", str)

EnvironmentId = NewType("EnvironmentId", str)
TaskId = NewType("TaskId", str)

RunId = NewType("RunId", int)
PleaNumber = NewType("PleaNumber", int)
ApprovalId = NewType("ApprovalId", str)
ButtonId = NewType("ButtonId", str)
RequestKey = NewType("RequestKey", str)
IdempotencyKey = NewType("IdempotencyKey", str)


class Action(Enum):
    """What the platform can be asked to do to an environment."""

    DEPLOY = "deploy"
    RESTART = "restart"
    START = "start"
    STOP = "stop"
    UPDATE = "update"


class UpdateMode(Enum):
    """The four modes of a quick update, in the platform's own words (oec.sh, Deploy Actions page)."""

    PULL_RESTART = "pull_restart"
    UPDATE_ALL = "update_all"
    UPDATE_SPECIFIC = "update_specific"
    REINITIALIZE_SPECIFIC = "reinitialize_specific"
