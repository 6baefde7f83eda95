/**
 * Loaded before a program that falco-efk starts: ends it as Ctrl-C does when falco-efk is gone, however that ended, so that no
 * program stays behind and holds its port. The channel to falco-efk closes with it; nothing is ever sent.
 */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
