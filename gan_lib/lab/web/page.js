// The labs on a page of the site: each starts when it comes into view, on the engine in JavaScript.

import { browserEngine } from "./engine.js";
import { mountLab } from "./front.js";

const HOME = new URL("../../lab.html", import.meta.url);
const FILES = ["settings.json", "experiments.json", "pretrained.json"];

const read = async (name) => (await fetch(new URL(name, import.meta.url))).json();
let files = null;

/** The text of a run in the address, on the lab's own page. */
const asked = (element) => ("page" in element.dataset ? location.hash.slice(1) : "") || element.dataset.run;

const start = async (element) => {
  files ??= Promise.all(FILES.map(read));
  const engine = browserEngine(...(await files), (next) => requestAnimationFrame(next));
  engine.share = (text) => `${HOME}#${text}`;
  mountLab(element, engine, { text: asked(element), experiment: element.dataset.experiment });
  if (!("page" in element.dataset)) return;
  window.addEventListener("hashchange", () => engine.send({ do: "replay", text: location.hash.slice(1) }));
};

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    start(target);
  }
}, { rootMargin: "200px" });

for (const element of document.querySelectorAll(".gan-lab")) watcher.observe(element);
