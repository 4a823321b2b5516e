"""The names of models, GPUs and providers: what the catalogues know and the grammar cannot."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from bot.language import catalogued, sentences, words
from bot.language.index import ALL_NAMES, is_known
from bot.language.kinds import squash
from bot.language.values import SIZE
from estimator.catalog import Catalog

_MEMORY = re.compile(r"-\d+gb")
_FORMS = frozenset(("pcie", "sxm", "sxm2", "sxm4", "sxm5", "nvl"))
_FORM = re.compile(rf"-(?:{'|'.join(sorted(_FORMS))})$")
"""How a GPU is built: `h100-pcie`."""
_RTX = re.compile(r"^rtx[- ]")
_SIZED = re.compile(
    r"(?P<family>.*?[a-z].*?)-(?P<experts>\d+x)?e?(?P<number>\d+(?:\.\d+)?)(?P<unit>[mbt])(?:-a\d+(?:\.\d+)?[mb])?",
    re.ASCII,
)
_HEAD = re.compile(r"[a-z]{3,}")
_UNITS = {"m": 1e-3, "b": 1.0, "t": 1e3}
MOST_OF_A_SIZE = 4
"""Models of one size that are offered where somebody names their family without its generation."""
_USUAL_SIZE = 7.0
"""The size that most runs are of, in billions: what lies near it is offered first."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Names by key; the look-ups are made when the first text needs them, then kept."""

    models: Mapping[str, tuple[str, ...]]
    """Key -> hub name and aliases."""
    gpus: Mapping[str, tuple[str, ...]]
    """Key -> aliases."""
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Seller -> what people call it; the best known are words of the grammar."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """Model -> the one of which it is a copy."""
    usual: Mapping[str, float] = field(default_factory=dict)
    """Field -> the number that is taken where nobody says one."""
    with_experts: frozenset[str] = frozenset()
    """Models of several experts, by key."""
    splitting: frozenset[str] = frozenset()
    second_loops: Mapping[str, str] = field(default_factory=dict)
    """Frameworks that split a model over GPUs, by key."""
    gpu_memory_gb: Mapping[str, float] | None = None
    """Key -> the number on the box, for names such as `4090 24gb`."""

    @cached_property
    def model_keys(self) -> dict[str, str]:
        """Squashed name -> key: keys before aliases before the last parts of hub names."""
        found: dict[str, str] = {}
        for key in self.models:
            found.setdefault(squash(key), key)
        for key, names in self.models.items():
            for name in names:
                found.setdefault(squash(name), key)
        for key, names in self.models.items():
            for name in names:
                found.setdefault(squash(name.rpartition("/")[2]), key)
        return self._of_variants(found) | found

    def _of_variants(self, found: Mapping[str, str]) -> dict[str, str]:
        """Each name with what its model may be tuned for: the copy that is, or the model in its shape."""
        of_model = {name + variant: key for name, key in found.items() for variant in words.MODEL_VARIANTS}
        tuned = {key: squash(key) for key in self.copies.values()}
        of_copy = {
            name + variant: copy
            for name, key in found.items()
            if key in tuned
            for variant in words.MODEL_VARIANTS
            if (copy := found.get(tuned[key] + variant))
        }
        return of_model | of_copy

    def has_experts(self, model: object) -> bool:
        """Whether a model has experts, or a size that says so: `8x7b`."""
        return isinstance(model, str) and (
            model in self.with_experts or ("x" in model[:-1] and SIZE.fullmatch(model) is not None)
        )

    @cached_property
    def _hyphenated_keys(self) -> dict[str, str]:
        """Keys that squash to the name of another: `megatron-gpt2-2b` and `megatron-gpt-22b`."""
        return {key: key for key in self.models if self.model_keys[squash(key)] != key}

    def model_named(self, squashed: str, typed: str) -> str | None:
        """The key of a squashed name; where two keys squash alike, the hyphens that were typed decide."""
        return self._hyphenated_keys.get("-".join(typed.lower().split())) or self.model_keys.get(squashed)

    @cached_property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Squashed family -> its names with a size, one a model: `llama2` -> `llama-2-7b` and its kin.

        Only what somebody published: a model with a name on the hub, and none of its copies.
        """
        found: dict[str, dict[str, tuple[float, str]]] = {}
        for key, names in self.models.items():
            if key in self.copies or not any("/" in name for name in names):
                continue
            for name in (key, *names):
                if "/" not in name and (sized := _SIZED.fullmatch(name.lower())):
                    sizes = found.setdefault(squash(sized["family"]), {})
                    sizes.setdefault(key, (_distance(sized), name.lower()))
        plain = {family: tuple(name for _, name in sorted(sizes.values())) for family, sizes in found.items()}
        spoken = {
            family + variant: sizes for family, sizes in plain.items() for variant in words.MODEL_VARIANTS
        }
        return {**spoken, **plain}

    def of_that_size(self, head: str, size: str) -> tuple[str, ...]:
        """`qwen`, `32b`: the models of that size in every generation of a family, the newest first."""
        names = (
            name
            for family, sizes in self.families.items()
            if family.startswith(head) and not family.removeprefix(head).strip("0123456789.v")
            for name in sizes
            if name.endswith(f"-{size}")
        )
        return tuple(sorted(dict.fromkeys(names), reverse=True))[:MOST_OF_A_SIZE]

    @cached_property
    def model_heads(self) -> frozenset[str]:
        """First words of models' names: `llama`, `qwen`; somebody who says one means a model."""
        heads = (_HEAD.match(key) for key in self.models)
        return frozenset(found.group() for found in heads if found) - sentences.ORDINARY - {"command", "open"}

    @cached_property
    def gpu_keys(self) -> dict[str, str]:
        """Squashed name -> key, with the spellings that people use."""
        found = {squash(key): key for key in self.gpus}
        for name, key in words.GPU_DEFAULTS.items():
            if key in self.gpus:
                found[squash(name)] = key
        for key, names in self.gpus.items():
            for name in names:
                found.setdefault(squash(name), key)
        for key in self.gpus:
            for name in self._spellings(key):
                found.setdefault(squash(name), key)
        sized = {name: key for name, key in found.items() if name.endswith("gb")}
        short = {name[:-2]: key for name, key in sized.items() if not name[:-2].isdigit()}
        return {**short, **found, **{name[:-1]: key for name, key in sized.items()}}

    def of_memory(self, gpu: object, gigabytes: object) -> str | None:
        """The GPU of the name of `gpu` with another memory: `a100-40gb` and 80 are `a100-80gb`."""
        if not isinstance(gpu, str) or not isinstance(gigabytes, int):
            return None
        return self.gpu_keys.get(squash(_MEMORY.sub("", gpu)) + f"{gigabytes}gb")

    def of_form(self, gpu: object, form: str) -> str | None:
        """The GPU of the name of `gpu` in another form: `h100-80gb` and `pcie` are `h100-pcie`."""
        if not isinstance(gpu, str) or form not in _FORMS:
            return None
        base = _FORM.sub("", _MEMORY.sub("", gpu))
        return self.gpu_keys.get(squash(f"{base}-{form}"))

    def _spellings(self, key: str) -> Iterable[str]:
        """Names without `rtx`, without the memory, and with it where the key has none.

        Data-centre GPUs are named by their form too: nobody sells an RTX GPU as SXM.
        """
        base, short = _MEMORY.sub("", key), _RTX.sub("", key)
        default = words.GPU_DEFAULTS.get(base.partition("-")[0], key)
        yield short
        if base == key and self.gpu_memory_gb and key in self.gpu_memory_gb:
            memory = f"{self.gpu_memory_gb[key]:.0f}gb"
            yield from (f"{key}-{memory}", f"{short}-{memory}")
        if _memory_of(default) == _memory_of(key):
            yield base
            if key == default and base != key and short == key:
                yield f"{base}-sxm"

    @cached_property
    def provider_keys(self) -> dict[str, str]:
        """Squashed name -> provider: keys before aliases, the grammar's before those of the list."""
        found = {squash(name): name for name in (*catalogued.SELLERS, *self.providers)}
        for key, names in (*catalogued.SELLERS.items(), *self.providers.items()):
            for name in names:
                found.setdefault(squash(name), key)
        return found

    def sellers(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every seller with its names, the best known first."""
        for key in dict.fromkeys((*catalogued.SELLERS, *self.providers)):
            yield key, tuple(self.providers.get(key, ()))

    def seller_named(self, name: str) -> str | None:
        """The seller that a squashed word means by itself; `together` is an ordinary word."""
        return None if name in self.ambiguous_sellers else self.provider_keys.get(name)

    @cached_property
    def ambiguous_sellers(self) -> frozenset[str]:
        """Names of sellers that mean something else, or nothing, where they stand alone."""
        return frozenset(
            name
            for name in self.provider_keys
            if is_known(name)
            or name in sentences.ORDINARY
            or name in self.model_keys
            or name in self.gpu_keys
            or (name.isascii() and len(name) < _SHORTEST_SELLER)
        ) - {squash(name) for name in catalogued.SELLERS}

    @cached_property
    def _sorted_names(self) -> tuple[str, ...]:
        """All names, the grammar's and ours, in order."""
        plurals = (f"{name}s" for name in self.gpu_keys)
        return tuple(sorted((*self.gpu_keys, *plurals, *self.model_keys, *self.provider_keys, *ALL_NAMES)))

    def begins_a_name(self, phrase: str) -> bool:
        """Whether any name begins like that: where no phrase can follow, none is tried."""
        return begins_one_of(self._sorted_names, phrase)

    def begins_a_gpu(self, phrase: str) -> bool:
        """Likewise of the GPUs."""
        return begins_one_of(self._sorted_gpus, phrase)

    @cached_property
    def _sorted_gpus(self) -> tuple[str, ...]:
        return tuple(sorted((*self.gpu_keys, *(f"{name}s" for name in self.gpu_keys))))

    @cached_property
    def organisations(self) -> frozenset[str]:
        """Owners of the known hub names, in lower case."""
        names = (name for names in self.models.values() for name in names)
        return frozenset(name.partition("/")[0].lower() for name in names if "/" in name)

    @cached_property
    def shown(self) -> dict[str, str]:
        """Squashed name -> the name as a suggestion writes it."""
        return {**{squash(p): p for p in self.provider_keys.values()}, **self.shown_models, **self.shown_gpus}

    @cached_property
    def shown_models(self) -> dict[str, str]:
        """Likewise of the models; hub names are left out."""
        named = ((name, key) for key, names in self.models.items() for name in (*names, key))
        return {squash(name): name.lower() for name, _ in named if "/" not in name}

    @cached_property
    def shown_gpus(self) -> dict[str, str]:
        """Likewise of the GPUs."""
        aliases = [
            name.lower().replace(" ", "-")
            for names in self.gpus.values()
            for name in names
            if "(" not in name
        ]
        spellings = [name for key in self.gpus for name in self._spellings(key)]
        shown = (*aliases, *spellings, *words.GPU_DEFAULTS, *self.gpus)
        return {squash(name): name for name in shown if squash(name) in self.gpu_keys}


def begins_one_of(names: tuple[str, ...], phrase: str) -> bool:
    """Whether one of the sorted names begins with `phrase`."""
    at = bisect_left(names, phrase)
    return phrase != "" and at < len(names) and names[at].startswith(phrase)


def _distance(sized: re.Match[str]) -> float:
    """How far a name's size is from the usual one, as the logarithm of their ratio."""
    experts = float((sized["experts"] or "1x")[:-1])
    return abs(math.log(experts * float(sized["number"]) * _UNITS[sized["unit"]] / _USUAL_SIZE))


def _memory_of(key: str) -> str:
    found = _MEMORY.search(key)
    return found.group() if found else ""


_SHORTEST_SELLER: Final = 3
"""Letters of an alias in a script of letters; two of Chinese say more."""


_USUAL: Final = ("num_examples", "sequence_length", "global_batch_size", "num_epochs", "lora_rank")


def vocabulary_of(catalog: Catalog, providers: Mapping[str, tuple[str, ...]] | None = None) -> Vocabulary:
    """The names of a catalog; models are not validated for it."""
    return Vocabulary(
        models={key: catalog.models.names(key)[1:] for key in catalog.models},
        gpus={key: catalog.gpus.names(key)[1:] for key in catalog.gpus},
        providers=providers or {},
        copies=catalog.models.said("copy_of"),
        usual={name: getattr(catalog.defaults, name) for name in _USUAL},
        with_experts=frozenset(catalog.models.said("num_experts")),
        splitting=frozenset(key for key, does in catalog.frameworks.said("splits_matrices").items() if does),
        second_loops=catalog.frameworks.said("second_loop"),
        gpu_memory_gb={key: catalog.gpus[key].memory_gb for key in catalog.gpus},
    )
