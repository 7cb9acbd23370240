// Room as df(1) and quota(1) tell it. Both are for people; what cannot be read is left out.
import type { FolderSpace } from "@/lib/files/schema";

type Space = NonNullable<FolderSpace["quota"]>;

const KIB = 1024;
/** Of each; more than they say of one folder and one person. What is longer is another program by that name. */
const LONGEST = 4096;

/** Of `df -P -k`: the file system's name and its room. */
function readDf(text: string): { name: string; space: Space } | null {
  const found = /^(\S.*?) +\d+ +(\d+) +(\d+) +(?:\d+%|-) /m.exec(text.slice(text.indexOf("\n") + 1));
  if (!found) return null;
  const [, name = "", used, free] = found;
  return { name, space: { usedBytes: Number(used) * KIB, limitBytes: (Number(used) + Number(free)) * KIB } };
}

/** Of `quota -w`: blocks (with a star when there are too many), soft and hard limit, of the file system called `name`. */
function readQuota(text: string, name: string): Space | null {
  for (const line of text.split("\n")) {
    const [device, used = "", soft, hard] = line.trim().split(/ +/);
    const limit = Number(hard) || Number(soft);
    if (device === name && /^\d+\*?$/.test(used) && limit > 0) {
      return { usedBytes: Number.parseInt(used, 10) * KIB, limitBytes: limit * KIB };
    }
  }
  return null;
}

/** `df -P -k` of one folder, and `quota -w` of the person. */
export function readSpace(df: string, quota: string): FolderSpace {
  const fileSystem = readDf(df.slice(0, LONGEST));
  const own = fileSystem && readQuota(quota.slice(0, LONGEST), fileSystem.name);
  return { kind: "space", fileSystem: fileSystem?.space ?? null, quota: own };
}
