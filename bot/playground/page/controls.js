// Interactive elements of blocks: buttons, menus, fields. `place` knows whose they are and what they hold.

import { act } from "./api.js";
import { h, icon } from "./dom.js";
import { chose, focusKey, heldBy, use } from "./holding.js";
import { t } from "./i18n.js";
import { choices, textInput } from "./inputs.js";
import { menuButton } from "./menu.js";
import { placeName, state } from "./store.js";
import { textOf, wordsOf } from "./text.js";

/** One element as a node. */
export function drawElement(element, block, place, names = {}) {
  return (ELEMENTS[element.type] ?? unknown)(element, block, place, names);
}

const unknown = (element) => h("span", { class: "unknown" }, element.type);

function button(element, block, place) {
  const style = element.style ? ` ${element.style}` : "";
  const attributes = {
    class: `button${style}`,
    "aria-label": element.accessibility_label,
    dataset: { action: element.action_id, ...focusKey(block, element) },
  };
  if (element.url)
    return h(
      "a",
      { ...attributes, href: element.url, target: "_blank", rel: "noopener noreferrer" },
      textOf(element.text),
    );
  const node = h("button", { ...attributes, type: "button" }, textOf(element.text));
  node.addEventListener("click", () => use(place, block, element, element.value, node));
  return node;
}

const asMenu = (option, chosen) => ({
  label: wordsOf(option.text),
  detail: option.description && wordsOf(option.description),
  option,
  value: option.value,
  chosen: option.value === chosen?.value,
});

function overflow(element, block, place) {
  const node = menuButton(
    {
      class: "button square",
      "aria-label": t("more"),
      dataset: { action: element.action_id, ...focusKey(block, element) },
    },
    icon("dots"),
    () => ({
      label: t("more"),
      options: element.options.map((option) => asMenu(option)),
      side: "end",
      onChoose: ({ option }) => use(place, block, element, option.value, node),
    }),
  );
  return node;
}

/** The button of a menu: what is chosen, or the placeholder. */
function picker(element, block, place, names, menu, shown) {
  const words = h("span", { class: "picker-words" });
  const show = () => {
    const chosen = heldBy(place, block, element);
    words.textContent = chosen ? shown(chosen) : wordsOf(element.placeholder) || t("choose");
    words.classList.toggle("placeholder", !chosen);
  };
  const label = element.placeholder ? wordsOf(element.placeholder) : t("choose");
  const named = names.label ? { "aria-labelledby": `${names.label} ${names.id}` } : { "aria-label": label };
  const node = menuButton(
    {
      class: "picker",
      ...named,
      id: names.id,
      "aria-describedby": names.describedby,
      dataset: { action: element.action_id, ...focusKey(block, element) },
    },
    [words, icon("chevron")],
    () => {
      const chosen = heldBy(place, block, element);
      const set = (now) => {
        chose(place, block, element, now, node);
        show();
      };
      return { ...menu(chosen, set), onClear: block.optional && chosen ? () => set(null) : null };
    },
  );
  show();
  return node;
}

function staticSelect(element, block, place, names) {
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const label = wordsOf(element.placeholder) || t("choose");
  return picker(
    element,
    block,
    place,
    names,
    (chosen, set) => ({
      label,
      options: options.map((option) => asMenu(option, chosen)),
      onChoose: ({ option }) => set(option),
    }),
    (option) => wordsOf(option.text),
  );
}

function externalSelect(element, block, place, names) {
  const label = wordsOf(element.placeholder) || t("choose");
  return picker(
    element,
    block,
    place,
    names,
    (chosen, set) => ({
      label,
      minQuery: element.min_query_length ?? 3,
      onChoose: ({ option }) => set(option),
      load: async (query) => {
        const where = { ...place.id, action_id: element.action_id, value: query };
        return ((await act("suggest", where)).options ?? []).map((option) => asMenu(option, chosen));
      },
    }),
    (option) => wordsOf(option.text),
  );
}

function conversationsSelect(element, block, place, names) {
  const named = (id) =>
    placeName(state.channels.find((channel) => channel.id === id) ?? { kind: "im", name: id });
  const wanted = element.filter?.include;
  const channels = state.channels.filter((channel) => !wanted || wanted.includes(channel.kind));
  return picker(
    element,
    block,
    place,
    names,
    (chosen, set) => ({
      label: t("channels"),
      onChoose: ({ value }) => set(value),
      options: channels.map(({ id }) => ({ label: named(id), value: id, chosen: id === chosen })),
    }),
    named,
  );
}

const ELEMENTS = {
  button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  conversations_select: conversationsSelect,
  plain_text_input: textInput,
  number_input: textInput,
  radio_buttons: choices,
  checkboxes: choices,
  image: (element) => h("img", { class: "accessory-image", src: element.image_url, alt: element.alt_text }),
};
