/** Finds out who holds the port this node was to open. The answer is for an error message and is trusted for nothing else. */

import { get } from "node:https";
import { connect } from "node:net";
import { FleetError } from "../foundation/errors.ts";
import { isNodeId } from "../foundation/ids.ts";
import { isName } from "../wire/names.ts";
import { isJsonObject } from "../wire/parse.ts";

/** A node on this machine answers in milliseconds; anything else is not worth waiting for. */
const ANSWER_TIME = 1000;
const ANSWER_BYTES = 16 * 1024;
const LOOPBACK = ["127.0.0.1", "::1"] as const;

/** Returns PORT_TAKEN that names the node at `host`, or the platform's command that names the program. */
export async function portTaken(host: string, port: number, platform: NodeJS.Platform = process.platform): Promise<FleetError> {
  const health = await askHealth(host, port);
  if (isJsonObject(health) && isNodeId(health["nodeId"])) {
    const { nodeId, name } = health;
    const called = isName(name) ? ` ("${name}")` : "";
    return new FleetError("PORT_TAKEN", `port ${port} is in use by node ${nodeId}${called}`, { port, nodeId });
  }
  const command = platform === "darwin" ? `lsof -nP -iTCP:${port} -sTCP:LISTEN` : `ss -ltnp 'sport = :${port}'`;
  return new FleetError("PORT_TAKEN", `port ${port} is in use by another program; find it with: ${command}`, { port });
}

/** Resolves to the first loopback address at which something accepts connections, or undefined. */
export async function findListener(port: number): Promise<string | undefined> {
  const answers = await Promise.all(LOOPBACK.map((host) => accepts(host, port)));
  return LOOPBACK.find((_, i) => answers[i]);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWER_TIME });
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket
      .once("connect", () => settle(true))
      .once("error", () => settle(false))
      .once("timeout", () => settle(false));
  });
}

/** Resolves to the parsed body of `/api/health`, or undefined. Any certificate will do: nothing is sent and nothing believed. */
function askHealth(host: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const give = () => resolve(undefined);
    const signal = AbortSignal.timeout(ANSWER_TIME);
    const request = get({ host, port, path: "/api/health", agent: false, rejectUnauthorized: false, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("error", give);
      response.on("data", (part: string) => {
        text += part;
        if (text.length > ANSWER_BYTES) request.destroy();
      });
      response.on("end", () => resolve(parseJson(text)));
    });
    request.on("error", give);
    request.on("close", give);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
