"""The bot as it is, but for its own pace towards Slack: `python -m tests.benchmarks.unpaced run`.

With it, a thousand cards would take four minutes and edits would come one in two seconds. Only for stand-ins without tiers.
"""

from functools import partial

from bot.cli import main
from bot.slack import publisher
from bot.slack.limits import Pace, Paces

AT_ONCE = Pace(burst=100_000, gap=0.001)


def lift_paces() -> None:
    """Publishers made from now on keep to no pace."""
    unpaced = partial(Paces, edits=AT_ONCE, posts=AT_ONCE, posts_in_channel=AT_ONCE, others=AT_ONCE)
    vars(publisher)["Paces"] = unpaced


if __name__ == "__main__":
    lift_paces()
    main()
