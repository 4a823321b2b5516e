// Faces: initials on a colour for people, the mark for the app.

import { h, svg } from "./dom.js";
import { nameOf, state } from "./store.js";

const COLOURS = 6;

/** The square picture of a person, decoration only: the name stands beside it. */
export function avatar(userId, size = "") {
  if (userId === state.app) return h("img", { class: `avatar ${size}`, src: "/page/icon.svg", alt: "" });
  const name = nameOf(userId);
  const colour = [...userId].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS;
  const letter = /^[\u4e00-\u9fff]/.test(name) ? name.slice(-1) : name.slice(0, 1).toUpperCase();
  const words = svg("text", { x: 18, y: 24, "text-anchor": "middle" }, letter);
  return svg(
    "svg",
    { class: `avatar face-${colour} ${size}`, viewBox: "0 0 36 36", "aria-hidden": "true" },
    svg("rect", { width: 36, height: 36, rx: 8 }),
    words,
  );
}
