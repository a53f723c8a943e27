"""`python -m tests.fuzz grammar|inbound|wire|rules [--seconds N]`: the readers under atheris, for as long as one likes.

CI runs the same checks under Hypothesis (`test_targets.py`). Here libFuzzer looks for inputs that reach new lines; what
breaks a promise is written to a file that `--replay FILE` tries again. Needs the extra `fuzz`, which is for Python 3.11.
"""

import argparse
import importlib
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

MISSING = 2


def main(arguments: list[str]) -> int:
    """Fuzz one reader, or replay one input; the exit status."""
    options = _read_options(arguments)
    if options.replay is not None:
        _replay(options.target, options.replay)
        return 0
    if importlib.util.find_spec("atheris") is None:
        print("Fuzzing needs atheris: pip install -e '.[fuzz]' with Python 3.11.", file=sys.stderr)
        return MISSING
    _fuzz(options.target, options.seconds)
    return 0


def _read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", choices=["grammar", "inbound", "wire", "rules"])
    parser.add_argument("--seconds", type=int, default=60, help="how long (default 60)")
    parser.add_argument("--replay", type=Path, help="try this one input instead, without atheris")
    return parser.parse_args(arguments)


def _replay(name: str, file: Path) -> None:
    from tests.fuzz.targets import TARGETS

    TARGETS[name].check_one(file.read_bytes())
    print("It holds.")


def _fuzz(name: str, seconds: int) -> None:
    atheris: Any = importlib.import_module("atheris")  # it comes without types, and only where it is wanted

    # not yaml: what atheris 2.3 makes of its scanner calls a method on the wrong object
    with atheris.instrument_imports(include=["bot", "email"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    flags = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", f"-artifact_prefix={corpus}/"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], target.check_one)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
