"""Whom and what the double's workspace begins with: colleagues, the app, their channels."""

from dataclasses import dataclass, field
from typing import Literal

from bot.playground.wire import Json

TEAM_ID = "T0PLAYTEAM"
TEAM_DOMAIN = "playground"
APP_ID = "A0FTCOST01"
BOT_ID = "B0FTCOST01"
BOT_USER = "U0FTCOST01"
OTHER_BOT_ID = "B0OTHERBOT"
SLACKBOT = "USLACKBOT"

ALEX = "U0ALEX0001"
MEI = "U0MEI00001"
SAM = "U0SAM00001"

ML_TRAINING = "C0MLTRAIN1"
GENERAL = "C0GENERAL1"
RANDOM = "C0RANDOM01"
LEADS = "C0LEADS001"
ALEX_DM = "D0ALEX0001"
MEI_DM = "D0MEI00001"
SAM_DM = "D0SAM00001"
ALEX_MEI_DM = "D0ALEXMEI1"

ChannelKind = Literal["public", "private", "im"]


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody in the workspace, the app's own user included."""

    id: str
    name: str
    real_name: str
    locale: str = "en-US"
    tz: str = "Europe/London"
    is_bot: bool = False

    def as_user(self, *, with_locale: bool) -> Json:
        """The `user` object of users.info."""
        shown = {"real_name": self.real_name, "display_name": self.name}
        user: Json = {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "real_name": self.real_name,
            "tz": self.tz,
        }
        user |= {"deleted": False, "is_bot": self.is_bot, "is_app_user": False, "profile": shown}
        return user | ({"locale": self.locale} if with_locale else {})


@dataclass(slots=True, kw_only=True)
class Channel:
    """A place where messages stand; `members` decides who may post and who hears."""

    id: str
    name: str
    kind: ChannelKind = "public"
    topic: str = ""
    members: set[str] = field(default_factory=set)
    is_archived: bool = False

    @property
    def name_in_commands(self) -> str:
        """What a slash command carries as `channel_name`: real names only for public channels."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage"}[self.kind]

    @property
    def event_kind(self) -> str:
        """`channel_type` of a message event."""
        return {"public": "channel", "private": "group", "im": "im"}[self.kind]

    @property
    def subscription(self) -> str:
        """The bot event that carries this channel's messages."""
        return {"public": "message.channels", "private": "message.groups", "im": "message.im"}[self.kind]

    def as_channel(self) -> Json:
        """The `channel` object of conversations.info."""
        kinds = {
            "is_channel": self.kind == "public",
            "is_private": self.kind != "public",
            "is_im": self.kind == "im",
        }
        shared = {"is_ext_shared": False, "is_shared": False, "is_archived": self.is_archived}
        named = {"name": self.name, "topic": {"value": self.topic}, "is_member": BOT_USER in self.members}
        return (
            {"id": self.id, "context_team_id": TEAM_ID}
            | kinds
            | shared
            | (named if self.kind != "im" else {})
        )


def colleagues() -> tuple[Person, ...]:
    """Everybody, the ones a visitor may be first."""
    return (
        Person(id=ALEX, name="alex", real_name="Alex Rivera"),
        Person(id=MEI, name="mei", real_name="林梅", locale="zh-CN", tz="Asia/Shanghai"),
        Person(id=SAM, name="sam", real_name="Sam Okafor", tz="America/New_York"),
        Person(id=BOT_USER, name="ftcost", real_name="FT Cost", is_bot=True),
        Person(id=SLACKBOT, name="slackbot", real_name="Slackbot"),
    )


def channels() -> tuple[Channel, ...]:
    """Channels with the app in them, some without, and everybody's direct messages."""
    everybody = {ALEX, MEI, SAM}
    return (
        Channel(
            id=ML_TRAINING,
            name="ml-training",
            topic="Fine-tunes, GPUs and what they cost",
            members=everybody | {BOT_USER},
        ),
        Channel(id=GENERAL, name="general", topic="Everything else", members=everybody | {BOT_USER}),
        Channel(id=RANDOM, name="random", topic="The app has not been invited here", members=set(everybody)),
        Channel(id=LEADS, name="leads", kind="private", members={ALEX, MEI}),
        Channel(id=ALEX_DM, name=BOT_USER, kind="im", members={ALEX, BOT_USER}),
        Channel(id=MEI_DM, name=BOT_USER, kind="im", members={MEI, BOT_USER}),
        Channel(id=SAM_DM, name=BOT_USER, kind="im", members={SAM, BOT_USER}),
        Channel(id=ALEX_MEI_DM, name=MEI, kind="im", members={ALEX, MEI}),
    )
