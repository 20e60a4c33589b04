/** `cider fleet token revoke` */

import type { Call } from "../command.ts";
import { endToken } from "../ended-token.ts";
import type { ExitName } from "../exit-codes.ts";

export function run(call: Call): Promise<ExitName> {
  return endToken(call, "revoked", (client, id) => client.revokeAPIToken(id));
}
