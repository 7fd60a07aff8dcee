// A run as a text: to be copied, and to be replayed.

import { freshId, make, makeButton, makeFold, tell } from "./elements.js";

const NO_RUN = "This is not the text of a run. It looks like data=moons&k=5, or it is a link from Share.";

/** What stands between the brackets of lab(…), as the text of a run: lab("k=2", data="moons") as k=2&data=moons. */
const textOfCall = (inside) => {
  const parts = inside.match(/[^\s,"'=]+\s*=\s*("[^"]*"|'[^']*'|[^,\s]+)|"[^"]*"|'[^']*'/g) ?? [];
  const bare = parts.map((part) => part.replaceAll(/["']/g, "").replace(/\s*=\s*/, "="));
  return bare.join("&").replaceAll(" ", "+");
};

/** The text of a run in whatever was pasted: a link, lab(…), or the text itself. */
export function textOfRun(pasted) {
  const trimmed = pasted.trim();
  const call = trimmed.match(/^lab\((.*)\)$/s);
  return call ? textOfCall(call[1]) : trimmed.slice(trimmed.indexOf("#") + 1);
}

export class Share {
  constructor(lab) {
    this.lab = lab;
    this.shared = make("input", { type: "text", readonly: true, "aria-label": "This run as a text", class: "shared" });
    this.copied = makeButton("Copy", () => this.copy());
    const id = freshId("replay");
    this.pasted = make("input", { type: "text", id, class: "pasted", spellcheck: "false", autocomplete: "off" });
    this.trouble = make("p", { class: "error", role: "alert" });
    const again = make("button", { type: "submit" }, "Replay");
    const form = make("form", { class: "together", onsubmit: (event) => this.replay(event) }, this.pasted, again);
    const about = make("p", {}, "This run, from its settings and seed to its last step. In the same engine it replays to the last digit.");
    const ask = make("label", { for: id }, "Another run: paste its text or link");
    this.element = makeFold("Share or replay a run", false, about, make("div", { class: "together" }, this.shared, this.copied), ask, form, this.trouble);
  }

  state({ text }) {
    const words = this.lab.engine.share(text);
    if (this.shared.value !== words) this.shared.value = words;
    this.asked = false;
  }

  async copy() {
    this.shared.select();
    try {
      await navigator.clipboard.writeText(this.shared.value);
      this.lab.say("Copied.");
    } catch {
      this.lab.say("The browser keeps its clipboard to itself: the text is selected, to be copied by hand.");
    }
  }

  replay(event) {
    event.preventDefault();
    const text = textOfRun(this.pasted.value);
    const fits = /^\w+=/.test(text);
    tell(this.trouble, fits ? "" : NO_RUN);
    this.asked = fits;
    if (fits) this.lab.replay(text);
  }

  error({ text }) {
    if (this.asked) tell(this.trouble, text);
    this.asked = false;
  }
}
