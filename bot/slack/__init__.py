"""Everything that knows slack_bolt or Slack payloads."""
