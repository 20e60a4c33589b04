// The story of the issue, as somebody would write it. Told where to go on stdin; prints what it saw as one line of JSON.

import { text } from "node:stream/consumers";
import { FleetClient } from "cider-fleet";

const { host, port, code } = JSON.parse(await text(process.stdin));

const creds = await FleetClient.pair(host, code, "my-ci-script", port);
const client = new FleetClient({ host, port, nodeId: creds.nodeId });
const info = await client.getNodeInfo();
const stats = await client.getNodeStats();
const token = await client.generateAPIToken("ci-pipeline", "fullAccess");
const list = await client.listAPITokens();

const script = new FleetClient({ host, port, apiToken: token.token });
const scriptInfo = await script.getNodeInfo();
const minting = await script.generateAPIToken("x", "readOnly").catch((error) => error);

const socket = await script.connect();
const socketInfo = await socket.call("GetNodeInfo", {});
const revoked = await client.revokeAPIToken(token.id);
const closed = await socket.closed;
const after = await script.getNodeInfo().catch((error) => error);

const kept = await client.generateAPIToken({ name: "kept", permissions: "readOnly" });
const coded = ({ name, code, message, details }) => ({ name, code, message, details });
process.stdout.write(
  JSON.stringify({
    creds,
    info,
    stats,
    token,
    list,
    scriptInfo,
    minting: coded(minting),
    socketInfo,
    revoked,
    closed: coded(closed),
    after: coded(after),
    kept,
  }),
);
client.close();
script.close();
