/**
 * The local socket. Whoever may open it is `local` and may do everything, so its rights are the whole access control:
 * it stands in a folder of its own that only this account may enter, and is made with rights for this account alone.
 */

import { lstatSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { FleetError } from "../foundation/errors.ts";
import { LOCAL_SOURCE } from "../foundation/source.ts";
import type { Connections } from "./connections.ts";
import { type Handlers, HttpServer } from "./http-server.ts";
import type { Limits } from "./limits.ts";

/** What fits into `sun_path` on macOS, less the closing zero. Node would cut a longer path and listen elsewhere. */
const MAX_PATH_BYTES = 103;

/** Takes away every right but the owner's to read and write. */
const PRIVATE_UMASK = 0o177;

/** How the socket is to be opened, and who answers on it. */
export interface UnixSocketOptions {
  readonly connections: Connections;
  readonly limits: Limits;
  readonly handlers: Handlers;
  /** Makes the folder, 0700, and throws FOLDER_UNSAFE when it is not private to this account. */
  openFolder(folder: string): void;
}

/** The open socket. */
export interface UnixSocket {
  readonly path: string;
  /** Accepts no further connection; what runs goes on. */
  stop(): void;
  /** Stops, lets running answers finish for `stopTime`, then ends every connection. The file is gone afterwards. */
  close(): Promise<void>;
}

/**
 * Listens at `path`, whose data folder this process must have locked: a socket left there by a dead process is replaced.
 * Throws SOCKET_PATH_TOO_LONG, or FOLDER_UNSAFE when the folder is open to others or something else has the name.
 */
export async function openUnixSocket(path: string, options: UnixSocketOptions): Promise<UnixSocket> {
  const length = Buffer.byteLength(path);
  if (length > MAX_PATH_BYTES)
    throw new FleetError(
      "SOCKET_PATH_TOO_LONG",
      `the path of the local socket has ${length} bytes, ${MAX_PATH_BYTES} are possible: ${path}`,
    );
  options.openFolder(dirname(path));
  removeStale(path);
  const http = new HttpServer(options.handlers, options.limits);
  const sockets = new Set<Socket>();
  const server = await listenPrivately(path, (socket) => accept(socket, sockets, http, options.connections));
  const stop = () => void server.close();
  const close = async () => {
    stop();
    await http.drain();
    for (const socket of sockets) socket.destroy();
  };
  return { path, stop, close };
}

function accept(socket: Socket, sockets: Set<Socket>, http: HttpServer, connections: Connections): void {
  const leave = connections.admit({ network: LOCAL_SOURCE.network, loopback: true });
  if (leave === undefined) return void socket.destroy();
  sockets.add(socket);
  socket.on("error", () => undefined); // its "close" follows, and that is all there is to do
  socket.once("close", () => {
    sockets.delete(socket);
    leave();
  });
  http.serve(socket, LOCAL_SOURCE);
}

function removeStale(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket())
    throw new FleetError("FOLDER_UNSAFE", `${path} is where the local socket belongs, but it is something else; move it away`);
  rmSync(path);
}

/** The file appears inside `listen`, before it returns, so the umask is narrow for that call and no other. */
function listenPrivately(path: string, accepted: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accepted);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask(PRIVATE_UMASK);
    try {
      server.listen({ path }, () => {
        server.off("error", reject);
        server.on("error", () => undefined); // EMFILE and its like concern one connection
        resolve(server);
      });
    } finally {
      process.umask(umask);
    }
  });
}
