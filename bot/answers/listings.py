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
from estimator.spec import TrainingSpec


class Listings:
    """The lists, over one service."""

    def __init__(self, service: EstimateService, vocabulary: Vocabulary) -> None:
        self._service, self._vocabulary = service, vocabulary

    def card(
        self, command: str, arguments: str, texts: Texts, surface: Surface, currency: str
    ) -> Card | None:
        """The list that `command` asks for, told to a reader in `currency`; None for another command.

        Raises:
            UnknownGPU: `prices` of what is no GPU.
        """
        limit = SHOWN if surface == "slack" else None
        if command == "models":
            return models_card(self.models(arguments), texts=texts, limit=limit)
        if command == "gpus" or (command == "prices" and not arguments.strip()):
            return gpus_card(self.gpus(arguments), texts=texts, limit=limit)
        if command == "prices":
            asked = self.asked(arguments)
            offers, leading = self._service.offers(asked), self._service.leading(asked, currency)
            return prices_card(asked, offers, leading, texts=texts, limit=limit)
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
        """Likewise GPUs."""
        shelf = self._service.catalog.gpus
        return tuple(shelf[key] for key in _matching(shelf, pattern))

    def asked(self, arguments: str) -> TrainingSpec:
        """The GPU that `arguments` mean, and whose prices of how many: `t4 aws`, `h100 8`, `8xh100 lambda`.

        Raises:
            UnknownGPU: with the keys that the catalog has.
        """
        name, _, count = arguments.strip().rpartition(" ")
        counted = (f"{count}x{name}",) if name and count.isdigit() else ()
        for written in (*counted, arguments.strip(), f"gpu={arguments.strip()}"):
            found = read(f"7b {written}", self._vocabulary)
            if found.spec is not None and found.spec.gpu is not None and not found.unused:
                return found.spec
        raise UnknownGPU(arguments.strip(), self._service.catalog.gpus)


def _matching(shelf: Shelf[ModelArch] | Shelf[GPU], pattern: str) -> Iterator[str]:
    words = [folded(word) for word in pattern.split()]
    for key in shelf:
        names = " ".join(folded(name) for name in shelf.names(key))
        if all(word in names for word in words):
            yield key
