/** The name that alerts carry in syslog. */
export const SYSLOG_TAG = "falco";
