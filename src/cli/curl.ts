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

/** Returns the lines in the order a person would run them on the node's machine; `same` are the options that name the node. */
export function curlLines(node: Reachable, same = ""): readonly string[] {
  const local = node.plaintext === "never" ? `${CA} https://127.0.0.1:${node.port}` : `http://127.0.0.1:${node.port}`;
  const lines = [
    `TOKEN=$(cider fleet token generate --name my-script${same})`,
    `cider fleet cert --pem${same} > ca.pem`,
    `curl ${BEARER} ${local}/v1/node`,
    `curl -H "Content-Type: application/json" -d "{\\"apiToken\\":\\"$TOKEN\\"}" ${local}/rpc/GetNodeInfo`,
  ];
  return [...lines, `curl ${CA} ${BEARER} ${urlOf(node)}/v1/node`];
}

/** Returns the lines for another machine, which reaches the node at `url`. */
export function curlLinesFrom(url: string, same: string): readonly string[] {
  return [
    `TOKEN=$(cider fleet token generate --name my-script${same})`,
    `cider fleet cert --pem${same} > ca.pem`,
    `curl ${CA} ${BEARER} ${url}/v1/node`,
  ];
}
