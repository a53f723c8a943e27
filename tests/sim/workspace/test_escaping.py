"""What people type becomes what apps receive."""

import pytest

from bot.sim.workspace.entities import Channel
from bot.sim.workspace.escaping import escape_typed
from bot.sim.workspace.seeds import seeded_workspace


@pytest.mark.parametrize(
    ("typed", "received"),
    [
        ("deploy prod", "deploy prod"),
        ("can @ana deploy", "can <@U0ANA> deploy"),
        ("can @Ana, please", "can <@U0ANA>, please"),
        ("@releasers look", "<!subteam^S0RELEASE> look"),
        ("see #deploys.", "see <#C0DEPLOYS|deploys>."),
        ("in #secret", "in <#C0SECRET|>"),
        ("run #42", "run #42"),
        ("@nobody", "@nobody"),
        ("@here", "<!here>"),
        ("a@ana.example", "a@ana.example"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("https://x.example/?a=1&b=2", "<https://x.example/?a=1&amp;b=2>"),
        ("can <@U0ANA> deploy", "can <@U0ANA> deploy"),
        ("<!channel> now", "<!channel> now"),
        ("<script>", "&lt;script&gt;"),
        ("", ""),
    ],
)
def test_typed_text_is_written_as_slack_writes_it(typed: str, received: str) -> None:
    workspace = seeded_workspace()
    workspace.put_channel(Channel("C0SECRET", "secret", ("U0ANA",), is_private=True))
    assert escape_typed(workspace, typed) == received
