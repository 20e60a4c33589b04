/** The lines a test node has written, read from its files as anybody could. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Line } from "../../src/ledger/line.ts";
import type { TestNode } from "./node.ts";

/** Returns all lines on disk, oldest first, without the heads of segments. */
export function linesOf({ dataDir }: Pick<TestNode, "dataDir">): readonly Line[] {
  const folder = join(dataDir, "ledger");
  const segments = readdirSync(folder).filter((name) => name.endsWith(".log"));
  return segments.sort().flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((text) => text.startsWith('{"hash":'))
      .map((text) => JSON.parse(text) as Line),
  );
}
