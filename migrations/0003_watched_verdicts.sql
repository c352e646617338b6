-- Verdicts that later books still change, or whose marks are still to come.
alter table simulated_verdicts add column watched boolean not null default true;
create index idx_simulated_verdicts_watched on simulated_verdicts (order_id) where watched;
