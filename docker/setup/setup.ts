/**
 * Sets the containers up; each command may run again and changes only what is due.
 *   secrets   passwords, keys and certificates, each in the folder of the program that reads it
 *   users URL the password of Kibana's account at Elasticsearch
 *   keys      the API keys that falco-bootstrap made, or the embedded store's password, to the shipper and to falco-alert
 *   password  prints the password of the user `elastic`, which opens Kibana or the console, too
 */
import { handOutKeys } from "./hand-out-keys.ts";
import { makeSecrets, readPasswords } from "./make-secrets.ts";
import { setKibanaPassword } from "./set-kibana-password.ts";

const SECRETS = "/secrets";
const [command, argument = ""] = process.argv.slice(2);
try {
  if (command === "secrets") await makeSecrets(SECRETS);
  else if (command === "users") await setKibanaPassword(SECRETS, argument);
  else if (command === "keys") handOutKeys(SECRETS);
  else if (command === "password") process.stdout.write(`${readPasswords(SECRETS).elastic}\n`);
  else throw new Error(`unknown command ${command}: expected secrets, users, keys or password`);
} catch (error) {
  process.stderr.write(`setup: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
