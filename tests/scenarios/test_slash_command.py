"""`/ftcost` as Slack sends it, signed, over HTTP; and what Slack receives in return."""

import time
from typing import NoReturn
from urllib.parse import urlencode

import pytest
from fakes import NoHub
from said import SEED, at_rest, card, whispered, words
from structlog.testing import capture_logs
from typing_extensions import override

from bot.answers.estimates import EstimateService
from bot.bootstrap import Shell
from bot.cards.action_ids import RUN_PREFIX
from bot.cards.slack_limits import violations
from bot.playground import SlackDouble
from bot.playground.events import slash_command
from bot.playground.faults import broken, failing, rate_limited, slow
from bot.playground.people import ALEX, ALEX_MEI_DM, MEI, ML_TRAINING, RANDOM
from bot.playground.transport import FORM, HttpTransport
from estimator.spec import TrainingSpec

POST = "chat.postMessage"

pytestmark = pytest.mark.usefixtures("shell")


def test_a_command_is_echoed_and_its_card_posted_with_the_four_numbers_of_the_rule(
    slack: SlackDouble,
) -> None:
    answer = slack.slash_command(SEED)
    assert (answer.status, answer.payload()) == (200, {"response_type": "in_channel"})
    posted = card(slack)
    for number in ("65 GB", "939 steps", "23 min", "¥81.24"):
        assert number in words(posted)
    assert "why it differs" in words(posted).lower()
    assert posted["metadata"]["event_payload"]["command"] == SEED
    assert violations({"text": posted["text"], "blocks": posted["blocks"]}, "card") == ()


def test_the_sentence_of_a_card_has_the_number_and_the_verdict(slack: SlackDouble) -> None:
    slack.slash_command(SEED)
    sentence = card(slack)["text"]
    assert "$" in sentence
    assert "Fits" in sentence


def test_a_chinese_reader_gets_a_chinese_card_in_yuan(slack: SlackDouble) -> None:
    slack.slash_command(SEED, user=MEI)
    posted = card(slack)
    assert "经验" in words(posted) or "¥" in posted["text"]
    assert "¥" in posted["text"]


def test_lang_in_the_text_beats_the_locale(slack: SlackDouble) -> None:
    slack.slash_command(f"{SEED} lang=en", user=MEI)
    assert "Fits" in card(slack)["text"]


def test_a_mistake_is_the_acknowledgement_itself_where_the_language_is_known(
    known: SlackDouble, shell: Shell
) -> None:
    answer = known.slash_command("7b bs=0 ecpochs=3")
    assert answer.payload()["response_type"] == "ephemeral"
    assert "bs=0" in str(answer.payload()["blocks"])
    assert "ecpochs=3" in str(answer.payload()["blocks"])
    at_rest(shell)
    assert known.calls(POST) == ()
    assert known.messages() == ()


def test_a_mistake_of_somebody_unknown_comes_by_the_response_address(
    slack: SlackDouble, shell: Shell
) -> None:
    answer = slack.slash_command("7b bs=0")
    assert (answer.status, answer.body) == (200, b"")
    assert "bs=0" in words(whispered(slack))
    at_rest(shell)
    assert slack.calls(POST) == ()


@pytest.mark.parametrize("text", ["help", "please"])
def test_an_empty_text_is_a_call_for_help_that_nobody_else_sees(known: SlackDouble, text: str) -> None:
    answer = known.slash_command(text)
    assert answer.payload()["response_type"] == "ephemeral"
    assert "n=10" in str(answer.payload()["blocks"])


def test_private_keeps_the_card_to_the_asker(slack: SlackDouble, shell: Shell) -> None:
    answer = slack.slash_command(f"{SEED} private")
    assert answer.body == b""
    assert "939 steps" in words(whispered(slack))
    at_rest(shell)
    assert slack.messages() == ()


@pytest.mark.parametrize("text", ["models qwen", "gpus h100", "prices 4090"])
def test_a_list_is_for_the_asker_alone(slack: SlackDouble, shell: Shell, text: str) -> None:
    slack.slash_command(text)
    told = whispered(slack)
    assert any(block["type"] == "table" for block in told["blocks"])
    at_rest(shell)
    assert slack.messages() == ()
    assert "reply here" not in words(told)


def test_a_comparison_is_for_everybody(slack: SlackDouble) -> None:
    slack.slash_command("compare 7b lora | 7b qlora")
    slack.wait_for(lambda: slack.calls(POST))
    assert any(block["type"] == "table" for block in slack.calls(POST)[0]["blocks"])


def test_a_comparison_with_private_in_it_is_for_the_asker(slack: SlackDouble, shell: Shell) -> None:
    slack.slash_command("compare 7b lora private | 7b qlora")
    assert any(block["type"] == "table" for block in whispered(slack)["blocks"])
    at_rest(shell)
    assert slack.messages() == ()


def test_the_corrected_line_of_a_comparison_compares(known: SlackDouble) -> None:
    known.slash_command("compare 7b lroa | 13b qlora")
    known.click(whispered(known)["ts"], f"{RUN_PREFIX}0")
    [compared] = known.wait_for(known.messages)
    assert "13B QLoRA" in words(compared)


def test_an_unknown_model_of_the_hub_says_that_it_cannot_be_looked_up_and_names_the_nearest(
    slack: SlackDouble,
) -> None:
    slack.slash_command("nobody/qwen2.5-7b-uncensored lora")
    told = words(whispered(slack))
    assert "offline" in told or "reach" in told
    assert "qwen2.5-7b" in told


