-- Initial baseline: every core table with its keys, checks and indexes.
--
-- Ids are UUIDv7 made by the application. Money is DECIMAL(12,2) beside a currency. What can be a
-- constraint is one: the application's own checks give better words, these are the last line.

-- ── Who ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE customers (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    contact       text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    phone         text NOT NULL DEFAULT '',
    currency      char(3) NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
    -- The sum of balance_transactions; moved only together with a row there and a ledger entry.
    balance       decimal(12,2) NOT NULL DEFAULT 0,
    credit_limit  decimal(12,2) NOT NULL DEFAULT 0 CHECK (credit_limit >= 0),
    is_active     boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT balance_within_credit CHECK (balance + credit_limit >= 0)
);
CREATE INDEX customers_created ON customers (created_at DESC, id);

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    username      text NOT NULL CHECK (length(username) BETWEEN 3 AND 64),
    email         text NOT NULL DEFAULT '',
    display_name  text NOT NULL DEFAULT '',
    password_hash text NOT NULL,
    user_type     text NOT NULL CHECK (user_type IN ('admin', 'customer')),
    -- For administrators: which permissions (core/identity/permission). Customers carry `customer`.
    role          text NOT NULL,
    is_active     boolean NOT NULL DEFAULT true,
    -- Raised by a password change: tokens issued before it are void.
    credentials_changed_at timestamptz NOT NULL DEFAULT now(),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username ON users (user_type, lower(username));
CREATE UNIQUE INDEX users_email ON users (user_type, lower(email)) WHERE email <> '';

CREATE TABLE memberships (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    customer_id uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
    role        text NOT NULL DEFAULT 'owner' CHECK (role IN ('owner', 'member')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, customer_id)
);
CREATE INDEX memberships_customer ON memberships (customer_id);

CREATE TABLE sessions (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at  timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    revoked_at  timestamptz,
    ip          text NOT NULL DEFAULT '',
    user_agent  text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_end ON sessions (absolute_expires_at);

CREATE TABLE refresh_tokens (
    id          uuid PRIMARY KEY,
    family_id   uuid NOT NULL,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    revoked_at  timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
-- The newest of each family, by which families that have ended are found.
CREATE INDEX refresh_tokens_head ON refresh_tokens (expires_at) WHERE used_at IS NULL;

CREATE TABLE verification_codes (
    id          uuid PRIMARY KEY,
    email       text NOT NULL,
    purpose     text NOT NULL CHECK (purpose IN ('registration', 'password_reset')),
    code_hash   bytea NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    consumed_at timestamptz
);
CREATE INDEX verification_codes_email ON verification_codes (lower(email), purpose, created_at DESC);
CREATE INDEX verification_codes_end ON verification_codes (expires_at);

-- ── What is sold ────────────────────────────────────────────────────────────────────────────────

CREATE TABLE product_categories (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '',
    sort_order  integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE product_groups (
    id          uuid PRIMARY KEY,
    category_id uuid REFERENCES product_categories ON DELETE RESTRICT,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    description text NOT NULL DEFAULT '',
    sort_order  integer NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (category_id, name)
);

CREATE TABLE products (
    id          uuid PRIMARY KEY,
    group_id    uuid REFERENCES product_groups ON DELETE RESTRICT,
    provider_id text NOT NULL CHECK (provider_id <> ''),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description text NOT NULL DEFAULT '',
    -- The price of a month (or of the whole, for one_time); other cycles stand in billing_cycles.
    price       decimal(12,2) NOT NULL CHECK (price >= 0),
    -- What is imported from an upstream: its id there, and what it costs there in the currency of there.
    upstream_product_id text CHECK (upstream_product_id <> ''),
    cost_price  decimal(12,2) CHECK (cost_price >= 0),
    cost_currency char(3) CHECK (cost_currency ~ '^[A-Z]{3}$'),
    -- As billing_cycles, what each cycle costs.
    cost_cycles jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(cost_cycles) = 'object'),
    currency    char(3) NOT NULL DEFAULT 'CNY' CHECK (currency ~ '^[A-Z]{3}$'),
    specs       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(specs) = 'object'),
    -- Cycle to price as text with two places: {"monthly": "29.00", "yearly": "290.00"}.
    billing_cycles jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(billing_cycles) = 'object'),
    active      boolean NOT NULL DEFAULT true,
    -- How many may be held at once; NULL: no limit. What is taken is counted from stock_reservations.
    stock       integer CHECK (stock >= 0),
    sort_order  integer NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cost_has_currency CHECK ((cost_price IS NULL) = (cost_currency IS NULL))
);
-- An import that is repeated finds the product it made.
CREATE UNIQUE INDEX products_upstream ON products (provider_id, upstream_product_id);
CREATE INDEX products_group ON products (group_id, sort_order);
CREATE INDEX products_provider ON products (provider_id);

