-- svg: charts as text
--
-- A chart is drawn of numbers and labels alone, and knows no colours: its parts have classes, which
-- a style sheet paints. Lines are told apart by how they are dashed, points by their shape, so that
-- nothing needs colour to be read. A text beside it (role="img" and aria-label) says the same.

CREATE FUNCTION svg_number(value numeric) RETURNS text LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN trim_scale(round(value, 1))::text;
COMMENT ON FUNCTION svg_number(value numeric) IS
'implementation of charts: a coordinate, which needs no more than a tenth';

CREATE FUNCTION svg_x(n bigint, count bigint, box numeric[]) RETURNS numeric
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN box[1] + (n - 0.5) * (box[3] - box[1]) / count;
COMMENT ON FUNCTION svg_x(n bigint, count bigint, box numeric[]) IS
'implementation of charts: where the n-th of so many points is in a box, which is left, top, right '
'and bottom';

CREATE FUNCTION svg_y(value double precision, low numeric, high numeric, box numeric[])
RETURNS numeric LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
    RETURN box[4] - (value::numeric - low) * (box[4] - box[2]) / (high - low);
COMMENT ON FUNCTION svg_y(value double precision, low numeric, high numeric, box numeric[]) IS
'implementation of charts: where a value is in a box, low being at its bottom and high at its top';

