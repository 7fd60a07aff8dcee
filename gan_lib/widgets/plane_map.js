// The map of plane_map.py in the browser: a picture, a marker, and the hands on it. No build makes this file: it is run as it stands.
// Kept by the kernel: box, where in the picture the plane lies (left, right, bottom, top, from 0 to 1), and extent, its coordinates there.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STRIDE = 10; // steps of an arrow key with Shift

const clamp = (value, a, b) => Math.min(Math.max(value, Math.min(a, b)), Math.max(a, b));

function render({ model, el }) {
  const [left, right, bottom, top] = model.get("box");
  const [x0, x1, y0, y1] = model.get("extent");
  const [dx, dy] = model.get("steps");

  const picture = document.createElement("img");
  picture.src = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
  picture.alt = model.get("name");
  picture.draggable = false;
  const marker = document.createElement("div");
  marker.className = "marker";
  const map = document.createElement("div");
  map.className = "map";
  map.tabIndex = 0;
  map.append(picture, marker);
  el.classList.add("gan-lib-plane-map");
  el.append(map);
  picture.onload = () => { map.style.width = `${picture.naturalWidth}px`; }; // a pixel for a pixel, where there is room

  // For those who listen it is a slider in two directions: its value is said in words.
  const attributes = { role: "slider", "aria-roledescription": "map", "aria-label": `${model.get("name")}: arrow keys move the point` };
  Object.assign(attributes, { "aria-valuemin": Math.min(x0, x1), "aria-valuemax": Math.max(x0, x1) });
  for (const [name, value] of Object.entries(attributes)) map.setAttribute(name, value);

  const mark = () => {
    const [x, y] = model.get("point");
    const u = (clamp(x, x0, x1) - x0) / (x1 - x0);
    const v = (clamp(y, y0, y1) - y0) / (y1 - y0);
    marker.style.left = `${100 * (left + u * (right - left))}%`;
    marker.style.bottom = `${100 * (bottom + v * (top - bottom))}%`;
    map.setAttribute("aria-valuenow", x);
  };
  const say = () => map.setAttribute("aria-valuetext", model.get("said"));

  // The marker goes at once. The kernel hears of the point when it has answered the one before; of those between only the last is sent,
  // which is how widgets save their changes.
  const go = (x, y) => {
    model.set("point", [clamp(x, x0, x1), clamp(y, y0, y1)]);
    model.save_changes();
  };

  const point = (event) => {
    const place = map.getBoundingClientRect();
    const u = ((event.clientX - place.left) / place.width - left) / (right - left);
    const v = ((place.bottom - event.clientY) / place.height - bottom) / (top - bottom);
    go(x0 + u * (x1 - x0), y0 + v * (y1 - y0));
  };
  const grasp = (event) => {
    if (event.button !== 0) return;
    map.setPointerCapture(event.pointerId); // a drag goes on outside, and ends there, too
    map.focus({ preventScroll: true });
    point(event);
  };
  const drag = (event) => { if (map.hasPointerCapture(event.pointerId)) point(event); };

  const press = (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = model.get("point");
    const steps = event.shiftKey ? STRIDE : 1;
    go(x + steps * arrow[0] * dx * Math.sign(x1 - x0), y + steps * arrow[1] * dy * Math.sign(y1 - y0));
  };
  // JupyterLab takes the arrow keys at the document, for its cells; the window has them before.
  const listen = () => window.addEventListener("keydown", press, true);
  const ignore = () => window.removeEventListener("keydown", press, true);

  map.addEventListener("pointerdown", grasp);
  map.addEventListener("pointermove", drag);
  map.addEventListener("focus", listen);
  map.addEventListener("blur", ignore);
  model.on("change:point", mark);
  model.on("change:said", say);
  mark();
  say();
  return () => {
    ignore();
    model.off("change:point", mark);
    model.off("change:said", say);
    URL.revokeObjectURL(picture.src);
  };
}

export default { render };
