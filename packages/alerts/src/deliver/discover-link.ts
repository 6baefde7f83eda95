/** A link to Discover, in Kibana or the console, that shows the events meant. Times are milliseconds. */
export function discoverLink(kibanaUrl: string, kql: string, from: number, to: number): string {
  const global = `(time:(from:${rison(new Date(from).toISOString())},to:${rison(new Date(to).toISOString())}))`;
  const app = `(index:logstash,query:(language:kuery,query:${rison(kql)}))`;
  return `${kibanaUrl.replace(/\/+$/, "")}/app/discover#/?_g=${percent(global)}&_a=${percent(app)}`;
}

/** A text in Kibana's URL notation. */
function rison(text: string): string {
  return `'${text.replaceAll("!", "!!").replaceAll("'", "!'")}'`;
}

/** Percent-encodes what would end the link, in a browser or in a chat that looks for links in text. */
function percent(text: string): string {
  return encodeURIComponent(text).replaceAll("'", "%27");
}
