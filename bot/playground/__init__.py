"""A double of Slack on loopback: Web API, events, interactions, Socket Mode, and a page to look at it.

    with SlackDouble() as slack:
        app = make_app(slack_api_url=slack.api_url, signing_secret=slack.signing_secret, bot_token=BOT_TOKEN)
        server = HttpServer(app, listening("127.0.0.1", 0))
        server.start()
        slack.connect(f"{server.address}/slack/events")
        slack.inject(rate_limited("chat.postMessage", retry_after_seconds=1))
        slack.slash_command("7b fp16 n=10000 bs=32")
        (card,) = slack.wait_for(lambda: [m for m in slack.messages() if m.get("bot_id")])
        slack.say("bs=16", thread_ts=card["ts"])

`start_playground` does the first half of this for `ftcost playground`.
"""

from bot.playground.fake_slack import SlackDouble
from bot.playground.faults import Fault
from bot.playground.run import Playground, start_playground

__all__ = ["Fault", "Playground", "SlackDouble", "start_playground"]
