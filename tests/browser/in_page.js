// What the tests do inside JupyterLab's page. Times are taken here, so that Playwright's own are not counted.
window.course = (() => {
  const notebook = () => window.jupyterapp.shell.currentWidget;
  const cells = () => notebook().content.widgets;
  const errors = [];

  // Panels: the outermost widgets of each output. A control is what a reader can set in it.
  const CONTROLS = ".noUi-handle, .jupyter-widgets select, .jupyter-widgets input, .jupyter-widgets textarea, .jupyter-widgets button, .gan-lib-plane-map .map";
  const roots = () =>
    [...notebook().node.querySelectorAll(".jp-OutputArea-output .jupyter-widgets")].filter(
      (node) => !node.parentElement.closest(".jupyter-widgets") && !node.querySelector(".jupyter-widgets-disconnected") &&
        !node.matches(".gan-lab"), // which has tests of its own
    );
  const controls = (root) => [...root.querySelectorAll(CONTROLS)].filter((node) => node.offsetParent && !node.disabled);
  const panels = () => roots().filter((root) => controls(root).length);
  const control = (panel, index) => controls(panels()[panel])[index];
  const kind = (node) =>
    node.matches(".noUi-handle") ? "slider" : node.matches(".map") ? "map" : node.closest(".widget-play") ? "play" : node.matches("button") ? "button" :
    node.matches("select") ? "dropdown" : node.type === "number" || node.closest(".widget-text")?.querySelector("[type=number]") ? "number" : "text";

  const label = (node) => {
    const own = node.closest(".widget-inline-hbox")?.querySelector(":scope > .widget-label");
    const visible = own && own.offsetParent ? own.textContent.trim() : "";
    return visible || node.getAttribute("aria-label") || node.title || (node.matches("button") ? node.textContent.trim() : "");
  };

  const slider = (node) => node.closest(".noUi-target").noUiSlider;
  const number = (node) => Number(slider(node).get(true));
  const describe = (node) => {
    const trains = !node.closest(".widget-vbox")?.querySelector(":scope > img, :scope > canvas"); // its picture, if any, is another's
    const found = { kind: kind(node), label: label(node), trains };
    if (found.kind === "map") return { ...found, value: node.getAttribute("aria-valuetext"), focused: node === document.activeElement };
    if (found.kind !== "slider") return found;
    const { range, step, format } = slider(node).options;
    const labelled = String(format.to).includes("Math.round"); // a SelectionSlider: its value is a place in a list of labels
    const readout = node.closest(".widget-inline-hbox").querySelector(".widget-readout");
    return { ...found, min: [].concat(range.min)[0], max: [].concat(range.max)[0], step, value: number(node), readout: readout?.textContent.trim(), labelled };
  };

  // The middle of the marker on a map.
  const marker = (panel, index) => {
    const { x, y, width, height } = control(panel, index).querySelector(".marker").getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };

  // Which controls of a panel, by number, have the focus, or have had it since watchFocus().
  let watched = null;
  const watchFocus = (panel) => { watched = { inside: controls(panels()[panel]), seen: new Set([document.activeElement]) }; };
  const reached = () => [...watched.inside.keys()].filter((index) => watched.seen.has(watched.inside[index]));
  document.addEventListener("focusin", (event) => watched?.seen.add(event.target));

  // Scroll a control to the middle, and wait until it stays there: JupyterLab lays out the cells around it some frames later.
  const still = async (node) => {
    let last = "", frames = 0;
    for (const end = performance.now() + 30000; performance.now() < end; ) {
      const { x, y, width, height } = node.getBoundingClientRect();
      const inSight = node.contains(document.elementFromPoint(x + width / 2, y + height / 2));
      frames = inSight && last === `${x} ${y}` ? frames + 1 : 0;
      if (frames === 6) return;
      last = `${x} ${y}`;
      if (!inSight) node.scrollIntoView({ block: "center" });
      await new Promise(requestAnimationFrame);
    }
    throw new Error(`${label(node)} does not come to rest in sight`);
  };

  // A picture as a short number that changes with its bytes; what a panel says, without descriptions and readouts.
  const pictures = (panel) => [...panels()[panel].querySelectorAll("img, canvas")];
  const digest = async (node) => {
    const bytes = node.matches("canvas") ? new TextEncoder().encode(node.toDataURL()) : await (await fetch(node.src)).arrayBuffer();
    return [...new Uint8Array(await crypto.subtle.digest("SHA-1", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const prints = async (panel) => (await Promise.all(pictures(panel).map(digest))).join(" ");
  const says = (panel) =>
    [...panels()[panel].querySelectorAll(".widget-label")]
      .filter((node) => !node.parentElement.matches(".widget-inline-hbox:not(.widget-label)"))
      .map((node) => node.textContent)
      .join("\n");

  // From the first input after arm() to the first picture loaded after it, in ms.
  let armed = null;
  const arm = (panel) => { armed = { root: panels()[panel], began: null, ms: null, drawn: 0 }; };
  const drawn = async (most) => { // that time, null if there is none within so many ms; waited for here, as asking again and again costs more
    for (const end = performance.now() + most; armed.ms === null && performance.now() < end; ) await new Promise((done) => setTimeout(done, 5));
    return armed.ms;
  };
  const input = (event) => { if (armed && armed.began === null) armed.began = event.timeStamp; };
  const loaded = (event) => {
    if (!armed || armed.began === null || event.target.tagName !== "IMG" || !armed.root.contains(event.target)) return;
    armed.drawn += 1;
    if (armed.ms === null) armed.ms = performance.now() - armed.began;
  };
  for (const type of ["keydown", "pointerdown", "pointermove", "input", "change"]) window.addEventListener(type, input, true);
  document.addEventListener("load", loaded, true);

  // Running.
  const outputs = () =>
    cells().flatMap((cell, index) =>
      cell.model.type === "code" ? [...cell.model.sharedModel.outputs].map((output) => ({ index, output })) : []);
  const failures = () =>
    outputs()
      .filter(({ output }) => output.output_type === "error" || (output.output_type === "stream" && output.name === "stderr"))
      .map(({ index, output }) => `cell ${index}: ${output.ename ? `${output.ename}: ${output.evalue}` : [].concat(output.text).join("").slice(0, 300)}`);
  const status = () => notebook()?.context.sessionContext.session?.kernel?.status;
  const counts = () => cells().filter((cell) => cell.model.type === "code" && cell.model.sharedModel.source.trim()).map((cell) => cell.model.executionCount);
  let ran = null;
  const command = (name, args = {}) => {
    ran = null;
    const began = performance.now();
    window.jupyterapp.commands.execute(name, args).then(() => { ran = (performance.now() - began) / 1000; }, (error) => { ran = -1; errors.push(String(error)); });
  };
  const find = (text, after = -1) =>
    cells().findIndex((cell, index) => index > after && cell.model.type === "code" && cell.model.sharedModel.source.includes(text));
  const select = (index) => { notebook().content.deselectAll(); notebook().content.activeCellIndex = index; notebook().content.mode = "command"; };
  const outputText = (index) => cells()[index].outputArea.node.innerText;
  const errorNames = (index) => [...cells()[index].model.sharedModel.outputs].filter((output) => output.output_type === "error").map((output) => output.ename);
  const printed = () => cells().map((cell) =>
    (cell.model.type === "code" ? cell.model.outputs.toJSON() : [])
      .filter((output) => output.output_type === "stream" && output.name === "stdout").map((output) => [].concat(output.text).join("")).join(""));
  const outputPictures = (index) => cells()[index].outputArea.node.querySelectorAll("img").length;

  // Reading: colours as [r, g, b, alpha], contrast as WCAG 2 defines it.
  const colour = (text) => { const found = text.match(/[\d.]+/g).map(Number); return [...found.slice(0, 3), found[3] ?? 1]; };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const layer = colour(getComputedStyle(at).backgroundColor);
      if (layer[3]) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  const where = (node) => {
    const cell = node.closest(".jp-Cell");
    return cell ? cells().findIndex((other) => other.node === cell) : -1;
  };
  // The most frequent colour of a picture as it is seen, and how far the farthest colour (of at least 20 pixels) is from it.
  const legibility = (img) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(img, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const below = behind(img), seen = new Map();
    let transparent = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 255) transparent += 1;
      const key = over([data[i], data[i + 1], data[i + 2], data[i + 3] / 255], below).map((v) => Math.min(255, Math.round(v / 8) * 8)).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    const pixels = data.length / 4;
    const ranked = [...seen].sort((a, b) => b[1] - a[1]).map(([key, count]) => [key.split(",").map(Number), count]);
    const ground = ranked[0][0];
    const farthest = Math.max(...ranked.filter(([, count]) => count >= 20).map(([rgb]) => contrast(rgb, ground)));
    return { cell: where(img), transparent: transparent / pixels, ground, contrast: farthest };
  };
  const figures = () =>
    [...notebook().node.querySelectorAll(".jp-OutputArea-output img, .jp-MarkdownOutput img")].filter((img) => img.naturalWidth > 0 && img.offsetParent);
  const contrasts = (root, parts) =>
    [...root.querySelectorAll(parts)]
      .filter((node) => node.offsetParent && (node.value || [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())))
      .map((node) => {
        const ground = behind(node), style = getComputedStyle(node);
        return { cell: where(node), text: (node.value || node.textContent).trim().slice(0, 50), contrast: contrast(over(colour(style.color), ground), ground) };
      });
  const texts = () =>
    contrasts(notebook().node, ".jupyter-widgets .widget-label, .widget-label, .widget-readout, .widget-html-content, .jupyter-widgets button, .jupyter-widgets input, " +
      ".jupyter-widgets select, .jp-OutputArea-output pre, .jp-RenderedHTMLCommon :is(p, li, td, th, h1, h2, h3, span, a, summary)");
  // What is wider than its place. bad: it moves the whole notebook, or is cut off; the rest can be scrolled by itself.
  const tooWide = () => {
    const panel = notebook().content.node, right = panel.getBoundingClientRect().right, found = [];
    for (const node of [panel, ...panel.querySelectorAll(".jp-WindowedPanel-outer")])
      if (node.scrollWidth > node.clientWidth + 1)
        found.push({ bad: true, text: `the notebook scrolls sideways: ${node.scrollWidth} px in ${node.clientWidth}` });
    for (const img of figures()) {
      const beyond = Math.round(img.getBoundingClientRect().right - right);
      if (beyond > 1) found.push({ bad: true, text: `cell ${where(img)}: a picture ends ${beyond} px beyond the notebook` });
    }
    for (const node of panel.querySelectorAll(".jp-OutputArea-output, .jp-MarkdownOutput")) {
      if (!node.offsetParent || node.querySelector("pre") || node.scrollWidth <= node.clientWidth + 1) continue;
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
      const bad = !scrolls || node.querySelector("img, .jupyter-widgets") !== null;
      const what = node.querySelector("mjx-container[display=true]") ? "a formula" : node.innerText.trim().slice(0, 40);
      const how = scrolls ? "scrolls" : "is cut off";
      found.push({ bad, text: `cell ${where(node)}, ${what.replace(/\s+/g, " ")} ${how}: ${node.scrollWidth} px in ${node.clientWidth}` });
    }
    for (const node of panel.querySelectorAll(".jp-OutputArea-output .jupyter-widgets, .jp-OutputArea-output .widget-label"))
      if (node.offsetParent && node.scrollWidth > node.clientWidth + 8 && !node.matches("img, select, button")) {
        // (eight pixels may be margins only)
        const what = node.matches(".widget-label") ? node.textContent.trim() : `a ${[...node.classList].at(-1)}`;
        found.push({ bad: true, text: `cell ${where(node)}, ${what} is cut off: ${node.scrollWidth} px in ${node.clientWidth}` });
      }
    return found;
  };
  // Figures that a screen reader passes over in silence: JupyterLab gives the pictures of outputs no alternative text, so that the
  // words have to follow in the next cell; those in widgets have a name, and those in the text an alternative.
  const followed = (img) => {
    const words = img.closest(".jp-OutputArea-output") && cells()[where(img) + 1]?.node.querySelector(".jp-MarkdownOutput details");
    return words?.querySelector("summary")?.textContent === "The figure in words" && words.textContent.length > 100;
  };
  const unspoken = () => figures().filter((img) => !(img.alt || img.title).trim() && !followed(img)).map(where);
  const unfold = (index) => { // the words below the figure of a cell, as they come to sight
    const words = cells()[index + 1].node.querySelector("details"), before = words.offsetHeight;
    words.querySelector("summary").click();
    return words.open && words.offsetHeight > before + 10;
  };
  const withFigures = () => [...new Set(figures().filter((img) => !img.closest(".jupyter-widgets")).map(where))];

  return {
    panels: () => panels().map((root) => controls(root).map(describe)),
    control, still, marker, describe: (panel, index) => describe(control(panel, index)), spoken: (panel, index) => control(panel, index).computedName ?? null, prints, says, pictures: (panel) => pictures(panel).length,
    arm, drawn, measured: () => armed, failures, status, counts, command, ran: () => ran, errors: () => errors, find, select, outputText, errorNames, printed,
    outputPictures, legibility: () => figures().map(legibility), texts, contrasts: (parts) => contrasts(document, parts), tooWide, unspoken, unfold, withFigures, watchFocus, reached,
    ready: () => figures().every((img) => img.complete), top: () => { notebook().content.node.querySelector(".jp-WindowedPanel-outer").scrollTop = 0; },
    root: (panel) => panels()[panel],
  };
})();
