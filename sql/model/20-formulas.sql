-- formulas: what they read, found when the extension was made
--
-- A formula is written in the room of its source and parsed by expand.awk, in no other place, its
-- function marked(): the table formula_reads has a row for each column of a view it reads, and its
-- marked form has @ around each, so that another period or another column is put in by replace().
--
-- A growth has no formula of its own: net_sales_growth, of net_sales against previous, compares
-- what the formula of net_sales gives for two periods. Where that reads orders.net_sales, the
-- growth reads orders and orders_previous, the same view joined by the period before, of each the
-- column net_sales and net_sales_to_date, which is of the days up to the one that the running
-- period has reached. growth_formula() compares the first where the period is over, else the
-- second.

-- A formula with what it reads taken from an earlier period (shift), or from the days of the period
-- that have an equal in the running one (to_date).
CREATE FUNCTION shifted_formula(of text, priority integer, shift text, to_date boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    formula text := (SELECT f.marked_value FROM kpi.formulas AS f
                     WHERE  f.indicator = of AND f.priority = shifted_formula.priority);
    read    record;
BEGIN
    FOR read IN SELECT * FROM kpi.formula_reads AS r
                WHERE  r.indicator = of AND r.priority = shifted_formula.priority LOOP
        formula := replace(formula,
            concat('@', concat_ws('_', read.alias, read.shift), '.', read.column, '@'),
            concat(concat_ws('_', read.alias, shift), '.', read.column,
                   CASE WHEN to_date THEN '_to_date' END));
    END LOOP;
    RETURN formula;
END $$;
COMMENT ON FUNCTION shifted_formula(of text, priority integer, shift text, to_date boolean) IS
'implementation of build: a formula of an indicator, of an earlier period or up to a day';

CREATE FUNCTION growth_formula(of text, priority integer, against text) RETURNS text
LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT concat('CASE WHEN p.complete THEN ', string_agg(
               format('kpi.growth((%s)::numeric, (%s)::numeric, ''positive'')',
                      kpi.shifted_formula(of, priority, NULL, to_date),
                      kpi.shifted_formula(of, priority, against, to_date)),
               ' ELSE ' ORDER BY to_date), ' END')
    FROM   unnest('{false,true}'::boolean[]) AS t (to_date);
END;
COMMENT ON FUNCTION growth_formula(of text, priority integer, against text) IS
'implementation of build: the growth of an indicator with this formula against an earlier period';
