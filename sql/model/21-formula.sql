-- formula: those that a shop writes itself, read by PostgreSQL's parser and written anew

CREATE FUNCTION formula_pieces(formula text)
RETURNS TABLE (n integer, kind text, piece text)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_pieces(formula text) IS
'implementation of define: a formula as SQL in pieces, which are text, or name what is read: an '
'indicator or a measure; an error, which says where, for what is no formula';

CREATE FUNCTION formula_adds_up(formula text) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION formula_adds_up(formula text) IS
'implementation of define: whether a formula adds up over days and members if what it reads does';

CREATE FUNCTION require_formula(formula text, known text[]) RETURNS void
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION require_formula(formula text, known text[]) IS
'implementation of define: an error, which says where, for what is no formula, or reads an '
'indicator that is none of those known';
