// A script that calls a node and opens a socket to it, and says what came of both: the node's id, or an error's code.

import { text } from "node:stream/consumers";
import { FleetClient } from "cider-fleet";

const { host, port, apiToken, responderNodeId } = JSON.parse(await text(process.stdin));
const client = new FleetClient({ host, port, apiToken, ...(responderNodeId !== undefined && { responderNodeId }) });
const call = await client.getNodeInfo().then(
  ({ nodeId }) => nodeId,
  ({ code }) => code,
);
const socket = await client.connect().then(
  async (open) => {
    const { nodeId } = await open.call("GetNodeInfo", {});
    open.close();
    return nodeId;
  },
  ({ code }) => code,
);
process.stdout.write(JSON.stringify({ call, socket }));
client.close();
