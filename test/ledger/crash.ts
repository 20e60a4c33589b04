/**
 * A node reduced to lock and ledger, to be killed: eight callers give badges as fast as the disk allows, and each
 * badge is named on stdout only when its answer would have left.
 *
 * Usage: crash.ts <folder> <first number>
 */

import { writeSync } from "node:fs";
import { systemClock } from "../../src/foundation/clock.ts";
import { isNodeId } from "../../src/foundation/ids.ts";
import { silentLogger } from "../../src/foundation/logger.ts";
import { acquireLock } from "../../src/host/lock.ts";
import { Ledger } from "../../src/ledger/ledger.ts";

const CALLERS = 8;

async function main(folder: string, first: number, node: string): Promise<void> {
  if (!isNodeId(node)) throw new SyntaxError("not a node id");
  await acquireLock(folder);
  const ledger = await Ledger.open({
    folder,
    node,
    clock: systemClock,
    logger: silentLogger,
    folds: [],
    publish: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  let next = first;
  const call = async (): Promise<never> => {
    for (;;) {
      const name = String(next++);
      ledger.commit({ actor: "local", request: "", operation: "GiveBadge", changes: [{ type: "badge.given", name }] });
      await ledger.settled();
      writeSync(1, `${name}\n`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
}

const [folder = "", first = "", node = ""] = process.argv.slice(2);
await main(folder, Number(first), node);
