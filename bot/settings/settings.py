"""The environment -> Settings: read once, every mistake said at once, each in a line that names it."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationError

from bot.settings.addresses import listen_address, redis_address, web_address
from bot.settings.names import EXAMPLES, HUB_URL, SLACK_API_URL, VARIABLES
from estimator.base import Model

PriceSourceName = Literal["alibaba", "azure", "runpod", "gpuhunt", "vast", "gpurentalprices", "snapshot"]
"""In the order in which they are believed where two read a price on the same day."""
LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]
LOCALE_SECONDS: Final = 86_400.0
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
_WORD: Final = re.compile(r"[!-~]+")
_MEMBER: Final = re.compile(r"[UW][A-Z0-9]{2,}")


class SettingsError(Exception):
    """Settings that are missing or malformed: a line for each, which starts with its name."""

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


def _token(*prefixes: str) -> AfterValidator:
    def checked(token: SecretStr) -> SecretStr:
        if token.get_secret_value() in prefixes:
            raise ValueError(f"ends after {token.get_secret_value()}")
        if token.get_secret_value().startswith(prefixes):
            return _one_word(token)
        raise ValueError(f"must start with {prefixes[0]}{_what_it_is(token.get_secret_value())}")

    return AfterValidator(checked)


def _what_it_is(secret: str) -> str:
    """Where a secret that stands in the wrong place belongs."""
    if secret.startswith(("xoxb-", "xoxe.")):
        return "; this is a bot token, for SLACK_BOT_TOKEN"
    if secret.startswith("xapp-"):
        return "; this is an app-level token, for SLACK_APP_TOKEN"
    return "; this is a user's token" if secret.startswith("xoxp-") else ""


def _one_word(secret: SecretStr) -> SecretStr:
    if not _WORD.fullmatch(secret.get_secret_value()):
        raise ValueError("has a character that none of Slack's has: a space, a line's end, an ellipsis")
    return secret


def _no_token(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value().startswith(("xox", "xapp-")):
        raise ValueError(f"is no token{_what_it_is(secret.get_secret_value())}")
    return _one_word(secret)


def _listen_address(text: str) -> str:
    listen_address(text)
    return text


def _directory(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"there is no directory {path}")
    return path


def _comma_separated(value: Any) -> Any:
    return (
        tuple(part.strip().lower() for part in value.split(",") if part.strip())
        if isinstance(value, str)
        else value
    )


def _user_ids(value: Any) -> Any:
    return tuple(value.upper().replace(",", " ").split()) if isinstance(value, str) else value


def _member(user_id: str) -> str:
    if not _MEMBER.fullmatch(user_id):
        raise ValueError(f"{user_id!r} is no user id (in Slack: a profile, Copy member ID)")
    return user_id


def _yes_or_no(value: Any) -> Any:
    word = value.lower() if isinstance(value, str) else value
    return word in _TRUE if word in _TRUE | _FALSE else value


class Settings(Model):
    """Everything the environment decides; secrets never show in a repr or a log."""

    bot_token: Annotated[SecretStr, _token("xoxb-", "xoxe.xoxb-")] | None = None
    app_token: Annotated[SecretStr, _token("xapp-")] | None = None
    """Given: Socket Mode."""
    signing_secret: Annotated[SecretStr, AfterValidator(_no_token)] | None = None
    slack_api_url: Annotated[str, AfterValidator(web_address)] = SLACK_API_URL
    """Ends in a slash, as the SDK joins it."""
    host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    metrics_address: Annotated[str, AfterValidator(_listen_address)] | None = None
    """Where health and metrics are served instead of beside Slack's requests."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that answer, each with what it needs of memory."""
    redis_url: Annotated[str, AfterValidator(redis_address)] | None = None
    require_store: Annotated[bool, BeforeValidator(_yes_or_no)] = False
    """A start without a store that works is none."""
    state_dir: Path
    price_sources: Annotated[
        tuple[PriceSourceName, ...], BeforeValidator(_comma_separated), Field(min_length=1)
    ] = get_args(PriceSourceName)
    hub_offline: Annotated[bool, BeforeValidator(_yes_or_no)] = False
    hub_endpoint: Annotated[str, AfterValidator(web_address)] = HUB_URL
    """Ends in a slash."""
    hub_token: SecretStr | None = None
    shared_channel_prices: Literal["public", "own"] = "public"
    """What a channel that is shared with another company sees of the installation's own prices."""
    config_dir: Annotated[Path, AfterValidator(_directory)] | None = None
    locale_seconds: Annotated[float, Field(ge=0)] = LOCALE_SECONDS
    """How long the language that Slack says of somebody is believed; 0: Slack is asked each time."""
    budget_managers: Annotated[
        tuple[Annotated[str, AfterValidator(_member)], ...], BeforeValidator(_user_ids)
    ] = ()
    """Slack users who may book in every channel; empty: whoever made the channel."""
    log_format: LogFormat = "json"
    log_level: LogLevel = "info"

    @property
    def uses_socket_mode(self) -> bool:
        """Whether Slack is reached through a web socket that this process opens."""
        return self.app_token is not None


