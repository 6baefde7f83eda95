export type { TemplateOptions } from "@falco-efk/elastic";
export {
  dayTemplate,
  EVENT_NAMES as NAMES,
  mappingsTemplate,
  settingsTemplate,
  streamTemplate,
} from "@falco-efk/elastic";
