let context: CanvasRenderingContext2D | null = null;

/** Measures text of charts in the page's own font. */
export function measureLabel(text: string): number {
  if (context === null) {
    context = document.createElement("canvas").getContext("2d");
    if (context !== null) context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  }
  // Without a canvas: the width of a wide font's letters.
  return context === null ? text.length * 6.9 : context.measureText(text).width;
}
