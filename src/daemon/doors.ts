/** Opens the node's doors: the Unix socket and the one port, both onto the same surfaces. */

import { Connections } from "../api/connections.ts";
import { handlersFor } from "../api/handlers.ts";
import { HttpApi } from "../api/http.ts";
import type { Handlers } from "../api/http-server.ts";
import { LIMITS } from "../api/limits.ts";
import { ownRoutes } from "../api/own-routes.ts";
import { openPort } from "../api/port.ts";
import { requestIds } from "../api/request-ids.ts";
import { SocketApi } from "../api/socket.ts";
import { openUnixSocket } from "../api/unix-socket.ts";
import type { Config } from "../config/schema.ts";
import type { Source } from "../foundation/source.ts";
import { isLoopback, networkOf, plainAddress } from "../host/addresses.ts";
import { requirePrivateFolder, shareSocket } from "../host/data-folder.ts";
import { SOCKET_NONCE_LENGTH } from "../signatures/socket.ts";
import { ownHostNames } from "./names.ts";
import { pagesFolder } from "./pages.ts";
import type { NodeParts } from "./parts.ts";

/** The open doors. */
export interface Doors {
  readonly port: number;
  /** Accepts nobody any more; what runs goes on. */
  stop(): void;
  /** Lets running answers finish, then ends every connection. */
  close(): Promise<void>;
}

type Node = Pick<NodeParts, "parts" | "operations" | "certificates">;

/** Opens the Unix socket and then the port; throws CONFIG_INVALID, PORT_TAKEN, FOLDER_UNSAFE or SOCKET_PATH_TOO_LONG. */
export async function openDoors(node: Node, config: Config): Promise<Doors> {
  const { clock, logger, place } = node.parts;
  const { certificates } = node;
  const { socketGroup } = config;
  const socketPath = place().socket;
  const connections = new Connections(clock, LIMITS);
  const onProven = (source: Source): void => connections.proven(source);
  const shared = { connections, limits: LIMITS, handlers: surfacesOf(node, config, onProven) };
  const local = await openUnixSocket(socketPath, {
    ...shared,
    openFolder: (folder) =>
      requirePrivateFolder(folder, "folder of the local socket", socketGroup === undefined ? "private" : "shared"),
  });
  try {
    if (socketGroup !== undefined) await shareSocket(socketPath, socketGroup);
    const port = await openPort({
      ...shared,
      listen: config.listen,
      port: config.port,
      certificates,
      plaintext: config.plaintext,
      addressing: { plainAddress, networkOf, isLoopback },
      logger,
    });
    return {
      port: port.port,
      stop: () => {
        port.stop();
        local.stop();
      },
      close: async () => {
        await Promise.all([port.close(), local.close()]);
      },
    };
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** Returns what answers requests and upgrades, whichever door they come by. */
function surfacesOf({ certificates, operations, parts }: Node, config: Config, onProven: (source: Source) => void): Handlers {
  const { clock, logger, nodeId, random, sessions, version } = parts;
  const own = { hostNames: () => ownHostNames(nodeId, config.hostNames), origins: new Set(config.origins) };
  const requestId = requestIds(clock, random);
  const shared = { operations, own, requestId, onProven, logger };
  const routes = ownRoutes({ caPem: () => certificates.caPem, version, pages: pagesFolder(config) });
  const http = new HttpApi({ ...shared, ownRoutes: routes });
  const sockets = new SocketApi({
    ...shared,
    sessions,
    nodeId,
    now: () => clock.now(),
    nonce: () => random.bytes(SOCKET_NONCE_LENGTH),
  });
  return handlersFor(http, sockets, requestId);
}