-- Where there is no value the line has a gap; a point alone becomes a dot by its round ends.
CREATE FUNCTION svg_path(points double precision[], low numeric, high numeric, box numeric[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT string_agg(
               format(CASE WHEN p.before IS NOT NULL THEN 'L%s %s' ELSE 'M%s %s' END,
                      kpi.svg_number(kpi.svg_x(p.n, cardinality(points)::bigint, box)),
                      kpi.svg_number(kpi.svg_y(p.value, low, high, box)))
               || CASE WHEN num_nonnulls(p.before, p.after) = 0 THEN 'h0' ELSE '' END,
               '' ORDER BY p.n)
    FROM   (SELECT u.value, u.n, lag(u.value) OVER (ORDER BY u.n) AS before,
                   lead(u.value) OVER (ORDER BY u.n) AS after
            FROM   unnest(points) WITH ORDINALITY AS u (value, n)) AS p
    WHERE  p.value IS NOT NULL);
END $$;
COMMENT ON FUNCTION svg_path(points double precision[], low numeric, high numeric, box numeric[]) IS
'implementation of charts: a line through points in a box, with a gap where one is NULL; NULL if '
'all are';

-- Each run of points that have both a low and a high end is a band of its own, half a step wide
-- where it is one point.
CREATE FUNCTION svg_band(lows double precision[], highs double precision[], low numeric,
                         high numeric, box numeric[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH point AS (
        SELECT u.n, u.n - row_number() OVER (ORDER BY u.n) AS run, x.x,
               kpi.svg_y(u.high, svg_band.low, svg_band.high, box) AS top,
               kpi.svg_y(u.low, svg_band.low, svg_band.high, box) AS bottom
        FROM   unnest(lows, highs) WITH ORDINALITY AS u (low, high, n)
               CROSS JOIN LATERAL kpi.svg_x(u.n, cardinality(lows)::bigint, box) AS x (x)
        WHERE  num_nulls(u.low, u.high) = 0
    ),
    corner AS (
        SELECT p.run, p.n, p.x + s.side * (box[3] - box[1]) / cardinality(lows) / 4 AS x, p.top,
               p.bottom, s.side
        FROM   (SELECT p.*, count(*) OVER (PARTITION BY p.run) AS points FROM point AS p) AS p
               JOIN (VALUES (0, false), (-1, true), (1, true)) AS s (side, alone)
                    ON s.alone = (p.points = 1)
    ),
    run AS (
        SELECT c.run,
               string_agg(kpi.svg_number(c.x) || ' ' || kpi.svg_number(c.top), 'L'
                          ORDER BY c.n, c.side) AS there,
               string_agg(kpi.svg_number(c.x) || ' ' || kpi.svg_number(c.bottom), 'L'
                          ORDER BY c.n DESC, c.side DESC) AS back
        FROM   corner AS c GROUP BY c.run
    )
    SELECT string_agg(format('M%sL%sZ', r.there, r.back), '' ORDER BY r.run) FROM run AS r);
END $$;
COMMENT ON FUNCTION svg_band(lows double precision[], highs double precision[], low numeric,
    high numeric, box numeric[]) IS
'implementation of charts: the area between two lines in a box, with a gap where either is NULL';

-- The ends of an axis. Two values that differ in float8 may be one and the same number as numeric,
-- which has 15 digits of them, so that is what is compared.
CREATE FUNCTION svg_span(lowest double precision, highest double precision) RETURNS numeric[]
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT ARRAY[v.low - r.room, v.high + r.room]
    FROM   (SELECT lowest::numeric, highest::numeric) AS v (low, high)
           -- a line that is level has room above and below
           CROSS JOIN LATERAL (SELECT CASE WHEN v.low < v.high THEN 0
                                           ELSE coalesce(nullif(abs(v.low) / 10, 0), 0.5) END)
                              AS r (room);
END;
COMMENT ON FUNCTION svg_span(lowest double precision, highest double precision) IS
'implementation of charts: from where to where an axis goes on which both values lie, never of no '
'length';

-- Round numbers from below the lowest to above the highest value, some four of them.
CREATE FUNCTION svg_ticks(lowest double precision, highest double precision) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH span AS (
        SELECT s.ends[1] AS low, s.ends[2] AS high
        FROM   kpi.svg_span(lowest, highest) AS s (ends)
    ),
    step AS (
        SELECT s.low, s.high, min(e.size * f.factor) AS size
        FROM   span AS s
               CROSS JOIN LATERAL (SELECT power(10::numeric, floor(log((s.high - s.low) / 3))))
                                  AS e (size)
               CROSS JOIN (VALUES (1), (2), (5), (10)) AS f (factor)
        WHERE  e.size * f.factor >= (s.high - s.low) / 3
        GROUP  BY s.low, s.high
    )
    SELECT array_agg(trim_scale(t.n * s.size) ORDER BY t.n)
    FROM   step AS s
           CROSS JOIN LATERAL generate_series(floor(s.low / s.size), ceil(s.high / s.size))
                              AS t (n));
END $$;
COMMENT ON FUNCTION svg_ticks(lowest double precision, highest double precision) IS
'implementation of charts: the round numbers of an axis on which both values lie';

-- charts

CREATE FUNCTION svg_sparkline(points double precision[], label text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT format('<svg class="spark" viewBox="0 0 100 28" role="img" aria-label="%s">%s%s</svg>',
                  kpi.html_escaped(label),
                  '<path class="line" d="'
                  || kpi.svg_path(points, r.low, r.high, b.box) || '"/>',
                  (SELECT format('<circle class="dot" cx="%s" cy="%s" r="2.5"/>',
                                 kpi.svg_number(kpi.svg_x(u.n, cardinality(points)::bigint, b.box)),
                                 kpi.svg_number(kpi.svg_y(u.value, r.low, r.high, b.box)))
                   FROM   unnest(points) WITH ORDINALITY AS u (value, n)
                   WHERE  u.value IS NOT NULL ORDER BY u.n DESC LIMIT 1))
    FROM   (SELECT s.ends[1], s.ends[2]
            FROM   (SELECT kpi.svg_span(min(u.value), max(u.value))
                    FROM   unnest(points) AS u (value)) AS s (ends)) AS r (low, high)
           CROSS JOIN (SELECT '{0,4,98,24}'::numeric[]) AS b (box));
END $$;
COMMENT ON FUNCTION svg_sparkline(points double precision[], label text) IS
'a line as small as a word, with a gap where a point is NULL and a dot at the last one; label says '
'in words what it shows. As text, an element svg whose parts have classes';

-- A bar where it can start at zero, else a dot, as the length of a bar that starts anywhere tells
-- nothing. The zone is where the value shall be, the whisker where it truly lies, by the sample.
CREATE FUNCTION svg_bullet(bullet jsonb, label text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH given AS (
        SELECT g.*, coalesce(g.bar, false)
                    AND 0 <= least(g.value, g.target, g.upper, g.asked, g.baseline, g.low) AS bars
        FROM   jsonb_to_record(bullet) AS g (
                   value double precision, low double precision, high double precision,
                   target double precision, upper double precision, asked double precision,
                   baseline double precision, direction text, bar boolean)
    ),
    span AS (
        SELECT CASE WHEN g.bars THEN 0 ELSE min(u.x)::numeric END AS low, max(u.x)::numeric AS high
        FROM   given AS g
               CROSS JOIN LATERAL unnest(ARRAY[g.value, g.low, g.high, g.target, g.upper, g.asked,
                                               g.baseline]) AS u (x)
        GROUP  BY g.bars
    ),
    scaled AS (         -- with a margin for what lies at the end
        SELECT s.low - CASE WHEN g.bars THEN 0 ELSE m.margin END AS low, s.high + m.margin AS high
        FROM   given AS g CROSS JOIN span AS s
               CROSS JOIN LATERAL (SELECT coalesce(nullif(0.08 * (s.high - s.low), 0), 1))
                                  AS m (margin)
    ),
    placed AS (
        SELECT p.name, (p.x::numeric - s.low) * 160 / (s.high - s.low) AS x
        FROM   given AS g CROSS JOIN scaled AS s
               CROSS JOIN LATERAL (VALUES ('value', g.value), ('low', g.low), ('high', g.high),
                                          ('target', g.target), ('upper', g.upper),
                                          ('asked', g.asked), ('baseline', g.baseline))
                                  AS p (name, x)
    ),
    x AS (
        SELECT jsonb_object_agg(p.name, kpi.svg_number(p.x)) AS at,
               jsonb_build_object('zone', kpi.svg_number(CASE g.direction WHEN 'down' THEN 0
                   ELSE max(p.x) FILTER (WHERE p.name = 'target') END)) || jsonb_build_object(
                   'size', kpi.svg_number(CASE g.direction
                       WHEN 'up' THEN 160 - max(p.x) FILTER (WHERE p.name = 'target')
                       WHEN 'down' THEN max(p.x) FILTER (WHERE p.name = 'target')
                       ELSE max(p.x) FILTER (WHERE p.name = 'upper')
                            - max(p.x) FILTER (WHERE p.name = 'target') END),
                   'whisker', kpi.svg_number(max(p.x) FILTER (WHERE p.name = 'high')
                                             - max(p.x) FILTER (WHERE p.name = 'low'))) AS size
        FROM   given AS g CROSS JOIN placed AS p GROUP BY g.direction
    )
    SELECT format('<svg class="bullet" viewBox="0 0 160 24" role="img" aria-label="%s">%s</svg>',
                  kpi.html_escaped(label), string_agg(kpi.fill(s.shape, x.at || x.size), ''
                                                      ORDER BY s.n))
    FROM   given AS g CROSS JOIN x
           JOIN (VALUES
               (1, NULL, '<rect class="track" width="160" height="14" y="5"/>'),
               (2, 'size', '<rect class="zone" x="@zone@" width="@size@" height="14" y="5"/>'),
               (3, 'bar', '<rect class="bar" width="@value@" height="6" y="9"/>'),
               (4, 'whisker',
                '<path class="whisker" d="M@low@ 12h@whisker@M@low@ 8v8M@high@ 8v8"/>'),
               (5, 'dot', '<circle class="dot" cx="@value@" cy="12" r="4"/>'),
               (6, 'baseline', '<path class="baseline" d="M@baseline@ 5v14"/>'),
               (7, 'asked', '<path class="asked" d="M@asked@ 5l-3.5 -5h7z"/>'),
               (8, 'target', '<path class="target" d="M@target@ 2v20"/>'),
               (9, 'upper', '<path class="target" d="M@upper@ 2v20"/>'))
           AS s (n, needs, shape)
           ON CASE s.needs WHEN 'bar' THEN g.bars AND g.value IS NOT NULL
                           WHEN 'dot' THEN NOT g.bars AND g.value IS NOT NULL
                           WHEN 'size' THEN x.size ->> 'size' IS NOT NULL
                           WHEN 'whisker' THEN x.size ->> 'whisker' IS NOT NULL
                           ELSE s.needs IS NULL OR x.at ->> s.needs IS NOT NULL END);
END $$;
COMMENT ON FUNCTION svg_bullet(bullet jsonb, label text) IS
'a value beside its target: keys value, low and high (where it truly lies), target, upper (of a '
'band), asked (the value asked for today), baseline, direction (up, down, band) and bar (whether '
'it is an amount, drawn from zero); label says in words what it shows. As text, an element svg '
'whose parts have classes';

CREATE FUNCTION svg_bar(share double precision, label text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN format('<svg class="share" viewBox="0 0 160 16" role="img" aria-label="%s">'
                  '<rect class="track" width="160" height="16"/>'
                  '<rect class="bar" width="%s" height="16"/></svg>',
                  kpi.html_escaped(label),
                  kpi.svg_number(160 * greatest(0, least(1, share))::numeric));
END $$;
COMMENT ON FUNCTION svg_bar(share double precision, label text) IS
'a bar as long as a share from 0 to 1; label says in words what it shows. As text, an element svg '
'whose parts have classes';

CREATE FUNCTION svg_line(chart jsonb, label text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH point AS (
        SELECT p.n, g.*
        FROM   jsonb_array_elements(chart -> 'points') WITH ORDINALITY AS p (point, n)
               CROSS JOIN LATERAL jsonb_to_record(p.point) AS g (
                   value double precision, low double precision, high double precision,
                   last_year double precision, target double precision, upper double precision,
                   complete boolean, signal text)
    ),
    series AS (
        SELECT array_agg(CASE WHEN p.complete IS NOT FALSE THEN p.value END ORDER BY p.n) AS value,
               array_agg(p.low ORDER BY p.n) AS low, array_agg(p.high ORDER BY p.n) AS high,
               array_agg(p.last_year ORDER BY p.n) AS last_year,
               array_agg(p.target ORDER BY p.n) AS target, array_agg(p.upper ORDER BY p.n) AS upper,
               count(*) AS points
        FROM   point AS p
    ),
    tick AS (
        SELECT (t.tick ->> 'at')::numeric AS at, t.tick ->> 'text' AS text
        FROM   jsonb_array_elements(chart -> 'ticks') AS t (tick)
    ),
    axis AS (
        SELECT min(t.at) AS low, max(t.at) AS high, '{44,8,336,120}'::numeric[] AS box
        FROM   tick AS t
    ),
    shape (n, svg) AS (
        SELECT 1, format('<path class="grid" d="M44 %1$sH336"/><text x="40" y="%1$s" dy="3.5" '
                         'text-anchor="end">%2$s</text>',
                         kpi.svg_number(kpi.svg_y(t.at::double precision, a.low, a.high, a.box)),
                         kpi.html_escaped(t.text))
        FROM   tick AS t CROSS JOIN axis AS a
        UNION ALL
        SELECT 2, format('<text x="44" y="136">%s</text>'
                         '<text x="336" y="136" text-anchor="end">%s</text>',
                         kpi.html_escaped(coalesce(chart ->> 'first', '')),
                         kpi.html_escaped(coalesce(chart ->> 'last', '')))
        UNION ALL
        SELECT 3, '<path class="band" d="' || kpi.svg_band(s.low, s.high, a.low, a.high, a.box)
                  || '"/>'
        FROM   series AS s CROSS JOIN axis AS a
        UNION ALL
        SELECT 4, format('<path class="%s" d="%s"/>', l.class, l.path)
        FROM   series AS s CROSS JOIN axis AS a
               CROSS JOIN LATERAL (VALUES
                   ('last-year', kpi.svg_path(s.last_year, a.low, a.high, a.box)),
                   ('target', kpi.svg_path(s.target, a.low, a.high, a.box)),
                   ('target', kpi.svg_path(s.upper, a.low, a.high, a.box)),
                   ('line', kpi.svg_path(s.value, a.low, a.high, a.box))) AS l (class, path)
        WHERE  l.path IS NOT NULL
        UNION ALL
        SELECT 5, format('<circle class="%s" cx="%s" cy="%s" r="3"/>',
                         CASE WHEN p.complete IS FALSE THEN 'running' ELSE 'dot' END,
                         kpi.svg_number(kpi.svg_x(p.n, s.points, a.box)),
                         kpi.svg_number(kpi.svg_y(p.value, a.low, a.high, a.box)))
        FROM   point AS p CROSS JOIN series AS s CROSS JOIN axis AS a
        WHERE  p.value IS NOT NULL
        AND    (p.complete IS FALSE
                OR p.n = (SELECT max(l.n) FROM point AS l
                          WHERE  l.value IS NOT NULL AND l.complete IS NOT FALSE))
        UNION ALL
        SELECT 6, format('<path class="signal" d="M%s %sl6 6l-6 6l-6 -6z"/>',
                         kpi.svg_number(kpi.svg_x(p.n, s.points, a.box)),
                         kpi.svg_number(kpi.svg_y(p.value, a.low, a.high, a.box) - 6))
        FROM   point AS p CROSS JOIN series AS s CROSS JOIN axis AS a
        WHERE  num_nulls(p.signal, p.value) = 0
    )
    SELECT format('<svg class="chart" viewBox="0 0 340 140" role="img" aria-label="%s">%s</svg>',
                  kpi.html_escaped(label), string_agg(s.svg, '' ORDER BY s.n, s.svg))
    FROM   shape AS s);
END $$;
COMMENT ON FUNCTION svg_line(chart jsonb, label text) IS
'a trend: key points, an array of objects with value, low and high (where it truly lies), '
'last_year, target, upper (of a band), complete and signal; ticks, objects with at and text, the '
'first and last of which are the ends of the axis; first and last, the names of the first and last '
'point. label says in words what it shows. As text, an element svg whose parts have classes';
