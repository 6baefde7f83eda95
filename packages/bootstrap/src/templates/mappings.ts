export { eventMappings } from "@falco-efk/elastic";
