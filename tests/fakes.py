"""Stand-ins for what touches the world, a few lines each."""

from bot.model_hub.hub import NoModel, Why


class NoHub:
    """A model hub that cannot be reached."""

    def model(self, name: str) -> NoModel:
        return NoModel(Why.OFFLINE)
