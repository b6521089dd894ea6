--@ view kpi_first_day | key day
-- The first day on which something happened in any source, NULL before there is any.
SELECT least(
       (SELECT min(x.due_on) FROM @projects@ AS x WHERE x.due_on > '-infinity'),
       bucket('day', least(
           (SELECT min(x.ordered_at) FROM @orders@ AS x WHERE x.ordered_at > '-infinity'),
           (SELECT min(x.started_at) FROM @visits@ AS x WHERE x.started_at > '-infinity'),
           (SELECT min(x.occurred_at) FROM @events@ AS x WHERE x.occurred_at > '-infinity'),
           (SELECT min(x.created_at) FROM @carts@ AS x WHERE x.created_at > '-infinity'),
           (SELECT min(x.returned_at) FROM @returns@ AS x WHERE x.returned_at > '-infinity'),
           (SELECT min(x.ordered_at) FROM @deliveries@ AS x WHERE x.ordered_at > '-infinity'),
           (SELECT min(x.answered_at) FROM @surveys@ AS x WHERE x.answered_at > '-infinity'),
           (SELECT min(x.moved_at) FROM @stock_moves@ AS x WHERE x.moved_at > '-infinity'),
           (SELECT min(x.counted_at) FROM @stock_levels@ AS x WHERE x.counted_at > '-infinity'),
           (SELECT min(x.opened_at) FROM @tickets@ AS x WHERE x.opened_at > '-infinity')), s.timezone)) AS day
FROM   kpi_settings AS s
