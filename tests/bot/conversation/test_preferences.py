"""What users and channels choose: read from what they type, kept, the user's own choice first."""

import pytest
from fakes import NoHub
from prices_on_a_day import prices_as_of
from typing_extensions import override

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.reply import Asker, Reply
from bot.answers.settings import answer_settings
from bot.conversation.preferences import Chosen, Preferences, Scope, UserInChannel, choose_word
from bot.files import load_catalog
from bot.store.memory import MemoryStore

ME, OTHER = UserInChannel(user_id="U1", channel_id="C1"), UserInChannel(user_id="U2", channel_id="C1")


@pytest.fixture(scope="module")
def answers() -> Answerer:
    return Answerer(EstimateService(load_catalog(), prices_as_of(), NoHub()))


@pytest.fixture
def preferences() -> Preferences:
    return Preferences(MemoryStore())


def typed(preferences: Preferences, answers: Answerer, text: str, whose: UserInChannel = ME) -> Reply:
    reading = answers.read(f"settings {text}")
    return answer_settings(preferences, answers, reading, whose, asker_now(preferences, whose), spoken="en")


def asker_now(preferences: Preferences, whose: UserInChannel) -> Asker:
    chosen = preferences.in_force(whose)
    language = chosen.language or "en"
    return Asker(language=language, user_id=whose.user_id, currency=chosen.currency, chosen=chosen)


def test_a_user_chooses_for_themselves(preferences: Preferences, answers: Answerer) -> None:
    reply = typed(preferences, answers, "lang=zh cur=eur")
    assert preferences.in_force(ME) == Chosen(language="zh", currency="EUR")
    assert preferences.in_force(OTHER) == Chosen()
    assert reply.language == "zh"
    assert not reply.for_everybody


def test_a_channel_has_settings_and_a_user_beats_them(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "channel lang=zh cur=cny")
    typed(preferences, answers, "me cur usd")
    assert preferences.in_force(ME) == Chosen(language="zh", currency="USD")
    assert preferences.in_force(OTHER) == Chosen(language="zh", currency="CNY")
    assert preferences.in_force(UserInChannel(user_id="U1")) == Chosen(currency="USD")


def test_a_choice_is_taken_back(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "lang=zh cur=eur")
    assert typed(preferences, answers, "lang=auto").language == "en"
    assert preferences.in_force(ME) == Chosen(currency="EUR")
    choose_word(preferences, ME, "currency", "auto")
    assert preferences.in_force(ME) == Chosen()


@pytest.mark.parametrize("text", ["lang=fr", "cur=zzz", "bs=16", "colour=blue", "lang"])
def test_what_is_no_setting_changes_nothing_and_says_so(
    preferences: Preferences, answers: Answerer, text: str
) -> None:
    reply = typed(preferences, answers, text)
    assert preferences.in_force(ME) == Chosen()
    assert text.partition("=")[0] in str(reply.card.blocks)


def test_settings_alone_show_what_holds(preferences: Preferences, answers: Answerer) -> None:
    assert "English, USD" in typed(preferences, answers, "").card.text


def test_a_choice_survives_the_loss_of_the_cache(answers: Answerer) -> None:
    store = MemoryStore()
    typed(Preferences(store), answers, "lang=zh")
    store.delete("cached:settings:user:U1")
    assert Preferences(store).in_force(ME) == Chosen(language="zh")


