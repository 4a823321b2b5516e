"""The command language: one grammar for every surface."""

from bot.language.canonical import change_text, format_request
from bot.language.commands import asks_price, is_thanks
from bot.language.help import Topic, fillers, help_topic, help_topics
from bot.language.merge import Dropped, Reading
from bot.language.messages import message
from bot.language.reader import read, read_plain
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary, vocabulary_of
from bot.language.warm_up import warm_up
from estimator.errors import Problem

__all__ = [
    "Dropped",
    "Problem",
    "Reading",
    "Request",
    "Topic",
    "Vocabulary",
    "asks_price",
    "change_text",
    "fillers",
    "format_request",
    "help_topic",
    "help_topics",
    "is_thanks",
    "message",
    "read",
    "read_plain",
    "vocabulary_of",
    "warm_up",
]
