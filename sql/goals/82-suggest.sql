-- suggest: which indicators show whether a goal is reached

CREATE TABLE suggestions (
    goal      text    NOT NULL CHECK (goal IN ('sales', 'brand', 'market_share', 'satisfaction',
                                               'efficiency', 'team')),
    position  integer NOT NULL,
    indicator text    NOT NULL,
    leads     text    NOT NULL CHECK (leads IN ('leading', 'lagging')),
    why       text    NOT NULL,
    own_name  text,
    PRIMARY KEY (goal, indicator),
    UNIQUE (goal, position)
);
COMMENT ON TABLE suggestions IS
'the indicators that show whether a goal is reached, those that tell first in front; see suggest';
COMMENT ON COLUMN suggestions.goal IS
'the goal: sales, brand, market_share, satisfaction, efficiency or team';
COMMENT ON COLUMN suggestions.position IS 'order in which they are listed';
COMMENT ON COLUMN suggestions.indicator IS
'the indicator, as in kpi.catalog, or as a model defines it itself';
COMMENT ON COLUMN suggestions.leads IS
'leading if it moves before the goal is reached or missed, and can be acted on; lagging if it says '
'afterwards whether it was';
COMMENT ON COLUMN suggestions.why IS 'what it says of the goal';
COMMENT ON COLUMN suggestions.own_name IS
'what it is called, if it is a share that is measured elsewhere, which no catalog can have; NULL '
'if this one has it';
GRANT SELECT ON suggestions TO PUBLIC;
INSERT INTO kpi.suggestions VALUES
    ('brand', 7, 'brand_awareness', 'lagging', 'the goal itself, as those say who are asked',
     'Brand awareness'),
    ('market_share', 7, 'market_share', 'lagging', 'the goal itself, where the market is measured',
     'Market share');
INSERT INTO kpi.suggestions VALUES
    ('sales', 1, 'visits', 'leading', 'nobody buys who does not come'),
    ('sales', 2, 'conversion_rate', 'leading', 'of those who come, how many buy'),
    ('sales', 3, 'cart_abandonment_rate', 'leading', 'sales that were almost made'),
    ('sales', 4, 'new_customers', 'leading', 'those who may buy again in later periods'),
    ('sales', 5, 'repeat_purchase_rate', 'leading', 'sales that need no new customer'),
    ('sales', 6, 'aov', 'lagging', 'what an order is worth: sales without more orders'),
    ('sales', 7, 'net_sales', 'lagging', 'the goal itself'),
    ('sales', 8, 'net_sales_growth_year', 'lagging', 'the goal without the seasons of the year'),
    ('sales', 9, 'gross_margin', 'lagging', 'whether sales were bought with discounts or costs'),
    ('brand', 1, 'visitors', 'leading', 'how many people come at all'),
    ('brand', 2, 'nps', 'leading', 'how many would recommend the shop, and bring others'),
    ('brand', 3, 'on_time_delivery_rate', 'leading', 'whether the shop does what it promises'),
    ('brand', 4, 'cac', 'lagging', 'a known brand wins customers for less'),
    ('brand', 5, 'returning_customer_rate', 'lagging', 'how many come back by themselves'),
    ('brand', 6, 'retention_rate', 'lagging', 'how many customers stay from period to period'),
    ('market_share', 1, 'visitors', 'leading', 'the part of the market that looks at the shop'),
    ('market_share', 2, 'new_customers', 'leading', 'customers won from others or from nobody'),
    ('market_share', 3, 'retention_rate', 'leading', 'customers that are not lost to others'),
    ('market_share', 4, 'orders_growth_year', 'lagging',
     'orders against last year: more than the market grew is share won'),
    ('market_share', 5, 'net_sales_growth_year', 'lagging',
     'sales against last year: the share grows where they grow more than the market, whose growth '
     'statistical offices and associations publish'),
    ('market_share', 6, 'customers', 'lagging', 'how many buy at the shop'),
    ('satisfaction', 1, 'first_response_hours_median', 'leading', 'how long who asks waits'),
    ('satisfaction', 2, 'resolution_hours_p90', 'leading', 'how long the unlucky ones wait'),
    ('satisfaction', 3, 'sla_reply_rate', 'leading', 'whether promised answers come in time'),
    ('satisfaction', 4, 'on_time_delivery_rate', 'leading', 'whether parcels come when promised'),
    ('satisfaction', 5, 'perfect_order_rate', 'leading', 'orders of which nothing went wrong'),
    ('satisfaction', 6, 'return_rate', 'leading', 'what did not please, or was not as described'),
    ('satisfaction', 7, 'csat', 'lagging', 'the goal itself, as customers say it'),
    ('satisfaction', 8, 'nps', 'lagging', 'whether they would recommend the shop'),
    ('satisfaction', 9, 'repeat_purchase_rate', 'lagging', 'what they do, beside what they say'),
    ('efficiency', 1, 'fulfilment_days_median', 'leading', 'how long an order is on its way'),
    ('efficiency', 2, 'shipping_days', 'leading', 'the part of it that is the shop''s own'),
    ('efficiency', 3, 'return_rate', 'leading', 'work that is done twice'),
    ('efficiency', 4, 'reopen_rate', 'leading', 'answers that have to be given again'),
    ('efficiency', 5, 'inventory_turnover', 'lagging', 'how often the money in stock comes back'),
    ('efficiency', 6, 'days_of_inventory', 'lagging', 'how long it lies there'),
    ('efficiency', 7, 'mer', 'lagging', 'what a unit of money spent on marketing brings'),
    ('efficiency', 8, 'gross_margin', 'lagging', 'what is left of sales after the goods are paid'),
    ('team', 1, 'communication', 'leading', 'whether people know what they need to know'),
    ('team', 2, 'internal_response_hours_median', 'leading', 'how long colleagues wait for others'),
    ('team', 3, 'esat', 'leading', 'whether people like to work here, before they leave'),
    ('team', 4, 'overdue_projects', 'leading', 'how much is late already'),
    ('team', 5, 'enps', 'lagging', 'whether they would recommend to work here'),
    ('team', 6, 'on_time_project_rate', 'lagging', 'whether what is begun is done in time'),
    ('team', 7, 'project_slip_days', 'lagging', 'by how much dates were missed');

