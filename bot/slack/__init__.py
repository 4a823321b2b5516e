"""How we talk to Slack, and what happens after the acknowledgement."""
