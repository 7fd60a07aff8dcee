// A run as a short text, "data=moons&by=js&run=500,k:5,300,d2", as gan_lib/lab/recipe.py reads and writes it.
// A recipe: {settings, log, by}; log: a list of [what, amount], what is "run", "d", "g" or the name of a setting.

import { decodeStrokes } from "./strokes.js";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NETS = ["noise_dim", "g_width", "g_layers", "d_width", "d_layers", "activation", "packing"];
const BEGINNING = ["seed", "start"];
const BY = ["torch", "js"];
const MOST_STEPS = 10 ** 7;

export class Refused extends Error {
  constructor(setting, text) {
    super(text);
    this.setting = setting;
  }
}

export class Settings {
  // table: the rows of settings.json
  constructor(table) {
    this.rows = new Map(table.map((row) => [row.name, row]));
    this.defaults = Object.fromEntries(table.map((row) => [row.name, row.default]));
  }

  // Plain values in the table's order, all in range and fitting together. begun: of a run that no longer asks where it started.
  checked(given, begun = false) {
    const unknown = Object.keys(given).find((name) => !this.rows.has(name));
    if (unknown !== undefined) throw new Refused(unknown, `${unknown} is no setting; there are ${[...this.rows.keys()].join(", ")}`);
    const plain = Object.fromEntries([...this.rows.keys()].map((name) => [name, this.valueOf(name, given[name])]));
    if (plain.batch_size % plain.packing) {
      throw new Refused("batch_size", `batch_size must be a multiple of packing = ${plain.packing}, not ${plain.batch_size}`);
    }
    if (plain.data === "drawn" && !plain.strokes) throw new Refused("strokes", "strokes is empty: draw something first");
    if (!begun) this.checkStart(plain);
    return plain;
  }

  checkStart(plain) {
    if (plain.start !== "pretrained") return;
    const changed = NETS.find((name) => plain[name] !== this.defaults[name]);
    if (changed === undefined && plain.data !== "drawn") return;
    const what = changed === undefined ? "drawn data" : `${changed} = ${plain[changed]}`;
    throw new Refused("start", `start: there are no pretrained weights for ${what}`);
  }

  valueOf(name, given) {
    const { kind, values, least, most } = this.rows.get(name);
    if (kind === "text") return readText(name, String(given));
    if (kind === "choice") {
      if (!values.includes(given)) throw new Refused(name, `${name} must be one of ${values.join(", ")}, not ${quoted(given)}`);
      return given;
    }
    const number = numberOf(given, kind === "whole");
    if (number === null || number < least || number > most) {
      const what = kind === "whole" ? "a whole number" : "a number";
      throw new Refused(name, `${name} must be ${what} from ${least} to ${most}, not ${quoted(given)}`);
    }
    return number;
  }

  // text: also the address of a page that ends in it, behind a "#"
  read(text) {
    const given = { ...this.defaults };
    const recipe = { log: [], by: "torch" };
    const names = new Set();
    const plain = decoded(text.trim());
    for (const entry of plain.slice(plain.lastIndexOf("#") + 1).split("&").filter(Boolean)) {
      const [name, word] = splitAt(entry, "=");
      if (word === null) throw new Refused("text", `text: ${quoted(entry.slice(0, 60))} is no name=value`);
      if (names.has(name)) throw new Refused(name, `${name} is given twice`);
      names.add(name);
      if (name === "run") recipe.log = word.split(",").map((item) => this.readAction(item));
      else if (name === "by") recipe.by = word;
      else given[name] = word.replaceAll("+", " ");
    }
    if (!BY.includes(recipe.by)) throw new Refused("by", `by must be one of ${BY.join(", ")}, not ${quoted(recipe.by)}`);
    return { settings: this.checked(given), ...recipe };
  }

  readAction(item) {
    const [name, word] = splitAt(item, ":");
    if (word !== null) {
      if (!this.rows.has(name) || BEGINNING.includes(name)) {
        throw new Refused("run", `run: ${quoted(name)} is no setting that can change while it runs`);
      }
      return [name, this.valueOf(name, word.replaceAll("+", " "))];
    }
    const alone = item[0] === "d" || item[0] === "g";
    const steps = numberOf(alone ? item.slice(1) || "1" : item, true);
    if (steps === null || steps <= 0 || steps > MOST_STEPS) {
      throw new Refused("run", `run: ${quoted(item)} is no number of steps, step of d or g, or setting:value`);
    }
    return [alone ? item[0] : "run", steps];
  }

  write({ settings, log, by }) {
    const names = [...this.rows.keys()].filter((name) => settings[name] !== this.defaults[name]);
    const entries = names.map((name) => `${name}=${wordFor(settings[name])}`);
    entries.push(`by=${by}`);
    if (log.length) entries.push(`run=${log.map(writeAction).join(",")}`);
    return entries.join("&");
  }
}

// The log with one more action; steps of one kind that follow each other are added. The log given stays as it is.
export function loggedAfter(log, what, amount) {
  const last = log[log.length - 1];
  const steps = what === "run" || what === "d" || what === "g";
  if (steps && last && last[0] === what) return [...log.slice(0, -1), [what, last[1] + amount]];
  return [...log, [what, amount]];
}

const quoted = (given) => (typeof given === "string" ? `'${given}'` : String(given));

// As it was before a letter or a chat wrote %2C for a comma.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitAt(text, mark) {
  const place = text.indexOf(mark);
  return place < 0 ? [text, null] : [text.slice(0, place), text.slice(place + 1)];
}

function readText(name, text) {
  try {
    decodeStrokes(text);
  } catch (error) {
    throw new Refused(name, error.message);
  }
  return text;
}

function numberOf(given, whole) {
  const readable = typeof given === "number" || (typeof given === "string" && DECIMAL.test(given));
  const number = readable ? Number(given) : NaN;
  if (!Number.isFinite(number) || (whole && !Number.isInteger(number))) return null;
  return number === 0 ? 0 : number; // and never -0
}

function writeAction([what, amount]) {
  if (what === "run") return String(amount);
  if (what === "d" || what === "g") return amount === 1 ? what : `${what}${amount}`;
  return `${what}:${wordFor(amount)}`;
}

// As Python writes it: 0.1, 3, 1e-05, unit+uniform.
function wordFor(value) {
  if (typeof value !== "number") return String(value).replaceAll(" ", "+");
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
