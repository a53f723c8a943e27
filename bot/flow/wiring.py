"""The stations of the flow, put together over the ports they need."""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.names import TeamId
from bot.core.rules import Rules
from bot.flow.adoption import Adoption
from bot.flow.approvals import Approvals
from bot.flow.attendance import Attendance
from bot.flow.background import Background
from bot.flow.calls import Calls
from bot.flow.cards import Cards
from bot.flow.changes import Changes
from bot.flow.conversation import Conversation
from bot.flow.desk import Desk
from bot.flow.experience import Experience
from bot.flow.explaining import Explaining
from bot.flow.forms import Forms
from bot.flow.giving_up import GivingUp
from bot.flow.home import Homes
from bot.flow.judging import Judging
from bot.flow.leave import Leave
from bot.flow.lookup import Lookup
from bot.flow.mending import Mending
from bot.flow.operators import Operators
from bot.flow.people import People
from bot.flow.plea_messages import PleaMessages
from bot.flow.plea_offers import PleaOffers
from bot.flow.pleas import Pleas
from bot.flow.ports import Chat, Clock, History, Hosting
from bot.flow.pre_flight import PreFlights
from bot.flow.presses import Presses
from bot.flow.reading import Reading
from bot.flow.reminders import Reminders
from bot.flow.rulebook import Rulebook
from bot.flow.runs import Runs
from bot.flow.tracker import Tracker
from bot.flow.voting import Voting


@dataclass(frozen=True, slots=True)
class Flow:
    """What the rest of the bot reaches: the desk takes from people, the others have turns."""

    desk: Desk
    approvals: Approvals
    background: Background
    cards: Cards
    mending: Mending
    operators: Operators
    people: People
    plea_messages: PleaMessages
    reminders: Reminders
    rulebook: Rulebook
    tracker: Tracker


def wire(
    chat: Chat,
    history: History,
    hosting: Hosting,
    clock: Clock,
    *,
    rules: Rules,
    home_team: TeamId,
    look_gap: timedelta,
) -> Flow:
    """Put the stations together."""
    background, rulebook = Background(), Rulebook(rules)
    people = People(chat, history, clock, rulebook=rulebook, home_team=home_team)
    operators = Operators(chat, rulebook)
    experience = Experience(history)
    calls = Calls(history, clock, rulebook=rulebook, people=people)
    cards = Cards(chat, history, clock, background, experience, calls)
    attendance = Attendance(chat, clock, background)
    runs = Runs(history, hosting, clock, cards, Lookup(history, hosting), Leave(rulebook, people), background)
    offers = PleaOffers(history, clock, rulebook)
    explaining = Explaining(history, rulebook, people, cards, offers)
    reading = Reading(history, hosting, clock, rulebook, cards, explaining)
    judging = Judging(clock, rulebook, people)
    approvals = Approvals(history, clock, judging, cards)
    pre_flights = PreFlights(history, hosting, clock, cards, runs)
    changes = Changes(
        chat,
        history,
        clock,
        approvals=approvals,
        cards=cards,
        runs=runs,
        pre_flights=pre_flights,
        background=background,
    )
    conversation = Conversation(
        chat,
        history,
        clock,
        rulebook=rulebook,
        people=people,
        changes=changes,
        reading=reading,
        offers=offers,
    )
    forms = Forms(chat)
    voting = Voting(
        chat,
        history,
        approvals=approvals,
        judging=judging,
        runs=runs,
        cards=cards,
        forms=forms,
        attendance=attendance,
    )
    plea_messages = PleaMessages(chat, history, clock, background)
    pleas = Pleas(
        chat,
        history,
        clock,
        rulebook=rulebook,
        people=people,
        conversation=conversation,
        messages=plea_messages,
    )
    presses = Presses(
        chat,
        history,
        clock,
        rulebook=rulebook,
        conversation=conversation,
        reading=reading,
        voting=voting,
        forms=forms,
        pleas=pleas,
        adoption=Adoption(history, hosting, clock, cards, runs),
        giving_up=GivingUp(chat, rulebook, conversation, runs),
        runs=runs,
        cards=cards,
        attendance=attendance,
    )
    return Flow(
        desk=Desk(
            chat,
            history,
            clock,
            attendance=attendance,
            conversation=conversation,
            presses=presses,
            homes=Homes(chat, rulebook, people, home_team),
        ),
        approvals=approvals,
        background=background,
        cards=cards,
        mending=Mending(chat, history, clock, cards),
        operators=operators,
        people=people,
        plea_messages=plea_messages,
        reminders=Reminders(
            history,
            clock,
            calls=calls,
            approvals=approvals,
            pre_flights=pre_flights,
            background=background,
        ),
        rulebook=rulebook,
        tracker=Tracker(
            history, hosting, clock, cards, runs, background, experience=experience, gap=look_gap
        ),
    )
