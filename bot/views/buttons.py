"""The kinds of our buttons and modals. A button's `action_id` is its kind (with `:n` where several stand together);
its value is an opaque id, and what that means is in the database."""

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
