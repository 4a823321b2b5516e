"""The App Home: what was asked lately, a new one, the language, help."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.cards import action_ids, button_values, dates, phrases
from bot.cards.block import (
    Block,
    actions,
    button,
    clipped,
    code_span,
    context,
    divider,
    escape,
    header,
    option,
    section,
    select,
)
from bot.cards.estimate import headline
from bot.cards.form import CURRENCIES
from bot.conversation.preferences import Chosen
from bot.conversation.recent import MAX_RECENT, HomeLine, Recent
from bot.i18n import LANGUAGES, Texts
from estimator.result import Estimate

NOTHING: Final = Chosen()
MAX_TYPED_CHARS: Final = 100
"""Of a command, of the name of a run."""


def home_line(estimate: Estimate, texts: Texts) -> HomeLine:
    """`7B full fine-tune`, and the header of its card: in plain text, as a list says it."""
    best = estimate.headline
    method = phrases.method(estimate.workload, texts)
    run = texts("compare.run", model=phrases.model_name(estimate), method=method)
    if best is None or not best.fits:
        gpus = phrases.plan_gpus(best.plan, texts) if best else ""
        return HomeLine(run, phrases.joined(texts("verdict.does_not_fit"), gpus, texts=texts))
    return HomeLine(run, headline(estimate, best, texts))


def home_view(
    recent: Sequence[Recent],
    *,
    texts: Texts,
    chosen: Chosen = NOTHING,
    budgets: Sequence[str] = (),
    defaults: Sequence[str] = (),
) -> dict[str, Any]:
    """What the Home tab shows.

    `budgets` and `defaults` are lines in Slack's markup, `chosen` what the user chose.
    """
    blocks = [
        header(texts("home.title")),
        section(texts("home.lead"), block_id="lead"),
        _doing(texts, chosen),
        *_listed("budgets", budgets, texts),
        *_listed("defaults", defaults, texts),
        divider(block_id="line"),
        section(texts("home.recent") if recent else texts("home.nothing"), block_id="recent"),
        *_recent(recent[:MAX_RECENT], texts),
        context(texts("help.tip")),
    ]
    return {"type": "home", "blocks": blocks}


def _doing(texts: Texts, chosen: Chosen) -> Block:
    languages = [option(texts(f"home.language.{each}"), each) for each in ("auto", *LANGUAGES)]
    codes = dict.fromkeys((*CURRENCIES, *filter(None, [chosen.currency])))
    currencies = [option(texts("home.currency.auto"), "auto"), *(option(each, each) for each in codes)]
    return actions(
        button(texts("home.new"), action_ids.HOME_NEW, "new", primary=True),
        button(texts("button.help"), action_ids.HELP, "help"),
        _choice(action_ids.HOME_LANGUAGE, texts("home.language.choose"), languages, chosen.language),
        _choice(action_ids.HOME_CURRENCY, texts("home.currency.choose"), currencies, chosen.currency),
        block_id="home",
    )


def _choice(action_id: str, name: str, options: list[Block], chosen: str | None) -> Block:
    return select(action_id, name, options, chosen or "auto")


def _listed(name: str, lines: Sequence[str], texts: Texts) -> Iterator[Block]:
    if lines:
        yield section("\n".join((texts(f"home.{name}"), *lines)), block_id=name)


def _recent(recent: Sequence[Recent], texts: Texts) -> Iterator[Block]:
    for at, each in enumerate(recent):
        name = (
            f"<{each.link}|{dates.moment_text(each.asked_at, texts)}>"
            if each.link
            else dates.moment(each.asked_at, texts)
        )
        asked = each.asked
        said = asked.said.get(texts.language, HomeLine("", ""))
        typed = code_span(clipped(asked.change or asked.command, MAX_TYPED_CHARS))
        run = f"*{escape(clipped(said.run, MAX_TYPED_CHARS))}*" if said.run else ""
        shown = phrases.lines(
            phrases.joined(run, typed, texts=texts),
            phrases.joined(escape(clipped(said.answer, 300)), name, texts=texts),
        )
        again = button(
            texts("home.again"),
            f"{action_ids.HOME_RUN_PREFIX}{at}",
            button_values.state(asked.command),
            label=texts("home.again_label", command=asked.command),
        )
        yield section(shown, block_id=f"recent{at}", accessory=again)
