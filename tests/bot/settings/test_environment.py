"""The environment becomes settings, or one line that names what is wrong with it."""

from pathlib import Path
from typing import get_args

import pytest

from bot.files import read_config
from bot.prices.listed import SNAPSHOT_NAME
from bot.prices.live import SOURCES
from bot.prices.sources.rates import Rates
from bot.settings import (
    PriceSourceName,
    Settings,
    SettingsError,
    serving_settings_from,
    settings_from,
)
from bot.settings.names import EXAMPLES, SERVED_ONLY, VARIABLES

HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s3cret", "HOME": "/home/somebody"}
SECRETS = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-", "SLACK_SIGNING_SECRET": ""}
"""With what each begins."""
NO_ADDRESSES = ("9464", "here", ":9464", "127.0.0.1:x", "127.0.0.1:99999", "a@b:1")
YES_OR_NO = {
    field: VARIABLES[field] for field, kept in Settings.model_fields.items() if kept.annotation is bool
}


def test_every_price_source_has_its_name_in_the_settings_and_its_terms() -> None:
    terms = read_config("price_sources")["terms"]
    assert {*get_args(PriceSourceName), Rates.name} == {*SOURCES, SNAPSHOT_NAME}
    assert set(terms) == set(SOURCES)


def test_nothing_said_gives_the_documented_defaults() -> None:
    settings = settings_from({"HOME": "/home/somebody"})
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.state_dir == Path("/home/somebody/.local/state/ftcost")
    assert settings.price_sources == get_args(PriceSourceName)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert not settings.hub_offline
    assert not settings.uses_socket_mode


def test_the_state_directory_follows_xdg() -> None:
    assert settings_from({"XDG_STATE_HOME": "/var/state"}).state_dir == Path("/var/state/ftcost")
    assert settings_from({"FTCOST_STATE_DIR": "/srv/ftcost"}).state_dir == Path("/srv/ftcost")


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret() -> None:
    settings = serving_settings_from({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"})
    assert settings.uses_socket_mode


def test_an_empty_variable_counts_as_absent() -> None:
    assert settings_from(HTTP | {"REDIS_URL": "", "PORT": "  "}).port == 3000


@pytest.mark.parametrize(("field", "variable"), YES_OR_NO.items())
@pytest.mark.parametrize(("word", "meant"), [("1", True), ("YES", True), ("on", True), ("No", False)])
def test_every_yes_and_no_is_said_in_the_same_words(
    field: str, variable: str, word: str, *, meant: bool
) -> None:
    assert getattr(settings_from({variable: word}), field) is meant


def test_the_hub_is_reached_where_and_as_whom_its_own_variables_say() -> None:
    settings = settings_from({"HF_ENDPOINT": "https://mirror.example", "HF_TOKEN": "hf_secret"})
    assert settings.hub_endpoint == "https://mirror.example/"
    assert settings.hub_token is not None
    assert "hf_secret" not in repr(settings)
    assert settings_from({}).hub_endpoint == "https://huggingface.co/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("json", ("json", "info")),
        ("console:debug", ("console", "debug")),
        ("json,warning", ("json", "warning")),
    ],
)
def test_the_log_is_a_format_and_a_level(text: str, expected: tuple[str, str]) -> None:
    settings = settings_from({"FTCOST_LOG": text})
    assert (settings.log_format, settings.log_level) == expected


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SLACK_BOT_TOKEN", "hunter2"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("SLACK_BOT_TOKEN", "xapp-hunter2"),
        ("SLACK_SIGNING_SECRET", "xoxb-hunter2"),
        *((name, f"{start}{rest}") for name, start in SECRETS.items() for rest in ("…", "1 2", "1\n2", "é")),
        *((name, start) for name, start in SECRETS.items() if start),
        ("SLACK_API_URL", "slack.com"),
        ("SLACK_API_URL", "https://slack.com:99999/api/"),
        ("HF_ENDPOINT", "http://hub:abc"),
        ("REDIS_URL", "http://user:hunter2@cache"),
        ("REDIS_URL", "redis://:hunter2/x@cache:6379/0"),
        ("REDIS_URL", "redis://:hunter2#x@cache:6379/0"),
        ("REDIS_URL", "redis://:hunter2@cache:port/0"),
        ("REDIS_URL", "redis://:hunter2@cache/cards"),
        ("REDIS_URL", "redis://:hunter2@one:6379,two:6379/0"),
        ("REDIS_URL", "redis+cluster://:hunter2@cache:6379/1"),
        ("REDIS_URL", "redis+sentinel://:hunter2@one:x,two:26379/main/0"),
        ("REDIS_URL", "redis:///0"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "unix://"),
        *((variable, "perhaps") for variable in YES_OR_NO.values()),
        ("FTCOST_BUDGET_MANAGERS", "@anna"),
        ("FTCOST_PRICE_SOURCES", "snapshot,ebay"),
        ("FTCOST_PRICE_SOURCES", ","),
        ("FTCOST_CONFIG_DIR", "/nowhere/at/all"),
        ("FTCOST_LOG", "loud"),
        *(("FTCOST_METRICS_ADDRESS", each) for each in NO_ADDRESSES),
    ],
)
def test_a_malformed_setting_is_one_line_that_names_it_and_never_a_secret(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        serving_settings_from(HTTP | {variable: value})
    assert str(raised.value).startswith(f"{variable}:")
    assert "\n" not in str(raised.value)
    assert f"write {variable}=" in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://user:p%2Fw@cache:6380/3",
        "rediss://[::1]:6379/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock?db=1",
        "unix://:p%40w@/run/my%20redis.sock",
        "redis://cache?db=2&client_name=ftcost",
        "redis://cache/0?username=anna&password=p%26w&socket_keepalive=yes&max_connections=20",
        "rediss://cache/0?ssl_cert_reqs=none&ssl_check_hostname=false",
        "redis://[fe80::1%25eth0]:6379/0",
        "redis+sentinel://[::1]:26379,[::2]/main?db=3&sentinel_password=p%40w",
        "redis+cluster://cache:7000/0?health_check_interval=10",
        "redis+sentinel://:pw@one,two:26379,three/main/0",
        "rediss+cluster://cache:7000",
    ],
)
def test_every_way_to_a_redis_is_taken(url: str) -> None:
    assert settings_from({"REDIS_URL": url}).redis_url == url


