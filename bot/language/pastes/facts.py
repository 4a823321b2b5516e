"""What a log says of a run that took place: times, bytes, loss, GPUs. Nothing here is an estimate."""

from dataclasses import dataclass, fields
from typing import Any, Final

from estimator.spec import SaidMoney
from estimator.units import GIB, HOUR_SECONDS

FINISHED: Final = 0.99
"""A last step that is not whole is left out of the count of epochs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """One GPU as `nvidia-smi` shows it."""

    name: str
    """As printed, e.g. `NVIDIA GeForce RTX 4090`; empty where the table is older than names."""
    gpu: str | None = None
    """Its key in the GPU catalog; None where the name is cut off or unknown."""
    used_bytes: int
    total_bytes: int
    """0 where only names are listed (`nvidia-smi -L`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """What was measured; None: the log does not say."""

    run_seconds: float | None = None
    """The whole training, without loading and saving."""
    step_seconds: float | None = None
    """One optimizer step."""
    num_steps: int | None = None
    steps_done: int | None = None
    """Steps so far, of a run that goes on."""
    epochs_done: float | None = None
    """Epochs so far, likewise."""
    num_examples: int | None = None
    num_epochs: float | None = None
    samples_per_second: float | None = None
    tokens_per_second: float | None = None
    loss: float | None = None
    process_bytes: int | None = None
    """Bytes in use on the fullest GPU, as `nvidia-smi` counts them."""
    allocated_bytes: int | None = None
    """Bytes in tensors, or the peak of them."""
    reserved_bytes: int | None = None
    wanted_bytes: int | None = None
    """What could not be allocated any more: the run died of it."""
    gpu_memory_bytes: int | None = None
    """All of a GPU, as the driver counts it."""
    host_bytes: int | None = None
    trainable_params: int | None = None
    total_params: int | None = None
    gpu: str | None = None
    """A key of the GPU catalog, where all GPUs are of one kind."""
    num_gpus: int | None = None
    gpus: tuple[GpuReading, ...] = ()
    """GPU by GPU."""
    money: SaidMoney | None = None

    @property
    def hours(self) -> float | None:
        """The whole training, or all its steps at the pace of one."""
        if self.run_seconds is not None:
            return self.run_seconds / HOUR_SECONDS
        if self.step_seconds is None or self.num_steps is None:
            return None
        return self.step_seconds * self.num_steps / HOUR_SECONDS

    def share_done(self, *, epochs: float, steps: int | None) -> float | None:
        """What part of a run of so many epochs, or of `steps` where they are said, took place.

        None: all of it, or the log does not say.
        """
        if self.run_seconds is None and self.steps_done is not None and self.num_steps:
            share = self.steps_done / self.num_steps
        elif steps and self.run_seconds and self.num_steps:
            share = self.num_steps / steps
        elif self.epochs_done and not steps:
            share = self.epochs_done / epochs
        else:
            return None
        return share if share < FINISHED else None

    @property
    def peak_bytes(self) -> int | None:
        """The most that is known to have been in use on a GPU."""
        known = (self.process_bytes, self.reserved_bytes, self.allocated_bytes)
        return max((each for each in known if each is not None), default=None)

    def as_actual(self) -> str:
        """What is known of the whole run, as `actual` takes it: `2.0236h 66.5gib`.

        Bytes in tensors alone are less than what a card says, which is estimated; they are left out.
        """
        if self.died:
            return ""
        held = max((each for each in (self.process_bytes, self.reserved_bytes) if each), default=0)
        said = (
            (_short((self.run_seconds or 0) / HOUR_SECONDS, 4), "h"),
            (_short(held / GIB, 2), "gib"),
            (str(self.money.amount) if self.money else "", (self.money and self.money.currency) or ""),
        )
        return " ".join(f"{number}{unit}".lower() for number, unit in said if number)

    @property
    def died(self) -> bool:
        """Whether it ran out of memory."""
        return self.wanted_bytes is not None

    def document(self) -> dict[str, Any]:
        """`measured` of `ftcost read --json`: bytes as GiB, what is not known left out."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found["gpus"] = [_reading_document(each) for each in self.gpus]
        found["money"] = self.money.model_dump(mode="json") if self.money else None
        return {
            _shown_name(name): _shown(name, value) for name, value in found.items() if value not in (None, [])
        }


def _short(number: float, decimals: int) -> str:
    """Without noughts at the end; nothing for nought."""
    return f"{number:.{decimals}f}".rstrip("0").rstrip(".") if number else ""


def _reading_document(reading: GpuReading) -> dict[str, Any]:
    if not reading.total_bytes:
        return {"gpu": reading.gpu or reading.name}
    return {
        "gpu": reading.gpu or reading.name,
        "used_gib": round(reading.used_bytes / GIB, 2),
        "total_gib": round(reading.total_bytes / GIB, 2),
    }


def _shown_name(name: str) -> str:
    return name.removesuffix("_bytes") + "_gib" if name.endswith("_bytes") else name


def _shown(name: str, value: Any) -> Any:
    return round(value / GIB, 2) if name.endswith("_bytes") else value
