"""Payloads with stamps of 5 000 digits, other shapes and depths: refused or left alone, never a crash."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import pytest
from said import SEED, at_rest, card

from bot.bootstrap import Shell
from bot.cards import action_ids
from bot.playground import SlackDouble
from bot.playground.people import ML_TRAINING
from bot.playground.transport import FORM, JSON

Body = tuple[bytes, str]
DIGITS: Final = "9" * 5000
NUMBER: Final = "\u2603number\u2603"
"""Stands for a bare number of 5 000 digits, which json.dumps does not write."""
DEEP: Final = "\u2603deep\u2603"
HOSTILE: Final = (DIGITS, f"{DIGITS}.{DIGITS}", NUMBER, DEEP, -1, "", "\u0000", "../" * 1000, "{" * 5000)
ROUNDS: Final = 150


@pytest.fixture
def recorded(slack: SlackDouble, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[Body]:
    """One body of each kind, as Slack sends them."""
    kept: list[Body] = []
    post = slack.http.post

    def posted(body: bytes, content_type: str, *more: Any) -> Any:
        kept.append((body, content_type))
        return post(body, content_type, *more)

    with monkeypatch.context() as recording:
        recording.setattr(slack.http, "post", posted)
        slack.slash_command(SEED)
        root = card(slack)
        slack.say("bs=16", thread_ts=root["ts"])
        slack.say("<@U0FTCOST01> 7b")
        slack.click(root["ts"], action_ids.COMPARE)
        slack.click(root["ts"], action_ids.EDIT)
        view = slack.wait_for(slack.view)
        slack.submit_view(view["id"])
        slack.open_home()
        at_rest(shell)
    return kept


def document_of(body: Body) -> Any:
    text, content_type = body
    if content_type == JSON:
        return json.loads(text)
    form = {name: values[0] for name, values in parse_qs(text.decode(), keep_blank_values=True).items()}
    return json.loads(form["payload"]) if "payload" in form else form


def body_of(document: Any, like: Body) -> Body:
    raw = json.dumps(document).replace(f'"{NUMBER}"', DIGITS)
    raw = raw.replace(f'"{DEEP}"', "[" * 50_000 + "]" * 50_000).replace(json.dumps(NUMBER), DIGITS)
    raw = raw.replace(json.dumps(DEEP), "[" * 50_000 + "]" * 50_000)
    text, content_type = like
    if content_type == JSON:
        return raw.encode(), content_type
    if b"payload=" in text:
        return urlencode({"payload": raw}).encode(), FORM
    return urlencode({name: str(value) for name, value in document.items()}).encode(), FORM


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a stamp, a name, a text or a number stands: Slack's own shapes hold, what is in them may not."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from places(value, (*path, name))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from places(value, (*path, index))
    elif document is not None and not isinstance(document, bool):
        yield path


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copied = copy.deepcopy(document)
    part = copied
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return copied


def test_no_payload_of_another_shape_is_a_bug(slack: SlackDouble, shell: Shell, recorded: list[Body]) -> None:
    chance = random.Random(4)
    for _ in range(ROUNDS):
        like = chance.choice(recorded)
        document = document_of(like)
        path, value = chance.choice(list(places(document))), chance.choice(HOSTILE)
        answer = slack.http.post(*body_of(changed(document, path, value), like))
        assert answer.status in (200, 400, 401, 404), (path, str(value)[:20], answer.body[:200])
        at_rest(shell)
    slack.slash_command("7b qlora 1x4090")
    at_rest(shell)
    assert len([each for each in slack.messages(ML_TRAINING) if each.get("metadata")]) > 1
