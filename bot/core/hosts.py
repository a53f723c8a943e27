"""Hosts by name: which of them are this very machine, to which a key may travel in the clear and past any proxy."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
