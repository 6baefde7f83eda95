import type { VNode } from "preact";

const PATHS = {
  discover: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm3.6 5.4-2 5.2-5.2 2 2-5.2 5.2-2Z",
  dashboard: "M4 4h7v9H4V4Zm9 0h7v5h-7V4Zm0 7h7v9h-7v-9ZM4 15h7v5H4v-5Z",
  visualize: "M12 3v9h9a9 9 0 1 1-9-9Zm2-1a8 8 0 0 1 8 8h-8V2Z",
  rules: "M5 4h14v2H5V4Zm0 5h14v2H5V9Zm0 5h9v2H5v-2Zm0 5h9v2H5v-2Zm12.5-3 1.4 1.4L22 14.3",
  alerts: "M12 3a6 6 0 0 0-6 6v5l-2 3h16l-2-3V9a6 6 0 0 0-6-6Zm-2 16a2 2 0 0 0 4 0h-4Z",
  pipeline: "M3 9h5v6H3V9Zm13 0h5v6h-5V9Zm-6.500 2h5v2h-5v-2Z",
  management: "M4 6h10v2H4V6Zm12 0h4v2h-4V6Zm-2-2h2v6h-2V4ZM4 16h4v2H4v-2Zm6 0h10v2H10v-2Zm-2-2h2v6H8v-6Z",
  search:
    "M10.500 4a6.500 6.500 0 1 0 4 11.600l4.900 4.900 1.400-1.400-4.900-4.900A6.500 6.500 0 0 0 10.500 4Zm0 2a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9Z",
  zoomIn:
    "M10.500 4a6.500 6.500 0 1 0 4 11.600l4.900 4.900 1.400-1.400-4.900-4.900A6.500 6.500 0 0 0 10.500 4Zm0 2a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9ZM9.600 7.800h1.800v1.800h1.800v1.800h-1.800v1.800H9.600v-1.800H7.800V9.600h1.800V7.800Z",
  zoomOut:
    "M10.500 4a6.500 6.500 0 1 0 4 11.600l4.900 4.900 1.400-1.400-4.900-4.900A6.500 6.500 0 0 0 10.500 4Zm0 2a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9ZM7.800 9.600h5.400v1.800H7.800V9.600Z",
  column: "M4 4h16v16H4V4Zm2 2v12h3.500V6H6Zm5.500 0v12H18V6h-6.500Z",
  bars: "M4 20V10h4v10H4Zm6 0V4h4v16h-4Zm6 0v-7h4v7h-4Z",
  barsFlat: "M4 4h10v4H4V4Zm0 6h16v4H4v-4Zm0 6h7v4H4v-4Z",
  line: "m3 17.500 6-7 4 4 7-9 1.500 1.200-8.400 10.800-4-4-4.600 5.300L3 17.500Z",
  table: "M4 4h16v16H4V4Zm2 6v3h5v-3H6Zm7 0v3h5v-3h-5Zm-7 5v3h5v-3H6Zm7 0v3h5v-3h-5Z",
  metric: "M6 7.500 9 5h2v14H8.500V8.600L6 10.300V7.500ZM13 16.500h5V19h-5v-2.500Z",
  clock:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm-1 2.500v5.300l4 2.300 1-1.700-3-1.700V7.500h-2Z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6V5Z",
  minus: "M5 11h14v2H5v-2Z",
  close:
    "m6.400 5 5.600 5.600L17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400 6.400 5Z",
  chevron: "m9 5 7 7-7 7-1.400-1.400L13.200 12 7.600 6.400 9 5Z",
  save: "M5 4h11l3 3v13H5V4Zm3 0v5h7V4M8 20v-6h8v6",
  open: "M4 6h6l2 2h8v10H4V6Z",
  download: "M11 4h2v7h3.500L12 15.500 7.500 11H11V4ZM5 18h14v2H5v-2Z",
  play: "M8 5v14l11-7L8 5Z",
  pause: "M7 5h4v14H7V5Zm6 0h4v14h-4V5Z",
  refresh: "M12 5a7 7 0 0 1 6.300 4H15v2h6V5h-2v2.400A9 9 0 1 0 21 12h-2a7 7 0 1 1-7-7Z",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM11 2h2v3h-2V2Zm0 17h2v3h-2v-3ZM2 11h3v2H2v-2Zm17 0h3v2h-3v-2ZM4.900 3.500 7 5.600 5.600 7 3.500 4.900l1.400-1.400ZM18.400 17l2.100 2.100-1.400 1.400-2.100-2.100 1.400-1.400ZM5.600 17 7 18.400l-2.100 2.100-1.400-1.400L5.600 17ZM19.100 3.500l1.400 1.400L18.400 7 17 5.600l2.100-2.100Z",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z",
  trash: "M9 4h6l1 2h4v2H4V6h4l1-2ZM6 9h12l-1 11H7L6 9Z",
  edit: "M4 17.500V20h2.500L17 9.500 14.500 7 4 17.500ZM15.900 5.600l2.500 2.500 1.600-1.600L17.500 4l-1.600 1.600Z",
} as const;

export type IconName = keyof typeof PATHS;

/** A 16-pixel picture beside words; hidden from screen readers, which have the words. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
