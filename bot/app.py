"""The composition root: settings and rules in, a running bot out. Start and stop order stand here and nowhere else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.core.errors import ChatError, HostingError, HostingRefusedError, HostingUnavailableError
from bot.core.request import Place
from bot.core.rules import Rules
from bot.flow.adoption import Adoption
from bot.flow.approvals import Approvals
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.changes import Changes
from bot.flow.conversation import Conversation
from bot.flow.desk import Desk
from bot.flow.home import Homes
from bot.flow.people import People
from bot.flow.ports import Clock
from bot.flow.presses import Presses
from bot.flow.reading import Reading
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.flow.tracker import Tracker
from bot.history.store import HistoryStore
from bot.hosting.client import HostingClient
from bot.rules_file import RulesError, RulesFile
from bot.settings import Settings
from bot.slack.connection import Connection
from bot.slack.publisher import Publisher
from bot.timer import ApschedulerTimer
from bot.views.message import Message
from bot.views.operators import render_rules_refused, render_rules_reloaded

log = logging.getLogger(__name__)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often things are done. The defaults keep to the limits of Slack and oec.sh; tests go faster."""

    turn: timedelta = timedelta(seconds=1)
    look_gap: timedelta = timedelta(seconds=2)
    edit_gap: timedelta = timedelta(seconds=3)
    sweep: timedelta = timedelta(seconds=10)
    alive: timedelta = timedelta(seconds=5)
    watch: timedelta = timedelta(seconds=5)
    rules: timedelta = timedelta(seconds=2)
    names: timedelta = timedelta(minutes=10)
    groups: timedelta = timedelta(minutes=3)
    first_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(seconds=30)


class Bot:
    """A running bot."""

    def __init__(self, parts: "Parts", flow: "Flow", connection: Connection, timer: ApschedulerTimer) -> None:
        self._parts = parts
        self._flow = flow
        self._connection = connection
        self._timer = timer
