export type { CaptureMeta } from "./capture-format.ts";
export { type Capture, CaptureError, openCapture } from "./capture-reader.ts";
export { type CaptureOptions, CaptureWriter, writeCapture } from "./capture-writer.ts";
export * from "./errors.ts";
export { FrameView } from "./frame-view.ts";
export { type KernelFacts, kernelFacts } from "./kernel-facts.ts";
export * from "./options.ts";
export { type FrameTap, openProbe, type Probe } from "./probe.ts";
export { identifyProcess } from "./scan.ts";
