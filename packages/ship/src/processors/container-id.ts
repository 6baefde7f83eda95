const ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/;

/** The id of the container that a process is in, by the text of its `/proc/<pid>/cgroup`, or null. */
export function containerIdOfCgroup(text: string): string | null {
  for (const line of text.split("\n")) {
    const path = line.slice(line.lastIndexOf(":") + 1);
    const id = ID.exec(path)?.[0];
    if (id !== undefined) return id;
  }
  return null;
}
