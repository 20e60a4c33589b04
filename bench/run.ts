/**
 * `npm run bench [name …]`: measures the claims in `bench/*.bench.ts` and counts their figures, one line of verdict each.
 *
 *   --pairs N     pairs per claim (15)
 *   --seconds S   of each side in each pair (1)
 *   --json        the results as JSON on stdout; the lines for people go to stderr in any case
 *
 * A missed bound is a result, not a failure: the exit code tells only whether everything could be measured.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Counted, countFigure, type Figure, sayFigure } from "./figure.ts";
import { type Comparison, compare, machine, type Result, sayResult } from "./harness.ts";

const SUFFIX = ".bench.ts";
const available = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "15" },
    seconds: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const unknown = positionals.filter((name) => !available.includes(name));
const effort = { pairs: Number(values.pairs), seconds: Number(values.seconds) };
if (unknown.length > 0) refuse(`there is no bench ${unknown.join(", ")}; there are: ${available.join(", ")}`);
if (!(Number.isInteger(effort.pairs) && effort.pairs > 0 && effort.seconds > 0))
  refuse("--pairs and --seconds must be positive numbers");

const results: (Result | Counted)[] = [];
for (const name of positionals.length > 0 ? positionals : available) {
  const file = pathToFileURL(join(import.meta.dirname, name + SUFFIX)).href;
  const { default: entries } = (await import(file)) as { default: readonly (Comparison | Figure)[] };
  for (const entry of entries) {
    if ("count" in entry) {
      const counted = await countFigure(entry);
      results.push(counted);
      console.error(sayFigure(counted));
    } else {
      const result = await compare(entry, effort);
      results.push(result);
      console.error(sayResult(result));
    }
  }
}
if (values.json) console.log(JSON.stringify({ machine: machine(), effort, results }, null, 2));

function refuse(reason: string): never {
  console.error(`bench: error: ${reason}`);
  process.exit(2);
}
