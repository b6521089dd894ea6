--@ view kpi_settings
-- How the model was built, and the instant it is seen at (as_of).
SELECT @schema@::text                 AS model,
       @timezone@::text               AS timezone,
       @currency@::text               AS currency,
       @dimensions@::text[]           AS dimensions,
       @sources@::text[]              AS sources,
       @storage@::text                AS storage,
       @refunds_by@::text             AS refunds_by,
       @on_time_by@::text             AS on_time_by,
       @cart_idle@::interval          AS cart_idle,
       @business_hours@::text         AS business_hours,
       @funnel_within@::interval      AS funnel_within,
       @since@::date                  AS since,
       @calendar@::text               AS calendar,
       @answers@::text                AS answers,
       @anonymity@::integer           AS anonymity,
       @funnel_step_within@::interval[] AS funnel_step_within,
       @seen at@                      AS as_of,
       kpi.bucket('day', @seen at@, @timezone@) AS today,
       @built_by@::text               AS built_by,
       @views@::text[]                AS views,
       @queries@::text[]              AS queries,
       @week_start@::integer          AS week_start,
       @fiscal_year_start@::integer   AS fiscal_year_start

--@ column model
-- the schema

--@ column sources
-- the sources that were there

--@ column as_of
-- the instant the model is seen at

--@ column today
-- its day

--@ column built_by
-- the call that built it, to be repeated

--@ column views
-- the views it was built with, in the order in which they were made: a later version of the
-- extension may have others

--@ column queries
-- of each of them what its query was, as md5: what is stored stays if it is the same when built
-- again
