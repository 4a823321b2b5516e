"""What the matches of a text set together: weak words give way, memory finds its GPU."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.language.kinds import AUTO, ValueFault, squash
from bot.language.places import AREAS_ALONE
from bot.language.rules.machines import ALL_OF_MACHINES, GPUS_PER_NODE, are_all
from bot.language.rules.match import Match, TokenStream
from bot.language.rules.paid import OF_ALL, PRICE, of_one
from bot.language.rules.steps import STEPS_PER_EPOCH
from bot.language.words import STAGES_OF_TRAINING
from estimator.spec import SPLITS, SaidMoney

Twice = tuple[str, int, int]
"""A field, and the two matches that set it to different values."""
_ANY_QUANTIZATION: Final = frozenset(("quantized", "quantised", "quantization", "quantisation", "量化"))
_HALF: Final = frozenset(("half", "halfprecision", "半精度", "tf32"))
_MEMORY: Final = re.compile(r"\d\s?gi?b?\b", re.IGNORECASE)
"""The name of a GPU that says its memory."""
_ALIKE: Final = 0.12
"""How far a memory that somebody says may be from what stands on the box: `23 GB` of an A10."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The matches of a text, what they set, and by which of them."""

    text: TokenStream
    matches: Sequence[tuple[int, Match]]
    """Each fault at its place."""
    said: dict[str, object]
    said_at: dict[str, int]
    """Field -> index of the match that set it."""
    twice: tuple[tuple[str, int, int], ...]
    """Field, and the two matches that set it to different values."""
    faults: Mapping[int, ValueFault] = field(default_factory=dict)
    """Index of a match -> what only the whole text shows to be wrong with it."""

    @property
    def unused(self) -> tuple[str, ...]:
        """Words that were set aside, as typed, each once; of a seller or a place, how to say that."""
        found = (self._aside(at, match) for at, match in self.matches if match.role == "aside")
        return tuple(dict.fromkeys(found))

    def _aside(self, at: int, match: Match) -> str:
        typed = self.text.typed(at, match.size).rstrip(" :")
        seller = self.text.names.provider_keys.get(squash(typed))
        if seller and not match.not_done:
            return f"{typed} (provider={seller})"
        area = AREAS_ALONE.get(squash(typed))
        return f"{typed} (region={area})" if area else typed

    def _is_of_the_gpu(self, at: int, match: Match) -> bool:
        """`v5litepod-16 tpu`: the word for a kind of hardware, of which it is said which."""
        return squash(self.text.typed(at, match.size)).rstrip("s") in squash(str(self.said.get("gpu", "")))

    @property
    def not_done(self) -> tuple[str, ...]:
        """Codes of what is not estimated, each once; one's own GPUs are, where their price is said."""
        codes = dict.fromkeys(match.not_done for _, match in self.matches if match.not_done)
        if "price_per_gpu_hour" in self.said:
            codes.pop("own_gpus", None)
        if all(self._is_of_the_gpu(at, match) for at, match in self.matches if match.not_done == "hardware"):
            codes.pop("hardware", None)
        return tuple(codes)


