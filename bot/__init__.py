"""oec-bot: run Odoo environments on oec.sh from Slack."""
