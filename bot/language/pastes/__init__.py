"""Configurations and logs that people paste: recognised, read, never run."""

from bot.language.pastes.facts import GpuReading, LogFacts
from bot.language.pastes.paste import Paste, recognised
from bot.language.pastes.reading import read_paste

__all__ = ["GpuReading", "LogFacts", "Paste", "read_paste", "recognised"]
