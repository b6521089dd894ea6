\ir online_retail.psql
\if :skip \quit \endif

\set data_set online_retail
\set since 2010-12-01
\set until 2011-12-09
\set dimension ''
\set indicators '{net_sales,orders,customers,aov,units,cancellation_rate,returning_customer_rate}'
\set rates '{net_sales,orders,aov,cancellation_rate,returning_customer_rate}'
\ir goals.psql
