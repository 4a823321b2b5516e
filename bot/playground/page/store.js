// What the page knows: the double's snapshot, kept up to date by its stream; and where the visitor looks.

export const state = {
  me: "",
  app: "",
  epoch: "",
  revision: 0,
  people: new Map(),
  channels: [],
  messages: new Map(),
  ephemerals: new Map(),
  view: null,
  home: null,
  errors: {},
  channel: "",
  tab: "messages",
  thread: null,
  unread: new Set(),
};

const listeners = [];

/** Hear of every change: `listener(kind, data)`. */
export const onChange = (listener) => listeners.push(listener);
export const emit = (kind, data = {}) => listeners.forEach((listener) => listener(kind, data));

export const channelById = (id) => state.channels.find((channel) => channel.id === id);
export const nameOf = (userId) =>
  state.people.get(userId)?.real_name ?? (userId === "USLACKBOT" ? "Slackbot" : userId);
export const isAppChannel = (channel) => channel?.kind === "im" && channel.has_app;
export const placeName = (channel) => (channel.kind === "im" ? channel.name : `#${channel.name}`);

/** Replace everything by a snapshot. */
export function load(snapshot) {
  const { people, messages, ephemerals, ...plain } = snapshot;
  Object.assign(state, plain);
  state.people = new Map(people.map((person) => [person.id, person]));
  state.messages = new Map(
    Object.entries(messages).map(([id, list]) => [id, new Map(list.map((m) => [m.ts, m]))]),
  );
  state.ephemerals = new Map(ephemerals.map((message) => [message.ts, message]));
}

/** Take one change of the stream in. */
export function apply(kind, data) {
  const changes = {
    message: () => state.messages.get(data.channel)?.set(data.message.ts, data.message),
    ephemeral: () => state.ephemerals.set(data.message.ts, data.message),
    gone: () =>
      [state.ephemerals, state.messages.get(data.channel)].forEach((messages) => messages?.delete(data.ts)),
    view: () => Object.assign(state, { view: data.view, home: data.home ?? state.home, errors: {} }),
    home: () => (state.home = data.view),
    errors: () => (state.errors = data.errors),
    person: () => state.people.set(data.user.id, data.user),
    channel: () => Object.assign(channelById(data.id) ?? {}, { has_app: data.has_app }),
  };
  const isNew = kind === "message" && !state.messages.get(data.channel)?.has(data.message.ts);
  changes[kind]?.();
  emit(kind, { ...data, isNew });
}

const byTs = (one, other) => (one.ts < other.ts ? -1 : 1);
const isRoot = (message) => (message.thread_ts ?? message.ts) === message.ts;

/** Messages of a channel, replies left out, what only the visitor sees put in its place. */
export function channelMessages(id) {
  const shared = [...(state.messages.get(id)?.values() ?? [])].filter(isRoot);
  const whispered = [...state.ephemerals.values()].filter((m) => m.channel === id && !m.thread_ts);
  return [...shared, ...whispered].sort(byTs);
}

/** Replies of a thread, what only the visitor sees put in its place. */
export function threadReplies(id, rootTs) {
  const shared = [...(state.messages.get(id)?.values() ?? [])].filter(
    (m) => m.thread_ts === rootTs && m.ts !== rootTs,
  );
  const whispered = [...state.ephemerals.values()].filter((m) => m.channel === id && m.thread_ts === rootTs);
  return [...shared, ...whispered].sort(byTs);
}
