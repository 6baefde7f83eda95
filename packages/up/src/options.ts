/** What `falco-efk up` was asked for. */
export interface UpOptions {
  readonly data: string;
  readonly esPort: number;
  readonly consolePort: number;
  readonly enginePort: number;
  readonly shipPort: number;
  readonly alertPort: number;
  /** Rule files in place of the default set; none given: the default set. */
  readonly rules: readonly string[];
  /** Stop after so many seconds; null: run until told to stop. */
  readonly forSeconds: number | null;
  /** Perform what the rules detect, again and again. */
  readonly generate: boolean;
  /** A capture to replay in place of the live kernel. */
  readonly replay: string | null;
  /** `alerts.yml` for falco-alert; null: only what is made in the console. */
  readonly alerts: string | null;
}
