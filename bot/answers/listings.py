"""`models`, `gpus`, `prices`: what the catalogs hold and sellers ask, as cards."""

from collections.abc import Iterator

from bot.answers.estimates import EstimateService
from bot.cards.block import Card
from bot.cards.listings import SHOWN, gpus_card, models_card, prices_card
from bot.cards.sections import Surface
from bot.i18n import Texts
from bot.language import Vocabulary, read
from estimator.catalog import Shelf, folded
from estimator.errors import UnknownGPU
from estimator.hardware import GPU
from estimator.model.arch import ModelArch


class Listings:
    """The lists, over one service."""

    def __init__(self, service: EstimateService, vocabulary: Vocabulary) -> None:
        self._service, self._vocabulary = service, vocabulary

    def card(
        self, command: str, arguments: str, texts: Texts, surface: Surface, currency: str
    ) -> Card | None:
        """The list that `command` asks for, told to a reader in `currency`; None for another command.

        Raises:
            UnknownGPU: `prices` of what is no card.
        """
        limit = SHOWN if surface == "slack" else None
        if command == "models":
            return models_card(self.models(arguments), texts=texts, limit=limit)
        if command == "gpus" or (command == "prices" and not arguments.strip()):
            return gpus_card(self.gpus(arguments), texts=texts, limit=limit)
        if command == "prices":
            gpu = self.gpu_key(arguments)
            middles = self._service.middles(gpu, currency)
            return prices_card(gpu, self._service.offers(gpu), middles, texts=texts, limit=limit)
        return None

    def has(self, command: str, arguments: str) -> bool:
        """Whether the list that `command` asks for has anything in it."""
        if command == "models":
            return bool(self.models(arguments))
        return command != "gpus" or bool(self.gpus(arguments))

    def models(self, pattern: str) -> tuple[ModelArch, ...]:
        """Models of which a name holds every word of `pattern`."""
        shelf = self._service.catalog.models
        return tuple(shelf[key] for key in _matching(shelf, pattern))

    def gpus(self, pattern: str) -> tuple[GPU, ...]:
        """Likewise cards."""
        shelf = self._service.catalog.gpus
        return tuple(shelf[key] for key in _matching(shelf, pattern))

    def gpu_key(self, name: str) -> str:
        """The card that `name` means in the command language.

        Raises:
            UnknownGPU: with the nearest names.
        """
        spec = read(f"7b gpu={name.strip()}", self._vocabulary).spec
        if spec is None or spec.gpu is None:
            raise UnknownGPU(name.strip(), self._service.catalog.gpus)
        return spec.gpu


def _matching(shelf: Shelf[ModelArch] | Shelf[GPU], pattern: str) -> Iterator[str]:
    words = [folded(word) for word in pattern.split()]
    for key in shelf:
        names = " ".join(folded(name) for name in shelf.names(key))
        if all(word in names for word in words):
            yield key
