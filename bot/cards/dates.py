"""Days and instants as a reader sees them."""

from datetime import UTC, date, datetime

from babel.dates import format_date, format_datetime

from bot.i18n import Texts


def day(value: date, texts: Texts) -> str:
    """The day of a price or a rate: a calendar date, the same in every time zone."""
    return format_date(value, format="medium", locale=texts.locale)


def moment(value: datetime, texts: Texts) -> str:
    """An instant, drawn by Slack in the reader's zone and language; elsewhere in UTC."""
    return f"<!date^{int(value.timestamp())}^{{date_short}} {{time}}|{moment_text(value, texts)}>"


def moment_text(value: datetime, texts: Texts) -> str:
    """An instant where no token can stand: in UTC, and saying so."""
    return f"{format_datetime(value.astimezone(UTC), format='short', locale=texts.locale)} UTC"
