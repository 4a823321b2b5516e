"""The least that a Slack bot can do, which ours is held against: Bolt acknowledges and posts one message.

Prints its address as `ftcost serve` does; ends at SIGTERM.
"""

import os
import signal
import sys
import threading
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.http.server import HttpServer, listening

CARD = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Hello*, this is all."}}]


def main() -> None:
    """Serve until SIGTERM."""
    client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = App(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/ftcost")
    def handle(ack: Ack, command: dict[str, Any], client: WebClient) -> None:
        ack(response_type="in_channel")
        client.chat_postMessage(channel=command["channel_id"], text="Hello", blocks=CARD)

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server = HttpServer(SlackRequestHandler(app), listening("127.0.0.1", 0))
    server.start()
    sys.stderr.write(f'{{"address": "{server.address}"}}\n')
    sys.stderr.flush()
    stop.wait()
    server.stop()


if __name__ == "__main__":
    main()
