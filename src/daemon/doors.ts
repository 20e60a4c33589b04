/** Opens the node's doors: the Unix socket and the one port, both onto the same surfaces. */

import { Connections } from "../api/connections.ts";
import { handlersFor } from "../api/handlers.ts";
import { HttpApi } from "../api/http.ts";
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
import type { NodeCertificates } from "../identity/tls.node.ts";
import type { Operations } from "../operations/operations.ts";
import type { Parts } from "../operations/parts.ts";
import { ownHostNames } from "./names.ts";
import { pagesFolder } from "./pages.ts";

/** Bytes of the nonce in a WebSocket's greeting. */
const SOCKET_NONCE_LENGTH = 32;

/** The open doors. */
export interface Doors {
  readonly port: number;
  /** Accepts nobody any more; what runs goes on. */
  stop(): void;
  /** Lets running answers finish, then ends every connection. */
  close(): Promise<void>;
}

/** Opens the Unix socket at `socketPath` and then the port; throws CONFIG_INVALID, PORT_TAKEN, FOLDER_UNSAFE or SOCKET_PATH_TOO_LONG. */
export async function openDoors(
  parts: Parts,
  operations: Operations,
  certificates: NodeCertificates,
  config: Config,
  socketPath: string,
): Promise<Doors> {
  const { clock, logger, random, sessions } = parts;
  const { socketGroup } = config;
  const connections = new Connections(clock, LIMITS);
  const own = { hostNames: () => ownHostNames(parts.nodeId, config.hostNames), origins: new Set(config.origins) };
  const onProven = (source: Source): void => connections.proven(source);
  const requestId = requestIds(clock, random);
  const http = new HttpApi({
    operations,
    own,
    ownRoutes: ownRoutes({ caPem: () => certificates.caPem, version: parts.version, pages: pagesFolder(config) }),
    requestId,
    onProven,
    logger,
  });
  const sockets = new SocketApi({
    operations,
    sessions,
    own,
    nodeId: parts.nodeId,
    now: () => clock.now(),
    nonce: () => random.bytes(SOCKET_NONCE_LENGTH),
    requestId,
    onProven,
    logger,
  });
  const shared = { connections, limits: LIMITS, handlers: handlersFor(http, sockets, requestId) };

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
