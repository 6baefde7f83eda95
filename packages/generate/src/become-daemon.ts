/** Perl that gives up root for the user daemon, who owns nothing. */
export const BECOME_DAEMON = 'use POSIX (); POSIX::setgid(1); POSIX::setuid(1) or die "setuid: $!";';
