"""Every reader of foreign input, by the name it is fuzzed under."""

from collections.abc import Mapping

from tests.fuzz import grammar, inbound, rules, wire
from tests.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    target.name: target for target in (grammar.TARGET, inbound.TARGET, wire.TARGET, rules.TARGET)
}
