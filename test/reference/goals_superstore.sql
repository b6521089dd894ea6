\ir superstore.psql
\if :skip \quit \endif

\set data_set superstore
\set since 2016-01-01
\set until 2020-01-01
\set dimension region
\set means aov,gross_margin,returning_customer_rate,sales_per_customer,shipping_days
\set indicators '{net_sales,orders,customers,new_customers,gross_profit,' :means '}'
\set rates '{net_sales,orders,aov,returning_customer_rate,repeat_purchase_rate,shipping_days}'
\ir goals.psql
