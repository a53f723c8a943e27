"""Slack's own JavaScript framework, fetched once as its lock file says and kept beside it, where git does not look."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.support.needs import go_without, node_path

JAVASCRIPT = Path(__file__).parent / "javascript"
OLDEST_NODE = 20
_LOCK_FILE = JAVASCRIPT / "package-lock.json"
_PATIENCE = 180


def node_with_packages() -> str:
    """Node, with everything of `package-lock.json` installed. Skips the test where that cannot be had.

    May be called by several processes at once: one fetches, the others wait for it.
    """
    node = node_path()
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        go_without(f"needs Node {OLDEST_NODE} or newer; this is {version}")
    with _LOCK_FILE.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
    return node


def _install() -> None:
    wanted = hashlib.sha256(_LOCK_FILE.read_bytes()).hexdigest()
    done = JAVASCRIPT / "node_modules" / ".installed"
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm") or go_without("needs npm: apt-get install npm")
    try:
        ran = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=JAVASCRIPT,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        go_without("npm ci did not end; is the registry out of reach?")
    if ran.returncode != 0:
        go_without(f"npm ci failed: {ran.stderr[-500:]}")
    done.write_text(wanted, encoding="utf-8")
