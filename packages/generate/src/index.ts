export type { Action, Requirement, RuleSet, Unprovoked } from "./action.ts";
export { ACTIONS, UNPROVOKED } from "./actions/index.ts";
export { generateCommand } from "./command.ts";
export { chooseActions, type Outcome, perform, whatIsLacking } from "./generate.ts";
