#include "core/customer/customer_service.hpp"

#include "core/customer/customer_store.hpp"
#include "core/identity/account_rules.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

namespace {

Error customer_not_found() {
    return Error{
        .code = ErrorCode::not_found, .message = "id: there is no such customer", .field = "id"};
}

Result<Money> parse_credit_limit(const std::string& text, Currency currency) {
    if (text.empty()) return Money::zero(currency);
    const auto limit = TRY(Money::parse(text, currency, "credit_limit"));
    if (limit.is_negative()) return invalid_field("credit_limit", "must not be below 0.00");
    return limit;
}

Result<> check_customer(const Customer& customer) {
    TRY(check_text(
        customer.name,
        {.field = "name", .chars_min = 1, .chars_max = limits::customer_name_chars_max}));
    TRY(check_text(customer.contact,
                   {.field = "contact", .chars_max = limits::customer_contact_chars_max}));
    TRY(check_text(customer.phone,
                   {.field = "phone", .chars_max = limits::customer_phone_chars_max}));
    if (!customer.email.empty()) TRY(check_email(customer.email));
    return {};
}

std::string yes_or_no(bool value) {
    return value ? "yes" : "no";
}

Changes changes_between(const Customer& before, const Customer& after) {
    Changes changes;
    note_change(changes, "name", before.name, after.name);
    note_change(changes, "contact", before.contact, after.contact);
    note_change(changes, "email", before.email, after.email);
    note_change(changes, "phone", before.phone, after.phone);
    note_change(changes, "credit_limit", before.credit_limit.to_string(),
                after.credit_limit.to_string());
    note_change(changes, "can_create_api_keys", yes_or_no(before.can_create_api_keys),
                yes_or_no(after.can_create_api_keys));
    note_change(changes, "is_active", yes_or_no(before.is_active), yes_or_no(after.is_active));
    return changes;
}

Result<Customer> applied(Customer customer, const CustomerChange& change) {
    if (change.name) customer.name = trimmed(*change.name);
    if (change.contact) customer.contact = *change.contact;
    if (change.email) customer.email = trimmed(*change.email);
    if (change.phone) customer.phone = *change.phone;
    if (change.credit_limit) {
        customer.credit_limit = TRY(parse_credit_limit(*change.credit_limit, customer.currency));
    }
    if (change.can_create_api_keys) customer.can_create_api_keys = *change.can_create_api_keys;
    if (change.is_active) customer.is_active = *change.is_active;
    return customer;
}

}  // namespace

Result<Page<Customer>> CustomerService::list(std::string_view search, PageRequest page) {
    TRY(check_text(search, {.field = "search", .chars_max = limits::search_chars_max}));
    auto unit = TRY(database_.begin());
    return unit->customers().list(search, page);
}

Result<Customer> CustomerService::get(const Actor& actor, CustomerId id) {
    if (!actor.may_see(id)) return customer_not_found();
    auto unit = TRY(database_.begin());
    auto customer = TRY(unit->customers().find(id));
    if (!customer) return customer_not_found();
    return *std::move(customer);
}

Result<Customer> CustomerService::create(const Actor& actor, const NewCustomer& request) {
    auto currency = Currency::cny();
    if (!request.currency.empty()) {
        auto parsed = Currency::parse(request.currency);
        if (parsed.has_error()) return invalid_field("currency", "must be three capital letters");
        currency = *parsed;
    }
    const auto now = clock_.now();
    const Customer customer{.id = ids_.next_id<CustomerId>(),
                            .name = std::string(trimmed(request.name)),
                            .contact = request.contact,
                            .email = std::string(trimmed(request.email)),
                            .phone = request.phone,
                            .currency = currency,
                            .balance = Money::zero(currency),
                            .credit_limit = TRY(parse_credit_limit(request.credit_limit, currency)),
                            .created_at = now,
                            .updated_at = now};
    TRY(check_customer(customer));

    return in_transaction(database_, "create_customer", [&](UnitOfWork& unit) -> Result<Customer> {
        TRY(unit.customers().insert(customer));
        Operation operation{.id = ids_.next_id<OperationId>(),
                            .by = ActorStamp::of(actor),
                            .customer = customer.id,
                            .action = "customer.create",
                            .object_type = "customer",
                            .object_id = customer.id.to_string(),
                            .at = now};
        note_change(operation.changes, "name", "", customer.name);
        note_change(operation.changes, "credit_limit", "", customer.credit_limit.to_string());
        TRY(unit.operation_log().append(operation));
        return customer;
    });
}

Result<Customer> CustomerService::update(const Actor& actor, CustomerId id,
                                         const CustomerChange& change) {
    return in_transaction(database_, "update_customer", [&](UnitOfWork& unit) -> Result<Customer> {
        const auto before = TRY(unit.customers().find_for_update(id));
        if (!before) return customer_not_found();
        auto after = TRY(applied(*before, change));
        TRY(check_customer(after));
        // In integers: a balance and a limit that each fit into Money need not do so together.
        if (after.balance.minor_units() + after.credit_limit.minor_units() < 0) {
            return Error{.code = ErrorCode::failed_precondition,
                         .message = "credit_limit: the customer owes more than that",
                         .field = "credit_limit"};
        }
        auto changes = changes_between(*before, after);
        if (changes.empty()) return *before;

        after.updated_at = clock_.now();
        TRY(unit.customers().save(after));
        TRY(unit.operation_log().append({.id = ids_.next_id<OperationId>(),
                                         .by = ActorStamp::of(actor),
                                         .customer = id,
                                         .action = "customer.update",
                                         .object_type = "customer",
                                         .object_id = id.to_string(),
                                         .changes = std::move(changes),
                                         .at = after.updated_at}));
        return after;
    });
}

}  // namespace rb::core
