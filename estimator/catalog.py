"""Models, GPUs and defaults by name and alias; built from mappings, never from files."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import Field

from estimator.base import Model
from estimator.errors import UnknownFramework, UnknownGPU, UnknownModel
from estimator.framework.engine import EngineFacts
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory.calibration import MemoryCalibration
from estimator.model.arch import ModelArch
from estimator.plan import Runner
from estimator.spec import Engine, Method, Optimizer, Precision, Quantization, RankBy, TrainingSpec
from estimator.time.calibration import TimeCalibration

Entry = TypeVar("Entry", bound=Model)


class RuleOfThumbDefaults(Model):
    """The guesses of the paper arithmetic."""

    step_seconds: float
    step_seconds_range: tuple[float, float]


class Defaults(Model):
    """What is taken where nobody said anything."""

    method: Method
    precision: Precision
    precision_without_bf16: Precision
    """The same on a GPU that does not compute in bf16."""
    optimizer: Optimizer
    quantization: Quantization
    """Of QLoRA's base."""
    lora_targets: tuple[str, ...]
    rank_by: RankBy
    num_examples: Annotated[int, Field(ge=1)]
    sequence_length: Annotated[int, Field(ge=1)]
    global_batch_size: Annotated[int, Field(ge=1)]
    num_epochs: Annotated[float, Field(gt=0)]
    lora_rank: Annotated[int, Field(ge=1)]
    retries: Annotated[float, Field(ge=1)]
    stack: str
    model_parallel: Runner
    """Runs tensor and pipeline parallelism where nobody was named."""
    context_parallel: Runner
    """Runs context parallelism likewise."""
    rule_of_thumb: RuleOfThumbDefaults
    generic_sizes: tuple[str, ...]

    def method_of(self, spec: TrainingSpec) -> Method:
        """What trains: said, or what an installation takes where nothing is."""
        return spec.method or self.method

    def quantization_of(self, spec: TrainingSpec) -> Quantization | None:
        """How the base is packed: said, or what QLoRA takes where nothing is."""
        return spec.quantization or (self.quantization if self.method_of(spec) is Method.QLORA else None)


def folded(name: str) -> str:
    """A name as names are compared: lower case, `-`, `_` and spaces equal to nothing."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


class Shelf(Mapping[str, Entry], Generic[Entry]):
    """Entries by key, validated when they are first taken: hundreds of them load in no time."""

    def __init__(self, kind: type[Entry], raw: Mapping[str, Mapping[str, Any]]) -> None:
        self._kind, self._raw = kind, dict(raw)
        self._made: dict[str, Entry] = {}

    def __getitem__(self, key: str) -> Entry:
        if key not in self._made:
            self._made[key] = self._kind.model_validate({"key": key, **self._raw[key]})
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def names(self, key: str) -> tuple[str, ...]:
        """The key, its hub name and its aliases, without validating the entry."""
        raw = self._raw[key]
        hub_name = (raw["hf_name"],) if raw.get("hf_name") else ()
        return (key, *hub_name, *raw.get("aliases", ()))

    def said(self, name: str) -> dict[str, Any]:
        """Key -> what its entry says of this name, where it says something; without validating it."""
        return {key: raw[name] for key, raw in self._raw.items() if raw.get(name) is not None}

    @cached_property
    def index(self) -> dict[str, str]:
        """Folded name -> key, keys before aliases."""
        found = {folded(key): key for key in self._raw}
        for key in self._raw:
            for name in self.names(key):
                found.setdefault(folded(name), key)
                found.setdefault(folded(name.rsplit("/", 1)[-1]), key)
        return found

    def with_entry(self, entry: Entry) -> "Shelf[Entry]":
        """A copy that holds `entry` too, under its key."""
        raw = entry.model_dump(exclude_unset=True)
        key = raw.pop("key")
        return Shelf(self._kind, {**self._raw, key: raw})


def _with_bases(frameworks: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each framework over the one that it is built on, whose other names are not its own."""
    found = {}
    for key, facts in frameworks.items():
        base = {**frameworks.get(facts.get("base", ""), {}), "aliases": ()}
        found[key] = {name: fact for name, fact in {**base, **facts}.items() if name != "base"}
    return found


def _with_copies(models: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Each copy in the shape of the model that it is a copy of, under its own names."""
    return {
        key: {**models.get(facts["copy_of"], {}), **_OF_ITS_OWN, **facts} if "copy_of" in facts else facts
        for key, facts in models.items()
    }


_OF_ITS_OWN: Final = {"hf_name": "", "aliases": ()}
"""What a copy does not have from its model."""


class Catalog:
    """Everything the core may know of the world's models, GPUs and measurements."""

    def __init__(  # noqa: PLR0913  -- one argument a data file
        self,
        *,
        models: Mapping[str, Mapping[str, Any]],
        gpus: Mapping[str, Mapping[str, Any]],
        frameworks: Mapping[str, Mapping[str, Any]],
        engines: Mapping[str, Mapping[str, Any]],
        defaults: Mapping[str, Any],
        memory_calibration: Mapping[str, Any],
        time_calibration: Mapping[str, Any],
    ) -> None:
        self.models = Shelf(ModelArch, _with_copies(models))
        self.gpus = Shelf(GPU, gpus)
        self.frameworks = Shelf(Framework, _with_bases(frameworks))
        self.engines = Shelf(EngineFacts, engines)
        self._as_run: dict[tuple[str, str | None, Engine, str], Framework] = {}
        self.defaults = Defaults.model_validate(defaults)
        self.memory_calibration = MemoryCalibration.model_validate(memory_calibration)
        self.time_calibration = TimeCalibration.model_validate(time_calibration)

    def model(self, name: str) -> ModelArch:
        """The model of this key, alias or hub name.

        Raises:
            UnknownModel: with the keys that it has.
        """
        key = name if name in self.models else self.models.index.get(folded(name))
        if key is None:
            raise UnknownModel(name, self.models)
        return self.models[key]

    def gpu(self, name: str) -> GPU:
        """The GPU of this key or alias.

        Raises:
            UnknownGPU: with the keys that it has.
        """
        key = self.gpus.index.get(folded(name))
        if key is None:
            raise UnknownGPU(name, self.gpus)
        return self.gpus[key]

    def framework(
        self, name: str, release: str | None = None, engine: Engine = Engine.DDP, vendor: str = ""
    ) -> Framework:
        """The framework of this key or alias on `engine`, as `release` behaves, or that which is assumed.

        On GPUs of `vendor`, where one is known.

        Raises:
            UnknownFramework: with the keys that it has.
        """
        key = self.frameworks.index.get(folded(name))
        if key is None:
            raise UnknownFramework(name, self.frameworks)
        asked = (key, release, engine, vendor)
        if asked not in self._as_run:
            known = self.frameworks[key]
            framework = known.at_release(release or known.assumed_release)
            self._as_run[asked] = framework.on(engine, self.engines[engine]).on_gpus_of(vendor)
        return self._as_run[asked]

    def with_models(self, archs: Iterable[ModelArch]) -> "Catalog":
        """A copy that knows `archs` too: models read from the hub at run time."""
        copy = object.__new__(Catalog)
        copy.__dict__.update(self.__dict__)
        for arch in archs:
            copy.models = copy.models.with_entry(arch)
        return copy
