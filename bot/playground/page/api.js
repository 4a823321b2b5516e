// The way to the double: verbs up, a stream of changes down.

import { apply, load, state } from "./store.js";

/** Do something; the answer, or an error when the double is away. */
export async function act(verb, body = {}) {
  const response = await fetch(`/play/${verb}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: state.me, ...body }),
  });
  return response.json();
}

let source = null;
let retry = 0;

/** Load everything as `user` and follow what happens; `onStatus(true | false)` says whether the line is up. */
export async function follow(user, onLoaded, onStatus) {
  source?.close();
  clearTimeout(retry);
  const again = () => {
    onStatus(false);
    retry = setTimeout(() => follow(user, onLoaded, onStatus), 1000);
  };
  try {
    const response = await fetch(`/play/state?user=${encodeURIComponent(user)}`);
    if (response.status === 403) {
      onStatus(false, "locked");
      return;
    }
    load(await response.json());
  } catch {
    again();
    return;
  }
  onLoaded();
  listen(onStatus, again);
}

const KINDS = ["message", "ephemeral", "gone", "view", "home", "errors", "person", "channel", "notice"];

function listen(onStatus, again) {
  const { me, epoch, revision } = state;
  source = new EventSource(`/play/stream?user=${me}&epoch=${epoch}&after=${revision}`);
  const stream = source;
  stream.addEventListener("hello", () => onStatus(true));
  for (const kind of [...KINDS, "reset"]) {
    stream.addEventListener(kind, (event) => {
      if (stream !== source) return;
      if (kind === "reset") {
        stream.close();
        again();
      } else apply(kind, JSON.parse(event.data));
    });
  }
  stream.onerror = () => {
    onStatus(false);
    if (stream.readyState === EventSource.CLOSED && stream === source) again();
  };
}
