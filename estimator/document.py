"""`Estimate` -> the JSON document of schema version 1 (docs/estimate-json.md), less what the bot writes.

Bytes are integers, seconds floats, money decimal text with its currency, a range p10, median, p90.
A field is added freely; renaming or removing one raises the schema version.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from estimator.memory.result import MemoryEstimate, OtherReading
from estimator.money import Money
from estimator.plan import Plan
from estimator.ranges import Basis, Range
from estimator.result import Converted, Estimate, Fix, MoneyRange, Note, Option, Quote, Rejected, RuleOfThumb
from estimator.time.result import TimeEstimate, TimeLine
from estimator.units import GIB
from estimator.workload import Assumption, Parameter

SCHEMA_VERSION: Final = 2


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    """The whole estimate, ready for `json.dumps`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "spec": estimate.spec.said(),
        "notes": [_note(note) for note in estimate.notes],
        "assumptions": [_assumption(assumption) for assumption in estimate.assumptions],
        "rule_of_thumb": _rule_of_thumb(estimate.rule_of_thumb),
        "options": [_option(option) for option in estimate.options],
        "rejected": [_rejected(rejected) for rejected in estimate.rejected],
        "nearest": None
        if estimate.nearest is None
        else {
            "gpu": estimate.nearest.gpu,
            "num_gpus": estimate.nearest.num_gpus,
            "usable_bytes": estimate.nearest.usable_bytes,
            "missing_bytes": estimate.nearest.missing_bytes,
            "largest_part": estimate.nearest.largest_part,
            "other_reading": _other_reading(estimate.nearest.other_reading),
        },
        "on_one_gpu": None
        if estimate.on_one_gpu is None
        else {
            "gpu": estimate.on_one_gpu.gpu,
            "fp32_states_bytes": estimate.on_one_gpu.fp32_states_bytes,
            "half_states_bytes": estimate.on_one_gpu.half_states_bytes,
        },
        "fixes": [_fix(fix) for fix in estimate.fixes],
    }


def money_document(money: Money | None) -> dict[str, str] | None:
    """`{"amount": "81.24", "currency": "CNY"}`: exact decimal text, never in powers of ten."""
    return None if money is None else {"amount": _plain(money.amount), "currency": money.currency}


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


def _note(note: Note) -> dict[str, Any]:
    return {
        "code": str(note.code),
        "parameters": {name: _parameter(value) for name, value in note.parameters.items()},
    }


def _assumption(assumption: Assumption) -> dict[str, Any]:
    return {
        "what": assumption.what,
        "value": assumption.value,
        "code": assumption.code,
        "parameters": {name: _parameter(value) for name, value in assumption.parameters.items()},
        "source": assumption.source,
    }


def _parameter(value: Parameter | date) -> Any:
    if isinstance(value, Money):
        return money_document(value)
    return value.isoformat() if isinstance(value, date) else value


