/** All handlers as one table; the type says that every built operation has exactly one. */

import { auditHandlers } from "./audit.ts";
import { bearerHandlers } from "./bearers.ts";
import type { Handlers } from "./call.ts";
import { doctorHandlers } from "./doctor.ts";
import { eventHandlers } from "./events.ts";
import { monitoringHandlers } from "./monitoring.ts";
import { nodeHandlers } from "./node.ts";
import { pairingHandlers } from "./pairing.ts";
import type { Parts } from "./parts.ts";
import { peerHandlers } from "./peers.ts";
import { projectHandlers } from "./projects.ts";
import { tokenEndingHandlers } from "./token-endings.ts";
import { tokenRotationHandlers } from "./token-rotation.ts";
import { tokenHandlers } from "./tokens.ts";
import { Turns } from "./turns.ts";

/** Returns the handlers of all nouns. */
export function handlersOf(parts: Parts): Handlers {
  const turns = new Turns();
  return {
    ...nodeHandlers(parts),
    ...pairingHandlers(parts),
    ...peerHandlers(parts),
    ...tokenHandlers(parts),
    ...tokenEndingHandlers(parts),
    ...tokenRotationHandlers(parts),
    ...projectHandlers(parts),
    ...bearerHandlers(parts),
    ...auditHandlers(parts, turns),
    ...monitoringHandlers(parts),
    ...doctorHandlers(parts),
    ...eventHandlers(parts, turns),
  };
}
