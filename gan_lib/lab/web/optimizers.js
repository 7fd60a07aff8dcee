// Descent as torch.optim's: plain with momentum, and Adam. Both keep their moments between steps, for weights in one array.

const BETA2 = 0.99;
const EPSILON = 1e-8;

export class Optimizer {
  constructor(kind, size) {
    this.kind = kind;
    this.steps = 0;
    this.first = new Float64Array(size);
    this.second = new Float64Array(kind === "adam" ? size : 0);
  }

  step(weights, gradient, rate, momentum) {
    if (this.kind === "adam") this.adam(weights, gradient, rate, momentum);
    else this.sgd(weights, gradient, rate, momentum);
  }

  adam(weights, gradient, rate, beta1) {
    const { first, second } = this;
    this.steps += 1;
    const stride = rate / (1 - beta1 ** this.steps);
    const root = Math.sqrt(1 - BETA2 ** this.steps);
    for (let i = 0; i < weights.length; i++) {
      const slope = gradient[i];
      first[i] += (1 - beta1) * (slope - first[i]);
      second[i] = BETA2 * second[i] + (1 - BETA2) * slope * slope;
      weights[i] -= stride * first[i] / (Math.sqrt(second[i]) / root + EPSILON);
    }
  }

  sgd(weights, gradient, rate, momentum) {
    const { first } = this;
    for (let i = 0; i < weights.length; i++) {
      if (momentum) first[i] = momentum * first[i] + gradient[i];
      weights[i] -= rate * (momentum ? first[i] : gradient[i]);
    }
  }

  save() {
    return { kind: this.kind, steps: this.steps, first: this.first.slice(), second: this.second.slice() };
  }

  restore({ kind, steps, first, second }) {
    Object.assign(this, { kind, steps, first: first.slice(), second: second.slice() });
  }
}
