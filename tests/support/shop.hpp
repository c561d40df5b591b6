// A small shop on a database of its own: one product, twins of a provider and of a gateway, a clock
// that a test moves, and the money services on top. What most tests of the money path begin with.

#pragma once

#include "core/billing/invoice_settler.hpp"
#include "core/event/event_worker.hpp"
#include "core/instance/provisioning.hpp"
#include "core/instance/reconciler.hpp"
#include "core/ledger/balance_service.hpp"
#include "core/ledger/ledger_verifier.hpp"
#include "core/order/order_service.hpp"
#include "core/payment/pay_out_refund.hpp"
#include "core/payment/payment_service.hpp"

#include "support/fake_ports.hpp"
#include "support/scripted_gateway.hpp"
#include "support/scripted_provider.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace rb::test {

// The providers, gateways and notifiers a test has put into it. Thread-safe once filled.
class StaticDirectory final : public core::PluginDirectory {
public:
    void add(std::shared_ptr<core::Provider> provider) {
        providers_.push_back(std::move(provider));
    }
    void add(std::shared_ptr<core::Gateway> gateway) { gateways_.push_back(std::move(gateway)); }
    void add(std::shared_ptr<core::Notifier> notifier) {
        notifiers_.push_back(std::move(notifier));
    }

    Result<std::shared_ptr<core::Provider>> find_provider(std::string_view id) override;
    Result<std::shared_ptr<core::Provider>> find_provider(
        const core::InterfaceVersion& version) override {
        return find_provider(version.id);
    }
    Result<std::shared_ptr<core::Gateway>> find_gateway(std::string_view id) override;
    Result<core::CallbackGateway> find_gateway_for_callback(std::string_view id) override;
    std::vector<std::shared_ptr<core::Provider>> providers() override { return providers_; }
    std::vector<std::shared_ptr<core::Gateway>> gateways() override { return gateways_; }
    core::Notifiers notifiers() override { return {.usable = notifiers_}; }
    [[nodiscard]] bool may_notify() const override { return !notifiers_.empty(); }
    bool is_healthy(std::string_view) override { return true; }

    // Called at every find, where a real directory may read the database and compile a script.
    std::function<void()> before_find = [] {};
    // Interfaces that are there and not in use.
    std::set<std::string, std::less<>> disabled;
    // What finding a gateway for a callback fails with: its script does not compile, say.
    std::optional<Error> callback_failure;

private:
    std::vector<std::shared_ptr<core::Provider>> providers_;
    std::vector<std::shared_ptr<core::Gateway>> gateways_;
    std::vector<std::shared_ptr<core::Notifier>> notifiers_;
};

class Shop {
public:
    Shop();

    // A customer with this balance ("100.00"), booked as an administrator's adjustment.
    core::CustomerId add_customer(const std::string& balance,
                                  const std::string& credit_limit = "0.00");
    // A product of provider-test at this price a month.
    core::ProductId add_product(const std::string& price, std::optional<int> stock = std::nullopt);
    core::Actor customer(core::CustomerId id) const;
    core::Actor admin() const;
    core::Order order(core::CustomerId owner);
    // All checks of the ledger; the first fault as text, "" when there is none.
    std::string first_fault();
    std::string balance(core::CustomerId id);

    TestDatabase db;
    FakeClock clock;
    CountingIds ids;
    FoldingDigester digester;
    RememberingLog log;
    KillingFaults faults;
    StaticDirectory plugins;
    std::shared_ptr<ScriptedProvider> provider =
        std::make_shared<ScriptedProvider>("provider-test");
    std::shared_ptr<ScriptedGateway> gateway = std::make_shared<ScriptedGateway>();
    std::shared_ptr<ScriptedGateway> bank = std::make_shared<ScriptedGateway>("bank-test");
    core::InvoiceSettler invoices{ids};
    store_pg::PgDatabase database{db.pool(), faults};
    core::PaymentService payments{{.database = database,
                                   .plugins = plugins,
                                   .invoices = invoices,
                                   .clock = clock,
                                   .ids = ids,
                                   .faults = faults,
                                   .log = log},
                                  {.public_url = "https://shop.example"}};
    core::OrderService orders{{.database = database,
                               .plugins = plugins,
                               .payments = payments,
                               .clock = clock,
                               .ids = ids,
                               .digester = digester,
                               .log = log}};
    core::BalanceService balances{database, clock, ids};
    core::PayOutRefund pay_out{payments};
    core::ProvisionOrder provisioning{{.database = database,
                                       .plugins = plugins,
                                       .clock = clock,
                                       .ids = ids,
                                       .faults = faults,
                                       .log = log}};
    core::Reconciler reconciler{{.database = database,
                                 .plugins = plugins,
                                 .clock = clock,
                                 .ids = ids,
                                 .faults = faults,
                                 .log = log}};
    core::EventWorker refund_worker{
        database, clock, log, {{core::EventKind::pay_out_refund, &pay_out}}, "worker/1"};
    // Does all that a server's workers do.
    core::EventWorker worker{database,
                             clock,
                             log,
                             {{core::EventKind::pay_out_refund, &pay_out},
                              {core::EventKind::provision_order, &provisioning},
                              {core::EventKind::reconcile_instance, &reconciler}},
                             "worker/2"};
    core::ProductId product;

private:
    int customers_ = 0;
};

}  // namespace rb::test
