/** Figures that are the same at every try: sizes, and numbers of packages. */

/** One figure about the product. A file `bench/<name>.bench.ts` exports it in the same list as its comparisons. */
export interface Figure {
  readonly name: string;
  /** What is counted, as one sentence. */
  readonly claim: string;
  readonly unit: string;
  /** Its bound, where there is one. */
  readonly atMost?: number;
  count(): Promise<number>;
}

/** What was counted. */
export interface Counted extends Omit<Figure, "count"> {
  readonly figure: number;
  readonly verdict: "met" | "missed" | "no bound";
}

/** Counts one figure. */
export async function countFigure({ name, claim, unit, atMost, ...rest }: Figure): Promise<Counted> {
  const figure = await rest.count();
  if (atMost === undefined) return { name, claim, unit, figure, verdict: "no bound" };
  return { name, claim, unit, atMost, figure, verdict: figure <= atMost ? "met" : "missed" };
}

/** Returns the figure in two lines for people. */
export function sayFigure({ name, claim, unit, atMost, figure, verdict }: Counted): string {
  const bound = atMost === undefined ? "" : `at most ${atMost.toLocaleString("en")}: `;
  return `${name}: ${figure.toLocaleString("en")} ${unit}, ${bound}${verdict}\n  ${claim}`;
}
