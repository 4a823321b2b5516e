// A file under a message: its name, and what is in it once somebody looks.

import { act } from "./api.js";
import { h } from "./dom.js";

/** The files of a message; nothing where it has none. */
export function drawFiles(files = []) {
  return files.map((file) => {
    const content = h("pre", {});
    const look = async (event) => {
      if (event.target.open && !content.textContent)
        content.textContent = (await act("file", { file_id: file.id })).text ?? "";
    };
    return h(
      "details",
      { class: "file", ontoggle: look },
      h("summary", {}, file.title || file.name),
      content,
    );
  });
}
