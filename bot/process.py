"""What a process of ours is set to: its log, its pauses, and the words for what the system refuses it."""

import errno
import gc
import logging
import sys

from bot.slack.redaction import RedactingFilter


def start_logging(level: int) -> None:
    """Log for operators on standard error; secrets are struck out of every line."""
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RedactingFilter())
    logging.basicConfig(level=level, handlers=[handler])


def keep_pauses_short() -> None:
    """Keep acknowledgements quick once everything is loaded.

    The collector need not look again and again through what stays for good: each such look is a pause of many
    milliseconds. And the database's thread may not hold the interpreter for the usual 5 ms while the loop waits.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(0.0005)


def describe_os_error(error: OSError) -> str:
    """What the system refused, and what to do about it."""
    if error.errno == errno.EADDRINUSE:
        return "This port is taken, perhaps by another oec-bot. Stop that one, or choose another port: see --help."
    return f"The system refuses: {error.strerror or error}"