_SHOWN: Final = frozenset(
    {
        "PORT",
        "FTCOST_METRICS_ADDRESS",
        "FTCOST_WORKERS",
        "FTCOST_REQUIRE_STORE",
        "FTCOST_PRICE_SOURCES",
        "HF_HUB_OFFLINE",
    }
)
"""Variables that hold no secret and whose value the reason does not repeat already."""
_LIKE: Final = 90
_REASONS: Final = {
    "int_parsing": "is no whole number",
    "bool_parsing": "is neither 1 nor 0",
    "too_short": "names none",
    "greater_than_equal": "is out of range",
    "less_than_equal": "is out of range",
}
"""Kinds of mistakes whose usual words say less."""


def settings_from(environ: Mapping[str, str], *, leaving: frozenset[str] = frozenset()) -> Settings:
    """The settings in `environ` but for the fields `leaving`; an empty variable counts as absent.

    Raises:
        SettingsError: naming every variable that is malformed.
    """
    said = {
        field: environ[name].strip()
        for field, name in VARIABLES.items()
        if field not in leaving and environ.get(name, "").strip()
    }
    values: dict[str, Any] = {"state_dir": _default_state_dir(environ), **said}
    log, wrong_log = _log_settings(environ.get("FTCOST_LOG", ""))
    try:
        settings = Settings.model_validate(values | log)
    except ValidationError as error:
        raise SettingsError(*_lines(error), *wrong_log) from None
    if wrong_log:
        raise SettingsError(*wrong_log)
    return settings


def serving_settings_from(environ: Mapping[str, str]) -> Settings:
    """Likewise, with what `ftcost serve` cannot do without.

    Raises:
        SettingsError: naming every variable that is malformed, missing or misspelt.
    """
    wrong = (*_missing(environ), *_misspelt(environ))
    try:
        settings = settings_from(environ)
    except SettingsError as error:
        raise SettingsError(*error.args, *wrong) from None
    if wrong:
        raise SettingsError(*wrong)
    return settings


def _missing(environ: Mapping[str, str]) -> Iterator[str]:
    """What `ftcost serve` needs: a bot token, and one of the two ways to hear Slack."""
    said = {name for name in VARIABLES.values() if environ.get(name, "").strip()}
    if "SLACK_BOT_TOKEN" not in said:
        yield f"SLACK_BOT_TOKEN is missing; write SLACK_BOT_TOKEN={EXAMPLES['SLACK_BOT_TOKEN']}"
    if not {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} & said:
        secret, token = "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"
        yield (
            f"{secret} is missing: HTTP mode refuses to start without it; write "
            f"{secret}={EXAMPLES[secret]}, or for Socket Mode {token}={EXAMPLES[token]}"
        )


def _misspelt(environ: Mapping[str, str]) -> Iterator[str]:
    """Names that are nearly one of ours: what was meant to be set is not."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415  -- a terminal does not come here

    for name in environ:
        if not name.startswith(("FTCOST_", "SLACK_")) or name in EXAMPLES:
            continue
        near = process.extract(name, EXAMPLES.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=1)
        for meant, _, _ in near:
            if not environ.get(meant) and meant.partition("_")[0] == name.partition("_")[0]:
                yield f"{name}: there is no such setting; write {meant}={EXAMPLES[meant]}"


def _default_state_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state"
    return Path(base) / "ftcost"


def _log_settings(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """`json`, `console`, `debug`, `json:debug`, `console,info` …, and what is wrong with it.

    Nothing said: by the terminal.
    """
    settings = {"log_format": "console" if sys.stderr.isatty() else "json"}
    for word in text.lower().replace(":", " ").replace(",", " ").split():
        if word in get_args(LogFormat):
            settings["log_format"] = word
        elif word in get_args(LogLevel):
            settings["log_level"] = word
        else:
            expected = ", ".join((*get_args(LogFormat), *get_args(LogLevel)))
            return settings, (_line("FTCOST_LOG", f"{word!r} is none of {expected}"),)
    return settings, ()


def _lines(error: ValidationError) -> Iterator[str]:
    """Every mistake, named by its variable; a value only where it cannot be a secret."""
    for mistake in error.errors(include_url=False):
        field = str(mistake["loc"][0])
        name = VARIABLES.get(field, field)
        reason = _REASONS.get(mistake["type"]) or (
            mistake["msg"].removeprefix("Value error, ").replace("Input should", "must")
        )
        said = f"{mistake['input']!r} " if name in _SHOWN else ""
        yield _line(name, f"{said}{reason}".replace("\n", " "))


def _line(name: str, reason: str) -> str:
    return f"{name}: {reason}; write {name}={EXAMPLES[name]}"
