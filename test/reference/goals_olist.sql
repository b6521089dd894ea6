\ir olist_shop.psql
\if :skip \quit \endif

\set data_set olist_sample
\set since 2017-01-01
\set until 2018-08-20
\set dimension ''
\set indicators '{net_sales,orders,customers,aov,csat,fulfilment_days,on_time_delivery_rate}'
\set rates '{net_sales,orders,aov,on_time_delivery_rate,repeat_purchase_rate}'
\ir goals.psql
