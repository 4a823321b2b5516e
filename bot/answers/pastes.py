"""A paste -> Reply: a log beside the estimate that it answers to, or a configuration without a model."""

from typing import TYPE_CHECKING

from bot.answers.reply import Asker, Reply
from bot.answers.shown import as_shown, same_run
from bot.cards import pastes
from bot.conversation.shown import Shown
from bot.language import Request, change_text
from bot.language.pastes.paste import Paste

if TYPE_CHECKING:
    from bot.answers.answers import Answerer


def paste_reply(
    answers: "Answerer", paste: Paste, base: Request | None, asker: Asker, shown: Shown | None = None
) -> Reply:
    """What was read in `paste`; `base` is the run of the card above it, `shown` what that card showed."""
    texts = answers.texts(asker.language)
    if paste.trains_nothing:
        card = pastes.no_training_card(paste, texts, asker.surface)
        return Reply(card=card, outcome="done", language=asker.language, not_done=paste.not_done)
    if not paste.is_log:
        card = pastes.partial_card(paste, texts, asker.surface)
        return Reply(card=card, outcome="done", language=asker.language)
    today = same_run(answers, base, shown, asker) if base else None
    estimate = as_shown(today, shown) if today else None
    fixes = [change_text(fix.changes) for fix in estimate.fixes] if estimate else []
    card = pastes.log_card(paste, estimate, fixes, texts=texts, surface=asker.surface)
    return Reply(card=card, outcome="done", language=asker.language, for_everybody=estimate is not None)
