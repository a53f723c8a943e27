"""Starts bots quickly: one process has everything loaded, and forks for each life. What is born is a process like any other.

`python -m tests.benchmarks.chaos.nursery` reads one JSON object a line, `{"point", "settings", "folder", "errors"}`, and
answers with the pid of a new `oec-bot run`. A start from nothing takes half a second of processor time for imports alone.
"""

import gc
import importlib
import json
import os
import random
import signal
import sys
from typing import Any, NoReturn

from tests.benchmarks.chaos.doomed import run_doomed

LOADED = ("bot.cli", "bot.app", "bot.adapters", "bot.rules_file", "bot.settings", "bot.clock", "bot.process")


def main() -> None:
    """Serve until the other end closes."""
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system takes the dead away
    for line in sys.stdin:
        wish: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            live(wish)
        print(pid, flush=True)


def live(wish: dict[str, Any]) -> NoReturn:
    """Be the bot, with nothing of this process's surroundings but what was wished for."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        errors = os.open(wish["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number, target in ((nothing, 0), (nothing, 1), (errors, 2)):
            os.dup2(number, target)
        os.chdir(wish["folder"])
        os.environ.clear()
        os.environ.update(wish["settings"])
        random.seed()
        run_doomed(wish["point"], ["run"])
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, the other copy of this program must not go on from here
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
