// Where the visitor looks: person, channel, tab and thread, kept in the address so that a reload comes back here.

import { channelById, emit, isAppChannel, state } from "./store.js";

/** Go somewhere; what is not named stays, except that another channel closes the thread. */
export function go({
  channel = state.channel,
  thread = channel === state.channel ? state.thread : null,
  tab,
} = {}) {
  const moved = channel !== state.channel;
  state.tab = tab ?? (moved && isAppChannel(channelById(channel)) ? "home" : moved ? "messages" : state.tab);
  Object.assign(state, { channel, thread });
  state.unread.delete(channel);
  history.pushState(null, "", address());
  emit("navigate", { moved });
}

/** Write the place into the address. */
export function remember() {
  history.replaceState(null, "", address());
}

/** Come back to where an address leads, as the browser's own buttons do. */
export function comeBack({ channel, thread, tab }) {
  const moved = channel !== state.channel;
  Object.assign(state, { channel, thread, tab: tab ?? "messages" });
  emit("navigate", { moved });
}

let isUncovering = false;

/** Put a step on top of the place, for what lies over it: the browser's back takes that away first. */
export function cover() {
  if (!history.state?.isCover) history.pushState({ isCover: true }, "", address());
}

/** Take the step away again, where it was closed by other means. */
export function uncover() {
  if (!history.state?.isCover || isUncovering) return;
  isUncovering = true;
  history.back();
}

/** Whether the browser went back because a cover was taken away, and nobody wants to go anywhere. */
export function hasUncovered() {
  if (!isUncovering) return false;
  isUncovering = false;
  if (location.pathname + location.search !== address()) history.pushState(null, "", address());
  return true;
}

function address() {
  const place = new URLSearchParams({ as: state.me, in: state.channel });
  if (state.thread) place.set("thread", state.thread);
  if (state.tab !== "messages") place.set("tab", state.tab);
  return `/?${place}`;
}

/** The place an address names: its own parameters, or a permalink's. */
export function placeOf(address) {
  const given = address.searchParams;
  const link = /^\/archives\/(\w+)(?:\/p(\d+)(\d{6}))?/.exec(address.pathname);
  if (!link)
    return {
      as: given.get("as"),
      channel: given.get("in"),
      thread: given.get("thread"),
      tab: given.get("tab"),
    };
  const ts = link[2] ? `${link[2]}.${link[3]}` : null;
  return { as: given.get("as"), channel: link[1], thread: given.get("thread_ts"), tab: "messages", ts };
}
