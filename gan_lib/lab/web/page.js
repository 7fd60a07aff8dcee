// The labs on a page of the site: each starts when it comes into view, on the engine in JavaScript.

import { browserEngine } from "./engine.js";
import { mountLab } from "./front.js";

const HOME = new URL("../../lab.html", import.meta.url);
const FILES = ["settings.json", "experiments.json", "pretrained.json"];

const read = async (name) => (await fetch(new URL(name, import.meta.url))).json();
let files = null;

/** The text of a run in the address, if there is one: it may also name a heading. */
const inAddress = () => (location.hash.includes("=") ? location.hash.slice(1) : "");

/** On the lab's own page the address follows the run, whenever it rests. */
const follow = (engine) => {
  let own = inAddress();
  engine.listen(({ kind, running, step, text }) => {
    if (kind !== "state" || running || !step) return;
    own = text;
    history.replaceState(null, "", `#${text}`);
  });
  window.addEventListener("hashchange", () => {
    const text = inAddress();
    if (text && text !== own) engine.send({ do: "replay", text });
  });
};

const start = async (element) => {
  files ??= Promise.all(FILES.map(read));
  const engine = browserEngine(...(await files), (next) => requestAnimationFrame(next));
  engine.share = (text) => `${HOME}#${text}`;
  const alone = "page" in element.dataset;
  const text = (alone && inAddress()) || element.dataset.run;
  mountLab(element, engine, { text, experiment: element.dataset.experiment });
  if (alone) follow(engine);
};

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    start(target);
  }
}, { rootMargin: "200px" });

for (const element of document.querySelectorAll(".gan-lab")) watcher.observe(element);
