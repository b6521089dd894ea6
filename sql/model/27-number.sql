-- number: amounts and quantities that are numbers
--
-- A function for each type that keys are read as: a call that fits one exactly cannot be taken for
-- that of another, as one of any type could. They are not strict, as a row need not have a key.

CREATE FUNCTION finite_number(number numeric, place text, key text, value bigint)
RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION finite_number(number numeric, place text, key text, value bigint) IS
'implementation of views: the number; an error for NaN and infinity, which says the place it is '
'from and by what value of what key its row is known';

CREATE FUNCTION finite_number(number numeric, place text, key text, value uuid)
RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION finite_number(number numeric, place text, key text, value uuid) IS
'implementation of views: the number; an error for NaN and infinity, which says the place it is '
'from and by what value of what key its row is known';

CREATE FUNCTION finite_number(number numeric, place text, key text, value text)
RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION finite_number(number numeric, place text, key text, value text) IS
'implementation of views: the number; an error for NaN and infinity, which says the place it is '
'from and by what value of what key its row is known';

CREATE FUNCTION finite_number(number numeric, place text, key text,
                              value timestamp with time zone)
RETURNS numeric
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION finite_number(number numeric, place text, key text,
    value timestamp with time zone) IS
'implementation of views: the number; an error for NaN and infinity, which says the place it is '
'from and by what value of what key its row is known';
