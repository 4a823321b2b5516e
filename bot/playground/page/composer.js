// The box at the bottom: a line to write, suggestions while typing, the lightning menu.

import { act } from "./api.js";
import { toast } from "./dialog.js";
import { h, icon } from "./dom.js";
import { currentLanguage, EXAMPLES, t } from "./i18n.js";
import { menuButton } from "./menu.js";
import { nameOf, state } from "./store.js";

let count = 0;

/**
 * A composer; `hint()` is its placeholder, `place()` names where it writes, which keeps a draft of its own,
 * `send(text)` resolves when the line is delivered.
 */
export function makeComposer({ id, hint, place, send, withCommands }) {
  const name = `suggestions-${++count}`;
  const list = h("ul", { class: "suggestions", id: name, role: "listbox", hidden: true });
  const box = h("textarea", {
    id,
    rows: 1,
    "aria-controls": name,
    "aria-haspopup": "listbox",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "send",
  });
  const submit = h("button", { type: "button", class: "send", disabled: true }, icon("send"));
  const bolt = withCommands && menuButton({ class: "square-button bolt" }, icon("bolt"), shortcuts);
  const keys = h("span", { class: "keys" });
  const node = h(
    "div",
    { class: "composer" },
    list,
    box,
    h("div", { class: "composer-bar" }, bolt, keys, submit),
  );
  let shown = [];
  let active = -1;
  let at = null;

  const grow = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
    submit.disabled = !box.value.trim();
  };
  const activate = (index) => {
    list.querySelector(".active")?.classList.remove("active");
    active = index;
    const option = active >= 0 ? list.querySelectorAll("[role=option]")[active] : null;
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  };
  const hide = () => {
    list.hidden = true;
    shown = [];
    activate(-1);
  };
  const fill = (text) => {
    box.value = text;
    box.focus();
    box.setSelectionRange(text.length, text.length);
    keepDraft(at, text);
    grow();
    suggest();
  };
  const suggest = () => {
    const found = suggestionsFor(box.value, withCommands);
    if (!found) return hide();
    shown = found.options;
    const options = shown.map((option, index) =>
      h(
        "li",
        {
          role: "option",
          id: `${name}-${index}`,
          "aria-selected": "false",
          onpointerdown: (event) => {
            event.preventDefault();
            fill(option.text);
          },
        },
        h("code", {}, option.shown),
        option.detail && h("span", { class: "detail" }, option.detail),
      ),
    );
    list.replaceChildren(
      h("li", { class: "suggestions-title", role: "presentation" }, found.title),
      ...options,
    );
    list.hidden = false;
    activate(found.takesEnter ? 0 : -1);
    return null;
  };
  const deliver = async () => {
    const text = box.value.trim();
    if (!text) return;
    hide();
    box.value = "";
    keepDraft(at, "");
    grow();
    try {
      await send(text);
    } catch {
      if (!box.value) fill(text);
      toast(t("send_failed"));
    }
  };
  const move = (step) =>
    activate(active < 0 && step < 0 ? shown.length - 1 : (active + step + shown.length) % shown.length);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const opened = shown.length > 0;
    if (opened && (event.key === "ArrowDown" || event.key === "ArrowUp"))
      move(event.key === "ArrowDown" ? 1 : -1);
    else if (opened && active >= 0 && (event.key === "Enter" || event.key === "Tab"))
      fill(shown[active].text);
    else if (opened && event.key === "Escape") {
      event.stopPropagation();
      hide();
    } else if (event.key === "Enter" && !event.shiftKey) deliver();
    else return;
    event.preventDefault();
  });
  box.addEventListener("input", () => {
    keepDraft(at, box.value);
    grow();
    suggest();
  });
  box.addEventListener("blur", hide);
  submit.addEventListener("click", deliver);

  const refresh = () => {
    if (place() !== at) {
      at = place();
      box.value = draftOf(at);
      hide();
      requestAnimationFrame(grow);
    }
    box.placeholder = hint();
    box.setAttribute("aria-label", hint());
    submit.setAttribute("aria-label", t("send"));
    list.setAttribute("aria-label", t("suggestions"));
    bolt && bolt.setAttribute("aria-label", t("shortcuts"));
    bolt && bolt.setAttribute("title", t("shortcuts"));
    keys.replaceChildren(
      h("kbd", {}, "Enter"),
      ` ${t("enter")}  `,
      h("kbd", {}, "Shift+Enter"),
      ` ${t("new_line")}`,
    );
  };
  return { node, box, fill, refresh };
}

const DRAFT = "draft ";

/** Remember what stands unsent in a box, as long as this window is open. */
function keepDraft(place, text) {
  if (text) sessionStorage.setItem(DRAFT + place, text);
  else sessionStorage.removeItem(DRAFT + place);
}

const draftOf = (place) => sessionStorage.getItem(DRAFT + place) ?? "";

/** What to offer for a half-typed line: commands, examples of a command, or people; null for nothing. */
function suggestionsFor(text, withCommands) {
  const person = /(?:^|\s)@([^\s@]*)$/.exec(text);
  if (person) return people(text, person[1]);
  if (!withCommands || !text.startsWith("/") || text.includes("\n")) return null;
  const [command, rest] = [text.split(" ", 1)[0], text.slice(text.indexOf(" ") + 1)];
  if (!text.includes(" ")) {
    const known = [
      ["/ftcost", t("command_usage")],
      ["/invite", t("command_invite")],
    ].filter(([name]) => name.startsWith(command));
    const options = known.map(([name, detail]) => ({
      shown: name,
      detail,
      text: name === "/invite" ? "/invite @FT Cost" : `${name} `,
    }));
    return options.length ? { title: t("shortcuts"), options, takesEnter: true } : null;
  }
  if (command !== "/ftcost") return null;
  const examples = [...EXAMPLES[currentLanguage()], "help"].filter(
    (line) => line.startsWith(rest) && line !== rest,
  );
  const options = examples.map((line) => ({ shown: `/ftcost ${line}`, text: `/ftcost ${line}` }));
  return options.length ? { title: `/ftcost · ${t("examples")}`, options, takesEnter: false } : null;
}

function people(text, typed) {
  const wanted = typed.toLowerCase();
  const everybody = [
    state.app,
    ...[...state.people.keys()].filter((id) => id !== state.app && id !== state.me),
  ];
  const found = everybody.filter((id) => nameOf(id).toLowerCase().startsWith(wanted));
  const stem = text.slice(0, text.length - typed.length - 1);
  const options = found.map((id) => ({
    shown: `@${nameOf(id)}`,
    detail: id === state.app ? t("app") : "",
    text: `${stem}@${nameOf(id)} `,
  }));
  return options.length ? { title: "@", options, takesEnter: true } : null;
}

function shortcuts() {
  const call = { label: t("shortcut_ftcost_new"), detail: "FT Cost", value: "ftcost_new" };
  return {
    label: t("shortcuts"),
    options: [call],
    onChoose: ({ value }) => act("shortcut", { callback_id: value, channel: state.channel }),
  };
}
