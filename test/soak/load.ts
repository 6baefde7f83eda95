import { spawn } from "node:child_process";
import { once } from "node:events";

/** Ten thousand processes that live a moment, a tenth of them a program of its own; a hundred at a time. */
const FORK_BOMB = `
n=0
while [ $n -lt 100 ]; do
  i=0
  while [ $i -lt 90 ]; do ( : ) & i=$((i + 1)); done
  i=0
  while [ $i -lt 10 ]; do /bin/true & i=$((i + 1)); done
  wait
  n=$((n + 1))
done`;

/** Opens of a file that no rule asks for, opens of one that a rule asks for, and connections with itself. */
const OPENS_AND_CONNECTS = `
use strict; use IO::Socket::INET;
my ($plain, $marked, $opens, $marks, $connects) = @ARGV;
for (1 .. $opens) { open(my $file, "<", $plain) or die; close $file }
for (1 .. $marks) { open(my $file, "<", $marked) or die; close $file }
my $server = IO::Socket::INET->new(Listen => 16, LocalAddr => "127.0.0.1") or die;
for (1 .. $connects) {
  my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die;
  close $server->accept; close $client;
}`;

/** How often each of the things is done in one round. */
export const ROUND = { processes: 10_000, opens: 20_000, marks: 200, connects: 500 } as const;

/** One round of load, the fork bomb and the rest side by side; resolves when all of its processes have ended. */
export async function performRound(plain: string, marked: string): Promise<void> {
  const counts = [ROUND.opens, ROUND.marks, ROUND.connects].map(String);
  await Promise.all([run("sh", "-c", FORK_BOMB), run("perl", "-e", OPENS_AND_CONNECTS, plain, marked, ...counts)]);
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn("nice", ["-n", "10", program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}
