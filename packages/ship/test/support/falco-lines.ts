/** A line as Falco writes it, with a number to tell it by; about 850 bytes. */
export function falcoLine(number: number, time: Date = new Date(1_795_391_523_000 + number)): string {
  const stamp = `${time.toISOString().slice(0, 23)}${String(number % 1_000_000).padStart(6, "0")}Z`;
  const fields = {
    "container.id": "3983538e1186",
    "container.image.repository": null,
    "container.name": null,
    "evt.num": number,
    "evt.type": "openat",
    "fd.name": "/etc/shadow",
    "proc.cmdline": `cat /etc/shadow ${"x".repeat(80)}`,
    "proc.exepath": "/usr/bin/cat",
    "proc.name": "cat",
    "proc.pname": "bash",
    "user.name": "root",
    "user.uid": 0,
  };
  const line = {
    hostname: "vm",
    output: `${stamp}: Warning Sensitive file opened for reading by a program that is not trusted | file=/etc/shadow command=cat /etc/shadow user=root parent=bash container=3983538e1186`,
    output_fields: fields,
    priority: "Warning",
    rule: "Read sensitive file untrusted",
    source: "syscall",
    tags: ["T1555", "container", "filesystem", "host", "maturity_stable", "mitre_credential_access"],
    time: stamp,
  };
  return `${JSON.stringify(line)}\n`;
}
