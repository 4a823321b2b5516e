"""The one table of the command language: reader, help and form are made from it.

`words` holds the values that are words, `units` what a letter after a number is worth.
"""

from bot.language.grammar.data import DATA
from bot.language.grammar.hardware import HARDWARE
from bot.language.grammar.money import MONEY
from bot.language.grammar.training import TRAINING
from bot.language.keys import Key

KEYS: tuple[Key, ...] = (*TRAINING, *DATA, *HARDWARE, *MONEY)
KEY_OF_FIELD = {key.field: key for key in KEYS}
GLUED_KEYS = ("bs", "mbs", "ga", "seq", "ep", "batch", "rank", "tp", "pp", "cp", "zero")
"""Keys whose number may follow at once: `tp2`."""

MAX_CHARACTERS = 2000
MAX_TOKENS = 100
