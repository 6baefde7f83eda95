/** One alert as the outputs take it: formatted once, for all of them. */
export interface AlertLine {
  /** The text or JSON, without its line end. */
  readonly text: string;
  /** 0 (Emergency) to 7 (Debug), as in syslog. */
  readonly severity: number;
}

/** What a delivery came to. What is neither delivered nor dropped is kept and tried again. */
export interface Delivery {
  readonly delivered: number;
  readonly dropped: number;
  /** Why lines were kept or dropped, for the log. */
  readonly trouble?: string;
}

/** One kind of output: takes what is queued in order, a batch at a time. It may be slow; it never sees the queue. */
interface Deliverer<Batch> {
  /** A rejection keeps the whole batch and tries it again after a pause. */
  deliver(batch: Batch): Promise<Delivery>;
  /** Closes and opens again what stands behind the output (SIGUSR1). */
  reopen?(): Promise<void>;
  close(): Promise<void>;
}

/** Takes lines one by one, each with its severity. */
export interface LineDeliverer extends Deliverer<readonly AlertLine[]> {
  /** Most lines it wants at once. */
  readonly batchLines: number;
}

/** Whole lines as they are to be written, each with its line end. Not to be kept once they are settled. */
export interface WrittenLines {
  readonly data: Buffer;
  readonly lines: number;
}

/** Takes all there is, as bytes. */
export interface ByteDeliverer extends Deliverer<WrittenLines> {
  readonly bytes: true;
}

/** Counters of one output since the start: `accepted = delivered + dropped + queued`, always. */
export interface OutputCounters {
  readonly accepted: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly queued: number;
}

/** An output with its queue. Nothing here blocks the caller, and no output waits for another. */
export interface Output {
  readonly name: string;
  /** Queues a line, or drops and counts it when the queue is full. */
  push(line: AlertLine): void;
  /** Starts the delivery of what is queued. */
  flush(): void;
  /** Resolves once at most `lines` are queued. */
  drained(lines: number): Promise<void>;
  reopen(): void;
  counters(): OutputCounters;
  /** Delivers what is queued for at most `timeoutMs`, counts the rest as dropped, and lets go of the file, socket or program. */
  close(timeoutMs: number): Promise<void>;
}