def _rule_of_thumb(rule: RuleOfThumb) -> dict[str, Any]:
    return {
        "weights_gb": rule.weights_gb,
        "gradients_gb": rule.gradients_gb,
        "optimizer_gb": rule.optimizer_gb,
        "fixed_gb": rule.fixed_gb,
        "dynamic_gb": rule.dynamic_gb,
        "total_gb": rule.total_gb,
        "num_steps": rule.num_steps,
        "step_seconds": rule.step_seconds,
        "train_seconds": rule.train_seconds,
        "window_hours": rule.window_hours,
        "retries": rule.retries,
        "billed_hours": rule.billed_hours,
        "gpu": rule.gpu,
        "num_gpus": rule.num_gpus,
        "price_per_hour": money_document(rule.price_per_hour),
        "price_source": rule.price_source,
        "price_provider": rule.price_provider or None,
        "cost": money_document(rule.cost),
        "cost_in_currency": money_document(rule.cost_in_currency),
        "notes": [_assumption(note) for note in rule.notes],
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "plan": {
            **plan_document(option.plan),
            "states": str(option.states),
            "stack_release": option.stack_release,
        },
        "memory": _memory(option.memory),
        "time": _time(option.time),
        "quotes": [_quote(quote) for quote in option.quotes],
        "tags": [str(tag) for tag in option.tags],
        "warnings": [_assumption(warning) for warning in option.warnings],
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan, field by field."""
    return {
        "gpu": plan.gpu,
        "num_gpus": plan.num_gpus,
        "num_nodes": plan.num_nodes,
        "zero_stage": plan.zero_stage,
        "data_parallel_size": plan.data_parallel_size,
        "tensor_parallel_size": plan.tensor_parallel_size,
        "pipeline_parallel_size": plan.pipeline_parallel_size,
        "context_parallel_size": plan.context_parallel_size,
        "engine": str(plan.engine),
        "offload": plan.offload,
        "offload_params": plan.offload_params,
        "micro_batch_size": plan.micro_batch_size,
        "gradient_accumulation_steps": plan.gradient_accumulation_steps,
        "activation_checkpointing": str(plan.activation_checkpointing),
        "recomputed_share": round(plan.recomputed_share, 4),
        "attention": str(plan.attention),
        "stack": plan.stack,
    }


def _memory(memory: MemoryEstimate) -> dict[str, Any]:
    return {
        "allocated_bytes": _byte_range(memory.allocated_bytes),
        "reserved_bytes": _byte_range(memory.reserved_bytes),
        "process_bytes": _byte_range(memory.process_bytes),
        "usable_bytes": memory.usable_bytes,
        "parts": memory.parts.by_name(),
        "phase": str(memory.phase),
        "verdict": str(memory.verdict),
        "basis": _basis(memory.basis),
        "host_bytes_per_machine": memory.host_bytes,
        "other_reading": _other_reading(memory.other_reading),
    }


def _other_reading(other: OtherReading | None) -> dict[str, Any] | None:
    if other is None:
        return None
    return {
        "states": other.states,
        "process_bytes": _byte_range(other.process_bytes),
        "verdict": str(other.verdict),
        "micro_batch_size": other.micro_batch_size,
        "activation_checkpointing": other.activation_checkpointing and str(other.activation_checkpointing),
    }


def _time(time: TimeEstimate) -> dict[str, Any]:
    return {
        "step_seconds": _range(time.step_seconds),
        "tokens_per_second_per_gpu": _range(time.tokens_per_second_per_gpu),
        "num_steps": time.num_steps,
        "run_seconds": _range(time.run_seconds),
        "mfu": time.mfu,
        "bound_by": time.bound_by,
        "lines": [_line(line) for line in time.lines],
        "step": [_line(part) for part in time.step.parts],
        "basis": _basis(time.basis),
    }


def _line(line: TimeLine) -> dict[str, Any]:
    return {"what": line.what, "seconds": line.seconds}


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "provider": quote.provider,
        "region": quote.region,
        "market": str(quote.market),
        "instance_type": quote.instance_type,
        "num_gpus": quote.num_gpus,
        "price_per_hour": money_document(quote.price_per_hour),
        "as_of": _day(quote.as_of),
        "fetched_at": _day(quote.fetched_at),
        "source": quote.source,
        "stale": quote.stale,
        "scaled": quote.scaled,
        "tier": quote.tier,
        "basis": quote.basis,
        "caveat": quote.caveat,
        "host_memory_bytes": quote.host_memory_bytes,
        "instead": " ".join(quote.instead) or None,
        "is_bookable": quote.is_bookable,
        "num_sellers": quote.middle.num_sellers if quote.middle else None,
        "sellers_low": money_document(quote.middle.low) if quote.middle else None,
        "sellers_high": money_document(quote.middle.high) if quote.middle else None,
        "run_cost": _money_range(quote.run_cost),
        "with_retries": _money_range(quote.with_retries),
        "in_currency": None if quote.in_currency is None else _converted(quote.in_currency),
    }


def _converted(converted: Converted) -> dict[str, Any]:
    return {
        "currency": converted.currency,
        "rate": converted.rate,
        "rate_date": _day(converted.rate_date),
        "rate_source": converted.rate_source,
        "run_cost": _money_range(converted.run_cost),
        "with_retries": _money_range(converted.with_retries),
    }


def _day(day: date | datetime | None) -> str | None:
    return None if day is None else day.isoformat()


def _rejected(rejected: Rejected) -> dict[str, Any]:
    return {
        "plan": plan_document(rejected.plan),
        "why": _why(rejected),
        "code": rejected.code,
        "figures": dict(rejected.figures),
    }


def _why(rejected: Rejected) -> str:
    """The figures in a line, as schema version 2 has them."""
    figures = rejected.figures
    if rejected.code == "over_memory":
        return f"over memory by {figures['missing_bytes'] / GIB:,.1f} GiB"
    if rejected.code == "more_machines":
        return f"{rejected.plan.num_nodes} machines where {figures['num_nodes']} will do"
    if rejected.code == "rarely_rented":
        return "few rent it out"
    than = f"of {figures['num_gpus']} x {figures['gpu']}"
    known = [(what, figures[f"{what}_ratio"]) for what in ("cost", "time") if f"{what}_ratio" in figures]
    more = [each for each in known if each[1] > 1] or known
    measures = " and ".join(f"{ratio:.2f} x the {what}" for what, ratio in more)
    return (
        f"not weighed: at best {measures} {than}" if rejected.code == "not_weighed" else f"{measures} {than}"
    )


def _fix(fix: Fix) -> dict[str, Any]:
    return {"changes": dict(fix.changes), "option": _option(fix.option)}


def _range(quantity: Range) -> dict[str, float]:
    return {"low": quantity.low, "likely": quantity.likely, "high": quantity.high}


def _byte_range(quantity: Range) -> dict[str, int]:
    return {"low": int(quantity.low), "likely": int(quantity.likely), "high": int(quantity.high)}


def _money_range(cost: MoneyRange) -> dict[str, Any]:
    return {
        "low": money_document(cost.low),
        "likely": money_document(cost.likely),
        "high": money_document(cost.high),
    }


def _basis(basis: Basis) -> dict[str, Any]:
    return {"group": basis.group, "n": basis.n}
