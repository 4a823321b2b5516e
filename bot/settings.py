"""The environment -> Settings: read once, checked at once, each mistake said in one line that names it."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, ValidationError

from estimator.base import Model

PriceSourceName = Literal["alibaba", "azure", "runpod", "gpuhunt", "vast", "gpurentalprices", "snapshot"]
"""In the order in which they are believed where two read a price on the same day."""
LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]
SLACK_API_URL: Final = "https://slack.com/api/"
HUB_URL: Final = "https://huggingface.co/"
LOCALE_SECONDS: Final = 86_400.0
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_REDIS_SCHEMES: Final = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")


class SettingsError(Exception):
    """A setting that is missing or malformed; the message is one line that starts with its name."""


def _token(prefix: str) -> AfterValidator:
    def checked(token: SecretStr) -> SecretStr:
        if not token.get_secret_value().startswith(prefix):
            raise ValueError(f"must start with {prefix}")
        return token

    return AfterValidator(checked)


def _web_address(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError(f"must be an http or https address, such as {SLACK_API_URL}")
    return url if url.endswith("/") else f"{url}/"


def _redis_address(url: str) -> str:
    if urlsplit(url).scheme not in _REDIS_SCHEMES:
        raise ValueError(f"must start with one of {', '.join(f'{scheme}://' for scheme in _REDIS_SCHEMES)}")
    return url


def listen_address(text: str) -> tuple[str, int]:
    """`host:port` to listen on, an IPv6 host in brackets.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(f"//{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != text or parts.username is not None:
        raise ValueError("must be host:port, such as 127.0.0.1:9464")
    return host, port


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


class Settings(Model):
    """Everything the environment decides; secrets never show in a repr or a log."""

    bot_token: Annotated[SecretStr, _token("xox")] | None = None
    app_token: Annotated[SecretStr, _token("xapp-")] | None = None
    """Given: Socket Mode."""
    signing_secret: SecretStr | None = None
    slack_api_url: Annotated[str, AfterValidator(_web_address)] = SLACK_API_URL
    """Ends in a slash, as the SDK joins it."""
    host: Annotated[str, StringConstraints(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    metrics_address: Annotated[str, AfterValidator(_listen_address)] | None = None
    """Where health and metrics are served instead of beside Slack's requests."""
    redis_url: Annotated[str, AfterValidator(_redis_address)] | None = None
    state_dir: Path
    price_sources: Annotated[
        tuple[PriceSourceName, ...], BeforeValidator(_comma_separated), Field(min_length=1)
    ] = get_args(PriceSourceName)
    hub_offline: bool = False
    hub_endpoint: Annotated[str, AfterValidator(_web_address)] = HUB_URL
    """Ends in a slash."""
    hub_token: SecretStr | None = None
    config_dir: Annotated[Path, AfterValidator(_directory)] | None = None
    locale_seconds: Annotated[float, Field(ge=0)] = LOCALE_SECONDS
    """How long the language that Slack says of somebody is believed; 0: Slack is asked each time."""
    budget_managers: Annotated[tuple[str, ...], BeforeValidator(_user_ids)] = ()
    """Slack users who may book in every channel; empty: whoever made the channel."""
    log_format: LogFormat = "json"
    log_level: LogLevel = "info"

    @property
    def uses_socket_mode(self) -> bool:
        """Whether Slack is reached through a web socket that this process opens."""
        return self.app_token is not None


VARIABLES: Final = {
    "bot_token": "SLACK_BOT_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
    "signing_secret": "SLACK_SIGNING_SECRET",
    "slack_api_url": "SLACK_API_URL",
    "host": "HOST",
    "port": "PORT",
    "metrics_address": "FTCOST_METRICS_ADDRESS",
    "redis_url": "REDIS_URL",
    "state_dir": "FTCOST_STATE_DIR",
    "price_sources": "FTCOST_PRICE_SOURCES",
    "hub_offline": "HF_HUB_OFFLINE",
    "hub_endpoint": "HF_ENDPOINT",
    "hub_token": "HF_TOKEN",
    "config_dir": "FTCOST_CONFIG_DIR",
    "budget_managers": "FTCOST_BUDGET_MANAGERS",
}
"""Field -> variable; `FTCOST_LOG` sets two fields and stands apart."""


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; an empty variable counts as absent.

    Raises:
        SettingsError: naming the first variable that is malformed.
    """
    said = {
        field: environ[name].strip() for field, name in VARIABLES.items() if environ.get(name, "").strip()
    }
    values: dict[str, Any] = {"state_dir": _default_state_dir(environ), **said}
    values["hub_offline"] = said.get("hub_offline", "").lower() in _TRUE
    try:
        return Settings.model_validate(values | _log_settings(environ.get("FTCOST_LOG", "")))
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def serving_settings_from(environ: Mapping[str, str]) -> Settings:
    """Likewise, with what `ftcost serve` cannot do without.

    Raises:
        SettingsError: naming the first variable that is missing or malformed.
    """
    settings = settings_from(environ)
    if settings.bot_token is None:
        raise SettingsError("SLACK_BOT_TOKEN is missing: the bot token (xoxb-…) of the app's OAuth page")
    if not settings.uses_socket_mode and settings.signing_secret is None:
        raise SettingsError(
            "SLACK_SIGNING_SECRET is missing: HTTP mode refuses to start without it "
            "(or set SLACK_APP_TOKEN for Socket Mode)"
        )
    return settings


def _default_state_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state"
    return Path(base) / "ftcost"


def _log_settings(text: str) -> dict[str, str]:
    """`json`, `console`, `debug`, `json:debug`, `console,info` …; nothing said: by the terminal."""
    settings = {"log_format": "console" if sys.stderr.isatty() else "json"}
    for word in text.lower().replace(":", " ").replace(",", " ").split():
        if word in get_args(LogFormat):
            settings["log_format"] = word
        elif word in get_args(LogLevel):
            settings["log_level"] = word
        else:
            expected = ", ".join((*get_args(LogFormat), *get_args(LogLevel)))
            raise SettingsError(f"FTCOST_LOG: {word!r} is none of {expected}")
    return settings


def _one_line(error: ValidationError) -> str:
    """The first mistake, named by its variable; never the value, which may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    reason = (
        first["msg"].removeprefix("Value error, ").replace("Input should be", "must be").replace("\n", " ")
    )
    return f"{VARIABLES.get(str(first['loc'][0]), first['loc'][0])}: {reason}"
