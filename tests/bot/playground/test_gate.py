"""Who may talk to a playground: its app, its own page in the browser that has the key, and nobody else."""

import http.client
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from patience import PATIENCE_SECONDS
from tiny_app import make_tiny_app

from bot.playground import Playground, SlackDouble, start_playground
from bot.playground.gate import Gate
from bot.playground.people import ALEX, ML_TRAINING
from bot.playground.server import BODY_BYTES_MOST
from bot.playground.state import BOT_TOKEN

Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Answer]
JSON = {"Content-Type": "application/json"}
SAID = json.dumps({"user": ALEX, "channel": ML_TRAINING, "text": "hi"}).encode()
WAYS = (
    ("GET", "/"),
    ("GET", "/archives/C0MLTRAIN1/p1"),
    ("GET", "/page/app.js"),
    ("GET", "/play/state"),
    ("GET", "/play/stream"),
    ("POST", "/play/send"),
    ("GET", "/api/auth.test"),
    ("POST", "/api/chat.postMessage"),
    ("POST", "/response/R1"),
    ("GET", "/files-pri/F1/name"),
    ("GET", "/link/"),
)
OF_THE_APP = ("/api/", "/response/", "/files-pri/", "/link/")


@pytest.fixture
def ask(double: SlackDouble) -> Ask:
    port = urlsplit(double.url).port

    def one(
        method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = (answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found

    return one


@pytest.fixture
def page(double: SlackDouble) -> dict[str, str]:
    """What a browser sends that has the key."""
    return {"Cookie": f"other=1; {double.gate.cookie}={double.gate.key}", "Sec-Fetch-Site": "same-origin"}


def test_the_printed_address_gives_the_key_and_hides_it(ask: Ask, double: SlackDouble) -> None:
    status, headers, _ = ask("GET", f"/?key={double.gate.key}", {})
    assert (status, headers["location"]) == (303, "/")
    assert headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert ask("GET", "/", {"Cookie": headers["set-cookie"].partition(";")[0]})[0] == 200
    assert ask("GET", "/?key=wrong", {})[0] == 403


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_a_name_that_was_rebound_to_this_machine_gets_nothing(
    ask: Ask, page: dict[str, str], method: str, path: str
) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[::1"):
        for headers in ({}, page, {"Authorization": f"Bearer {BOT_TOKEN}"}):
            assert ask(method, path, headers | JSON | {"Host": host}, SAID)[0] == 403


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_another_site_in_the_same_browser_gets_nothing(
    ask: Ask, page: dict[str, str], method: str, path: str
) -> None:
    for more in (
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert ask(method, path, page | JSON | more, SAID)[0] == 403


@pytest.mark.parametrize(("method", "path"), [way for way in WAYS if not way[1].startswith(OF_THE_APP)])
def test_without_the_key_nobody_looks_or_types(ask: Ask, double: SlackDouble, method: str, path: str) -> None:
    for cookie in ("", f"{double.gate.cookie}=wrong", f"{double.gate.cookie}", "\x00"):
        status, headers, body = ask(method, path, JSON | ({"Cookie": cookie} if cookie else {}), SAID)
        assert status == 403
        assert b"open the address" in body
        assert "set-cookie" not in headers


def test_the_page_with_its_key_types(ask: Ask, page: dict[str, str], double: SlackDouble) -> None:
    assert ask("POST", "/play/send", page | JSON | {"Origin": double.url}, SAID)[0] == 200
    assert ask("POST", "/play/send", page | {"Content-Type": "text/plain"}, SAID)[0] == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_object_is_refused_quietly(ask: Ask, page: dict[str, str], body: bytes) -> None:
    status, _, said = ask("POST", "/play/send", page | JSON, body)
    assert (status, said) == (400, b"not a JSON object")


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, str(BODY_BYTES_MOST + 1), "1.5"])
def test_a_body_of_no_length_or_of_too_much_is_not_waited_for(
    ask: Ask, page: dict[str, str], length: str
) -> None:
    assert ask("POST", "/play/send", page | JSON | {"Content-Length": length})[0] == 413


def test_nothing_of_a_request_comes_back(ask: Ask, page: dict[str, str]) -> None:
    for method, path in (("GET", "/<script>alert(1)</script>"), ("<SCRIPT>", "/"), ("PUT", "/<script>")):
        _, headers, body = ask(method, path, page)
        assert b"script" not in body.lower()
        assert headers["content-type"].startswith("text/plain")
        assert headers["x-content-type-options"] == "nosniff"


def test_who_listens_everywhere_is_called_by_number() -> None:
    gate = Gate("0.0.0.0", 8765)  # noqa: S104  -- nobody listens
    assert gate.names_us({"Host": "192.168.1.7:8765"})
    assert gate.names_us({"Host": "[fe80::1]:8765"})
    assert not gate.names_us({"Host": "laptop.evil.example:8765"})
    assert Gate("laptop.local", 1).names_us({"Host": "laptop.local:1"})


@pytest.fixture
def two() -> Iterator[tuple[Playground, Playground]]:
    first, second = start_playground(make_tiny_app), start_playground(make_tiny_app)
    yield first, second
    first.stop()
    second.stop()


def test_every_start_has_its_own_key_tokens_and_secret(two: tuple[Playground, Playground]) -> None:
    secrets_of = [
        {
            one.double.gate.key,
            one.double.signing_secret,
            one.double.slack.bot_token,
            one.double.slack.app_token,
        }
        for one in two
    ]
    assert len(secrets_of[0] | secrets_of[1]) == 8
    assert BOT_TOKEN not in secrets_of[0]
