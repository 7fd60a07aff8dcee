// The lab in Jupyter, by anywidget: the engine is the kernel.

import { make } from "./elements.js";
import { mountLab } from "./front.js";

/** The numbers of a buffer. Where it begins between two numbers they are copied. */
const numbersOf = (view) => {
  if (view.byteOffset % 4 === 0) return new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
};

const kernelEngine = (model) => ({
  send: (message) => model.send(message),
  listen: (hear) => {
    const take = (message, buffers) => hear(message, buffers.map(numbersOf));
    model.on("msg:custom", take);
    return () => model.off("msg:custom", take);
  },
  share: (text) => `lab("${text}")`,
});

/** What is seen until the engine answers, and all there is in a notebook that was opened and not run. */
const showStill = (el, picture, words) => {
  const source = URL.createObjectURL(new Blob([picture], { type: "image/png" }));
  const image = make("img", { src: source, alt: words });
  image.onload = () => URL.revokeObjectURL(source);
  el.classList.add("gan-lab");
  el.append(image, make("p", {}, "Run this cell to start the lab."));
};

const render = ({ model, el }) => {
  showStill(el, model.get("picture"), model.get("words"));
  return mountLab(el, kernelEngine(model));
};

export default { render };
