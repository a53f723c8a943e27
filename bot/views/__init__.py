"""Pure rendering: core values in, what Slack shows out."""
