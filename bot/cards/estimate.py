"""An estimate as the card that suits it: what it costs, what the rule of thumb says, or why nothing fits."""

from collections.abc import Callable

from bot.cards import format as fmt
from bot.cards import phrases, sections
from bot.cards.block import VERDICT, Block, Card, context, header, section
from bot.cards.own_limits import limit_header
from bot.cards.picks import cheaper, picks_table
from bot.cards.price_notes import last_price, nearest_seller
from bot.cards.requested import RequestedEstimate
from bot.cards.rule_of_thumb import rule_card, rule_line
from bot.cards.sections import Surface
from bot.cards.trimming import within_limits
from bot.i18n import Texts
from estimator.result import Estimate, Option


def cost_card(  # noqa: PLR0913  -- what a card is drawn from
    requested: RequestedEstimate,
    best: Option,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
    above: Block | None = None,
) -> Card:
    """What the run needs, takes and costs on `best`; assumptions are cut to what a card can hold."""
    own_line = sections.own_command_line(requested, texts, asker=asker, surface=surface)
    build = _of_size(requested, best, texts, own_line, notice)
    return within_limits(
        build, sections.num_listed(requested.estimate.assumptions) + 1, surface=surface, above=above
    )


def _of_size(
    requested: RequestedEstimate, best: Option, texts: Texts, own_line: str, notice: str
) -> Callable[[int], Card]:
    """The card with so many assumptions; all that does not depend on their number is made once."""
    estimate = requested.estimate
    verdict = (*sections.judgement(estimate, best, texts), sections.run_line(estimate, best, texts), notice)
    said = sentence(estimate, best, texts)
    above = (
        header(headline(estimate, best, texts)),
        section(phrases.lines(*verdict), block_id=VERDICT),
        *picks_table(estimate, texts),
        section(rule_line(estimate, best, texts), block_id="rule"),
        sections.buttons(requested, texts),
    )
    prices = [sections.price_small_print(estimate, best, texts, has_room=room) for room in (False, True)]
    small_print = (
        cheaper(estimate, texts),
        sections.one_of_the_size(estimate, texts),
        own_line,
        sections.other_warnings(estimate, best, texts),
    )
    plan, num_listed = sections.plan_line(best, texts), sections.num_listed(estimate.assumptions)

    def build(shown: int) -> Card:
        has_room = shown > num_listed  # what may be changed comes first
        ranges = sections.evidence(best, texts, has_room=has_room)
        how = phrases.joined(plan, ranges, texts=texts)
        assumed = sections.assumed(estimate.assumptions, texts, shown)
        small = context(prices[shown > 0], *small_print, how, assumed)
        return Card(said, (*above, small))

    return build


def headline(estimate: Estimate, best: Option, texts: Texts) -> str:
    """`$14.19 with 3 tries · 2.4 h a run · 1× H200`, red where it breaks a limit of the asker."""
    if over := limit_header(estimate, best, texts):
        return over
    time, gpus = fmt.duration(best.time.run_seconds.likely, texts), phrases.plan_gpus(best.plan, texts)
    if not best.quotes:
        state = "elsewhere" if nearest_seller(estimate, texts) else "unpriced"
        state = "old" if last_price(estimate, texts) else state
        return texts(f"estimate.header_{state}", time=time, gpus=gpus)
    retries = estimate.schedule.retries
    cost, tries = phrases.retried_money(best.quotes[0], retries, texts), phrases.tries(retries, texts)
    return texts("estimate.header", cost=cost, tries=tries, time=time, gpus=gpus)


def sentence(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What notifications and screen readers say: the number and the verdict."""
    facts = {
        "model": phrases.model_name(estimate),
        "method": phrases.method(estimate.workload, texts),
        "time": fmt.duration(best.time.run_seconds.likely, texts),
        "gpus": phrases.plan_gpus(best.plan, texts),
        "verdict": texts(f"verdict.{best.memory.verdict}"),
        "memory": phrases.used(best, texts),
    }
    if not best.quotes and (elsewhere := nearest_seller(estimate, texts)):
        return texts("estimate.text_elsewhere", **facts, elsewhere=elsewhere)
    if not best.quotes:
        return texts("estimate.text_unpriced", **facts)
    costs = sections.cost_facts(best.quotes[0], estimate.schedule.retries, texts)
    return texts("estimate.text", **facts, **costs)


def estimate_card(
    requested: RequestedEstimate,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
    above: Block | None = None,
) -> Card:
    """The answer to one request.

    `asker` is a user's id; `notice` one more line under the verdict, already in Slack's markup; `above` what
    stands before all of it.
    """
    best = requested.estimate.headline
    if requested.request.rule_of_thumb:
        return rule_card(requested, texts=texts, asker=asker, notice=notice, surface=surface, above=above)
    if best is None or not best.fits:
        from bot.cards.nofit import nofit_card  # noqa: PLC0415  -- most runs fit

        return nofit_card(requested, texts=texts, asker=asker, surface=surface, above=above)
    return cost_card(requested, best, texts=texts, asker=asker, notice=notice, surface=surface, above=above)