def understood(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> Understood:
    """`matches` taken together."""
    said: dict[str, object] = {}
    said_at: dict[str, int] = {}
    twice: list[Twice] = []
    vague = _vague(text, matches)
    for index, (_, match) in enumerate(matches):
        if not match.weak and match.role != "unwanted" and index not in vague:
            _add(match, index, said, said_at, twice)
    _settle_machines(said, said_at, twice)
    unpriced = _settle_price(said, said_at)
    is_silent = not said
    for index, (_, match) in enumerate(matches):
        if match.alone and not is_silent:
            continue
        if match.weak and not any(name in said for name, _ in match.sets):
            _add(match, index, said, said_at, twice)
    faults = dict(_unwanted(matches, said)) | unpriced | _settle_epochs(said, said_at, twice)
    if "num_epochs" in said and _is_of_experts(text, matches[said_at["num_epochs"]], said):
        faults[said_at["num_epochs"]] = ValueFault("no_expert_parallelism", {}, _as_epochs(said))
    if fault := _settle_memory(said, text, _typed(text, matches, said_at, "gpu")):
        faults[said_at["gpu_memory_gb"]] = fault
    faults |= _both_ways(text, matches, said)
    return Understood(text, _without_asides(matches, faults), said, said_at, tuple(twice), faults)


def _vague(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> frozenset[int]:
    """`8bit量化`: the word for any quantisation, where another says which."""
    said = [index for index, (_, match) in enumerate(matches) if "quantization" in dict(match.sets)]
    named = {index for index in said if text.squashed(matches[index][0]) not in _ANY_QUANTIZATION}
    return (frozenset(said) - named if named else frozenset()) | _half(text, matches)


def _half(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> frozenset[int]:
    """`bf16 half precision`, `bf16=True tf32=True`: likewise of the words for a precision."""
    said = [index for index, (_, match) in enumerate(matches) if "precision" in dict(match.sets)]
    half = {index for index in said if text.squashed(matches[index][0]) in _HALF}
    return frozenset(half) if len(half) < len(said) else frozenset()


def _add(
    match: Match, index: int, said: dict[str, object], said_at: dict[str, int], twice: list[Twice]
) -> None:
    for name, value in match.sets:
        if name in said and not _agree(name, said[name], value):
            twice.append((_SHOWN_AS.get(name, name), said_at[name], index))
            continue
        said[name] = _merged(name, said.get(name), value)
        said_at.setdefault(name, index)


_SHOWN_AS: Final = {GPUS_PER_NODE: "num_gpus", STEPS_PER_EPOCH: "num_steps"}
"""What only the whole text settles, by the field that it comes to."""


def _agree(name: str, one: object, other: object) -> bool:
    if name == "method" and not {one, other}.isdisjoint(STAGES_OF_TRAINING):
        return True
    if name in {"providers", "excluded_providers"}:
        return (one is AUTO) == (other is AUTO)
    return one == other


def _merged(name: str, before: object, value: object) -> object:
    if name == "method":
        return before if value in STAGES_OF_TRAINING and before not in {None, "sft"} else value
    if name in {"providers", "excluded_providers"} and isinstance(before, tuple) and isinstance(value, tuple):
        return tuple(dict.fromkeys((*before, *value)))
    return value if before is None else before


def _settle_machines(said: dict[str, object], said_at: dict[str, int], twice: list[Twice]) -> None:
    """GPUs of one machine, times the machines, if they are counted; else as many as hold all GPUs."""
    each, only_one, nodes_first = (said.pop(name, None) for name in ALL_OF_MACHINES)
    at, _, first_at = (said_at.pop(name, -1) for name in ALL_OF_MACHINES)
    gpus, nodes = said.get("num_gpus"), said.get("num_nodes")
    if only_one and nodes is None:
        nodes = 1
        _say("num_nodes", nodes, at, said, said_at)
    if isinstance(each, int) and gpus in {None, each}:
        _say("num_gpus", each * nodes if isinstance(nodes, int) else each, at, said, said_at)
    elif isinstance(each, int) and isinstance(gpus, int) and nodes is None and gpus % each == 0:
        _say("num_nodes", gpus // each, at, said, said_at)
    elif isinstance(each, int) and not (isinstance(nodes, int) and gpus == each * nodes):
        twice.append(("num_gpus", said_at["num_gpus"], at))
    is_clear = all(name != "num_gpus" for name, _, _ in twice)
    is_of_each = nodes_first and not each and is_clear and said_at.get("num_gpus", -1) > first_at
    if is_of_each and isinstance(gpus, int) and isinstance(nodes, int) and not are_all(gpus, nodes):
        said["num_gpus"] = gpus * nodes


def _say(name: str, value: int, at: int, said: dict[str, object], said_at: dict[str, int]) -> None:
    said[name] = value
    said_at.setdefault(name, at)


def _settle_price(said: dict[str, object], said_at: dict[str, int]) -> dict[int, ValueFault]:
    """A price of all GPUs, over their number; where that is not said, it is a mistake."""
    if not said.pop(OF_ALL, False):
        return {}
    at, price, num_gpus = said_at.pop(OF_ALL), said.get(PRICE), said.get("num_gpus")
    if not isinstance(price, SaidMoney) or not isinstance(num_gpus, int):
        return {at: ValueFault("price_of_all")}
    said[PRICE] = of_one(price, num_gpus)
    return {}


def _settle_epochs(
    said: dict[str, object], said_at: dict[str, int], twice: list[Twice]
) -> dict[int, ValueFault]:
    """Steps of one epoch, times the epochs; where those are not said, it is a mistake."""
    each, at = said.pop(STEPS_PER_EPOCH, None), said_at.pop(STEPS_PER_EPOCH, -1)
    if not isinstance(each, int):
        return {}
    epochs = said.get("num_epochs")
    if not isinstance(epochs, int | float):
        return {at: ValueFault("steps_per_epoch", {"steps": str(each)})}
    steps = max(1, round(each * epochs))
    if said.get("num_steps") not in {None, steps}:
        twice.append(("num_steps", said_at["num_steps"], at))
    _say("num_steps", steps, at, said, said_at)
    return {}


def _typed(
    text: TokenStream, matches: Sequence[tuple[int, Match]], said_at: Mapping[str, int], name: str
) -> str:
    """What was typed to set a field; empty where nothing was."""
    return text.typed(matches[said_at[name]][0], matches[said_at[name]][1].size) if name in said_at else ""


def _settle_memory(said: dict[str, object], text: TokenStream, named: str) -> ValueFault | None:
    """`24G的3090` is one GPU, `a100 40gb` another than `a100`; else the two do not go together."""
    memory, gpu = said.get("gpu_memory_gb"), said.get("gpu")
    if not isinstance(memory, int) or not isinstance(gpu, str):
        return None
    names, known = text.names, (text.names.gpu_memory_gb or {}).get(gpu)
    variant = names.of_memory(gpu, memory)
    if variant not in {None, gpu} and _MEMORY.search(named):
        variant = known = None  # `a100 40gb 80gb`: which of them?
    if variant is None and (known is None or not _is_alike(memory, known, said.get("num_gpus"))):
        return ValueFault("memory_mismatch", {"gpu": gpu, "has": f"{known:.0f} GB" if known else "?"})
    said["gpu"] = variant or gpu
    del said["gpu_memory_gb"]
    return None


def _is_alike(memory: int, known: float, num_gpus: object) -> bool:
    counts = (1, num_gpus) if isinstance(num_gpus, int) else (1,)
    return any(abs(memory - count * known) <= _ALIKE * count * known for count in counts)


_OF_SELLERS: Final = ("providers", "excluded_providers")


def _both_ways(
    text: TokenStream, matches: Sequence[tuple[int, Match]], said: Mapping[str, object]
) -> dict[int, ValueFault]:
    """`aws no-aws`: a seller that is asked for and left out; the later of the two words is to blame."""
    wanted, unwanted = (value if isinstance(value := said.get(name), tuple) else () for name in _OF_SELLERS)
    faults: dict[int, ValueFault] = {}
    for seller in (each for each in wanted if each in unwanted):
        said_by = [index for index, (_, match) in enumerate(matches) if _speaks_of(seller, match)]
        first, last = (text.typed(matches[at][0], matches[at][1].size) for at in (said_by[0], said_by[-1]))
        named = {"first": first, "second": last, "seller": seller}
        faults[said_by[-1]] = ValueFault("seller_both_ways", named)
    return faults


def _speaks_of(seller: str, match: Match) -> bool:
    return any(
        name in _OF_SELLERS and isinstance(value, tuple) and seller in value for name, value in match.sets
    )


def _is_of_experts(text: TokenStream, match: tuple[int, Match], said: Mapping[str, object]) -> bool:
    """`ep=8` beside the other sizes that a model is split by, or of a framework that splits one."""
    splits = any(name in said for name in SPLITS) or said.get("stack") in text.names.splitting
    return splits and _is_short(text, match[0])


def _is_short(text: TokenStream, at: int) -> bool:
    return text.squashed(at).rstrip("0123456789") == "ep"


def _as_epochs(said: Mapping[str, object]) -> tuple[str, ...]:
    return (f"epochs={said['num_epochs']}",) if isinstance(said["num_epochs"], int | float) else ()


def with_experts_asked(found: Understood, fields: Mapping[str, object]) -> Understood:
    """`ep=8` of a model with experts, on more than one GPU: epochs, or what nobody here counts?"""
    at, value = found.said_at.get("num_epochs"), found.said.get("num_epochs")
    if at is None or not isinstance(value, int) or fields.get("num_gpus") == 1 or at in found.faults:
        return found
    start, match = found.matches[at]
    if not _is_short(found.text, start) or not found.text.names.has_experts(fields.get("model")):
        return found
    fault = ValueFault("maybe_experts", {"value": str(value)}, _as_epochs(found.said))
    matches = list(found.matches)
    matches[at] = (start, _settled(match, fault))
    return replace(found, matches=matches)


def _unwanted(
    matches: Sequence[tuple[int, Match]], said: Mapping[str, object]
) -> list[tuple[int, ValueFault]]:
    """`not lora` where nothing says what else."""
    return [
        (index, match.fault)
        for index, (_, match) in enumerate(matches)
        if match.role == "unwanted" and match.fault and not any(name in said for name, _ in match.sets)
    ]


def _without_asides(
    matches: Sequence[tuple[int, Match]], faults: Mapping[int, ValueFault]
) -> Sequence[tuple[int, Match]]:
    """The matches, each fault at its place, what is not wanted set aside where the text says what is."""
    return [(at, _settled(match, faults.get(index))) for index, (at, match) in enumerate(matches)]


def _settled(match: Match, fault: ValueFault | None) -> Match:
    if fault is not None:
        return Match(size=match.size, role="wrong", sets=match.sets, fault=fault)
    return Match(size=match.size, role="aside", casual=False) if match.role == "unwanted" else match
