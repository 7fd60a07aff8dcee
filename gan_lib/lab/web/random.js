// The random numbers of a run: sfc32 (Doty-Humphrey, PractRand), its state filled from seed and stream by splitmix32.

const WARM_UP = 12; // numbers thrown away first, as its author does

function splitmix(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

export class Random {
  // Streams of one seed are independent of one another.
  constructor(seed, stream = 0) {
    const low = splitmix(seed % 2 ** 32);
    const high = splitmix(Math.floor(seed / 2 ** 32) + Math.imul(stream + 1, 0x85ebca6b));
    this.state = Int32Array.of(low() ^ high(), low() ^ high(), low() ^ high(), 1);
    this.spare = NaN; // the second of a pair of normal numbers
    for (let i = 0; i < WARM_UP; i++) this.bits();
  }

  bits() {
    const [a, b, c, counter] = this.state;
    const result = (a + b + counter) | 0;
    this.state[3] = counter + 1;
    this.state[0] = b ^ (b >>> 9);
    this.state[1] = c + (c << 3);
    this.state[2] = ((c << 21) | (c >>> 11)) + result;
    return result;
  }

  uniform() { // even on [0, 1), of 53 bits
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  below(n) { // a whole number, even on 0, …, n - 1
    return Math.floor(this.uniform() * n);
  }

  normal() { // by Marsaglia's polar method, two at a time
    if (!Number.isNaN(this.spare)) {
      const kept = this.spare;
      this.spare = NaN;
      return kept;
    }
    let u, v, square;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt(-2 * Math.log(square) / square);
    this.spare = v * factor;
    return u * factor;
  }

  save() {
    return { state: this.state.slice(), spare: this.spare };
  }

  restore({ state, spare }) {
    this.state.set(state);
    this.spare = spare;
  }
}
