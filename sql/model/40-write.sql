-- write: gives the text of queries and calls; makes nothing

-- What is put in is not searched for marks again, whatever it contains; unknown marks stay.
CREATE FUNCTION fill(template text, marks jsonb) RETURNS text LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    SELECT string_agg(p.part || coalesce(marks ->> m.mark[1], '@' || m.mark[1] || '@', ''), ''
                      ORDER BY n)
    FROM   regexp_split_to_table(template, '@[a-z_][a-z_0-9 ]*@') WITH ORDINALITY AS p (part, n)
           LEFT JOIN regexp_matches(template, '@([a-z_][a-z_0-9 ]*)@', 'g')
                     WITH ORDINALITY AS m (mark, n) USING (n);
END;
COMMENT ON FUNCTION fill(template text, marks jsonb) IS
'implementation of all that writes queries: a text with what each @mark@ in it stands for';

CREATE FUNCTION grain_names(settings jsonb) RETURNS TABLE (grain text, name text)
LANGUAGE SQL IMMUTABLE
BEGIN ATOMIC
    WITH start (day, month) AS (
        SELECT CASE WHEN settings ->> 'week_start' <> '1' THEN
                    ('{monday,tuesday,wednesday,thursday,friday,saturday,sunday}'::text[])
                        [(settings ->> 'week_start')::integer] END,
               CASE WHEN settings ->> 'fiscal_year_start' <> '1' THEN
                    ('{january,february,march,april,may,june,july,august,september,october,'
                     'november,december}'::text[])[(settings ->> 'fiscal_year_start')::integer] END
    )
    SELECT g.grain, g.grain || coalesce(' from ' || g.start, '')
    FROM   start AS s
           CROSS JOIN LATERAL (VALUES ('day', NULL), ('week', s.day), ('month', NULL),
                                      ('quarter', s.month), ('year', s.month)) AS g (grain, start);
END;
COMMENT ON FUNCTION grain_names(settings jsonb) IS
'implementation of build: the grains of a model, by name as bucket() knows them';

CREATE FUNCTION build_call(model text, settings jsonb) RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT format('SELECT * FROM kpi.build(%L%s)', model,
                  string_agg(format(', %s => %L', s.name, settings ->> s.name), '' ORDER BY s.position)
                      FILTER (WHERE settings ->> s.name IS DISTINCT FROM s.usual))
    FROM   settings AS s;
END;
COMMENT ON FUNCTION build_call(model text, settings jsonb) IS
'implementation of build: the call that builds a model as it is, to be repeated';

CREATE FUNCTION settings_query(model text, query text, settings jsonb, views text[], queries text[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT fill(query,
        (SELECT jsonb_object_agg(s.name, quote_nullable(settings ->> s.name)) FROM settings AS s)
        || (SELECT jsonb_object_agg(g.grain, quote_literal(g.name)) FROM grain_names(settings) AS g)
        || jsonb_build_object(
            'schema', quote_literal(model),
            'sources', quote_literal(ARRAY(SELECT DISTINCT c.source FROM model_columns(model) AS c
                                           ORDER BY c.source)),
            'seen at', CASE WHEN settings ->> 'as_of' IS NOT NULL
                            THEN quote_literal(settings ->> 'as_of') || '::timestamptz'
                            WHEN settings ->> 'storage' = 'view' THEN 'now()'
                            ELSE format('(SELECT t.as_of FROM %I.kpi_as_of AS t)', model) END,
            'built_by', quote_literal(build_call(model, settings)),
            'views', quote_literal(views),
            'queries', quote_nullable(queries)));
END;
COMMENT ON FUNCTION settings_query(model text, query text, settings jsonb, views text[], queries text[]) IS
'implementation of build: the query of kpi_settings';

-- The columns of the dimensions of a source, after others: of a row x; with those it has from its
-- order o (joined), a member of its own where no order is known and it does not say itself; or, in a
-- condition, as being equal in x and another row (same).
CREATE FUNCTION dimension_columns(model text, source text, dimensions text[], what text, other text)
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    SELECT coalesce(string_agg(CASE
               WHEN what = 'same' THEN format(' AND %s.%2$I = x.%2$I', other, c.name)
               WHEN what = 'joined' AND d.inherited
               THEN format(', coalesce(o.%1$I%2$s, ''(none)'') AS %1$I', c.name,
                           CASE WHEN d.own THEN format(', x.%I', c.name) END)
               ELSE format(', x.%I', c.name) END, '' ORDER BY d.position), '')
    FROM   model_dimensions(model, dimensions) AS d
           CROSS JOIN LATERAL (SELECT 'by_' || d.dimension) AS c (name)
    WHERE  d.source = dimension_columns.source;
END;
COMMENT ON FUNCTION dimension_columns(model text, source text, dimensions text[], what text, other text) IS
'implementation of build: the columns of dimensions as a definition asks for them';

-- Names of views in a definition get the schema of the model, which may be called anything.
CREATE FUNCTION definition_query(model text, query text, sources text[], dimensions text[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH marked AS (
        SELECT regexp_replace(query, '\m(kpi_[a-z_]+ AS )', '@model@.\1', 'g') AS query
    ),
    mark AS (
        SELECT DISTINCT m[1] AS mark, split_part(m[1], ' ', 1) AS what, split_part(m[1], ' ', 3) AS other
        FROM   marked, regexp_matches(marked.query, '@([a-z_][a-z_0-9 ]*)@', 'g') AS m
    )
    SELECT fill(marked.query, jsonb_build_object('model', quote_ident(model)) || (
        SELECT coalesce(jsonb_object_agg(m.mark, CASE
                   WHEN m.mark ~ '\mdimensions\M'
                   THEN dimension_columns(model, sources[1], dimensions, m.what, m.other)
                   ELSE model_source(model, m.mark, dimensions) END), '{}')
        FROM   mark AS m WHERE m.mark <> 'model'))
    FROM   marked;
END;
COMMENT ON FUNCTION definition_query(model text, query text, sources text[], dimensions text[]) IS
'implementation of build and check: the query of a definition in a model';

CREATE FUNCTION view_query(model text, settings jsonb, name text, definition view_definitions,
                           grain text, grain_name text, dimension text, indexed text[])
RETURNS text LANGUAGE SQL STABLE
BEGIN ATOMIC
    WITH given AS (
        SELECT (settings ->> 'dimensions')::text[] AS dimensions,
               ARRAY(SELECT concat(s.key, '=', s.value) FROM jsonb_each_text(settings) AS s) AS choices
    )
    SELECT CASE
        WHEN name = 'kpi_settings' THEN
             settings_query(model, definition.query, settings,
                            ARRAY(SELECT p.name FROM planned_views(model, settings) AS p ORDER BY p.n),
                            NULL)
        WHEN name = 'kpi_values' THEN model_values(model, g.dimensions)
        WHEN grain IS NOT NULL THEN
             model_periods(model, name, grain, grain_name, g.dimensions, dimension, g.choices, indexed)
        ELSE definition_query(model, definition.query, definition.sources, g.dimensions) END
    FROM given AS g;
END;
COMMENT ON FUNCTION view_query(model text, settings jsonb, name text, definition view_definitions, grain text, grain_name text, dimension text, indexed text[]) IS
'implementation of build: the query of a view; NULL if it would have nothing to show';
