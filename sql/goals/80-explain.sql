-- explain: why an indicator moved, member by member
--
-- A mean is a sum divided by a sum, and of both its sample tells: conversions by visits, sales by
-- orders. It moves because it moves at the members (the rate effect), and because more of it is at
-- members where it is high or low (the mix effect). With weight w and mean r of a member, before
-- and after, M being the mean of the whole, halfway between before and after,
--
--     rate effect   (w0 + w1) / 2 * (r1 - r0)
--     mix effect    (w1 - w0) * ((r0 + r1) / 2 - M)
--
-- which are the terms of Marshall and Edgeworth: over all members they add up to the change, and
-- before and after can be exchanged. A member that is there only once has no rate effect; but where
-- there is something of what is divided and nothing by which, that part of the whole is one. A sum
-- moves by what it moves at each member. What members do not account for, as somebody can be at
-- several, is a row of its own.
--
-- Sales move with customers, orders of each and the value of an order. How much by which is the
-- mean over all orders in which the three can have changed (Shapley), which adds up, too.

-- As columns are rounded, own indicators are computed anew, but for those of measures, which no
-- other column tells.
CREATE FUNCTION read_from_rows(model text) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT jsonb_object_agg(f.key, format('(%s)::numeric', f.value))
    FROM   jsonb_each_text(kpi.own_formulas(model, (
               -- a sum without rows is one of nothing
               SELECT jsonb_object_agg(g.indicator, format('coalesce(v.%I, 0)', g.indicator))
               FROM  (SELECT i.indicator FROM kpi.indicators AS i
                      UNION ALL
                      SELECT o.indicator FROM kpi.own_indicators(model) AS o
                      WHERE  EXISTS (SELECT FROM kpi.formula_pieces(o.formula) AS p
                                     WHERE  p.kind = 'measure')) AS g), false)) AS f;
END;
COMMENT ON FUNCTION read_from_rows(model text) IS
'implementation of explain: how indicators are read from a row v of a view of a grain';

-- Divided by 1, the formula of a quotient is what it divides.
CREATE FUNCTION own_quotient(model text, kpi text) RETURNS TABLE (numerator text, denominator text)
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT string_agg(CASE WHEN p.kind = 'text' THEN p.piece WHEN p.n = l.n THEN '1::numeric'
                           ELSE r.read ->> p.piece END, '' ORDER BY p.n), r.read ->> d.divisor
    FROM   kpi.own_indicators(model) AS o
           CROSS JOIN LATERAL kpi.formula_divisor(o.formula) AS d (divisor)
           CROSS JOIN kpi.read_from_rows(model) AS r (read)
           CROSS JOIN LATERAL kpi.formula_pieces(o.formula) AS p
           CROSS JOIN LATERAL (SELECT max(r.n) AS n FROM kpi.formula_pieces(o.formula) AS r
                               WHERE  r.kind = 'indicator') AS l
    WHERE  o.indicator = kpi AND d.divisor IS NOT NULL
    GROUP  BY r.read, d.divisor
    HAVING bool_and(CASE p.kind WHEN 'text' THEN true WHEN 'measure' THEN false
                                ELSE kpi.is_sum_of_members(model, p.piece) END);
END;
COMMENT ON FUNCTION own_quotient(model text, kpi text) IS
'implementation of explain: of an own indicator that is a sum divided by another indicator that is '
'one, both as they are read from a row v';

-- What to read of a member: the numerator and denominator of a mean, or a sum and nothing; no row
-- if it is neither.
CREATE FUNCTION parts_of(model text, kpi text, view text)
RETURNS TABLE (numerator text, denominator text) LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT kpi.read_from_rows(model) ->> kpi, NULL WHERE kpi.is_sum_of_members(model, kpi)
    UNION ALL
    SELECT q.* FROM kpi.own_quotient(model, kpi) AS q
    UNION ALL
    SELECT replace(replace(e.numerator, 'kpi.seconds(@)', 'extract(epoch FROM kpi.total(@))'), '@',
                   s.named)
           || CASE i.unit WHEN 'days' THEN ' / 86400' WHEN 'hours' THEN ' / 3600' ELSE '' END,
           replace(e.denominator, '@', s.named)
    FROM   kpi.indicators AS i
           JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('%I.%I', model, view))
                                 AND a.attname = i.indicator || '_sample'
           JOIN pg_type AS t ON t.oid = a.atttypid
           JOIN kpi.export_values() AS e ON e.type = t.typname
           CROSS JOIN format('v.%I', a.attname) AS s (named)
    WHERE  i.indicator = kpi AND NOT kpi.is_sum_of_members(model, kpi)
    AND    'mean' = ALL (SELECT f.kind FROM kpi.formulas AS f WHERE f.indicator = i.indicator);
