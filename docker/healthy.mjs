// A container's health check: `node healthy.mjs URL [STATUS…]` ends with 0 when the address answers with one of the
// statuses (200 unless told otherwise). A server that asks for a password is up, so 401 may be one of them.
const [url = "", ...statuses] = process.argv.slice(2);
const wanted = statuses.length > 0 ? statuses.map(Number) : [200];
const { status } = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(3000) });
if (!wanted.includes(status)) {
  console.error(`${url} answers ${status}`);
  process.exitCode = 1;
}
