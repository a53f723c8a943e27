"""What a process of ours is set to: its log, its pauses, and the words for what the system refuses it."""

import errno
import gc
import logging
import sys
import threading
from types import TracebackType

from bot.slack.redaction import RedactingFilter

log = logging.getLogger(__name__)


def start_logging(level: int) -> RedactingFilter:
    """Log for operators on standard error; secrets are struck out of every line, of the process's last words too.

    What is returned can be told more secrets to hide.
    """
    handler = logging.StreamHandler()
    handler.setLevel(level)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    redacting = RedactingFilter()
    handler.addFilter(redacting)
    logging.basicConfig(level=level, handlers=[handler])
    sys.excepthook = _log_last_words
    threading.excepthook = _log_last_words_of_thread
    return redacting


def _log_last_words(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Through the log, where secrets are struck out, and not straight to the terminal."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        log.critical("The bot broke", exc_info=(kind, error, traceback))


def _log_last_words_of_thread(broken: threading.ExceptHookArgs) -> None:
    log.critical("A thread broke", exc_info=broken.exc_value)


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