class GoneForNow(MemoryStore):
    """A store whose lists cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = False

    @override
    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        return None if self.gone else super().entries(key, start=start)


def test_a_store_that_is_gone_for_now_forgets_nothing() -> None:
    store = GoneForNow()
    preferences = Preferences(store)
    preferences.change(ME, "user", lambda _before: Chosen(language="zh"))
    store.delete("cached:settings:user:U1")
    store.gone = True
    assert preferences.of(ME, "user") == Chosen()
    store.gone = False
    assert preferences.of(ME, "user") == Chosen(language="zh")


def test_two_admins_at_once_lose_nothing(preferences: Preferences) -> None:
    def while_another_chooses(before: Chosen) -> Chosen:
        if not before.currency:
            preferences.change(ME, "channel", lambda other: Chosen(language=other.language, currency="EUR"))
        return Chosen(language="zh", currency=before.currency)

    assert preferences.change(ME, "channel", while_another_chooses)
    assert preferences.in_force(OTHER) == Chosen(language="zh", currency="EUR")


def test_a_person_beats_a_channel_and_a_channel_the_workspace(
    preferences: Preferences, answers: Answerer
) -> None:
    typed(preferences, answers, "workspace lang=zh cur=eur")
    assert preferences.in_force(ME) == Chosen(language="zh", currency="EUR")
    typed(preferences, answers, "channel lang=en")
    assert preferences.in_force(ME) == Chosen(language="en", currency="EUR")
    typed(preferences, answers, "me lang=zh cur=usd")
    assert preferences.in_force(ME) == Chosen(language="zh", currency="USD")
    assert preferences.in_force(UserInChannel(user_id="U2", channel_id="C2")) == Chosen(
        language="zh", currency="EUR"
    )


def sold(
    preferences: Preferences, answers: Answerer, text: str, whose: UserInChannel = ME
) -> tuple[str, str]:
    """Whose price leads, and all that the card says."""
    reply = answers.reply(answers.read(text), asker_now(preferences, whose))
    assert reply.estimate is not None
    best = reply.estimate.headline
    seller = best.quotes[0].provider if best and best.quotes else ""
    return seller, str(reply.card.blocks)


def test_a_channels_sellers_lead_there_and_the_card_says_why(
    preferences: Preferences, answers: Answerer
) -> None:
    typed(preferences, answers, "providers=aws,gcp")
    seller, said = sold(preferences, answers, "7b lora 8xh100")
    assert seller in {"aws", "gcp"}
    assert "by the settings of the channel: `aws gcp`" in said
    elsewhere = UserInChannel(user_id="U1", channel_id="C2")
    assert "by the settings" not in sold(preferences, answers, "7b lora 8xh100", elsewhere)[1]


def test_the_channel_beats_the_workspace_and_the_text_beats_both(
    preferences: Preferences, answers: Answerer
) -> None:
    typed(preferences, answers, "workspace providers=azure region=eastus market=spot")
    typed(preferences, answers, "channel providers=gcp market=on-demand")
    assert preferences.in_force(ME).of_prices() == {"providers": ("gcp",), "market": "on_demand"}
    assert sold(preferences, answers, "7b lora 8xh100")[0] == "gcp"
    assert sold(preferences, answers, "7b lora 8xh100 lambda")[0] == "lambda"
    in_c2 = sold(
        preferences, answers, "7b lora 1xa100-80gb-pcie", UserInChannel(user_id="U1", channel_id="C2")
    )
    assert in_c2[0] == "azure"
    assert "by the settings of the workspace: `azure spot region=eastus`" in in_c2[1]


def test_a_seller_is_left_out_for_everybody(preferences: Preferences, answers: Answerer) -> None:
    before, _ = sold(preferences, answers, "7b lora 8xh100")
    typed(preferences, answers, f"workspace providers=-{before}")
    after, said = sold(preferences, answers, "7b lora 8xh100", OTHER)
    assert after != before
    assert f"by the settings of the workspace: `no-{before}`" in said
    assert sold(preferences, answers, f"7b lora 8xh100 {before}")[0] == before


def test_none_of_the_houses_sellers_lists_it(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "providers=autodl")
    seller, said = sold(preferences, answers, "7b lora 8xh200")
    assert seller == ""
    assert "None of your sellers lists 8× H200" in said


def test_a_price_of_ones_own_needs_no_seller(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "providers=aws")
    assert "by the settings" not in sold(preferences, answers, "7b lora 8xh100 price=2usd")[1]


def test_what_is_chosen_about_prices_is_taken_back(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "providers=-aws market=spot cur=eur")
    assert preferences.of(ME, "user") == Chosen(currency="EUR")
    assert preferences.of(ME, "channel") == Chosen(excluded_providers=("aws",), market="spot")
    typed(preferences, answers, "channel providers=auto market=auto")
    assert preferences.of(ME, "channel") == Chosen()


@pytest.mark.parametrize(
    "word", ["providers=any", "providers=all", "exclude=none", "商家=不限", "any seller"]
)
@pytest.mark.parametrize("scope", ["channel", "workspace"])
def test_one_word_takes_back_every_seller_that_was_left_out(
    preferences: Preferences, answers: Answerer, scope: Scope, word: str
) -> None:
    typed(preferences, answers, f"{scope} providers=-aws,-cudo")
    typed(preferences, answers, f"{scope} {word}")
    assert preferences.of(ME, scope) == Chosen()


def test_sellers_are_not_a_persons_choice(preferences: Preferences, answers: Answerer) -> None:
    said = str(typed(preferences, answers, "me providers=aws").card.blocks)
    assert "chosen for a channel or the workspace" in said
    assert preferences.in_force(ME) == Chosen()


def test_a_fix_is_typed_as_it_was_said(preferences: Preferences, answers: Answerer) -> None:
    typed(preferences, answers, "providers=aws")
    reply = answers.reply(answers.read("70b full 1xh100"), asker_now(preferences, ME))
    assert reply.requested is not None
    assert reply.requested.fixes
    assert all(" aws" not in fix.command for fix in reply.requested.fixes)
