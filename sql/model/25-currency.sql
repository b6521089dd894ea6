-- currency: amounts of orders in the currency of the model

-- Takes all that the amount depends on: of constants alone the planner would call it, and raise,
-- before it is known whether a row needs it.
CREATE FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric, target text,
                                 order_id text)
RETURNS numeric LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RAISE EXCEPTION 'an amount in "%" cannot be added to amounts in "%"', currency, target
        USING ERRCODE = 'data_exception',
              DETAIL = format('orders.exchange_rate is NULL for order_id %s.',
                              coalesce(order_id, 'NULL')),
              HINT = 'Give orders a column exchange_rate, what one unit of its currency is worth '
                     'in the currency of the model, or leave such orders out.';
END $$;
COMMENT ON FUNCTION no_exchange_rate(amount numeric, currency text, exchange_rate numeric,
    target text, order_id text) IS
'implementation of in_currency: the error';

CREATE FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric, target text,
                            order_id text)
RETURNS numeric LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN amount IS NULL OR currency IS NULL OR currency = target
                     OR upper(currency) = upper(target) THEN amount
                WHEN exchange_rate IS NOT NULL THEN amount * exchange_rate
                ELSE kpi.no_exchange_rate(amount, currency, exchange_rate, target, order_id) END;
COMMENT ON FUNCTION in_currency(amount numeric, currency text, exchange_rate numeric, target text,
    order_id text) IS
'an amount of an order in the target currency, one unit of its own being worth exchange_rate; its '
'own is the target if NULL; an error, which names the order, for another currency without a rate';
