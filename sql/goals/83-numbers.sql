-- numbers: how figures and dates are written, in sentences, tables and charts alike

-- A number with so many digits after the point, thousands apart, and a true minus.
CREATE FUNCTION decimal_text(value numeric, digits integer) RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN round(value, digits) < 0 THEN '−' ELSE '' END
           || ltrim(to_char(abs(round(value, digits)),
                            'FM999,999,999,999,999,999,999,999,990'
                            || CASE WHEN digits > 0 THEN rpad('.', digits + 1, '0') ELSE '' END));
END $$;
COMMENT ON FUNCTION decimal_text(value numeric, digits integer) IS
'a number with so many digits after the point, thousands apart: −1,234.50';

-- How many digits an amount has after the point: below a thousand those of its currency, which are
-- two but for the few that ISO 4217 lists without any.
CREATE FUNCTION money_digits(amount numeric, currency text) RETURNS integer
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN abs(amount) >= 1000
                     OR upper(currency) IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW',
                                            'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
                THEN 0 ELSE 2 END;
COMMENT ON FUNCTION money_digits(amount numeric, currency text) IS
'implementation of number_text: how many digits an amount is written with after the point';

-- How many digits tell what a figure of this size is: a share of 85.3 %, or 3.36 %. A mean of
-- counts is no count.
CREATE FUNCTION number_digits(size numeric, unit text, currency text) RETURNS integer
LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE unit
        WHEN 'money' THEN kpi.money_digits(size, coalesce(currency, ''))
        WHEN 'share' THEN CASE WHEN size >= 10 THEN 1 ELSE 2 END
        WHEN 'growth' THEN CASE WHEN size >= 10 THEN 1 ELSE 2 END
        WHEN 'count' THEN CASE WHEN size >= 100 THEN 0 ELSE 1 END
        WHEN 'quantity' THEN CASE WHEN size >= 1000 THEN 0 ELSE 2 END
        WHEN 'points' THEN 1
        WHEN 'days' THEN CASE WHEN size >= 100 THEN 0 ELSE 1 END
        WHEN 'hours' THEN CASE WHEN size >= 100 THEN 0 ELSE 1 END
        ELSE CASE WHEN size >= 100 THEN 0 ELSE 2 END END;
COMMENT ON FUNCTION number_digits(size numeric, unit text, currency text) IS
'implementation of number_text: how many digits after the point a figure of this unit has at most';

-- Written for each figure of a page and of each row of a scorecard, so with few queries.
CREATE FUNCTION number_text(value double precision, unit text, currency text DEFAULT NULL,
                            lang text DEFAULT 'en', beside double precision DEFAULT NULL)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    factor integer := CASE WHEN unit IN ('share', 'growth') THEN 100 ELSE 1 END;
    number numeric := factor * value::numeric;
    other  numeric := factor * beside::numeric;
    digits integer := kpi.number_digits(greatest(abs(number), abs(other)), unit, currency);
    most   integer := digits + 6;
    sign   text;
    said   text;
BEGIN
    IF value IS NULL OR value IN ('NaN', 'Infinity', '-Infinity') THEN
        RETURN NULL;
    END IF;
    WHILE digits < most AND number <> other AND round(number, digits) = round(other, digits) LOOP
        digits := digits + 1;
    END LOOP;
    number := round(number, digits);
    sign := CASE WHEN number < 0 THEN '−' WHEN number > 0 AND unit = 'growth' THEN '+' ELSE '' END;
    said := kpi.decimal_text(abs(number), CASE WHEN unit = 'money' THEN digits
                                               ELSE scale(trim_scale(number)) END);
    RETURN sign || CASE
        WHEN unit IN ('share', 'growth') THEN said || '%'
        WHEN unit = 'money' AND currency IS NOT NULL
        THEN kpi.fill(coalesce(kpi.text_said('money ' || currency, lang),
                               kpi.text_said('money', lang)),
                      jsonb_build_object('currency', currency, 'n', said))
        WHEN unit IN ('days', 'hours')
        THEN replace(kpi.text_said(CASE abs(number) WHEN 1 THEN '1 ' ELSE '' END || unit, lang),
                     '@n@', said)
        ELSE said END;
END $$;
COMMENT ON FUNCTION number_text(value double precision, unit text, currency text, lang text,
    beside double precision) IS
'a figure as people write it, by the unit of its indicator: €1,234.50, 2.5%, 3 days; lang is en or '
'zh; with as many digits more as tell it from one that stands beside it. NULL if there is none';

CREATE FUNCTION date_text(day date, lang text DEFAULT 'en') RETURNS text
LANGUAGE SQL STABLE STRICT PARALLEL SAFE
    RETURN to_char(day::timestamp, kpi.text_said('day form', lang));
COMMENT ON FUNCTION date_text(day date, lang text) IS
'a date as people write it, in English (en) or Chinese (zh)';
