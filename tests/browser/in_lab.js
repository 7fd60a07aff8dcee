// What the tests of the lab do inside its page. Times are taken here, so that Playwright's own are not counted.
window.hands = (() => {
  const root = () => document.querySelector(".gan-lab");
  const inside = () => root()?.querySelector(".inside");
  const step = () => Number(inside()?.dataset.step ?? -1);
  const running = () => inside()?.dataset.running === "true";
  const shared = () => root().querySelector(".shared").value;

  const digest = async (canvas) => {
    const bytes = new TextEncoder().encode(canvas.toDataURL());
    return [...new Uint8Array(await crypto.subtle.digest("SHA-1", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const picture = () => digest(root().querySelector(".plane"));
  const lookOf = () => [...root().querySelectorAll(".tile b")].map((node) => node.textContent).join(" ");

  // From the next touch of the page to the first frame in which a condition holds, in ms.
  let found = null;
  const measure = (condition) => {
    found = null;
    const holds = new Function(`return ${condition}`);
    const look = (began) => {
      if (holds()) found = performance.now() - began;
      else requestAnimationFrame(() => look(began));
    };
    const begin = ({ timeStamp }) => {
      for (const kind of ["pointerdown", "keydown"]) window.removeEventListener(kind, begin, true);
      requestAnimationFrame(() => look(timeStamp));
    };
    for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, begin, true);
  };

  const wide = () => {
    const edge = root().getBoundingClientRect().right;
    return [...root().querySelectorAll("*")].filter((node) => node.offsetParent && node.getBoundingClientRect().right > edge + 1).map((node) => node.outerHTML.slice(0, 120));
  };

  return { step, running, shared, picture, lookOf, measure, measured: () => found, wide };
})();
