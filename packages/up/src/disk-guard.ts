import { statfs } from "node:fs/promises";
import { UserError } from "@falco-efk/kit";

/** Below this many free bytes the suite stops while everybody can still write down where they are. */
export const RESERVE_BYTES: number = 16 * 1024 * 1024;

/** Throws UserError (`DISK_FULL`) when the file system that holds `folder` is all but full. */
export async function assertDiskSpace(folder: string, reserve: number = RESERVE_BYTES): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= reserve) return;
  throw new UserError(`the disk is full: ${Math.floor(free / 1024 / 1024)} MiB are left below ${folder}`, {
    code: "DISK_FULL",
    hint: `free ${Math.ceil(reserve / 1024 / 1024)} MiB and start again: it goes on where it stopped`,
  });
}
