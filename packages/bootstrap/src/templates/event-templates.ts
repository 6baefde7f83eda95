export {
  dayTemplate,
  EVENT_NAMES as NAMES,
  mappingsTemplate,
  settingsTemplate,
  streamTemplate,
} from "@falco-efk/elastic";
