"""The search over GPUs and counts: for each the best plan, asked only where it could matter."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from estimator.defaults import ResolvedJob
from estimator.hardware import GPU
from estimator.plan import Plan, Runner
from estimator.planner.batch_split import BatchSplit
from estimator.planner.candidate import Candidate
from estimator.planner.evaluate import PlanEvaluator
from estimator.planner.feasibility import impossibilities
from estimator.planner.layouts import Alike, Layout
from estimator.planner.limits import broken_limits
from estimator.planner.plan_prices import has_room, priced
from estimator.planner.ways import ways_of
from estimator.prices.book import Size
from estimator.time import RunSeconds
from estimator.units import HOUR_SECONDS

CUDA: Final = frozenset({"NVIDIA"})
ROCM: Final = frozenset({"AMD"})


class GpuCount(NamedTuple):
    """A GPU and a count, with what is known of them before time is asked."""

    gpu: GPU
    layouts: tuple[Layout, ...]
    missing_bytes: float
    """What even the smallest setting lacks; not positive where something fits."""
    price_per_hour: float = 0.0
    """For all GPUs; the number of GPUs where nobody sells any."""
    is_sold: bool = False
    is_listed: bool = True
    """Somebody sells the machine itself, or nobody sells any."""
    as_asked: bool = True
    """Sold in the market and the place that were asked for."""
    oddness: int = 0
    """0 what a person would take unasked, or asked for; more leads only where nothing less odd fits."""
    least_seconds: float = 0.0
    """No plan of this pair is faster."""

    @property
    def is_usual(self) -> bool:
        """What a person would take unasked (`estimator/prices/policy.py`), or what was asked for."""
        return self.oddness == 0

    @property
    def num_gpus(self) -> int:
        """GPUs in all."""
        return self.layouts[0].num_gpus

    @property
    def num_nodes(self) -> int:
        """Machines."""
        return self.layouts[0].num_nodes

    @property
    def size(self) -> Size:
        """What its price depends on."""
        return Size(self.gpu.key, self.num_gpus, self.num_gpus // self.num_nodes)

    @property
    def least_cost(self) -> float:
        """No plan of this pair is cheaper, in the common currency."""
        return self.price_per_hour * self.least_seconds / HOUR_SECONDS


class Search:
    """All pairs of one spec, and the best plan of those that are worth asking."""

    def __init__(self, evaluator: PlanEvaluator, gpus: Sequence[GPU]) -> None:
        self.evaluator = evaluator
        self.gpus = tuple(gpus)
        self.ways = ways_of(evaluator, self.gpus)
        self._fastest_first: dict[tuple[str, int], list[tuple[float, Alike]]] = {}
        self._on_one: dict[tuple[str, Runner, int], RunSeconds] = {}

    def pairs(self) -> Iterator[GpuCount]:
        """Every GPU and count that has a layout, and what it lacks of memory."""
        for gpu in self.gpus:
            for layouts, missing_bytes in self.ways.weighed(gpu):
                yield GpuCount(gpu, layouts, missing_bytes)

    def cuts_of(self, gpu: GPU, plan: Plan) -> tuple[BatchSplit, ...]:
        """Ways to cut the batch of one rank of `plan`."""
        return self.ways.cuts_of(gpu, plan)

    def plan(self, pair: GpuCount) -> Plan:
        """The plan of a pair that needs least memory."""
        return self.ways.smallest(pair.gpu, pair.layouts)

    def least_seconds(self, pair: GpuCount) -> float:
        """No plan of a pair is faster."""
        return self.fastest_first(pair.gpu, pair.layouts)[0][0]

    def fastest_first(self, gpu: GPU, found: tuple[Layout, ...]) -> list[tuple[float, Alike]]:
        """The layouts of one count by who runs them, each with seconds that none of its plans is below."""
        asked = gpu.key, id(found)  # `ways` keeps them
        if asked not in self._fastest_first:
            bounds = [(self._least_seconds(gpu, alike), alike) for alike in self.ways.alike(found)]
            self._fastest_first[asked] = sorted(bounds, key=itemgetter(0))
        return self._fastest_first[asked]

    def _least_seconds(self, gpu: GPU, alike: Alike) -> float:
        """What one GPU takes, its steps shared evenly: nothing is faster than no communication."""
        of_steps, of_writing = 1 - 1 / alike.num_gpus, 1 - 1 / alike.num_nodes
        alone = [self._seconds_on_one(gpu, *each) for each in alike.runners]
        return min([each.total - each.of_steps * of_steps - each.checkpoints * of_writing for each in alone])

    def _seconds_on_one(self, gpu: GPU, runner: Runner, zero_stage: int) -> RunSeconds:
        """A bound: the run on one GPU as `runner` does it at this stage, were there room for the fastest."""
        asked = gpu.key, runner, zero_stage
        if asked not in self._on_one:
            fastest = self.ways.fastest_on_one(gpu, runner, zero_stage)
            self._on_one[asked] = self.evaluator.run_seconds(gpu, fastest)
        return self._on_one[asked]

    def best(self, pair: GpuCount) -> Candidate | None:
        """The fastest plan of a pair that fits, else the fastest that is tight, else None."""
        for tight in (False, True):
            if (fastest := self.fastest(pair.gpu, pair.layouts, tight=tight)) is not None:
                seconds, plan = fastest
                found = Candidate(
                    gpu=pair.gpu,
                    layouts=pair.layouts,
                    plan=plan,
                    seconds=seconds,
                    price_per_hour=pair.price_per_hour,
                    is_sold=pair.is_sold,
                    is_listed=pair.is_listed,
                    as_asked=pair.as_asked,
                    oddness=pair.oddness,
                    tight=tight,
                )
                return self._with_room(found) if found.is_sold else found
        return None

    def _with_room(self, candidate: Candidate) -> Candidate:
        """`candidate` at the price of a machine that has the host memory of its plan, where there is one."""
        evaluator, plan = self.evaluator, candidate.plan
        offers = priced(evaluator, plan)
        return candidate._replace(
            price_per_hour=offers[0].comparable,
            is_listed=not all(each.scaled for each in offers),
            lacks_host_memory=not has_room(evaluator, plan, offers),
        )

    def limited(self, candidate: Candidate) -> Candidate:
        """`candidate` with the asker's limits that it breaks."""
        evaluator = self.evaluator
        retries = evaluator.resolved(candidate.gpu, candidate.plan.runner).schedule.retries
        broken = broken_limits(evaluator, cost=candidate.cost, seconds=candidate.seconds, retries=retries)
        return candidate._replace(broken_limits=broken) if broken else candidate

    def fastest(self, gpu: GPU, layouts: tuple[Layout, ...], *, tight: bool) -> tuple[float, Plan] | None:
        """Of what surely (`tight`: likely) fits of `layouts` the fastest, after its seconds."""
        best: tuple[float, Plan] | None = None
        for least_seconds, alike in self.fastest_first(gpu, layouts):
            if best is not None and best[0] <= least_seconds:
                break
            plans = self.ways.worth_timing(gpu, alike, tight=tight)
            timed = [(self.evaluator.run_seconds(gpu, plan).total, plan) for plan in plans]
            best = min((best, *timed) if best else timed, key=itemgetter(0), default=None)
        return best


def can_run(gpu: GPU, resolved: ResolvedJob) -> bool:
    """Whether the job is proposed on this GPU: somebody's framework runs it there, in what was said.

    The frameworks of the catalog are PyTorch's, on CUDA and ROCm; bitsandbytes and some frameworks need CUDA.
    """
    vendors = CUDA if resolved.workload.quantization or resolved.framework.cuda_only else CUDA | ROCM
    return gpu.vendor in vendors and not any(impossibilities(resolved.spec, resolved.arch, gpu))
