import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { type Command, UserError } from "@falco-efk/kit";
import { readKeystore, updateKeystore } from "../config/keystore.ts";

/** Adds `keystore add|list|remove`. Values come from standard input, so that they stand in no shell history. */
export function addKeystoreCommands(program: Command, file: () => string): void {
  const keystore = program.command("keystore").description("secrets for ${NAME} in the configuration");
  keystore
    .command("add")
    .description("store a secret; its value is read from standard input")
    .argument("<name>")
    .action(async (name: string) => {
      if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) {
        throw new UserError(`${name} can't be used in a configuration`, {
          code: "KEYSTORE_NAME",
          hint: "letters, digits, dots and underscores, beginning with a letter",
        });
      }
      const value = await readSecret(name);
      if (value === "") throw new UserError("the value is empty", { code: "KEYSTORE_VALUE" });
      await updateKeystore(file(), { [name]: value });
      process.stdout.write(`${name} stored in ${file()}\n`);
    });
  keystore
    .command("list")
    .description("list the names")
    .action(() => {
      const names = Object.keys(readKeystore(file())).sort();
      process.stdout.write(names.length === 0 ? "no secrets\n" : names.map((name) => `${name}\n`).join(""));
    });
  keystore
    .command("remove")
    .description("forget a secret")
    .argument("<name>")
    .action(async (name: string) => {
      if (!Object.hasOwn(readKeystore(file()), name)) {
        throw new UserError(`there is no secret ${name}`, { code: "KEYSTORE_UNKNOWN", file: file() });
      }
      await updateKeystore(file(), { [name]: null });
      process.stdout.write(`${name} removed\n`);
    });
}

/** The first line of standard input; a terminal doesn't show what is typed. */
async function readSecret(name: string): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) process.stderr.write(`value of ${name}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY === true });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    lines.close();
    if (stdin.isTTY) process.stderr.write("\n");
  }
}
