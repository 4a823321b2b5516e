"""Configurations and logs that people paste: recognised, read, never run."""

from bot.language.pastes.facts import GpuReading, LogFacts

__all__ = ["GpuReading", "LogFacts"]
