"""The form: the same spec without learning the grammar, and what it says as a line of the language."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.cards import action_ids, button_values, phrases
from bot.cards.block import (
    Block,
    clipped,
    context,
    conversations_select,
    external_select,
    field_input,
    option,
    plain_text,
    select,
    text_input,
)
from bot.i18n import Texts
from bot.language.canonical import amount_text, duration_text, number_text
from bot.language.grammar import KEY_OF_FIELD
from estimator.catalog import Defaults
from estimator.spec import Method, TrainingSpec

METHODS: Final = (Method.FULL, Method.LORA, Method.QLORA, Method.DORA, Method.FREEZE)
PRECISIONS: Final = (
    *("bf16", "fp16", "bf16 amp", "fp16 amp", "pure-bf16", "pure-fp16"),
    *("fp32", "tf32", "fp8"),
)
CURRENCIES: Final = ("USD", "CNY", "EUR", "GBP", "JPY", "INR", "KRW", "HKD", "SGD", "CAD", "AUD", "CHF")
"""Offered here and on Home; a line takes any that has a rate."""
NUMBERS: Final = {
    KEY_OF_FIELD[name].name: name
    for name in ("num_examples", "sequence_length", "global_batch_size", "num_epochs")
}
"""Number fields: the key that is typed (and the id of the field), the field of the spec."""
OWN_FIELDS: Final = frozenset(
    {
        "model", "method", "lora_rank", "precision", "mixed_precision",
        "num_examples", "sequence_length", "global_batch_size", "num_epochs", "gpu", "num_gpus",
        "providers", "currency", "budget", "deadline_seconds",
    }
)  # fmt: skip
"""Fields of the spec that the form asks for; the advanced line holds the others."""
MONEY: Final = ("provider", "cur", "budget", "deadline")
"""What it may cost and when it shall be done: the keys that are typed, and the ids of the fields."""
WITH_RANK: Final = frozenset({Method.LORA, Method.QLORA, Method.DORA})


def own_fields(spec: TrainingSpec) -> frozenset[str]:
    """Those of `OWN_FIELDS` that a field of the form can show: of several sellers it shows none."""
    too_many = {"providers"} if len(spec.providers or ()) > 1 else set()
    unshown = {"precision", "mixed_precision"} if _precision(spec) not in PRECISIONS else set()
    return OWN_FIELDS - too_many - unshown


def form_view(
    spec: TrainingSpec,
    *,
    defaults: Defaults,
    texts: Texts,
    advanced: str = "",
    channel: str | None = "",
    metadata: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The form filled in from `spec`; `advanced` is the line of everything that it has no field for.

    `metadata` comes back with the submission (base command, thread); `channel` is offered first; None: the
    form asks for none.
    """
    taken = phrases.defaults(defaults, texts)
    blocks = [
        *_model_fields(spec, texts, defaults),
        *_number_fields(spec, texts, taken),
        *_gpu_fields(spec, texts),
        *_money_fields(spec, texts),
        field_input(
            texts("form.advanced"),
            text_input("advanced", placeholder=texts("form.advanced_example"), initial=advanced),
            block_id="advanced",
            hint=texts("form.advanced_hint"),
        ),
    ]
    if channel is not None:
        chosen = conversations_select("channel", texts("form.channel_choose"), initial=channel or None)
        blocks.append(field_input(texts("form.channel"), chosen, block_id="channel", optional=False))
    if budget := (metadata or {}).get("budget"):
        blocks.append(context(budget, block_id="channel_budget"))
    return {
        "type": "modal",
        "callback_id": action_ids.FORM,
        "private_metadata": json.dumps(dict(metadata or {}), ensure_ascii=False, separators=(",", ":")),
        "title": plain_text(texts("form.title")),
        "submit": plain_text(texts("form.submit")),
        "close": plain_text(texts("form.close")),
        "blocks": blocks,
    }


def _model_fields(spec: TrainingSpec, texts: Texts, defaults: Defaults) -> Iterator[Block]:
    taken = phrases.defaults(defaults, texts)
    chosen = option(spec.model, spec.model) if spec.model else None
    model = external_select(
        action_ids.MODEL_OPTIONS, texts("form.model_example"), initial=chosen, min_query_length=1
    )
    yield field_input(texts("form.model"), model, block_id="model", optional=False)
    methods = [option(texts(f"method.{each}"), each) for each in METHODS]
    trained = spec.method or defaults.method
    method = select(action_ids.METHOD_CHOICE, texts("form.method"), methods, trained)
    yield field_input(texts("form.method"), method, block_id="method", optional=False, dispatch=True)
    if trained in WITH_RANK:
        typed = str(spec.lora_rank or "")
        rank = text_input("r", placeholder=taken["lora_rank"], initial=typed, max_length=6)
        yield field_input(texts("form.rank"), rank, block_id="r", hint=texts("form.rank_hint", **taken))
    precisions = [option(each, each) for each in PRECISIONS]
    precision = select("precision", texts("form.precision_default"), precisions, _precision(spec))
    yield field_input(texts("form.precision"), precision, block_id="precision")


