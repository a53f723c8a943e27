"""Text from outside as far as it can be kept and sent on. Whether it may be shown as it is, `views/marked` decides."""


def keepable(text: str) -> str:
    """The text without NULs, and without the half characters that neither a database nor Slack takes."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
