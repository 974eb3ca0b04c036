export {
  type Backtest,
  backtest,
  type BacktestPlan,
  type BacktestWorld,
  type Faults,
} from "./backtest.ts";
export { compareBacktests, type Comparison } from "./compare.ts";
export { type EntityOutlook, type Outlook, outlookOf } from "./outlook.ts";
export type { Page } from "./pager.ts";
export { momentsOf, type Task, taskOf } from "./schedule.ts";
