-- currency: amounts of orders in the currency of the model

-- Takes all that the amount depends on, so that it is not called before a row needs it.
CREATE FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric, target text)
RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION 'an amount in "%" cannot be added to amounts in "%"', currency, target
        USING ERRCODE = 'data_exception',
              DETAIL = 'Its order has no exchange_rate.',
              HINT = 'Give orders a column exchange_rate, what one unit of its currency is worth '
                     'in the currency of the model, or leave such orders out.';
END $$;
COMMENT ON FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric,
    target text) IS
'implementation of in_currency: the error';

CREATE FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric, target text)
RETURNS numeric LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN amount IS NULL OR currency IS NULL OR currency = target THEN amount
                WHEN exchange_rate IS NOT NULL THEN amount * exchange_rate
                ELSE kpi.no_exchange_rate(amount, currency, exchange_rate, target) END;
COMMENT ON FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric,
    target text) IS
'an amount in the target currency, one unit of its own being worth exchange_rate; its own is the '
'target if NULL; an error for another currency without a rate';
