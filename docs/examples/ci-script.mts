/**
 * A step of a CI job: ends 0 when the machine that is to build answers and has room, 1 when it has none, 2 when it does not answer.
 *
 *     cider fleet token generate --name ci-pipeline     # readOnly, 90 days; on the node
 *     npx tsx ci-script.mts                             # or with Node 22.18 and newer: node ci-script.mts
 *
 * The CI's own store of secrets sets CIDER_FLEET_URL to cider-fleet://<token>@<host>:9473?n=<node id>.
 */

import { FleetClient, FleetError } from "cider-fleet";

const MIN_FREE_GB = Number(process.env["MIN_FREE_GB"] ?? "20");

async function check(): Promise<number> {
  const client = FleetClient.fromUrl(undefined, { timeout: 10_000 });
  try {
    const [info, stats] = await Promise.all([client.getNodeInfo(), client.getNodeStats()]);
    const free = stats.diskTotalGB - stats.diskUsedGB;
    console.log(`${info.name} (${info.osVersion}): ${free.toFixed(0)} GB free, CPU ${stats.cpuUsagePercent.toFixed(0)} %`);
    return free < MIN_FREE_GB ? 1 : 0;
  } finally {
    client.close();
  }
}

try {
  process.exitCode = await check();
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  // The code is for programs, the remedy for people; neither ever holds the token.
  console.error(`${error.code}: ${error.message} (${error.remedy})`);
  process.exitCode = 2;
}
