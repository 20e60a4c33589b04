/** What the disk refuses while a node starts, as an error that says what to do. */

import { FleetError } from "../foundation/errors.ts";
import { isSystemError } from "../host/files.ts";

/** Returns a coded error when the disk of the data folder is full or cannot be written; anything else as it is. */
export function startFailure(error: unknown, folder: string): unknown {
  if (isSystemError(error, "ENOSPC", "EDQUOT")) {
    return new FleetError("STORAGE_FULL", `the disk of ${folder} is full; free space and start again`, {}, { cause: error });
  }
  if (isSystemError(error, "EROFS")) {
    return new FleetError("STORAGE_FAILED", `${folder} is on a file system that cannot be written`, {}, { cause: error });
  }
  return error;
}
