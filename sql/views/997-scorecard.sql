--@ view scorecard | goals
-- How each target stands now: the running period, and the last one that is over.
SELECT h.target_id, h.objective, h.title, h.owner, h.kpi, h.name, h.unit, h.grain, h.dimension,
       h.member, h.starts, h.ends, h.period, h.complete, h.value, h.sample_size, h.low, h.high,
       h.baseline, h.target, h.upper, h.direction, h.asked, h.attainment, h.pace, h.forecast,
       h.forecast_low, h.forecast_high, h.previous, h.change, h.last_year, h.change_last_year,
       h.benchmark, h.benchmark_zh, h.next_checkpoint, h.next_value, h.horizon, h.weight, h.status,
       h.why, h.why_zh, h.since, h.kept
FROM   @model@.scorecard_history AS h WHERE h.current
