/** What the command line asks for, after commander has read it. Names follow Falco's options. */
export interface ProgramOptions {
  readonly c?: string;
  readonly r?: readonly string[];
  readonly option?: readonly string[];
  readonly validate?: readonly string[];
  readonly L?: boolean;
  readonly l?: string;
  readonly M?: number;
  readonly pidfile?: string;
  readonly unbuffered?: boolean;
  readonly v?: boolean;
  readonly dryRun?: boolean;
  readonly list?: boolean | string;
  readonly listEvents?: boolean;
  readonly N?: boolean;
  readonly format?: "text" | "markdown" | "json";
  readonly markdown?: boolean;
  readonly support?: boolean;
  readonly version?: boolean;
  readonly configSchema?: boolean;
  readonly ruleSchema?: boolean;
  readonly pageSize?: boolean;
  readonly print?: string;
  readonly e?: string;
  readonly capture?: string;
  readonly pushdown: boolean;
  readonly json?: boolean;
  readonly ignoreProcess?: readonly number[];
}
