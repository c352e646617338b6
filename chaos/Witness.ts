import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/**
 * Has a database itself put on record what passes the gate, and when the gate is shut. All of it happens under the lock of
 * the account, so the numbers tell the order, whatever clocks say.
 */
export const WITNESS = `
create table witness (n bigserial primary key, what text not null, order_id uuid);
create function bear_witness() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'halts' then
    insert into witness (what) values (case when new.resumed_at is null then 'halted' else 'resumed' end);
  else
    insert into witness (what, order_id) values ('left', new.id);
  end if;
  return null;
end $$;
create trigger sees_halts after insert or update on halts
  for each row when (new.mode = 'live') execute function bear_witness();
create trigger sees_posts after insert on orders
  for each row when (new.mode = 'live' and new.sent_at is not null) execute function bear_witness();
create trigger sees_more_posts after update of sent_at on orders
  for each row when (new.mode = 'live' and new.sent_at is not null and new.sent_at is distinct from old.sent_at)
  execute function bear_witness()`

/** Orders that passed the gate while it was shut. */
export const slipped = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly plan_id: string; readonly instruction: number }>`
    select o.plan_id, o.instruction from witness w join orders o on o.id = w.order_id
    where w.what = 'left' and 'halted' =
      (select b.what from witness b where b.n < w.n and b.what <> 'left' order by b.n desc limit 1)`
  return rows.map((row) => `${row.plan_id} #${row.instruction + 1} passed the gate while trading was halted`)
})
