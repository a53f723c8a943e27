"""The grammar under fuzzing: whatever is typed is an intent or a reason, and an intent means the same said again."""

from bot.core.grammar import LONGEST_ASK, ask_form, parse
from bot.core.intents import Intent, QuickUpdate
from bot.core.misunderstood import Misunderstood
from tests.core.samples import CATALOG
from tests.fuzz.target import Target, check_texts

_ALIASES = {alias for one in CATALOG.environments for alias in (one.alias, *one.aliases)}

SEEDS = (
    "deploy prod modules=sale,stock",
    "quick-update modules=sale,stock mode=update_specific prod",
    "update sale, stock on prod",
    "reinit dev sale mode=reinitialize_specific",
    "restart “Client ERP / production”",
    "/oec stop env=Client ERP/productoin",
    "<@U0OECBOT> status <http://prod|prod>",
    "history count=50 prod",
    "logs #42",
    "help quick-update",
    "deploy &lt;!channel&gt; <!here|here> \u202e\x00 ｐｒｏｄ",
    "<" * 40,
    "a," * 40,
    "ﷺ" * 20,
)


def check_text(text: str) -> None:
    """See what one request becomes."""
    meant = parse(text, CATALOG)
    assert isinstance(meant, Intent | Misunderstood), type(meant)
    check_texts(meant, longest=LONGEST_ASK)
    if isinstance(meant, Intent) and not _has_no_short_form(meant):
        assert parse(ask_form(meant), CATALOG) == meant, ask_form(meant)
    if len(text.strip()) > LONGEST_ASK:
        assert isinstance(meant, Misunderstood), "a request too long to be read was carried out"


def _has_no_short_form(meant: Intent) -> bool:
    """A single module called like an environment can only be named in a longer list or as an option."""
    return isinstance(meant, QuickUpdate) and len(meant.modules) == 1 and meant.modules[0] in _ALIASES


def check_one(data: bytes) -> None:
    """Read bytes line by line, and whole; what is no UTF-8 becomes half characters."""
    text = data.decode("utf-8", "surrogateescape")
    for line in dict.fromkeys([text, *text.splitlines()]):
        check_text(line)


TARGET = Target("grammar", check_one, tuple(seed.encode() for seed in SEEDS))
