"""The names of the settings, what to write in each, and which a terminal does not read."""

from typing import Final

SLACK_API_URL: Final = "https://slack.com/api/"
HUB_URL: Final = "https://huggingface.co/"

VARIABLES: Final = {
    "bot_token": "SLACK_BOT_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
    "signing_secret": "SLACK_SIGNING_SECRET",
    "slack_api_url": "SLACK_API_URL",
    "host": "HOST",
    "port": "PORT",
    "metrics_address": "FTCOST_METRICS_ADDRESS",
    "workers": "FTCOST_WORKERS",
    "redis_url": "REDIS_URL",
    "require_store": "FTCOST_REQUIRE_STORE",
    "state_dir": "FTCOST_STATE_DIR",
    "price_sources": "FTCOST_PRICE_SOURCES",
    "hub_offline": "HF_HUB_OFFLINE",
    "hub_endpoint": "HF_ENDPOINT",
    "hub_token": "HF_TOKEN",
    "config_dir": "FTCOST_CONFIG_DIR",
    "shared_channel_prices": "FTCOST_SHARED_CHANNEL_PRICES",
    "budget_managers": "FTCOST_BUDGET_MANAGERS",
}
"""Field -> variable; `FTCOST_LOG` sets two fields and stands apart."""
EXAMPLES: Final = {
    "SLACK_BOT_TOKEN": "xoxb-… (the app's page OAuth & Permissions)",
    "SLACK_APP_TOKEN": "xapp-… (the app's page Basic Information, App-Level Tokens)",
    "SLACK_SIGNING_SECRET": "… (the app's page Basic Information, App Credentials)",
    "SLACK_API_URL": SLACK_API_URL,
    "HOST": "0.0.0.0",  # noqa: S104  -- an example
    "PORT": "3000",
    "FTCOST_METRICS_ADDRESS": "127.0.0.1:9464",
    "FTCOST_WORKERS": "2",
    "REDIS_URL": "redis://:PASSWORD@HOST:6379/0",
    "FTCOST_REQUIRE_STORE": "1",
    "FTCOST_STATE_DIR": "/var/lib/ftcost",
    "FTCOST_PRICE_SOURCES": "runpod,snapshot",
    "HF_HUB_OFFLINE": "1",
    "HF_ENDPOINT": HUB_URL,
    "HF_TOKEN": "hf_…",
    "FTCOST_CONFIG_DIR": "/etc/ftcost",
    "FTCOST_BUDGET_MANAGERS": "U012AB3CD,U045EF6GH",
    "FTCOST_SHARED_CHANNEL_PRICES": "public",
    "FTCOST_LOG": "json:info",
}
"""What to write instead, and where Slack shows it."""
SERVED_ONLY: Final = frozenset(
    {
        "bot_token",
        "app_token",
        "signing_secret",
        "slack_api_url",
        "host",
        "port",
        "metrics_address",
        "workers",
        "redis_url",
        "require_store",
        "budget_managers",
        "shared_channel_prices",
    }
)
"""What a terminal has no use for: another program's PORT is no reason to refuse an estimate."""