-- ── Orders, payments, invoices ──────────────────────────────────────────────────────────────────

CREATE TABLE orders (
    id            uuid PRIMARY KEY,
    customer_id   uuid REFERENCES customers ON DELETE RESTRICT,
    product_id    uuid NOT NULL REFERENCES products ON DELETE RESTRICT,
    provider_id   text NOT NULL,
    product_name  text NOT NULL,
    billing_cycle text NOT NULL CHECK (billing_cycle IN ('monthly', 'quarterly', 'yearly', 'one_time')),
    server_spec   jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(server_spec) = 'object'),
    status        text NOT NULL CHECK (status IN ('pending', 'paid', 'provisioning', 'active',
                      'suspended', 'cancelled', 'refunded', 'completed', 'terminated')),
    status_reason text NOT NULL DEFAULT '',
    total_amount  decimal(12,2) NOT NULL CHECK (total_amount >= 0),
    refunded_amount decimal(12,2) NOT NULL DEFAULT 0,
    currency      char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    gateway_id    text NOT NULL DEFAULT '',
    notes         text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    -- The client's own key; a repeat finds the first order. request_hash tells a repeat from a clash.
    idempotency_key text,
    request_hash  bytea,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    paid_at       timestamptz,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT refund_within_amount CHECK (refunded_amount BETWEEN 0 AND total_amount)
);
CREATE UNIQUE INDEX orders_idempotency ON orders (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- Newest first, as the staff's list without a filter shows them; so for payments, invoices, instances
-- and tickets.
CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
CREATE INDEX orders_customer ON orders (customer_id, created_at DESC, id);
CREATE INDEX orders_status ON orders (status, created_at DESC, id);
CREATE INDEX orders_unpaid ON orders (expires_at) WHERE status = 'pending';
CREATE INDEX orders_unpaid_of_customer ON orders (customer_id, product_id) WHERE status = 'pending';

-- The state machine of orders, as rows; core/order/order_status holds the same table and a test
-- compares the two.
CREATE FUNCTION order_transition_allowed(old_status text, new_status text) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS $$
    SELECT old_status = new_status OR (old_status, new_status) IN (
        ('pending', 'paid'), ('pending', 'cancelled'),
        ('paid', 'provisioning'), ('paid', 'cancelled'), ('paid', 'refunded'),
        ('provisioning', 'active'), ('provisioning', 'cancelled'), ('provisioning', 'refunded'),
        ('active', 'suspended'), ('active', 'refunded'), ('active', 'completed'), ('active', 'terminated'),
        ('suspended', 'active'), ('suspended', 'refunded'), ('suspended', 'terminated'),
        ('completed', 'refunded'), ('terminated', 'refunded'))
$$;

CREATE FUNCTION check_order_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT order_transition_allowed(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'order % may not go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_transition BEFORE UPDATE OF status ON orders
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_order_transition();

-- Stock is counted, never decremented: a reservation lives as long as the order may still hold it.
CREATE TABLE stock_reservations (
    order_id    uuid PRIMARY KEY REFERENCES orders ON DELETE CASCADE,
    product_id  uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz
);
CREATE INDEX stock_reservations_held ON stock_reservations (product_id) WHERE released_at IS NULL;

CREATE TABLE invoice_series (
    series      text PRIMARY KEY,
    last_number bigint NOT NULL DEFAULT 0 CHECK (last_number >= 0)
);

CREATE TABLE invoices (
    id             uuid PRIMARY KEY,
    customer_id    uuid REFERENCES customers ON DELETE RESTRICT,
    -- Given in the commit that issues; a draft has none.
    invoice_number text UNIQUE,
    status         text NOT NULL CHECK (status IN ('draft', 'issued', 'paid', 'overdue', 'cancelled')),
    billing_period_start timestamptz,
    billing_period_end   timestamptz,
    amount         decimal(12,2) NOT NULL CHECK (amount >= 0),
    tax_amount     decimal(12,2) NOT NULL DEFAULT 0 CHECK (tax_amount >= 0),
    total_amount   decimal(12,2) GENERATED ALWAYS AS (amount + tax_amount) STORED,
    paid_amount    decimal(12,2) NOT NULL DEFAULT 0,
    currency       char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    notes          text NOT NULL DEFAULT '',
    issued_at      timestamptz,
    -- When the notice of it was handed to the customer; no suspension without it.
    delivered_at   timestamptz,
    paid_at        timestamptz,
    due_date       timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT issued_has_number CHECK ((status = 'draft' OR status = 'cancelled') OR invoice_number IS NOT NULL),
    CONSTRAINT paid_within_total CHECK (paid_amount BETWEEN 0 AND amount + tax_amount)
);
CREATE INDEX invoices_newest ON invoices (created_at DESC, id DESC);
CREATE INDEX invoices_customer ON invoices (customer_id, created_at DESC, id);
CREATE INDEX invoices_open ON invoices (due_date) WHERE status IN ('issued', 'overdue');

CREATE TABLE invoice_items (
    id          uuid PRIMARY KEY,
    invoice_id  uuid NOT NULL REFERENCES invoices ON DELETE CASCADE,
    position    integer NOT NULL,
    description text NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),
    unit_price  decimal(12,2) NOT NULL,
    amount      decimal(12,2) NOT NULL CHECK (amount = quantity * unit_price),
    UNIQUE (invoice_id, position)
);

-- What was issued does not change: only its status, payment, delivery and their times may.
CREATE FUNCTION freeze_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN RETURN NEW; END IF;
    IF (NEW.customer_id, NEW.invoice_number, NEW.amount, NEW.tax_amount, NEW.currency, NEW.issued_at,
        NEW.billing_period_start, NEW.billing_period_end, NEW.notes)
       IS DISTINCT FROM
       (OLD.customer_id, OLD.invoice_number, OLD.amount, OLD.tax_amount, OLD.currency, OLD.issued_at,
        OLD.billing_period_start, OLD.billing_period_end, OLD.notes) THEN
        RAISE EXCEPTION 'invoice % is issued and frozen', OLD.invoice_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_frozen';
    END IF;
    -- Paid is final: a late "failed" or a clock never turns it back.
    IF OLD.status IN ('paid', 'cancelled') AND NEW.status <> OLD.status THEN
        RAISE EXCEPTION 'invoice % is % for good', OLD.invoice_number, OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_transition';
    END IF;
    IF NEW.status = 'draft' THEN
        RAISE EXCEPTION 'invoice % cannot become a draft again', OLD.invoice_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoice_frozen BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION freeze_issued_invoice();

CREATE TABLE payments (
    id             uuid PRIMARY KEY,
    customer_id    uuid REFERENCES customers ON DELETE RESTRICT,
    purpose        text NOT NULL CHECK (purpose IN ('order', 'invoice', 'recharge')),
    order_id       uuid REFERENCES orders ON DELETE RESTRICT,
    invoice_id     uuid REFERENCES invoices ON DELETE RESTRICT,
    gateway_id     text NOT NULL CHECK (gateway_id <> ''),
    amount         decimal(12,2) NOT NULL CHECK (amount > 0),
    refunded_amount decimal(12,2) NOT NULL DEFAULT 0,
    currency       char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- unknown: the gateway did not answer; no second attempt until its query settles it.
    status         text NOT NULL CHECK (status IN ('pending', 'unknown', 'success', 'failed', 'refunded')),
    gateway_payment_id text NOT NULL DEFAULT '',
    gateway_tx_id  text NOT NULL DEFAULT '',
    payment_url    text NOT NULL DEFAULT '',
    qr_code        text NOT NULL DEFAULT '',
    instructions   text NOT NULL DEFAULT '',
    failure_reason text NOT NULL DEFAULT '',
    -- When the poller asks the gateway next, and how often it has asked.
    next_query_at  timestamptz,
    query_attempts integer NOT NULL DEFAULT 0,
    -- The client's own key of a recharge.
    idempotency_key text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    paid_at        timestamptz,
    CONSTRAINT payment_has_purpose CHECK (
        (purpose = 'order' AND order_id IS NOT NULL AND invoice_id IS NULL) OR
        (purpose = 'invoice' AND invoice_id IS NOT NULL AND order_id IS NULL) OR
        (purpose = 'recharge' AND order_id IS NULL AND invoice_id IS NULL)),
    CONSTRAINT payment_refund_within_amount CHECK (refunded_amount BETWEEN 0 AND amount)
);
CREATE UNIQUE INDEX payments_idempotency ON payments (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX payments_newest ON payments (created_at DESC, id DESC);
CREATE INDEX payments_customer ON payments (customer_id, created_at DESC, id);
CREATE INDEX payments_order ON payments (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_invoice ON payments (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX payments_open ON payments (next_query_at) WHERE status IN ('pending', 'unknown');
-- One open attempt at a time per order and gateway, however often the button is pressed.
CREATE UNIQUE INDEX payments_one_open_per_order ON payments (order_id, gateway_id)
    WHERE order_id IS NOT NULL AND status IN ('pending', 'unknown');
CREATE UNIQUE INDEX payments_one_open_per_invoice ON payments (invoice_id, gateway_id)
    WHERE invoice_id IS NOT NULL AND status IN ('pending', 'unknown');
-- One transaction at the gateway settles one payment.
CREATE UNIQUE INDEX payments_gateway_tx ON payments (gateway_id, gateway_tx_id) WHERE gateway_tx_id <> '' AND gateway_id <> 'balance';

CREATE FUNCTION check_payment_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Monotonic: what succeeded never becomes failed or pending again.
    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'unknown'), ('pending', 'success'), ('pending', 'failed'),
        ('unknown', 'pending'), ('unknown', 'success'), ('unknown', 'failed'),
        ('failed', 'success'), ('success', 'refunded')) THEN
        RAISE EXCEPTION 'payment % may not go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_transition BEFORE UPDATE OF status ON payments
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_payment_transition();

-- The flight recorder: each callback is stored raw before anybody tries to understand it. Of those
-- that nobody could verify only so many are kept for each gateway and day, and only for a while:
-- strangers can send them (core/payment/payment_callback); and so many repeats of a payment's.
CREATE TABLE gateway_callbacks (
    id           uuid PRIMARY KEY,
    gateway_id   text NOT NULL,
    method       text NOT NULL,
    path         text NOT NULL,
    query        text NOT NULL,
    headers      jsonb NOT NULL,
    body         bytea NOT NULL,
    peer         text NOT NULL DEFAULT '',
    received_at  timestamptz NOT NULL DEFAULT now(),
    outcome      text NOT NULL DEFAULT 'received'
                 CHECK (outcome IN ('received', 'applied', 'duplicate', 'ignored', 'rejected')),
    outcome_reason text NOT NULL DEFAULT '',
    -- Its gateway's plugin took it for genuine, whatever became of it then.
    is_verified  boolean NOT NULL DEFAULT false,
    payment_id   uuid,
    attempts     integer NOT NULL DEFAULT 0,
    processed_at timestamptz
);
CREATE INDEX gateway_callbacks_recent ON gateway_callbacks (received_at DESC);
CREATE INDEX gateway_callbacks_open ON gateway_callbacks (received_at) WHERE outcome = 'received';
CREATE INDEX gateway_callbacks_unverified ON gateway_callbacks (gateway_id, received_at) WHERE NOT is_verified;
CREATE INDEX gateway_callbacks_repeated ON gateway_callbacks (payment_id) WHERE outcome = 'duplicate';
CREATE INDEX gateway_callbacks_forged ON gateway_callbacks (received_at) WHERE outcome = 'rejected' AND NOT is_verified;

-- When it was last said in the log that a gateway's unverified callbacks are too many to be kept.
CREATE TABLE callback_floods (
    gateway_id text PRIMARY KEY,
    noted_at   timestamptz NOT NULL
);

-- Only what its gateway's plugin took for forged may go, and what repeats another; the rest is evidence
-- of money.
CREATE FUNCTION keep_callback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome <> 'duplicate' AND (OLD.is_verified OR OLD.outcome <> 'rejected') THEN
        RAISE EXCEPTION 'callback % stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'callback_kept';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER callback_kept BEFORE DELETE ON gateway_callbacks
    FOR EACH ROW EXECUTE FUNCTION keep_callback();

-- What a gateway told, once per (gateway, external id, kind): the unique key is what makes a repeated
-- callback harmless.
CREATE TABLE payment_events (
    gateway_id  text NOT NULL,
    external_id text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('paid', 'failed', 'refunded', 'charged_back')),
    payment_id  uuid NOT NULL REFERENCES payments ON DELETE RESTRICT,
    callback_id uuid REFERENCES gateway_callbacks,
    -- As the gateway named it; one that failed may name none.
    amount      decimal(12,2),
    currency    char(3),
    applied_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (gateway_id, external_id, kind),
    CONSTRAINT amount_has_currency CHECK ((amount IS NULL) = (currency IS NULL))
);
-- Removing a callback looks here whether an event names it.
CREATE INDEX payment_events_callback ON payment_events (callback_id) WHERE callback_id IS NOT NULL;

CREATE TABLE refunds (
    id           uuid PRIMARY KEY,
    customer_id  uuid REFERENCES customers ON DELETE RESTRICT,
    payment_id   uuid NOT NULL REFERENCES payments ON DELETE RESTRICT,
    order_id     uuid REFERENCES orders ON DELETE RESTRICT,
    destination  text NOT NULL CHECK (destination IN ('balance', 'gateway')),
    amount       decimal(12,2) NOT NULL CHECK (amount > 0),
    currency     char(3) NOT NULL,
    status       text NOT NULL CHECK (status IN ('pending', 'unknown', 'success', 'failed')),
    gateway_refund_id text NOT NULL DEFAULT '',
    reason       text NOT NULL DEFAULT '',
    -- A retried command finds its first refund.
    idempotency_key text NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refunds_payment ON refunds (payment_id);

-- ── The books ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE balance_transactions (
    id               uuid PRIMARY KEY,
    -- Orders the rows of one customer; given under the customer's row lock.
    sequence         bigint NOT NULL,
    customer_id      uuid REFERENCES customers ON DELETE RESTRICT,
    amount           decimal(12,2) NOT NULL CHECK (amount <> 0),
    balance_before   decimal(12,2) NOT NULL,
    balance_after    decimal(12,2) NOT NULL,
    currency         char(3) NOT NULL,
    transaction_type text NOT NULL CHECK (transaction_type IN ('recharge', 'payment', 'refund', 'manual_adjust')),
    reference_id     text NOT NULL DEFAULT '',
    description      text NOT NULL DEFAULT '',
    entry_id         uuid NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT balance_adds_up CHECK (balance_before + amount = balance_after),
    UNIQUE (customer_id, sequence)
);
CREATE INDEX balance_transactions_newest ON balance_transactions (created_at DESC, sequence DESC, id DESC);
CREATE INDEX balance_transactions_customer ON balance_transactions (customer_id, created_at DESC, id);

-- One movement of money. Its postings sum to zero in each currency, which the database checks at
-- commit. (kind, reference_id) is unique where a thing may happen only once.
CREATE TABLE ledger_entries (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    reference_id text NOT NULL,
    description  text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, reference_id)
);

-- amount > 0 debits the account, amount < 0 credits it.
CREATE TABLE ledger_postings (
    entry_id    uuid NOT NULL REFERENCES ledger_entries ON DELETE RESTRICT,
    line        smallint NOT NULL,
    account     text NOT NULL CHECK (account IN ('customer_balance', 'gateway_clearing',
                    'deferred_revenue', 'revenue', 'refunds', 'adjustments')),
    customer_id uuid,
    gateway_id  text NOT NULL DEFAULT '',
    amount      decimal(12,2) NOT NULL CHECK (amount <> 0),
    currency    char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    PRIMARY KEY (entry_id, line),
    CONSTRAINT balance_has_customer CHECK (account <> 'customer_balance' OR customer_id IS NOT NULL),
    CONSTRAINT clearing_has_gateway CHECK (account <> 'gateway_clearing' OR gateway_id <> '')
);
CREATE INDEX ledger_postings_customer ON ledger_postings (customer_id, account);

CREATE FUNCTION check_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines integer;
BEGIN
    SELECT count(*) INTO lines FROM ledger_postings WHERE entry_id = NEW.id;
    IF lines < 2 THEN
        RAISE EXCEPTION 'ledger entry % has % posting(s)', NEW.id, lines
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    IF EXISTS (SELECT 1 FROM ledger_postings WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'ledger entry % does not balance', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balances();

-- Postings are added only by the transaction that made their entry: later ones would escape the check.
CREATE FUNCTION check_posting_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.id = NEW.entry_id
                   AND e.xmin = pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'ledger entry % is closed', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posting_is_new BEFORE INSERT ON ledger_postings
    FOR EACH ROW EXECUTE FUNCTION check_posting_is_new();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_postings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON balance_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_entries EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_postings EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON balance_transactions EXECUTE FUNCTION refuse_change();

-- ── Servers ─────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE instances (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL UNIQUE REFERENCES orders ON DELETE RESTRICT,
    customer_id   uuid REFERENCES customers ON DELETE RESTRICT,
    product_id    uuid NOT NULL REFERENCES products ON DELETE RESTRICT,
    product_name  text NOT NULL,
    provider_id   text NOT NULL,
    provider_instance_id text NOT NULL DEFAULT '',
    name          text NOT NULL DEFAULT '',
    server_spec   jsonb NOT NULL DEFAULT '{}',
    status        text NOT NULL CHECK (status IN ('provisioning', 'running', 'stopped', 'suspended', 'terminated', 'error')),
    -- What the reconciler brings the provider to.
    desired_status text NOT NULL CHECK (desired_status IN ('running', 'stopped', 'suspended', 'terminated')),
    -- Raised by every command; a worker's answer to an older command does not count.
    generation    bigint NOT NULL DEFAULT 1,
    status_reason text NOT NULL DEFAULT '',
    -- What the provider last said that went wrong; never shown to a customer.
    provider_message text NOT NULL DEFAULT '',
    -- Why it is suspended: the billing run lifts only its own suspension.
    suspension_cause text NOT NULL DEFAULT '' CHECK (suspension_cause IN ('', 'overdue', 'operator')),
    -- What was desired before it was suspended, and is again when that ends.
    desired_before text NOT NULL DEFAULT 'running' CHECK (desired_before IN ('running', 'stopped')),
    ip_address    text NOT NULL DEFAULT '',
    details       jsonb NOT NULL DEFAULT '{}',
    -- Handle of an operation the provider accepted and has not finished.
    pending_operation text NOT NULL DEFAULT '',
    -- The key of the command it carries out; '' for an opening.
    pending_operation_key text NOT NULL DEFAULT '',
    restart_requested boolean NOT NULL DEFAULT false,
    billing_cycle text NOT NULL,
    renewal_amount decimal(12,2) NOT NULL DEFAULT 0,
    currency      char(3) NOT NULL,
    -- The billing clock: starts when the provider confirms.
    activated_at  timestamptz,
    paid_until    timestamptz,
    auto_renew    boolean NOT NULL DEFAULT true,
    next_check_at timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    terminated_at timestamptz
);
CREATE INDEX instances_newest ON instances (created_at DESC, id DESC);
CREATE INDEX instances_customer ON instances (customer_id, created_at DESC, id);
CREATE INDEX instances_status ON instances (status, created_at DESC, id);
CREATE INDEX instances_check ON instances (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX instances_renewal ON instances (paid_until) WHERE activated_at IS NOT NULL AND terminated_at IS NULL;
CREATE UNIQUE INDEX instances_at_provider ON instances (provider_id, provider_instance_id) WHERE provider_instance_id <> '';

CREATE FUNCTION check_instance_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'terminated' AND NEW.status <> 'terminated' THEN
        RAISE EXCEPTION 'instance % is terminated for good', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'instance_transition';
    END IF;
    IF OLD.desired_status = 'terminated' AND NEW.desired_status <> 'terminated' THEN
        RAISE EXCEPTION 'instance % is being terminated', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'instance_transition';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER instance_transition BEFORE UPDATE OF status, desired_status ON instances
    FOR EACH ROW EXECUTE FUNCTION check_instance_transition();

-- Servers that a provider holds for us and no living instance knows, as the sweep saw them. Found and
-- told of, never touched.
CREATE TABLE provider_orphans (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider_id   text NOT NULL,
    provider_instance_id text NOT NULL,
    state         text NOT NULL CHECK (state IN ('opening', 'running', 'stopped', 'suspended', 'failed')),
    ip_address    text NOT NULL DEFAULT '',
    -- The instance it was opened for, where the provider keeps that.
    opened_for    uuid,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    -- When people were told.
    told_at       timestamptz,
    UNIQUE (provider_id, provider_instance_id)
);
CREATE INDEX provider_orphans_first_seen ON provider_orphans (first_seen_at, id);

-- A renewal is a row per (instance, start of the period): callback, clock and administrator all find
-- the same one.
CREATE TABLE renewals (
    instance_id  uuid NOT NULL REFERENCES instances ON DELETE RESTRICT,
    period_start timestamptz NOT NULL,
    period_end   timestamptz NOT NULL,
    customer_id  uuid REFERENCES customers ON DELETE RESTRICT,
    invoice_id   uuid NOT NULL UNIQUE REFERENCES invoices ON DELETE RESTRICT,
    amount       decimal(12,2) NOT NULL CHECK (amount >= 0),
    currency     char(3) NOT NULL,
    applied_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instance_id, period_start),
    CHECK (period_end > period_start)
);

-- ── Work and nodes ──────────────────────────────────────────────────────────────────────────────

-- The outbox: written in the commit that made the work necessary. A row is deleted when its work is
-- done and kept with dead = true when the tries are used up.
CREATE TABLE events (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    subject_id   uuid NOT NULL,
    customer_id  uuid,
    payload      jsonb NOT NULL DEFAULT '{}',
    attempts     integer NOT NULL DEFAULT 0,
    run_at       timestamptz NOT NULL DEFAULT now(),
    -- A worker that died leaves its lease to run out.
    leased_until timestamptz,
    leased_by    text NOT NULL DEFAULT '',
    dead         boolean NOT NULL DEFAULT false,
    last_error   text NOT NULL DEFAULT '',
    -- Where the same step may be asked for more than once (a reminder), once is enough.
    dedupe_key   text UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_due ON events (run_at, id) WHERE NOT dead;
CREATE INDEX events_dead ON events (created_at DESC) WHERE dead;
CREATE INDEX events_subject ON events (subject_id);

-- Workers are woken by pg_notify('rustbill_events', '') after the commit, not by a trigger inside it:
-- PostgreSQL lets transactions that notify commit only one after the other.

-- What was told to whom, once per (template, object, step).
CREATE TABLE notifications (
    id           uuid PRIMARY KEY,
    template     text NOT NULL,
    subject_id   uuid NOT NULL,
    step         text NOT NULL DEFAULT '',
    customer_id  uuid,
    recipient    text NOT NULL,
    status       text NOT NULL CHECK (status IN ('queued', 'sent', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    last_error   text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    sent_at      timestamptz,
    UNIQUE (template, subject_id, step, recipient)
);
CREATE INDEX notifications_age ON notifications (created_at);

CREATE TABLE server_instances (
    id             uuid PRIMARY KEY,
    hostname       text NOT NULL,
    pid            integer NOT NULL,
    address        text NOT NULL,
    version        text NOT NULL,
    started_at     timestamptz NOT NULL,
    last_heartbeat timestamptz NOT NULL
);

-- Leases: one row per role, held until expires_at.
CREATE TABLE leader_role (
    role         text PRIMARY KEY CHECK (role IN ('migration', 'events', 'billing')),
    holder       uuid,
    acquired_at  timestamptz,
    expires_at   timestamptz,
    -- Raised at each change of holder: a fencing token.
    term         bigint NOT NULL DEFAULT 0
);

-- ── Support ─────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE tickets (
    id               uuid PRIMARY KEY,
    customer_id      uuid REFERENCES customers ON DELETE RESTRICT,
    creator_user_id  uuid REFERENCES users ON DELETE SET NULL,
    assignee_user_id uuid REFERENCES users ON DELETE SET NULL,
    title            text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    description      text NOT NULL DEFAULT '',
    status           text NOT NULL CHECK (status IN ('pending', 'processing', 'resolved', 'closed')),
    priority         text NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tickets_newest ON tickets (created_at DESC, id DESC);
CREATE INDEX tickets_customer ON tickets (customer_id, created_at DESC, id);
CREATE INDEX tickets_status ON tickets (status, created_at DESC, id);

CREATE TABLE ticket_replies (
    id          uuid PRIMARY KEY,
    ticket_id   uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
    customer_id uuid REFERENCES customers ON DELETE RESTRICT,
    user_id     uuid REFERENCES users ON DELETE SET NULL,
    content     text NOT NULL CHECK (length(content) BETWEEN 1 AND 20000),
    is_internal boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_replies_ticket ON ticket_replies (ticket_id, created_at, id);

-- ── Plugins ─────────────────────────────────────────────────────────────────────────────────────

-- One configured use of a plugin; its id is what orders call provider_id and payments gateway_id.
CREATE TABLE plugin_interfaces (
    id           text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    plugin_id    text NOT NULL,
    plugin_type  text NOT NULL CHECK (plugin_type IN ('Notifier', 'Gateway', 'UpstreamProvider', 'FirstPartyProvider')),
    name         text NOT NULL,
    enabled      boolean NOT NULL DEFAULT false,
    -- Secrets in it are sealed ("sealed:v1:…"), see plugin/secret_box.
    config       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config) = 'object'),
    is_healthy   boolean NOT NULL DEFAULT false,
    health_message text NOT NULL DEFAULT '',
    health_checked_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
