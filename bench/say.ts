type Figures = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Prints a line for a person or, under `--json`, its figures as one JSON object; what was not measured is left out. */
export function say(text: string, figures: Figures): void {
  console.log(process.env.SEGTAG_BENCH_JSON === '1' ? JSON.stringify(figures) : text);
}

/** Says what can't be measured here, and why. */
export function sayAbsent(what: string, why: string): void {
  say(`${what}: ${why}`, { absent: what, why });
}
