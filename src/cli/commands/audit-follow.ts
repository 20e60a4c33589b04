/** `cider fleet audit follow` */

import { followAudit } from "../audit-following.ts";
import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";

export function run(call: Call): Promise<ExitName> {
  return followAudit(call);
}
