// A list that opens at a button: choose with the pointer, or with arrows, letters, Enter and Escape.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const RETRY_MS = 300;
const later = (ms) => new Promise((done) => setTimeout(done, ms));
let count = 0;

/**
 * Open a menu at `anchor`.
 * options: [{ label, detail?, value, chosen?, mark? }], or `load(query)` that resolves to such a list;
 * `onClear`: the choice may be taken back.
 */
export function openMenu(
  anchor,
  { label, options = [], load, minQuery = 0, onChoose, onClear, side = "start" },
) {
  const id = `menu-${++count}`;
  const searchable = Boolean(load) || options.length > 8;
  const list = h("ul", { role: "listbox", id, "aria-label": label, tabindex: searchable ? null : "-1" });
  const field =
    searchable &&
    h("input", {
      class: "menu-search",
      type: "text",
      role: "combobox",
      "aria-controls": id,
      "aria-expanded": "true",
      "aria-label": label,
      placeholder: t("search"),
      autocomplete: "off",
      spellcheck: "false",
    });
  const box = h(
    "div",
    { class: "menu", popover: "auto" },
    field && h("div", { class: "menu-find" }, icon("search"), field),
    list,
  );
  const holder = field || list;
  let shown = [];
  let active = -1;
  let typed = "";

  const close = () => box.isConnected && box.hidePopover();
  const choose = (option) => {
    close();
    if (option.clears) onClear();
    else onChoose(option);
  };
  const activate = (index) => {
    list.children[active]?.classList.remove("active");
    active = shown.length ? (index + shown.length) % shown.length : -1;
    const node = active >= 0 ? list.children[active] : null;
    node?.classList.add("active");
    node?.scrollIntoView({ block: "nearest" });
    if (node) holder.setAttribute("aria-activedescendant", node.id);
    else holder.removeAttribute("aria-activedescendant");
  };
  const show = (offered) => {
    const found = onClear && offered.length ? [{ label: t("clear"), clears: true }, ...offered] : offered;
    shown = found;
    list.replaceChildren(
      ...(found.length ? found.map(optionNode) : [h("li", { class: "empty" }, t("none"))]),
    );
    activate(
      Math.max(
        0,
        found.findIndex((option) => option.chosen),
      ),
    );
    place(box, anchor, side);
  };
  const optionNode = (option, index) =>
    h(
      "li",
      {
        role: "option",
        id: `${id}-${index}`,
        "aria-selected": String(Boolean(option.chosen)),
        onclick: () => choose(option),
        onpointermove: () => active !== index && activate(index),
      },
      option.mark ?? null,
      h(
        "span",
        { class: "option-words" },
        h("span", {}, option.label),
        option.detail && h("span", { class: "detail" }, option.detail),
      ),
      option.chosen && icon("check"),
    );

  let asked = 0;
  const search = async (query) => {
    if (!load)
      return show(options.filter((option) => option.label.toLowerCase().includes(query.toLowerCase())));
    if (query.length < minQuery) return show([]);
    const mine = ++asked;
    const waiting = setTimeout(() => list.replaceChildren(h("li", { class: "empty" }, t("loading"))), 150);
    const found = await load(query)
      .catch(() => later(RETRY_MS).then(() => (mine === asked ? load(query) : [])))
      .catch(() => null);
    clearTimeout(waiting);
    if (mine !== asked) return;
    if (found) show(found);
    else list.replaceChildren(h("li", { class: "empty" }, t("lookup_failed")));
  };
  const keys = {
    ArrowDown: () => activate(active + 1),
    ArrowUp: () => activate(active - 1),
    Home: () => activate(0),
    End: () => activate(shown.length - 1),
    Enter: () => active >= 0 && choose(shown[active]),
    Tab: () => close(),
  };
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    event.stopPropagation();
    if (keys[event.key] && !(field && ["Home", "End"].includes(event.key))) {
      if (event.key !== "Tab") event.preventDefault();
      keys[event.key]();
    } else if (!field && event.key.length === 1) {
      typed = (Date.now() - (box.typedAt ?? 0) < 700 ? typed : "") + event.key.toLowerCase();
      box.typedAt = Date.now();
      const index = shown.findIndex((option) => option.label.toLowerCase().startsWith(typed));
      if (index >= 0) activate(index);
    }
  });
  field && field.addEventListener("input", () => search(field.value.trim()));
  box.addEventListener("toggle", (event) => {
    anchor.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") box.remove();
  });
  (anchor.closest("dialog, main, nav, aside") ?? document.body).append(box);
  box.showPopover();
  if (load) search("");
  else show(options);
  holder.focus({ preventScroll: true });
}

/** Put a popover beside its anchor, above it where there is no room below. */
function place(box, anchor, side) {
  const around = anchor.getBoundingClientRect();
  const margin = 8;
  box.style.minWidth = `${Math.max(around.width, 200)}px`;
  box.style.maxHeight = `${Math.min(340, window.innerHeight - 2 * margin)}px`;
  const { width, height } = box.getBoundingClientRect();
  const wanted = side === "end" ? around.right - width : around.left;
  const below = window.innerHeight - around.bottom - margin;
  const top = below >= height + 4 || below > around.top ? around.bottom + 4 : around.top - height - 4;
  box.style.left = `${Math.max(margin, Math.min(wanted, window.innerWidth - width - margin))}px`;
  box.style.top = `${Math.max(margin, Math.min(top, window.innerHeight - height - margin))}px`;
}

/** A button that opens a menu. */
export function menuButton(attributes, content, menu) {
  const button = h(
    "button",
    { type: "button", "aria-haspopup": "listbox", "aria-expanded": "false", ...attributes },
    content,
  );
  button.addEventListener("click", () => openMenu(button, menu()));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    openMenu(button, menu());
  });
  return button;
}
