#include "server/handlers/customer/customer_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/customer.pb.h>

namespace rb::server {

namespace customer_wire = rustbill::customer;
using transport::CallContext;

namespace {

void fill(const core::Customer& customer, customer_wire::CustomerInfo& info) {
    info.set_id(customer.id.to_string());
    info.set_name(customer.name);
    info.set_contact(customer.contact);
    info.set_email(customer.email);
    info.set_phone(customer.phone);
    info.set_balance(customer.balance.to_string());
    info.set_credit_limit(customer.credit_limit.to_string());
    info.set_currency(std::string(customer.currency.code()));
    info.set_can_create_api_keys(customer.can_create_api_keys);
    info.set_is_active(customer.is_active);
    info.set_created_at(time_text(customer.created_at));
    info.set_updated_at(time_text(customer.updated_at));
}

Result<customer_wire::ListCustomersResponse> list(
    core::CustomerService& customers, const customer_wire::ListCustomersRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(customers.list(request.search(), page));
    customer_wire::ListCustomersResponse response;
    for (const auto& customer : found.items) fill(customer, *response.add_customers());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<customer_wire::UpdateCustomerResponse> update(
    core::CustomerService& customers, const CallContext& call,
    const customer_wire::UpdateCustomerRequest& request) {
    const auto id = TRY(core::CustomerId::parse(request.id(), "id"));
    const core::CustomerChange change{
        .name = when(request.has_name(), request.name()),
        .contact = when(request.has_contact(), request.contact()),
        .email = when(request.has_email(), request.email()),
        .phone = when(request.has_phone(), request.phone()),
        .credit_limit = when(request.has_credit_limit(), request.credit_limit()),
        .can_create_api_keys =
            when(request.has_can_create_api_keys(), request.can_create_api_keys()),
        .is_active = when(request.has_is_active(), request.is_active())};
    customer_wire::UpdateCustomerResponse response;
    fill(TRY(customers.update(actor_of(call), id, change)), *response.mutable_customer());
    return response;
}

}  // namespace

void add_customer_methods(transport::MethodRegistry& registry, core::CustomerService& customers) {
    registry.unary<customer_wire::ListCustomersRequest, customer_wire::ListCustomersResponse>(
        "/rustbill.customer.CustomerService/ListCustomers",
        [&](CallContext&, const auto& request) { return list(customers, request); });
    registry.unary<customer_wire::GetCustomerRequest, customer_wire::GetCustomerResponse>(
        "/rustbill.customer.CustomerService/GetCustomer",
        [&](CallContext& call, const auto& request) -> Result<customer_wire::GetCustomerResponse> {
            const auto id = TRY(core::CustomerId::parse(request.id(), "id"));
            customer_wire::GetCustomerResponse response;
            fill(TRY(customers.get(actor_of(call), id)), *response.mutable_customer());
            return response;
        });
    registry.unary<customer_wire::CreateCustomerRequest, customer_wire::CreateCustomerResponse>(
        "/rustbill.customer.CustomerService/CreateCustomer",
        [&](CallContext& call,
            const auto& request) -> Result<customer_wire::CreateCustomerResponse> {
            const core::NewCustomer customer{.name = request.name(),
                                             .contact = request.contact(),
                                             .email = request.email(),
                                             .phone = request.phone(),
                                             .credit_limit = request.credit_limit(),
                                             .currency = request.currency()};
            customer_wire::CreateCustomerResponse response;
            fill(TRY(customers.create(actor_of(call), customer)), *response.mutable_customer());
            return response;
        });
    registry.unary<customer_wire::UpdateCustomerRequest, customer_wire::UpdateCustomerResponse>(
        "/rustbill.customer.CustomerService/UpdateCustomer",
        [&](CallContext& call, const auto& request) { return update(customers, call, request); });
}

}  // namespace rb::server
