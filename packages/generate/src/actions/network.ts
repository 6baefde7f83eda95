import { type Action, BOTH, DEFAULT, STOCK } from "../action.ts";
import { onItsOwnNetwork } from "../network.ts";
import type { Workshop } from "../workshop.ts";

/** An address that documentation may use and no host has. */
const NOWHERE = "192.0.2.1";
/** Where clouds tell a machine about itself; here an address of our own in a network namespace. */
const METADATA = "169.254.169.254";

/** Asks for a datagram socket to an address and a port, and sends nothing. */
const ASK = `
  use Socket; my ($address, $port) = @ARGV; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
  connect($s, sockaddr_in($port, inet_aton($address))) or die "connect: $!";
`;

/** Listens on an address and a port, connects to itself and accepts. */
const MEET_ONESELF = `
  use Socket; my $here = sockaddr_in($ARGV[1], inet_aton($ARGV[0]));
  socket(my $l, AF_INET, SOCK_STREAM, 0) or die "socket: $!"; bind($l, $here) or die "bind: $!";
  listen($l, 1) or die "listen: $!"; my $at = getsockname($l);
  socket(my $s, AF_INET, SOCK_STREAM, 0) or die "socket: $!"; connect($s, $at) or die "connect: $!";
  accept(my $a, $l) or die "accept: $!";
`;

/** Makes a connected socket the standard input. */
const REDIRECT = `${ASK} use POSIX (); defined POSIX::dup2(fileno($s), 0) or die "dup2: $!";`;

/** Sends itself the four bytes with which a class file begins. */
const CLASS_FILE = `${MEET_ONESELF} send($s, "\\xca\\xfe\\xba\\xbe", 0) or die "send: $!";
  defined recv($a, my $got, 16, 0) or die "recv: $!";`;

const perl = (script: string, address: string, port: number): [string, ...string[]] =>
  onItsOwnNetwork(address, ["perl", "-e", script, address, String(port)]);

/** Perl under another name: the rules tell programs by name. */
async function perlAs(name: string, workshop: Workshop, script: string, port: number): Promise<[string, ...string[]]> {
  const program = await workshop.copyProgram("perl", name);
  return onItsOwnNetwork(NOWHERE, [program, "-e", script, NOWHERE, String(port)]);
}

export const NETWORK_ACTIONS: readonly Action[] = [
  {
    rule: "System procs network activity",
    sets: BOTH,
    summary: "A shell named cat asks for a datagram socket to a documentation address; nothing is sent.",
    needs: ["root", "container"],
    async perform(workshop) {
      const disguise = await workshop.copyProgram("bash", "cat");
      const ask = [disguise, "-c", `exec 3<>/dev/udp/${NOWHERE}/9`];
      await workshop.runInContainer(...onItsOwnNetwork(NOWHERE, ask));
    },
  },
  {
    rule: "Redirect STDOUT/STDIN to Network Connection in Container",
    sets: BOTH,
    summary: "A datagram socket becomes the standard input of a process in a make-believe container.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer(...perl(REDIRECT, NOWHERE, 9)),
  },
  {
    rule: "Contact cloud metadata service from container",
    sets: BOTH,
    summary: "A datagram socket to the metadata address is asked for, in a network namespace where it is our own.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer(...perl(ASK, METADATA, 80)),
  },
  {
    rule: "Contact EC2 Instance Metadata Service From Container",
    sets: BOTH,
    summary: "A datagram socket to the metadata address is asked for, in a network namespace where it is our own.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer(...perl(ASK, METADATA, 80)),
  },
  {
    rule: "Unexpected K8s NodePort Connection",
    sets: BOTH,
    summary: "A datagram socket to port 30000 is asked for, in a network namespace of its own.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer(...perl(ASK, NOWHERE, 30_000)),
  },
  {
    rule: "Unexpected UDP Traffic",
    sets: BOTH,
    summary: "A datagram socket to port 7007 is asked for, in a network namespace of its own.",
    needs: ["root"],
    perform: (workshop) => workshop.run(...perl(ASK, NOWHERE, 7007)),
  },
  {
    rule: "Interpreted procs outbound network activity",
    sets: BOTH,
    summary: "Perl asks for a datagram socket, in a network namespace of its own.",
    needs: ["root"],
    perform: (workshop) => workshop.run(...perl(ASK, NOWHERE, 9)),
  },
  {
    rule: "Interpreted procs inbound network activity",
    sets: BOTH,
    summary: "Perl connects to itself, in a network namespace of its own.",
    needs: ["root"],
    perform: (workshop) => workshop.run(...perl(MEET_ONESELF, NOWHERE, 8080)),
  },
  {
    rule: "Unexpected inbound connection source",
    sets: STOCK,
    summary: "A process connects to itself, in a network namespace of its own.",
    needs: ["root"],
    perform: (workshop) => workshop.run(...perl(MEET_ONESELF, NOWHERE, 8080)),
  },
  {
    rule: "Disallowed SSH Connection Non Standard Port",
    sets: BOTH,
    summary: "Perl named ssh connects to itself on port 443, in a network namespace of its own.",
    needs: ["root"],
    perform: async (workshop) => workshop.run(...(await perlAs("ssh", workshop, MEET_ONESELF, 443))),
  },
  {
    rule: "Detect outbound connections to common miner pool ports",
    sets: DEFAULT,
    summary: "Perl connects to itself on port 3333, in a network namespace of its own.",
    needs: ["root"],
    perform: (workshop) => workshop.run(...perl(MEET_ONESELF, NOWHERE, 3333)),
  },
  {
    rule: "Java Process Class File Download",
    sets: BOTH,
    summary: "Perl named java receives a class file's first four bytes from itself.",
    needs: ["root"],
    perform: async (workshop) => workshop.run(...(await perlAs("java", workshop, CLASS_FILE, 8080))),
  },
];
