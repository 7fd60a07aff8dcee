// The lab in Jupyter, by anywidget: the engine is the kernel.

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

export default { render: ({ model, el }) => mountLab(el, kernelEngine(model)) };