def test_hostile_text_comes_back_inert(known: SlackDouble) -> None:
    said = words(known.slash_command("7b <!channel> `x` <@U123> bs=0").payload())
    assert "bs=0" in said
    assert "<!channel>" not in said
    assert "<@U123>" not in said


class TestSignatures:
    def form(self, slack: SlackDouble) -> bytes:
        workspace = slack.slack.workspace
        permit = slack.slack.permits.response_url(ALEX, ML_TRAINING)
        form = slash_command(
            "/ftcost",
            SEED,
            person=workspace.person(ALEX),
            channel=workspace.channels[ML_TRAINING],
            trigger_id="1.2",
            response_url=f"{slack.url}/response/{permit}",
        )
        return urlencode(form).encode()

    def test_a_bad_signature_gets_401_and_nothing_else_happens(
        self, slack: SlackDouble, shell: Shell
    ) -> None:
        answer = slack.http.post(self.form(slack), FORM, {"X-Slack-Signature": "v0=" + "0" * 64})
        assert answer.status == 401
        self.nothing_happened(slack, shell)

    def test_a_request_301_seconds_old_gets_401_and_nothing_else_happens(
        self, slack: SlackDouble, shell: Shell
    ) -> None:
        old = HttpTransport(slack.http.app_url, slack.signing_secret, clock=lambda: time.time() - 301)
        assert old.post(self.form(slack), FORM).status == 401
        self.nothing_happened(slack, shell)

    @pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
    @pytest.mark.parametrize("value", ["", "nonsense", "-1", "\xe9", "1e9"])
    def test_a_malformed_header_gets_401(
        self, slack: SlackDouble, shell: Shell, name: str, value: str
    ) -> None:
        assert slack.http.post(self.form(slack), FORM, {name: value}).status == 401
        self.nothing_happened(slack, shell)

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"payload=%7Bnot-json", b"{" * 1000])
    def test_an_unreadable_body_is_refused(self, slack: SlackDouble, body: bytes) -> None:
        answer = slack.http.post(body, FORM, {"X-Slack-Signature": "v0=" + "0" * 64})
        assert answer.status in (400, 401)

    def nothing_happened(self, slack: SlackDouble, shell: Shell) -> None:
        at_rest(shell)
        assert [call.method for call in slack.calls() if call.method != "auth.test"] == []
        assert slack.messages() == ()


class TestTrouble:
    def test_where_the_bot_is_no_member_the_card_still_comes_and_an_invitation(
        self, slack: SlackDouble
    ) -> None:
        slack.slash_command(SEED, channel=RANDOM)
        assert "/invite" in whispered(slack)["text"]
        assert any("939 steps" in words(message) for message in slack.messages(RANDOM))

    def test_between_two_people_the_card_comes_by_the_response_address(self, slack: SlackDouble) -> None:
        slack.slash_command(SEED, channel=ALEX_MEI_DM)
        slack.wait_for(lambda: [m for m in slack.messages(ALEX_MEI_DM) if "939 steps" in words(m)])

    @pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
    def test_refused_blocks_go_out_as_a_sentence(self, slack: SlackDouble, code: str) -> None:
        slack.inject(failing(POST, code))
        slack.slash_command(SEED)
        assert "clean run" in card(slack)["text"]

    def test_a_rate_limit_is_waited_out(self, slack: SlackDouble, shell: Shell) -> None:
        slack.inject(rate_limited(POST, 1))
        slack.slash_command(SEED)
        card(slack)
        at_rest(shell)
        assert len(slack.calls(POST)) == 2

    def test_a_rate_limit_beyond_patience_ends_in_a_notice(self, slack: SlackDouble) -> None:
        slack.inject(rate_limited(POST, 600))
        slack.slash_command(SEED)
        assert "600 s" in whispered(slack)["text"]

    @pytest.mark.parametrize("code", ["fatal_error", "account_inactive", "missing_scope", "no_permission"])
    def test_any_other_refusal_ends_in_something_the_user_sees(self, slack: SlackDouble, code: str) -> None:
        slack.inject(failing(POST, code))
        slack.slash_command(SEED)
        assert code in whispered(slack)["text"]

    def test_a_lost_answer_never_makes_a_second_card(self, slack: SlackDouble, shell: Shell) -> None:
        slack.inject(broken(POST, 500, applied=True))
        slack.slash_command(SEED)
        assert "did not confirm" in whispered(slack)["text"]
        at_rest(shell)
        assert len([m for m in slack.messages() if m.get("metadata")]) == 1

    def test_a_slow_slack_does_not_delay_the_acknowledgement(self, slack: SlackDouble) -> None:
        slack.inject(slow("users.info", 1.5))
        slack.slash_command(SEED)
        assert slack.calls("users.info") == ()  # not answered yet
        card(slack)
        assert len(slack.calls("users.info")) == 1

    def test_a_user_whom_slack_does_not_describe_reads_english(self, slack: SlackDouble) -> None:
        slack.inject(failing("users.info", "missing_scope"))
        slack.slash_command(SEED, user=MEI)
        assert "Fits" in card(slack)["text"]


class BrokenService(EstimateService):
    """A bug that nobody foresaw."""

    @override
    def estimate(self, spec: TrainingSpec, *, currency: str) -> NoReturn:
        raise ZeroDivisionError


def test_a_bug_gets_an_apology_with_the_reference_that_the_log_has(shell: Shell, slack: SlackDouble) -> None:
    answers = shell.responder.answers
    answers.service = BrokenService(answers.service.catalog, shell.prices, NoHub())
    with capture_logs() as logs:
        slack.slash_command(SEED)
        told = whispered(slack)["text"]
    [bug] = [entry for entry in logs if entry["log_level"] == "error"]
    assert f"`{bug['reference']}`" in told
