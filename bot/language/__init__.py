"""The command language: one grammar for every surface."""

from bot.language.canonical import change_text, format_request
from bot.language.documents import document, parse_batch, parse_document, problems_document, request_of
from bot.language.messages import message
from bot.language.overlay import Dropped
from bot.language.problems import Problem
from bot.language.reader import read, read_plain
from bot.language.reading import Reading
from bot.language.request import Request
from bot.language.topics import Topic, fillers, help_topic, help_topics
from bot.language.vocabulary import Vocabulary, vocabulary_of

__all__ = [
    "Dropped",
    "Problem",
    "Reading",
    "Request",
    "Topic",
    "Vocabulary",
    "change_text",
    "document",
    "fillers",
    "format_request",
    "help_topic",
    "help_topics",
    "message",
    "parse_batch",
    "parse_document",
    "problems_document",
    "read",
    "read_plain",
    "request_of",
    "vocabulary_of",
]
