/**
 * Gives the loopback device of its network namespace the address that comes first, then becomes the rest of the command
 * line. Whatever is sent to that address stays in the namespace.
 */
const ADDRESS_AND_EXEC = `
  use Socket; my $address = shift; socket(my $s, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
  my $set = pack("a16 S n a4 x16", "lo", AF_INET, 0, inet_aton($address));
  my $up = pack("a16 S x22", "lo", 0x41);
  ioctl($s, 0x8916, $set) or die "address: $!"; ioctl($s, 0x8914, $up) or die "up: $!";
  exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!";
`;

/** The command line that runs `command` in a network namespace of its own, where it is the only host, at `address`. */
export function onItsOwnNetwork(address: string, command: readonly string[]): [string, ...string[]] {
  return ["unshare", "--net", "--", "perl", "-e", ADDRESS_AND_EXEC, address, ...command];
}
