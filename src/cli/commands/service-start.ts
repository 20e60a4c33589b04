/** `cider fleet service start` */

import type { Call } from "../command.ts";
import type { ExitName } from "../exit-codes.ts";
import { actOnService } from "../service/act.ts";

export function run(call: Call): Promise<ExitName> {
  return actOnService("start", call);
}
