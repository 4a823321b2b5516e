"""What a reply in a card's thread comes to: the next card, and the card that it is told against. Pure."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.conversation.card_state import CardState
from bot.conversation.shown import Shown
from bot.i18n import Language
from bot.language import Dropped, Reading, Request, asks_price, format_request
from estimator.spec import TrainingSpec

Refusal = Literal["nothing_before", "not_in_thread"]
Read = Callable[[str], Request | None]
"""A canonical command -> its request; None where it means nothing any more."""


def new_card_id() -> str:
    """Eight characters that no other card has."""
    return secrets.token_hex(4)


def first(command: str, language: Language | None = None, currency: str = "") -> CardState:
    """The first card of a conversation, which is led in its language and its currency."""
    return CardState(command=command, card_id=new_card_id(), language=language, currency=currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A new card."""

    base: CardState
    """The card that was replied to."""
    after: CardState
    """The card to post."""
    against: str
    """The command of the card that it is told as a change of; empty: it stands alone."""
    asked: tuple[str, ...] = ()
    """The fields that were named; empty on the way back."""
    dropped: tuple[Dropped, ...] = ()
    """Fields of the base that lost their meaning."""
    unused: tuple[str, ...] = ()
    """Words that were set aside, as typed."""
    not_done: tuple[str, ...] = ()
    """Codes of what was asked for and is not estimated."""
    is_back: bool = False
    """To a card that stood there before, with its numbers."""
    shown_before: Shown | None = None
    """The price on the card that it is told as a change of."""
    asks_price: bool = False
    """Whether the price is asked for: wanted, too, where nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The card says already what was asked for."""

    base: CardState
    asked: tuple[str, ...] = ()
    """The fields that were named."""
    asks_price: bool = False
    """Whether the price is asked for."""


Move = Step | Unchanged | Refusal


def at_prices_shown(step: Step, shown: Callable[[str], Shown | None]) -> Step:
    """`step` with what its cards showed, as far as their thread (a command -> a price) or they know."""
    before = step.base.shown if step.against == step.base.command else None
    after = shown(step.after.command) if step.is_back else None
    return replace(
        step,
        shown_before=before or shown(step.against),
        after=replace(step.after, shown=after),
    )


def moved(reading: Reading, base: CardState | None, read: Read) -> Move | None:
    """What `reading`, laid over `base`, comes to; None where it is no follow-up (help, a list, problems)."""
    if reading.outcome == "command" and reading.command in _COMMANDS:
        if base is None:
            return "not_in_thread"
        move = gone_back(_COMMANDS[reading.command](base), base, read)
        return _told_as_now(move, base, read) if reading.command == "reset" else move
    if reading.request is None or base is None:
        return None
    return changed_to(reading.request, base, read, reading)


def changed_to(request: Request, base: CardState, read: Read, reading: Reading | None = None) -> Move:
    """`request` in the place of the card `base`."""
    before = read(base.command)
    request = as_private_as(before, request)
    command = format_request(request)
    asked = reading.changes if reading else _differing(request, before)
    wants_price = reading is not None and asks_price(reading.text)
    if command == base.command or request == before:
        return Unchanged(base=base, asked=asked, asks_price=wants_price)
    only_looks = before is not None and _are_one_run(request, before)
    return Step(
        base=base,
        after=base.then(command, new_card_id()),
        against="" if only_looks else base.command,
        asked=asked,
        dropped=reading.dropped if reading else (),
        unused=reading.unused if reading else (),
        not_done=reading.not_done if reading else (),
        asks_price=wants_price,
    )


def _are_one_run(one: Request, other: Request) -> bool:
    """Whether nothing but the looks differs: the language, or the money in which the run is told."""
    return _in_no_currency(one) == _in_no_currency(other)


def _in_no_currency(request: Request) -> TrainingSpec:
    return request.spec.model_copy(update={"currency": None})


def _alone_where_only_its_looks_change(move: Move, read: Read) -> Move:
    """`undo` after `lang=zh`: the card again, as it is told by now; no change of the run can be named."""
    if not isinstance(move, Step) or not move.is_back:
        return move
    after, before = read(move.after.command), read(move.against)
    if after is None or before is None or not _are_one_run(after, before):
        return move
    return replace(move, against="", is_back=False)


def as_private_as(before: Request | None, request: Request) -> Request:
    """`request`, private where `before` was: only a new command, typed in public, ends privacy."""
    if before is None or not before.private or request.private:
        return request
    return request.model_copy(update={"private": True})


def gone_back(move: Move, base: CardState, read: Read) -> Move:
    """`move` to a card that stood there before, as private as `base`."""
    return _alone_where_only_its_looks_change(_kept_private(move, base, read), read)


def _kept_private(move: Move, base: CardState, read: Read) -> Move:
    """`move`, with its card as private as `base`: an undo publishes nothing."""
    if not isinstance(move, Step) or (request := read(move.after.command)) is None:
        return move
    private = as_private_as(read(base.command), request)
    if private is request:
        return move
    return replace(move, after=replace(move.after, command=format_request(private)))


def _told_as_now(move: Move, base: CardState, read: Read) -> Move:
    """`move` to a run of long ago, in the language and the currency that the thread has meanwhile."""
    now = read(base.command)
    request = read(move.after.command) if isinstance(move, Step) else None
    if now is None or request is None or not isinstance(move, Step):
        return move
    spec = request.spec.model_copy(update={"currency": now.spec.currency})
    told = request.model_copy(update={"language": now.language, "spec": spec})
    if told == now:
        return Unchanged(base=base)
    return replace(move, after=replace(move.after, command=format_request(told)))


def undone(base: CardState) -> Move:
    """The card before `base`, again."""
    after = base.undone(new_card_id())
    return Step(base=base, after=after, against=base.command, is_back=True) if after else "nothing_before"


def reset(base: CardState) -> Move:
    """The first card, again."""
    if not base.trail:
        return "nothing_before"
    if base.root == base.command:
        return Unchanged(base=base)
    return Step(base=base, after=base.then(base.root, new_card_id()), against=base.command, is_back=True)


def against_root(base: CardState) -> Move:
    """The same card, told as a change of the first."""
    if not base.trail or base.root == base.command:
        return "nothing_before"
    after = replace(base, card_id=new_card_id())
    return Step(base=base, after=after, against=base.root)


_COMMANDS: Final[dict[str, Callable[[CardState], Move]]] = {
    "undo": undone,
    "reset": reset,
    "vs": against_root,
}


def _differing(request: Request, before: Request | None) -> tuple[str, ...]:
    old, new = before.said() if before else {}, request.said()
    return tuple(name for name in {**old, **new} if old.get(name) != new.get(name))
