-- customer_id is the distribution key for Citus: every row that belongs to a customer carries it.

ALTER TABLE orders               ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE invoices             ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE payments             ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE refunds              ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE balance_transactions ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE instances            ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE renewals             ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE tickets              ALTER COLUMN customer_id SET NOT NULL;
ALTER TABLE ticket_replies       ALTER COLUMN customer_id SET NOT NULL;