END;
COMMENT ON FUNCTION parts_of(model text, kpi text, view text) IS
'implementation of explain: how the numerator and denominator of an indicator are read from a row '
'v; no denominator for a sum, nothing for what is neither a sum nor a mean';

-- That a formula cannot be taken apart, and what can be in its place.
CREATE FUNCTION refuse_formula(model text, kpi text, view text, formula text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    measures text;
    others   text;
BEGIN
    -- measures of what would be a sum by another, if they were indicators
    SELECT string_agg(DISTINCT format('measure(%L)', p.piece), ', ')
               FILTER (WHERE p.kind = 'measure')
    INTO   measures
    FROM   kpi.formula_pieces(formula) AS p
    WHERE  NOT kpi.measures_shares(model)
    AND    kpi.formula_divides(formula)
    HAVING bool_and(p.kind <> 'indicator' OR kpi.is_sum_of_members(model, p.piece));
    -- who cannot have it taken apart is helped by what it reads
    SELECT string_agg(DISTINCT p.piece, ', ') INTO others
    FROM   kpi.formula_pieces(formula) AS p
    WHERE  p.kind = 'indicator' AND EXISTS (SELECT FROM kpi.parts_of(model, p.piece, view));
    RAISE EXCEPTION '% cannot be taken apart', kpi USING ERRCODE = 'feature_not_supported',
        DETAIL = CASE WHEN measures IS NOT NULL
            THEN format('Its formula, %s, reads a measure directly, which has no column to be '
                        'taken apart by.', formula)
            ELSE concat(format('Its formula, %s, is neither a sum of what members have', formula),
                        CASE WHEN kpi.measures_shares(model)
                             THEN ', as no measure is where measures has the column of' END,
                        ', nor such a sum divided by one indicator that is one.') END,
        HINT = CASE WHEN measures IS NOT NULL
            THEN format('Define as an indicator of its own what it reads, %s, and read that '
                        'instead.', measures)
            ELSE coalesce('Explain what it reads instead: ' || others || '.',
                          format('SELECT * FROM %I.%I shows it.', model, view)) END;
END $$;
COMMENT ON FUNCTION refuse_formula(model text, kpi text, view text, formula text) IS
'implementation of explain: the error for an own indicator that cannot be taken apart, which says '
'why and what can be';

CREATE FUNCTION explained_parts(model text, kpi text, grain text, dimension text)
RETURNS TABLE (numerator text, denominator text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    view text := concat('kpi_', grain, '_by_' || dimension);
    own  text := (SELECT o.formula FROM kpi.own_indicators(model) AS o WHERE o.indicator = kpi);
BEGIN
    PERFORM kpi.require_indicator(model, kpi);
    IF NOT kpi.tells(model, kpi, grain, dimension) THEN
        RAISE EXCEPTION 'model "%" does not tell % in %', model, kpi, view
            USING ERRCODE = 'undefined_column',
                  HINT = concat('The report of build says what is missing for it',
                                '; perhaps its source has not the dimension ' || dimension, '.');
    END IF;
    RETURN QUERY SELECT p.* FROM kpi.parts_of(model, kpi, view) AS p;
    IF FOUND THEN
        RETURN;
    ELSIF own IS NOT NULL THEN
        PERFORM kpi.refuse_formula(model, kpi, view, own);
    END IF;
    RAISE EXCEPTION '% cannot be taken apart', kpi USING ERRCODE = 'feature_not_supported',
        DETAIL = 'It is neither a sum nor a mean of what members have: a percentile, a growth, a '
                 'turnover or a quotient of two sources of the whole is not made of theirs.',
        HINT = 'Explain the mean, what it grows from, or what is divided and by what, instead.';
END $$;
COMMENT ON FUNCTION explained_parts(model text, kpi text, grain text, dimension text) IS
'implementation of explain: how the numerator and denominator of an indicator are read from a row '
'v; an error, which says why, if it cannot be taken apart';

-- One row per member, the mean or sum before and after, and the effects.
CREATE FUNCTION explained_members(members jsonb)
RETURNS TABLE (member text, before numeric, after numeric, rate_effect numeric, mix_effect numeric,
               effect numeric)
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    WITH given AS (
        SELECT m.member, coalesce(m.n0, 0) AS n0, coalesce(m.d0, 0) AS d0,
               coalesce(m.n1, 0) AS n1, coalesce(m.d1, 0) AS d1, m.mean
        FROM   jsonb_to_recordset(members)
               AS m (member text, n0 numeric, d0 numeric, n1 numeric, d1 numeric, mean boolean)
    ),
    whole AS (
        -- digits enough for what is rounded not to show in a float8
        SELECT nullif(sum(d0), 0)::numeric(1000, 40) AS d0,
               nullif(sum(d1), 0)::numeric(1000, 40) AS d1,
               (sum(n0) / nullif(sum(d0), 0)::numeric(1000, 40)
                + sum(n1) / nullif(sum(d1), 0)::numeric(1000, 40)) / 2 AS middle
        FROM   given
    ),
    each AS (
        -- what is divided may be at a member at which there is nothing to divide it by
        SELECT g.member, g.mean, g.n0, g.n1, g.d0 / w.d0 AS w0, g.d1 / w.d1 AS w1, w.middle,
               CASE g.d1 WHEN 0 THEN g.n1 / w.d1 ELSE 0 END
               - CASE g.d0 WHEN 0 THEN g.n0 / w.d0 ELSE 0 END AS undivided,
               g.n0 / nullif(g.d0, 0)::numeric(1000, 40) AS r0,
               g.n1 / nullif(g.d1, 0)::numeric(1000, 40) AS r1
        FROM   given AS g CROSS JOIN whole AS w
    )
    SELECT e.member,
           CASE WHEN e.mean THEN e.r0 ELSE e.n0 END,
           CASE WHEN e.mean THEN e.r1 ELSE e.n1 END,
           t.rate, t.mix, CASE WHEN e.mean THEN t.rate + t.mix ELSE e.n1 - e.n0 END
    FROM   each AS e
           CROSS JOIN LATERAL (
               SELECT CASE WHEN e.mean
                           THEN (e.w0 + e.w1) / 2 * coalesce(e.r1 - e.r0, 0) + e.undivided END,
                      CASE WHEN e.mean
                           THEN (e.w1 - e.w0) * coalesce((coalesce(e.r0, e.r1)
                                                          + coalesce(e.r1, e.r0)) / 2 - e.middle,
                                                         0) END) AS t (rate, mix);
END;
COMMENT ON FUNCTION explained_members(members jsonb) IS
'implementation of explain: the effects of members of which numerators and denominators are known, '
'before (0) and after (1)';

-- The mean over the six orders in which three factors can have changed.
CREATE FUNCTION explained_factors(before numeric[], after numeric[]) RETURNS numeric[]
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT array_agg((after[i.a] - before[i.a])
                     * (2 * before[i.b] * before[i.c] + 2 * after[i.b] * after[i.c]
                        + before[i.b] * after[i.c] + after[i.b] * before[i.c]) / 6 ORDER BY i.a)
    FROM   (VALUES (1, 2, 3), (2, 1, 3), (3, 1, 2)) AS i (a, b, c);
END;
COMMENT ON FUNCTION explained_factors(before numeric[], after numeric[]) IS
'implementation of explain: how much of the change of a product is by each of its three factors';

CREATE FUNCTION explained_sales(model text, view text, periods date[])
RETURNS TABLE (part text, factor text, before numeric, after numeric, effect numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found numeric[];
    v0s   numeric[];
    v1s   numeric[];
BEGIN
    IF (SELECT count(*) FROM pg_attribute AS a
        WHERE  a.attrelid = to_regclass(format('%I.%I', model, view)) AND a.attname = ANY (
               '{net_sales,customers,orders,guest_orders,sales_per_customer_sample}')) < 5 THEN
        RAISE EXCEPTION 'model "%" does not tell the customers of its orders', model
            USING ERRCODE = 'undefined_column',
                  DETAIL = 'Sales are taken apart into customers, orders of each and the value of '
                           'an order.',
                  HINT = 'Add the column customer_id to orders, or name a dimension.';
    END IF;
    EXECUTE format(
        'SELECT array_agg(x ORDER BY v.period, n) FROM %I.%I AS v CROSS JOIN LATERAL unnest(ARRAY['
        'v.customers, v.orders - v.guest_orders, kpi.total(v.sales_per_customer_sample), '
        'v.net_sales]::numeric[]) WITH ORDINALITY AS u (x, n) WHERE v.period = ANY ($1)',
        model, view) INTO found USING periods;
    IF cardinality(found) < 8 THEN      -- nothing was before the first period
        found := array_fill(0::numeric, '{4}'::integer[]) || found;
    END IF;
    found := ARRAY(SELECT coalesce(x, 0) FROM unnest(found) AS x);
    v0s := ARRAY[found[1], found[2] / nullif(found[1], 0)::numeric(1000, 40),
                 found[3] / nullif(found[2], 0)::numeric(1000, 40)];
    v1s := ARRAY[found[5], found[6] / nullif(found[5], 0)::numeric(1000, 40),
                 found[7] / nullif(found[6], 0)::numeric(1000, 40)];
    RETURN QUERY
    SELECT 'all', NULL::text, found[4], found[8], found[8] - found[4]
    UNION ALL
    SELECT 'factor', f.factor, f.v0, f.v1, f.effect
    FROM   unnest('{explain customers,explain orders of each,explain value}'::text[], v0s, v1s,
                  -- without customers there is nothing that the others could have been
                  kpi.explained_factors(
                      ARRAY[v0s[1], coalesce(v0s[2], v1s[2], 0), coalesce(v0s[3], v1s[3], 0)],
                      ARRAY[v1s[1], coalesce(v1s[2], v0s[2], 0), coalesce(v1s[3], v0s[3], 0)]))
           AS f (factor, v0, v1, effect)
    UNION ALL
    SELECT 'several', 'explain several', found[4] - found[3], found[8] - found[7],
           found[8] - found[7] - found[4] + found[3];
END $$;
COMMENT ON FUNCTION explained_sales(model text, view text, periods date[]) IS
'implementation of explain: sales as customers, orders of each and the value of an order, and what '
'is of nobody known or paid back';

-- The numerator (n) and denominator (d) of each member before (0) and after (1); of all of them
-- together, if no dimension is named; none if the view does not tell it.
CREATE FUNCTION explained_rows(model text, grain text, dimension text, kpi text, numerator text,
                               denominator text, before date, after date) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows jsonb := '[]';
BEGIN
    IF kpi.tells(model, kpi, grain, dimension) THEN
        EXECUTE kpi.fill(
            'SELECT jsonb_agg(to_jsonb(m)) FROM (SELECT v.member, @mean@ AS mean, '
            'max(v.n) FILTER (WHERE v.period = $1) AS n0, max(v.d) FILTER (WHERE v.period = $1) '
            'AS d0, max(v.n) FILTER (WHERE v.period = $2) AS n1, max(v.d) '
            'FILTER (WHERE v.period = $2) AS d1 FROM (SELECT v.period, @member@::text AS member, '
            '(@numerator@)::numeric AS n, (@denominator@)::numeric AS d FROM @view@ AS v '
            'WHERE v.period IN ($1, $2)) AS v GROUP BY v.member) AS m',
            jsonb_build_object(
                'mean', denominator IS NOT NULL, 'numerator', numerator,
                'denominator', coalesce(denominator, '0'),
                'view', format('%I.%I', model, concat('kpi_', grain, '_by_' || dimension)),
                'member', coalesce('v.' || quote_ident(dimension), 'NULL')))
        INTO rows USING before, after;
    END IF;
    RETURN coalesce(rows, '[]');
END $$;
COMMENT ON FUNCTION explained_rows(model text, grain text, dimension text, kpi text, numerator text,
    denominator text, before date, after date) IS
'implementation of explain: what members had before and after';

CREATE FUNCTION explained(members jsonb, whole jsonb, top integer)
RETURNS TABLE (part text, member text, before numeric, after numeric, effect numeric,
               rate_effect numeric, mix_effect numeric, why text)
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    WITH item AS (
        SELECT e.*, g.n0, g.d0, g.n1, g.d1, g.mean,
               g.mean AND e.effect IS NOT NULL
               AND (coalesce(g.d0, 0) = 0 AND coalesce(g.n0, 0) <> 0
                    OR coalesce(g.d1, 0) = 0 AND coalesce(g.n1, 0) <> 0) AS undivided,
               row_number() OVER (ORDER BY abs(e.effect) DESC NULLS LAST, e.member) AS n
        FROM   kpi.explained_members(members) AS e
               JOIN jsonb_to_recordset(members)
                    AS g (member text, n0 numeric, d0 numeric, n1 numeric, d1 numeric, mean boolean)
                    ON g.member = e.member
    ),
    pooled AS (     -- of those that are shown, and of the rest
        SELECT i.n > top AS of_rest, grouping(i.n > top) = 1 AS of_all, i.mean,
               sum(i.n0) AS n0, sum(i.d0) AS d0, sum(i.n1) AS n1, sum(i.d1) AS d1,
               sum(i.effect) AS effect, sum(i.rate_effect) AS rate_effect,
               sum(i.mix_effect) AS mix_effect, count(*) AS members
        FROM   item AS i GROUP BY GROUPING SETS ((i.n > top, i.mean), (i.mean))
    ),
    everything AS (
        SELECT coalesce(w.before, CASE WHEN p.mean
                   THEN p.n0 / nullif(p.d0, 0)::numeric(1000, 40) ELSE p.n0 END) AS before,
               coalesce(w.after, CASE WHEN p.mean
                   THEN p.n1 / nullif(p.d1, 0)::numeric(1000, 40) ELSE p.n1 END) AS after,
               p.effect, p.rate_effect, p.mix_effect, p.mean,
               jsonb_path_exists(whole, '$[*] ? (@.n0 == null || @.n1 == null)') AS alone
        FROM   pooled AS p LEFT JOIN kpi.explained_members(whole) AS w ON true
        WHERE  p.of_all
    )
    SELECT 'all', NULL::text, e.before, e.after, e.after - e.before, e.rate_effect, e.mix_effect,
           CASE WHEN num_nulls(e.before, e.after) > 0 OR e.alone THEN 'explain nothing'
                WHEN e.mean AND e.after - e.before <> 0
                     AND (SELECT count(*) >= 2
                                 AND bool_and(sign(i.after - i.before) <> sign(e.after - e.before))
                                 AND bool_or(i.after <> i.before)
                          FROM   item AS i WHERE num_nulls(i.before, i.after) = 0)
                     AND NOT EXISTS (SELECT FROM item AS i WHERE i.undivided)
                THEN CASE WHEN e.after > e.before THEN 'explain rose' ELSE 'explain fell' END END
    FROM   everything AS e
    UNION ALL
    SELECT i.part, i.member, i.before, i.after, i.effect, i.rate_effect, i.mix_effect,
           CASE WHEN i.undivided THEN 'explain undivided' END
    FROM  (SELECT 'member' AS part, i.* FROM item AS i WHERE i.n <= top ORDER BY i.n) AS i
    UNION ALL
    SELECT 'rest', p.members::text,
           CASE WHEN p.mean THEN p.n0 / nullif(p.d0, 0)::numeric(1000, 40) ELSE p.n0 END,
           CASE WHEN p.mean THEN p.n1 / nullif(p.d1, 0)::numeric(1000, 40) ELSE p.n1 END,
           p.effect, p.rate_effect, p.mix_effect, NULL
    FROM   pooled AS p WHERE p.of_rest
    UNION ALL
    SELECT 'several', NULL, NULL, NULL, e.after - e.before - e.effect, NULL, NULL,
           'explain several why'
    FROM   everything AS e
    WHERE  abs(e.after - e.before - e.effect) > 1e-25;
END;
COMMENT ON FUNCTION explained(members jsonb, whole jsonb, top integer) IS
'implementation of explain: the whole, the members that moved it most, the rest of them, and what '
'they do not account for';

CREATE FUNCTION explain(schema text, kpi text, grain text, period date,
                        dimension text DEFAULT NULL, against text DEFAULT 'previous',
                        top integer DEFAULT 10, lang text DEFAULT 'en')
RETURNS TABLE (part text, member text, before double precision, after double precision,
               effect double precision, rate_effect double precision,
               mix_effect double precision, why text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    settings record;
    span     record;
    parts    record;
BEGIN
    SELECT * INTO settings FROM kpi.settings_read(schema);
    IF against NOT IN ('previous', 'last_year') IS NOT FALSE THEN
        RAISE EXCEPTION 'unknown comparison "%"', against USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write previous, for the period before, or last_year.';
    ELSIF lang IN ('en', 'zh') IS NOT TRUE THEN
        RAISE EXCEPTION 'there is no explanation in the language "%"', lang
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Write en, for English, or zh, for Chinese.';
    ELSIF dimension IS NOT NULL AND dimension <> ALL (settings.dimensions) THEN
        RAISE EXCEPTION 'model "%" has no dimension "%"', schema, dimension
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('Its dimensions are: %s.',
                                coalesce(nullif(array_to_string(settings.dimensions, ', '), ''),
                                         'none'));
    END IF;
    EXECUTE format('SELECT p.*, CASE $3 WHEN ''previous'' THEN p.previous ELSE p.last_year END '
                   'AS start FROM %I.kpi_periods AS p WHERE p.grain = $1 AND p.period = $2', schema)
    INTO span USING grain, period, against;
    IF span.bucket IS NULL THEN
        RAISE EXCEPTION 'model "%" has no % that starts on %', schema,
                        coalesce(grain, 'period'), period
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = format('SELECT grain, period FROM %I.kpi_periods lists them.', schema);
    ELSIF dimension IS NULL AND kpi IS DISTINCT FROM 'net_sales' THEN
        -- no dimension helps what has none
        PERFORM kpi.explained_parts(schema, kpi, grain, dimension);
        RAISE EXCEPTION 'no dimension is named by which % shall be explained', kpi
            USING ERRCODE = 'null_value_not_allowed',
                  HINT = 'Write one of the model; net_sales are taken apart without, too.';
    ELSIF dimension IS NULL THEN
        RETURN QUERY
        SELECT f.part, kpi.text_said(f.factor, lang), f.before::float8, f.after::float8,
               f.effect::float8, NULL::float8, NULL::float8, NULL::text
        FROM   kpi.explained_sales(schema, 'kpi_' || grain, ARRAY[span.start, span.bucket]) AS f;
        RETURN;
    END IF;
    SELECT * INTO parts FROM kpi.explained_parts(schema, kpi, grain, dimension);
    RETURN QUERY
    SELECT e.part,
           CASE e.part WHEN 'rest' THEN replace(kpi.text_said('more', lang), '@n@', e.member)
                       ELSE e.member END,
           e.before::float8, e.after::float8, e.effect::float8,
           e.rate_effect::float8, e.mix_effect::float8,
           concat_ws('; ', kpi.text_said(e.why, lang),
                     CASE WHEN e.part = 'all' AND NOT span.complete
                          THEN kpi.text_said('explain not over', lang) END)
    FROM   kpi.explained(
               kpi.explained_rows(schema, explain.grain, dimension, kpi, parts.numerator,
                                  parts.denominator, span.start, span.bucket),
               kpi.explained_rows(schema, explain.grain, NULL::text, kpi, parts.numerator,
                                  parts.denominator, span.start, span.bucket),
               coalesce(top, 2147483647)) AS e;
END $$;
COMMENT ON FUNCTION explain(schema text, kpi text, grain text, period date, dimension text,
    against text, top integer, lang text) IS
'why an indicator of a model moved from the period before (or last_year) to this one, by the '
'members of a dimension: a row for all, for each of the members that moved it most (top; NULL '
'for every one), the rest of them, and, where something can be at several members, what they do '
'not account for. Of a rate or mean, rate_effect is what it moved at the member, mix_effect what '
'the share of the member '
'moved; effects add up to the change. net_sales without a dimension: customers, orders of each, '
'value of an order. Words are English (lang en) or Chinese (zh). An error for what is neither a '
'sum nor a mean, such as a median, or a formula of a model''s own that is no sum divided by '
'another';
