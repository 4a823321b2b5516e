"""What decides which layouts a job may have: its shape, and the frameworks that run them."""

from typing import NamedTuple

from estimator.catalog import Catalog
from estimator.framework.framework import Framework
from estimator.model.arch import ModelArch
from estimator.said import framework_of, said_runner
from estimator.spec import Method, Quantization, TrainingSpec


class Shape(NamedTuple):
    """What of a job decides which layouts are possible."""

    num_attention_heads: int
    num_key_value_heads: int
    num_layers: int
    num_params: int
    sequence_length: int
    global_batch_size: int
    method: Method
    quantization: Quantization | None

    @property
    def trains_all(self) -> bool:
        """Every weight, and none is quantised: tensor and pipeline parallelism are run for nothing else."""
        return self.method is Method.FULL

    @classmethod
    def of(
        cls,
        arch: ModelArch,
        *,
        sequence_length: int,
        global_batch_size: int,
        method: Method,
        quantization: Quantization | None = None,
    ) -> "Shape":
        """The shape of a job on `arch`."""
        return cls(
            arch.num_attention_heads,
            arch.num_key_value_heads,
            arch.num_layers,
            arch.num_params,
            sequence_length,
            global_batch_size,
            method,
            quantization,
        )


class Runners(NamedTuple):
    """The frameworks that run a job's layouts: the said one all of them."""

    own: Framework
    model_parallel: Framework
    context_parallel: Framework

    @classmethod
    def of(cls, spec: TrainingSpec, catalog: Catalog) -> "Runners":
        """Those of `spec`, or the defaults where it names none."""
        own = framework_of(spec, catalog, said_runner(spec, catalog))
        if spec.stack is not None or spec.engine is not None:
            return cls(own, own, own)
        defaults = catalog.defaults
        runners = (defaults.model_parallel, defaults.context_parallel)
        return cls(own, *(framework_of(spec, catalog, runner) for runner in runners))

    def of_sizes(self, model_parallel: int, context_parallel: int) -> Framework:
        """Which of them splits matrices and layers over `model_parallel` GPUs, sequences over the others."""
        if model_parallel > 1:
            return self.model_parallel
        return self.context_parallel if context_parallel > 1 else self.own
