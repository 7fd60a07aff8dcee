// The moments of a run that are kept, to go back to, evenly spread over it; fewer of them where the nets are large.

const MOST = 200;
const LEAST = 20;
const MOST_BYTES = 2 ** 26;
const FIRST_EVERY = 20; // steps between two moments, at first

export class History {
  constructor() {
    this.moments = [];
    this.every = FIRST_EVERY;
  }

  // Keeps this moment if the last one is long past, or, with now, if anything was done since.
  keep(run, now = false) {
    const last = this.moments[this.moments.length - 1];
    const due = !last || run.step - last.step >= this.every;
    if (due || (now && JSON.stringify(run.recipe.log) !== JSON.stringify(last.log))) this.moments.push(run.moment());
    if (this.moments.length > this.most(run)) {
      this.moments = this.moments.filter((_, i) => i % 2 === 0 || i === this.moments.length - 1);
      this.every *= 2;
    }
  }

  // The last moment whose weights are all finite; those after it go.
  lastSound() {
    this.cut(this.moments.findLastIndex(({ players }) => players.every(({ weights }) => weights.every(Number.isFinite))));
    return this.moments[this.moments.length - 1];
  }

  most({ generator, discriminator }) {
    const numbers = generator.net.weights.length + discriminator.net.weights.length;
    const bytes = 3 * 8 * numbers; // weights, and two moments of Adam
    return Math.min(MOST, Math.max(LEAST, Math.floor(MOST_BYTES / bytes)));
  }

  cut(index) { // another future begins after this one
    this.moments.length = index + 1;
  }
}
