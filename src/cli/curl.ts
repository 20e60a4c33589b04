/** Lines of curl that work as pasted: a token in $TOKEN, the node's CA in ca.pem. */

import { urlOf } from "./address.ts";

/** What the lines need to know of a node. */
export interface Reachable {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly plaintext: "loopback" | "lan" | "never";
}

const BEARER = '-H "Authorization: Bearer $TOKEN"';
const CA = "--cacert ca.pem";

/** Returns the lines in the order a person would run them. */
export function curlLines(node: Reachable): readonly string[] {
  const local = node.plaintext === "never" ? `${CA} https://127.0.0.1:${node.port}` : `http://127.0.0.1:${node.port}`;
  const lines = [
    "TOKEN=$(cider fleet token generate --name my-script)",
    "cider fleet cert --pem > ca.pem",
    `curl ${BEARER} ${local}/v1/node`,
    `curl -H "Content-Type: application/json" -d "{\\"apiToken\\":\\"$TOKEN\\"}" ${local}/rpc/GetNodeInfo`,
  ];
  return node.addresses.length === 0 ? lines : [...lines, `curl ${CA} ${BEARER} ${urlOf(node)}/v1/node`];
}
