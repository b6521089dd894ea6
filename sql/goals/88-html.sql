-- html: the parts a page is made of, the words it is made in, and how changes and dates are written
--
-- What is put into a page has been written by others: names of members, titles, owners. It gets in
-- through html_filled() alone, which escapes all that is not called "html ...". What is called so
-- has been made here, of the same.

CREATE TABLE report_parts (
    part    text PRIMARY KEY,
    meaning text NOT NULL,
    html    text NOT NULL
);
COMMENT ON TABLE report_parts IS 'the parts of which report() makes a page';
COMMENT ON COLUMN report_parts.part IS 'what it is called';
COMMENT ON COLUMN report_parts.meaning IS 'what it shows';
COMMENT ON COLUMN report_parts.html IS
'HTML with marks: @say x@ for the text x of the table texts, @html x@ for HTML that has been made '
'before, any other for text that is escaped';
GRANT SELECT ON report_parts TO PUBLIC;
--@ report

-- Characters that neither HTML nor XML may hold are replaced by the one that stands for such.
CREATE FUNCTION html_escaped(value text) RETURNS text LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        replace(replace(replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
                        '"', '&quot;'), '''', '&#39;'),
        E'[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\u009f\ufdd0-\ufdef\ufffe\uffff]', E'\ufffd', 'g');
COMMENT ON FUNCTION html_escaped(value text) IS
'implementation of report: a text as HTML and SVG may have it, between tags or in quotes';

CREATE FUNCTION html_shortened(value text, longest integer) RETURNS text
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN length(value) > longest THEN left(value, longest - 1) || '…' ELSE value END;
COMMENT ON FUNCTION html_shortened(value text, longest integer) IS
'implementation of report: a text of at most so many characters';

-- This and all that is called for each figure of a page is PL/pgSQL, which keeps the plans of its
-- queries: a function in SQL is planned anew in each call of another that calls it.
CREATE FUNCTION html_filled(template text, marks jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    safe jsonb;
BEGIN
    SELECT jsonb_object_agg(m.mark, CASE WHEN starts_with(m.mark, 'html ') THEN m.value
                                    ELSE kpi.html_escaped(kpi.html_shortened(m.value, 400)) END)
    INTO   safe
    FROM   jsonb_each_text(marks) AS m (mark, value);
    RETURN kpi.fill(template, safe);
END $$;
COMMENT ON FUNCTION html_filled(template text, marks jsonb) IS
'implementation of report: a part of the page with its marks put in, texts escaped, and no longer '
'than 400 characters';

-- What a page is written in: language, currency, all texts and parts.
CREATE FUNCTION report_language(lang text, currency text) RETURNS jsonb LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH said AS (
        SELECT jsonb_object_agg(t.code, s.text) AS texts,
               jsonb_object_agg('say ' || t.code, kpi.html_escaped(s.text)) AS marks
        FROM   kpi.texts AS t
               CROSS JOIN LATERAL (SELECT CASE lang WHEN 'zh' THEN t.zh ELSE t.en END) AS s (text)
    )
    SELECT jsonb_build_object(
               'lang', lang, 'currency', currency, 'texts', s.texts,
               'parts', (SELECT jsonb_object_agg(p.part, kpi.fill(p.html, s.marks))
                         FROM   kpi.report_parts AS p))
    FROM   said AS s;
END;
COMMENT ON FUNCTION report_language(lang text, currency text) IS
'implementation of report: what a page is written in: the language, the currency, all texts, and '
'all parts with these put in';

-- Two functions, not one with a default: a call of which there might be another is ambiguous.
CREATE FUNCTION report_said(page jsonb, code text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN page -> 'texts' ->> code;
END $$;
COMMENT ON FUNCTION report_said(page jsonb, code text) IS
'implementation of report: a text in the language of the page';

CREATE FUNCTION report_said(page jsonb, code text, marks jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.fill(kpi.report_said(page, code), marks);
END $$;
COMMENT ON FUNCTION report_said(page jsonb, code text, marks jsonb) IS
'implementation of report: a text in the language of the page with its marks put in';

CREATE FUNCTION report_part(page jsonb, part text, marks jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.html_filled(page -> 'parts' ->> part, marks);
END $$;
COMMENT ON FUNCTION report_part(page jsonb, part text, marks jsonb) IS
'implementation of report: a part of the page with its marks put in';

-- numbers

CREATE FUNCTION report_value(page jsonb, value double precision, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce(kpi.number_text(value, unit, page ->> 'currency', page ->> 'lang',
                                    NULL::double precision), '–');
END $$;
COMMENT ON FUNCTION report_value(page jsonb, value double precision, unit text) IS
'implementation of report: a value of an indicator as people write it, a dash if there is none';

-- Beside an axis there is little room.
CREATE FUNCTION report_short(page jsonb, value numeric, unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE WHEN unit IN ('share', 'growth')
                THEN kpi.decimal_text(100 * value, scale(trim_scale(100 * value))) || '%'
                ELSE kpi.decimal_text(value / s.size, scale(trim_scale(value / s.size)))
                     || s.sign END
    FROM   (SELECT t.size, coalesce(kpi.report_said(page, t.code), '') AS sign
            FROM  (VALUES (1e12, 'trillion'), (1e9, 'billion'), (1e8, 'yi'), (1e6, 'million'),
                          (1e4, 'wan'), (1e3, 'thousand'), (1, '')) AS t (size, code)
            WHERE  abs(value) >= t.size AND coalesce(kpi.report_said(page, t.code), ' ') <> ''
                   OR t.size = 1
            ORDER  BY t.size DESC LIMIT 1) AS s);
END $$;
COMMENT ON FUNCTION report_short(page jsonb, value numeric, unit text) IS
'implementation of report: a round number in few characters, such as 1.5M';

-- How much a value moved: of shares in percentage points, of scores in theirs, else in percent.
-- What is rounded to nothing has no sign.
CREATE FUNCTION report_change(page jsonb, value double precision, before double precision,
                               unit text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moved  numeric;
    digits integer := CASE WHEN unit IN ('share', 'growth', 'score') THEN 2 ELSE 1 END;
    number text;
BEGIN
    IF num_nulls(value, before) > 0 OR 'NaN' IN (value, before)
       OR before <= 0 AND unit NOT IN ('share', 'growth', 'score', 'points') THEN
        RETURN '–';
    END IF;
    moved := value::numeric - before::numeric;
    moved := round(CASE WHEN unit IN ('share', 'growth') THEN 100 * moved
                        WHEN unit IN ('score', 'points') THEN moved
                        ELSE 100 * moved / before::numeric END, digits);
    number := kpi.decimal_text(abs(moved), digits);
    RETURN CASE sign(moved) WHEN 1 THEN '+' WHEN -1 THEN '−' ELSE '±' END
           || CASE WHEN unit IN ('share', 'growth')
                   THEN kpi.report_said(page, 'percentage points', jsonb_build_object('n', number))
                   WHEN unit IN ('score', 'points') THEN number
                   ELSE number || '%' END;
END $$;
COMMENT ON FUNCTION report_change(page jsonb, value double precision, before double precision,
    unit text) IS
'implementation of report: how much an indicator moved, as people write it, a dash if that cannot '
'be told';

-- dates

-- A date in the form of a text, such as "month", in which to_char() puts it.
CREATE FUNCTION report_date(page jsonb, day date, form text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN to_char(day::timestamp, kpi.report_said(page, form));
END $$;
COMMENT ON FUNCTION report_date(page jsonb, day date, form text) IS
'implementation of report: a day, month or year as people write it';

-- A period of whole months by their names, any other by its first and last day.
CREATE FUNCTION report_period(page jsonb, start date, until date) RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE
        WHEN until = start + 1 THEN kpi.report_date(page, start, 'day form')
        WHEN until = start + interval '1 year' AND to_char(start::timestamp, 'MMDD') = '0101'
        THEN kpi.report_date(page, start, 'year form')
        WHEN until = start + interval '1 month' AND f.form = 'month form'
        THEN kpi.report_date(page, start, 'month form')
        ELSE kpi.report_said(page, 'from to', jsonb_build_object(
                 'start', kpi.report_date(page, start, f.form),
                 'end', kpi.report_date(page, until - 1, f.form))) END
    FROM   (SELECT CASE WHEN extract(day FROM start) = 1 AND extract(day FROM until) = 1
                        THEN 'month form' ELSE 'day form' END) AS f (form));
END $$;
COMMENT ON FUNCTION report_period(page jsonb, start date, until date) IS
'implementation of report: a period as people write it';

-- Below an axis; a month is named by itself.
CREATE FUNCTION report_start(page jsonb, start date, until date) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.report_date(page, start,
                           CASE WHEN extract(day FROM start) = 1 AND until > start + 27
                                THEN 'short month form' ELSE 'short day form' END);
END $$;
COMMENT ON FUNCTION report_start(page jsonb, start date, until date) IS
'implementation of report: the start of a period in few characters';

CREATE FUNCTION report_start(page jsonb, start date, grain text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN kpi.report_start(page, start,
                            start + CASE grain WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE 28 END);
END $$;
COMMENT ON FUNCTION report_start(page jsonb, start date, grain text) IS
'implementation of report: the start of a period of this grain in few characters';

-- How much of a list is shown: nobody reads more, and browsers have enough of it.
CREATE FUNCTION report_limit(list text) RETURNS integer LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE list WHEN 'targets' THEN 120 WHEN 'findings' THEN 100 WHEN 'trends' THEN 40
                     ELSE 60 END;
COMMENT ON FUNCTION report_limit(list text) IS
'implementation of report: how many items of a list are shown';