-- An amount of which more is better, and which was never more than 0, is of a source without rows.
CREATE FUNCTION indicators_without_data(model text, indicators text[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    tests text := (
        SELECT string_agg(format('CASE WHEN bool_or(%I %s) IS NOT TRUE THEN %1$L END',
                                 i.indicator, CASE WHEN i.direction = 'up' AND i.unit IN (
                                     'count', 'money', 'quantity') THEN '<> 0'
                                                   ELSE 'IS NOT NULL' END), ', ')
        FROM   kpi.indicators_of(model) AS i
               JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.kpi_month', model))
                                     AND a.attname = i.indicator AND NOT a.attisdropped
        WHERE  i.indicator = ANY (indicators));
    found text[];
BEGIN
    IF tests IS NOT NULL
       AND has_table_privilege(format('%I.kpi_month', model), 'SELECT') THEN
        EXECUTE format('SELECT array_remove(ARRAY[%s], NULL) FROM %I.kpi_month', tests, model)
        INTO    found;
    END IF;
    RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION indicators_without_data(model text, indicators text[]) IS
'implementation of suggest: which of some indicators no month of a model has a value of, as far as '
'the caller may read them';

CREATE FUNCTION suggest(goal text, model text DEFAULT NULL)
RETURNS TABLE (indicator text, name text, leads text, why text, available boolean, missing text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    empty      text[] := '{}';
    dimensions text[] := '{}';
    settings   jsonb  := (SELECT jsonb_object_agg(s.name, s.usual) FROM kpi.settings AS s);
BEGIN
    IF goal IS NULL OR NOT EXISTS (SELECT FROM kpi.suggestions AS s WHERE s.goal = suggest.goal)
    THEN
        RAISE EXCEPTION 'unknown goal "%"', goal USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write one of ' || (SELECT string_agg(DISTINCT s.goal, ', ')
                                       FROM   kpi.suggestions AS s) || '.';
    END IF;
    IF model IS NOT NULL THEN
        PERFORM kpi.require_model(model, 'suggest');
        IF kpi.is_built(model) THEN
            SELECT s.dimensions, s.settings INTO dimensions, settings
            FROM   kpi.settings_of(model, false) AS s;
            empty := kpi.indicators_without_data(model, ARRAY(
                SELECT s.indicator FROM kpi.suggestions AS s WHERE s.goal = suggest.goal));
        END IF;
    END IF;
    RETURN QUERY
    SELECT s.indicator, coalesce(i.name, s.own_name), s.leads, s.why,
           CASE WHEN model IS NOT NULL THEN s.indicator <> ALL (empty) AND EXISTS (
               SELECT FROM pg_attribute AS a
               WHERE  a.attrelid = to_regclass(format('%I.kpi_month', model))
               AND    a.attname = s.indicator AND NOT a.attisdropped) END AS available,
           CASE WHEN i.indicator IS NULL THEN concat(
                    'needs rows of the source measures, with amount and of, and SELECT * FROM '
                    'kpi.define(',
                    coalesce(quote_literal(model), '<model>'),
                    format(', %L, %L, %L', s.indicator, format('measure(%L)', s.indicator),
                           s.own_name), ', ''share'', ''up'')')
                WHEN f.missing IS NOT NULL THEN 'needs ' || f.missing
                WHEN model IS NOT NULL AND NOT EXISTS (
                    SELECT FROM pg_attribute AS a
                    WHERE  a.attrelid = to_regclass(format('%I.kpi_month', model))
                    AND    a.attname = s.indicator AND NOT a.attisdropped)
                THEN 'build the model'
                WHEN s.indicator = ANY (empty) THEN 'no data yet' END
    FROM   kpi.suggestions AS s
           LEFT JOIN kpi.indicators_of(model) AS i ON i.indicator = s.indicator
           LEFT JOIN kpi.found_indicators(model, dimensions, NULL::text, settings, false) AS f
                  ON f.indicator = s.indicator
    WHERE  s.goal = suggest.goal
    ORDER  BY s.position;
END $$;
COMMENT ON FUNCTION suggest(goal text, model text) IS
'the indicators that show whether a goal is reached (sales, brand, market_share, satisfaction, '
'efficiency or team), those that tell first in front: leading or lagging, and why; and, if a model '
'is named, whether it has a value of them in any month (available, NULL without a model) and what '
'is missing for those it has not: a column of a source, data, or its definition. An error for '
'another goal';
