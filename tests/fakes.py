"""Stand-ins for what touches the world, a few lines each."""

from bot.model_hub.hub import NoModel, Why

TINY = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}
"""The config.json of a model that a hub may have."""


class NoHub:
    """A model hub that cannot be reached."""

    def model(self, name: str) -> NoModel:
        return NoModel(Why.OFFLINE)
