"""What a person asked, as their Home lists it: recognised at a glance, in whichever language they read."""

from bot.answers.answers import Answerer
from bot.answers.reply import Reply
from bot.cards.home import home_line
from bot.conversation.card_state import CardState
from bot.conversation.recent import Asked
from bot.i18n import LANGUAGES


def asked(answers: Answerer, reply: Reply, carried: CardState | None) -> Asked:
    """The estimate of `reply`; `carried` is its place in a conversation, if not the first."""
    words = set(carried.before.split()) if carried else set()
    change = " ".join(each for each in reply.command.split() if each not in words)
    estimate = reply.estimate
    said = {each: home_line(estimate, answers.texts(each)) for each in LANGUAGES} if estimate else {}
    return Asked(command=reply.command, change=change, said=said)
