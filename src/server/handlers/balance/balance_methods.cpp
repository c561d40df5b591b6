#include "server/handlers/balance/balance_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/payment/payment_info.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/balance.pb.h>

namespace rb::server {

namespace balance_wire = rustbill::balance;
using transport::CallContext;

namespace {

void fill(const core::BalanceTransaction& transaction, balance_wire::BalanceTransactionInfo& info) {
    info.set_id(transaction.id.to_string());
    info.set_customer_id(transaction.customer.to_string());
    info.set_amount(transaction.amount.to_string());
    info.set_balance_after(transaction.balance_after.to_string());
    info.set_transaction_type(std::string(core::name_of(transaction.type)));
    info.set_reference_id(transaction.reference_id);
    info.set_description(transaction.description);
    info.set_created_at(time_text(transaction.created_at));
}

Result<balance_wire::GetBalanceResponse> get(core::BalanceService& balances,
                                             const CallContext& call,
                                             const balance_wire::GetBalanceRequest& request) {
    const auto customer =
        TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id"));
    const auto account = TRY(balances.find(actor_of(call), customer));
    balance_wire::GetBalanceResponse response;
    response.set_customer_id(account.customer.to_string());
    response.set_balance(account.balance.to_string());
    response.set_credit_limit(account.credit_limit.to_string());
    response.set_currency(std::string(account.balance.currency().code()));
    return response;
}

Result<balance_wire::ListBalanceTransactionsResponse> list(
    core::BalanceService& balances, const CallContext& call,
    const balance_wire::ListBalanceTransactionsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    core::BalanceTransactionFilter filter{
        .customer = TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id")),
        .type = TRY(parse_optional_enum<core::BalanceTransactionType>(request.transaction_type(),
                                                                      "transaction_type"))};
    const auto found = TRY(balances.list(actor_of(call), filter, page));
    balance_wire::ListBalanceTransactionsResponse response;
    for (const auto& transaction : found.items) fill(transaction, *response.add_transactions());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

Result<balance_wire::RechargeResponse> recharge(core::BalanceService& balances,
                                                core::PaymentService& payments,
                                                const CallContext& call,
                                                const balance_wire::RechargeRequest& request) {
    const auto actor = actor_of(call);
    const auto customer =
        TRY(parse_optional_id<core::CustomerId>(request.customer_id(), "customer_id"));
    // Money on a balance is in the currency of the balance.
    const auto account = TRY(balances.find(actor, customer));
    const auto amount =
        TRY(core::Money::parse(request.amount(), account.balance.currency(), "amount"));
    const auto key = TRY(key_text_of(call));
    balance_wire::RechargeResponse response;
    fill_payment_info(
        TRY(payments.recharge(actor, customer, amount, request.gateway_id(), actor.ip, key)),
        *response.mutable_payment());
    return response;
}

}  // namespace

void add_balance_methods(transport::MethodRegistry& registry, core::BalanceService& balances,
                         core::PaymentService& payments) {
    registry.unary<balance_wire::GetBalanceRequest, balance_wire::GetBalanceResponse>(
        "/rustbill.balance.BalanceService/GetBalance",
        [&](CallContext& call, const auto& request) { return get(balances, call, request); });
    registry.unary<balance_wire::ListBalanceTransactionsRequest,
                   balance_wire::ListBalanceTransactionsResponse>(
        "/rustbill.balance.BalanceService/ListBalanceTransactions",
        [&](CallContext& call, const auto& request) { return list(balances, call, request); });
    registry.unary<balance_wire::RechargeRequest, balance_wire::RechargeResponse>(
        "/rustbill.balance.BalanceService/Recharge", [&](CallContext& call, const auto& request) {
            return recharge(balances, payments, call, request);
        });
    registry.unary<balance_wire::AdjustBalanceRequest, balance_wire::AdjustBalanceResponse>(
        "/rustbill.balance.BalanceService/AdjustBalance",
        [&](CallContext& call, const auto& request) -> Result<balance_wire::AdjustBalanceResponse> {
            const auto customer =
                TRY(core::CustomerId::parse(request.customer_id(), "customer_id"));
            const auto key = TRY(key_text_of(call));
            balance_wire::AdjustBalanceResponse response;
            fill(TRY(balances.adjust(actor_of(call), customer, request.amount(), request.reason(),
                                     key)),
                 *response.mutable_transaction());
            return response;
        });
}

}  // namespace rb::server
