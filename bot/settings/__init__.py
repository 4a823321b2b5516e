"""What `ftcost` is told by its environment: the settings, their names, addresses that somebody typed."""

from bot.settings.settings import (
    LOCALE_SECONDS,
    LogFormat,
    LogLevel,
    PriceSourceName,
    Settings,
    SettingsError,
    serving_settings_from,
    settings_from,
)

__all__ = [
    "LOCALE_SECONDS",
    "LogFormat",
    "LogLevel",
    "PriceSourceName",
    "Settings",
    "SettingsError",
    "serving_settings_from",
    "settings_from",
]
