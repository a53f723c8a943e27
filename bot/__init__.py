"""oec-bot: run Odoo environments on oec.sh from Slack."""

__version__ = "0.1.0"
