/** Whether `found` of `rows` satisfies a comparison such as `> 10` or `>= 1%`. The job's schema has checked its form. */
export function exceeds(threshold: string, found: number, rows: number): boolean {
  const [, comparison, digits, percent] = /^(>=|>|<=|<|=|!=)\s*([\d.]+)(%?)$/.exec(threshold) ?? [];
  if (comparison === undefined) throw new Error(`"${threshold}" is no threshold`);
  const limit = percent === '%' ? (Number(digits) / 100) * rows : Number(digits);
  switch (comparison) {
    case '>':
      return found > limit;
    case '>=':
      return found >= limit;
    case '<':
      return found < limit;
    case '<=':
      return found <= limit;
    case '=':
      return found === limit;
    default:
      return found !== limit;
  }
}
