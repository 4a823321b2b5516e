"""A double of Slack on loopback: Web API, events, interactions, Socket Mode, and a page to look at it."""

from bot.playground.double import SlackDouble
from bot.playground.faults import Fault
from bot.playground.run import Playground, start_playground

__all__ = ["Fault", "Playground", "SlackDouble", "start_playground"]
