-- turnover: inventory turnover, kept as cost of goods sold, inventory over time and the periods

--@ value-type | type=turnover | a=a turnover | length=variable | sspace=200 | storage=extended |
-- empty=0/0 | number=double precision | value=turnover_float8 | subtract | final
COMMENT ON TYPE turnover IS
'inventory turnover with its sample: cost of goods sold/inventory x seconds [start,end):samples '
'..., or cost/sum #snapshots';
COMMENT ON FUNCTION value(turnover) IS
'turns in the period: cost of goods sold / average inventory; NULL without inventory';

-- construction and parts

CREATE FUNCTION make_turnover(cogs numeric, opening numeric, closing numeric, during tstzrange)
RETURNS turnover AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION make_turnover(cogs numeric, opening numeric, closing numeric,
    during tstzrange) IS
'turnover from the two ends of a period: average inventory is the mean of opening and closing '
'value; an error unless during is [start, end) with both known';
CREATE FUNCTION cogs(turnover)
RETURNS numeric AS 'MODULE_PATHNAME', 'turnover_cogs' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cogs(turnover) IS
'the cost of goods sold, in the currency it was given in; 0 without data';
CREATE FUNCTION average_inventory(turnover)
RETURNS numeric AS 'MODULE_PATHNAME', 'turnover_average_inventory'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION average_inventory(turnover) IS
'the value in stock on average over the time, or over the snapshots; NULL without data';
CREATE FUNCTION days_of_inventory(turnover)
RETURNS double precision AS 'MODULE_PATHNAME', 'turnover_days_of_inventory'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION days_of_inventory(turnover) IS
'how many days the average inventory lasts at the pace of the period; NULL if nothing was sold or '
'in stock, and for snapshots, whose time is not known';
CREATE FUNCTION period(turnover)
RETURNS tstzmultirange AS 'MODULE_PATHNAME', 'turnover_period'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION period(turnover) IS 'the time it covers; empty without data and for snapshots';

-- aggregates

CREATE FUNCTION turnover_accum(turnover, moved_at timestamp with time zone, value_change numeric,
    cogs numeric, during tstzrange)
RETURNS turnover AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION turnover_accum(turnover, moved_at timestamp with time zone,
    value_change numeric, cogs numeric, during tstzrange) IS
'transition function of turnover: one more movement';
CREATE FUNCTION turnover_accum_inverse(turnover, moved_at timestamp with time zone,
    value_change numeric, cogs numeric, during tstzrange)
RETURNS turnover AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION turnover_accum_inverse(turnover, moved_at timestamp with time zone,
    value_change numeric, cogs numeric, during tstzrange) IS
'inverse transition function of turnover: one movement less';
CREATE FUNCTION turnover_accum(turnover, cogs numeric, inventory_value numeric)
RETURNS turnover AS 'MODULE_PATHNAME', 'turnover_accum_snapshot'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION turnover_accum(turnover, cogs numeric, inventory_value numeric) IS
'transition function of turnover: one more snapshot';
CREATE FUNCTION turnover_accum_inverse(turnover, cogs numeric, inventory_value numeric)
RETURNS turnover AS 'MODULE_PATHNAME', 'turnover_accum_snapshot_inverse'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION turnover_accum_inverse(turnover, cogs numeric, inventory_value numeric) IS
'inverse transition function of turnover: one snapshot less';

CREATE AGGREGATE turnover(moved_at timestamp with time zone, value_change numeric, cogs numeric,
    during tstzrange) (
    SFUNC = turnover_accum, STYPE = turnover, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = turnover_final,
    COMBINEFUNC = turnover_add, PARALLEL = SAFE,
    MSFUNC = turnover_accum, MINVFUNC = turnover_accum_inverse, MSTYPE = turnover,
    MINITCOND = '0/0',
    MFINALFUNC = turnover_final
);
COMMENT ON AGGREGATE turnover(moved_at timestamp with time zone, value_change numeric, cogs numeric,
    during tstzrange) IS
'turnover from stock movements over the period during, average inventory weighted by time: each '
'changes the value in stock by value_change and costs cogs if it is a sale; movements before the '
'period make the opening stock, those after it are ignored; a NULL cogs or value_change is none';
CREATE AGGREGATE turnover(cogs numeric, inventory_value numeric) (
    SFUNC = turnover_accum, STYPE = turnover, SSPACE = 200, INITCOND = '0/0',
    FINALFUNC = turnover_final,
    COMBINEFUNC = turnover_add, PARALLEL = SAFE,
    MSFUNC = turnover_accum, MINVFUNC = turnover_accum_inverse, MSTYPE = turnover,
    MINITCOND = '0/0',
    MFINALFUNC = turnover_final
);
COMMENT ON AGGREGATE turnover(cogs numeric, inventory_value numeric) IS
'turnover from snapshots, each the cost of goods sold since the one before and the value of the '
'whole stock: average inventory is their mean; rows with a NULL are left out';
