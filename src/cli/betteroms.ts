import * as Command from "@effect/cli/Command"
import { allowances } from "./allowances.ts"
import { backtest } from "./backtest.ts"
import { balances } from "./balances.ts"
import { calibrate } from "./calibrate.ts"
import { cancel } from "./cancel.ts"
import { credentials } from "./credentials.ts"
import { db } from "./db.ts"
import { demo } from "./demo.ts"
import { doctor } from "./doctor.ts"
import { exporting } from "./export.ts"
import { fills } from "./fills.ts"
import { halt, resume } from "./halt.ts"
import { orders } from "./orders.ts"
import { paper } from "./paper.ts"
import { positions } from "./positions.ts"
import { reconcile } from "./reconcile.ts"
import { record } from "./record.ts"
import { report } from "./report.ts"
import { runs } from "./runs.ts"
import { sandbox } from "./sandbox.ts"
import { schedule } from "./schedule.ts"
import { schema } from "./schema.ts"
import { tape } from "./tape.ts"
import { trade } from "./trade.ts"
import { verify } from "./verify.ts"
import { wrap } from "./wrap.ts"

/** All commands, as they are typed. */
export const betteroms = Command.make("betteroms").pipe(
  Command.withDescription("Order management for one operator of Polymarket."),
  Command.withSubcommands([
    trade,
    schedule,
    positions,
    orders,
    fills,
    balances,
    runs,
    report,
    exporting,
    cancel,
    halt,
    resume,
    reconcile,
    verify,
    backtest,
    calibrate,
    tape,
    record,
    paper,
    sandbox,
    db,
    doctor,
    credentials,
    allowances,
    wrap,
    schema,
    demo
  ])
)