def test_every_mistake_is_said_at_once() -> None:
    wrong = {"PORT": "x", "FTCOST_PRICE_SOURCES": "ebay,snapshot,etsy", "FTCOST_LOG": "loud"}
    with pytest.raises(SettingsError) as raised:
        serving_settings_from(wrong)
    lines = str(raised.value).splitlines()
    assert [line.partition(" ")[0].rstrip(":") for line in lines] == [
        "PORT",
        "FTCOST_PRICE_SOURCES",
        "FTCOST_PRICE_SOURCES",
        "FTCOST_LOG",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ]
    assert "'x' is no whole number; write PORT=3000" in lines[0]
    assert "'etsy'" in lines[2]


def test_what_we_say_to_write_is_itself_well_formed(tmp_path: Path) -> None:
    said = {name: example.partition(" (")[0].replace("…", "1") for name, example in EXAMPLES.items()}
    assert set(said) == {*VARIABLES.values(), "FTCOST_LOG"}
    assert serving_settings_from(said | {"FTCOST_CONFIG_DIR": str(tmp_path)}).require_store


@pytest.mark.parametrize(
    ("name", "meant"),
    [("FTCOST_REQUIRE_STORES", "FTCOST_REQUIRE_STORE"), ("FTCOST_PRICES_SOURCES", "FTCOST_PRICE_SOURCES")],
)
def test_a_misspelt_setting_is_no_setting(name: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: there is no such setting; write {meant}="):
        serving_settings_from(HTTP | {name: "1"})


@pytest.mark.parametrize(
    "name",
    [
        "FTCOST_PORT",
        "FTCOST_SERVICE_HOST",
        "FTCOST_PORT_3000_TCP_ADDR",
        "SLACK_WEBHOOK_URL",
        "FTCOST_REQUIRE_BROWSER",
    ],
)
def test_what_an_orchestrator_or_another_program_sets_is_none_of_ours(name: str) -> None:
    assert serving_settings_from(HTTP | {name: "tcp://10.0.0.1:3000"}).port == 3000


def test_a_terminal_asks_nothing_of_what_only_the_bot_reads() -> None:
    others = {"PORT": "http", "REDIS_URL": "sqlite://", "SLACK_BOT_TOKEN": "xoxp-1"}
    assert settings_from(others, leaving=SERVED_ONLY).port == 3000


@pytest.mark.parametrize("missing", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"])
def test_serving_over_http_needs_a_token_and_a_signing_secret(missing: str) -> None:
    for environ in ({key: value for key, value in HTTP.items() if key != missing}, HTTP | {missing: " "}):
        with pytest.raises(SettingsError, match=f"^{missing} is missing"):
            serving_settings_from(environ)


def test_secrets_do_not_show_in_a_repr() -> None:
    shown = repr(serving_settings_from(HTTP))
    assert "xoxb-1" not in shown
    assert "s3cret" not in shown


def test_every_field_has_its_variable() -> None:
    of_the_playground = {"locale_seconds"}
    assert set(VARIABLES) | {"log_format", "log_level"} | of_the_playground == set(Settings.model_fields)
