"""The kinds of our buttons and modals. A button's `action_id` is its kind (with `:n` where several stand together);
its value is an opaque id, and what that means is in the database.

Where an approval is given, the id also says by which terms: who approves what they see must not approve what has been
asked anew since by other rules.
"""

from bot.core.names import ButtonId

APPROVE = "approve"
DECLINE = "decline"
ASK = "ask"
"""Asks the text that was kept under the button's id, as the person who presses."""
APPROVE_NOW = "approve_now"
ASK_NOW = "ask_now"
"""The same two in answer to "Still want it?": whoever presses these has seen how late it is, and is not asked again."""
FOLLOW = "follow"
FOLLOW_TASK = "follow_task"
GIVE_UP = "give_up"
"""Ends here what leads nowhere: an ask without an answer, or a task that is stuck. Asks back first."""
LOG = "log"
LOOKING = "looking"
"""Says that whoever presses is looking into it, or no longer is."""
OPEN_FORM = "open_form"
"""Opens the form to ask in a thread, once more: its id is that of the kept place."""
PLEAD = "plead"
"""Asks those who may to do the ask that was kept under the button's id."""
PLEA = "plea"
"""Does what somebody else asked for, as the person who presses; its id is that of the plea."""
PLEA_BACK = "plea_back"
"""Takes one's own plea back."""
RETRY = "retry"

DECLINE_MODAL = "decline_modal"
GIVE_UP_MODAL = "give_up_modal"
TYPED_MODAL = "typed_modal"

REASON_FIELD = "reason"
NAME_FIELD = "name"

ASK_MODAL = "ask_modal"
TEXT_FIELD = "text"
MESSAGE_SHORTCUT = "oec_message"
"""The callback id of the message shortcut in `manifest.yml`."""


def with_terms(handle: ButtonId, terms: str | None) -> ButtonId:
    """The id of a button or form that approves a run on these terms (the approval's fingerprint), if they are known."""
    return ButtonId(f"{handle}.{terms}") if terms else handle


def split_terms(button_id: ButtonId) -> tuple[ButtonId, str | None]:
    """The run's handle and the terms in such an id; without terms on cards that earlier versions drew."""
    handle, _, terms = button_id.partition(".")
    return ButtonId(handle), terms or None