def _precision(spec: TrainingSpec) -> str | None:
    if spec.precision is None:
        return None
    amp = {True: f"{spec.precision} amp", False: f"pure-{spec.precision}", None: str(spec.precision)}
    return amp[spec.mixed_precision]


def _number_fields(spec: TrainingSpec, texts: Texts, taken: Mapping[str, str]) -> Iterator[Block]:
    for key, name in NUMBERS.items():
        value = getattr(spec, name)
        typed = text_input(
            key,
            placeholder=texts(f"form.{key}_default", **taken),
            initial=number_text(value) if value is not None else "",
            max_length=40,
        )
        yield field_input(texts(f"form.{key}"), typed, block_id=key)


def _gpu_fields(spec: TrainingSpec, texts: Texts) -> Iterator[Block]:
    from_spec = option(spec.gpu, spec.gpu) if spec.gpu else None
    gpu = external_select(action_ids.GPU_OPTIONS, texts("form.gpu_default"), initial=from_spec)
    yield field_input(texts("form.gpu"), gpu, block_id="gpu", hint=texts("form.gpu_hint"))
    count = text_input(
        "gpus", placeholder=texts("form.gpus_default"), initial=str(spec.num_gpus or ""), max_length=6
    )
    yield field_input(texts("form.gpus"), count, block_id="gpus")


def _money_fields(spec: TrainingSpec, texts: Texts) -> Iterator[Block]:
    alone = spec.providers[0] if spec.providers and "providers" in own_fields(spec) else None
    seller = external_select(
        action_ids.SELLER_OPTIONS,
        texts("form.provider_default"),
        initial=option(alone, alone) if alone else None,
    )
    yield field_input(texts("form.provider"), seller, block_id="provider", hint=texts("form.provider_hint"))
    codes = dict.fromkeys((*CURRENCIES, *((spec.currency,) if spec.currency else ())))
    currency = select("cur", texts("form.cur_default"), [option(each, each) for each in codes], spec.currency)
    yield field_input(texts("form.cur"), currency, block_id="cur")
    for key, said in (
        ("budget", spec.budget and amount_text(spec.budget)),
        ("deadline", spec.deadline_seconds and duration_text(spec.deadline_seconds)),
    ):
        typed = text_input(key, placeholder=texts(f"form.{key}_default"), initial=said or "", max_length=40)
        yield field_input(texts(f"form.{key}"), typed, block_id=key)


def form_text(values: Mapping[str, Mapping[str, Any]]) -> str:
    """What a submitted form says, as a line of the command language; `values` is `view.state.values`."""
    said = {
        block_id: _value(element) for block_id, elements in values.items() for element in elements.values()
    }
    typed = [f"model={said['model']}"] if said.get("model") else []
    typed += [said[name] for name in ("method", "precision") if said.get(name)]
    typed += [f"{key}={said[key]}" for key in ("r", *NUMBERS, "gpu", "gpus", *MONEY) if said.get(key)]
    return clipped(" ".join([*typed, said.get("advanced", "")]).strip(), 2000)


def form_channel(values: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The channel that the form sends its card to."""
    chosen = [element.get("selected_conversation") for element in values.get("channel", {}).values()]
    return next((str(each) for each in chosen if each), None)


def _value(element: Mapping[str, Any]) -> str:
    chosen = element.get("selected_option")
    return str(chosen["value"]) if chosen else " ".join(str(element.get("value") or "").split())


def form_errors(problems: Mapping[str, str], shown: frozenset[str]) -> dict[str, str]:
    """Messages at the fields: block id -> what is wrong; the advanced line takes what has no field.

    `problems` maps the token as typed to its message; `shown` are the block ids of the view.
    """
    errors: dict[str, str] = {}
    for token, message in problems.items():
        key = token.partition("=")[0].strip()
        block_id = key if "=" in token and key in shown else "advanced"
        errors[block_id] = f"{errors[block_id]} {message}" if block_id in errors else message
    return errors


def options_of(names: Iterator[tuple[str, str]]) -> list[Block]:
    """The answer to an external select: at most 100 lines of (shown, value)."""
    lines = [option(shown, value) for shown, value in names if len(value) <= button_values.MAX_OPTION_CHARS]
    return lines[:100]
