/** A store on a directory that seals every 100 documents, so that it merges all the time; prints its address. */
import { startStore } from "@falco-efk/store";

const store = await startStore({ directory: process.argv[2] as string, port: 0, unsealedDocuments: 100 });
process.stdout.write(`${store.url}\n`);
