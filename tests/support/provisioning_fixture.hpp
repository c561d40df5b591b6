// An order that is paid and waits for its server, on a real database, with a provider that has bad
// days: what the tests of provisioning, of the reconciler and of commands begin with.

#pragma once

#include "core/instance/instance_service.hpp"
#include "core/instance/provisioning.hpp"
#include "core/instance/reconciler.hpp"

#include "support/fake_directory.hpp"
#include "support/paid_order.hpp"
#include "support/scripted_provider.hpp"
#include "support/test_database.hpp"
#include "support/twins.hpp"

#include <gtest/gtest.h>

namespace rb::core {

using namespace std::chrono_literals;
using test::BadDay;

class ProvisioningTest : public testing::Test {
protected:
    ProvisioningTest() {
        directory_.add(std::static_pointer_cast<Provider>(provider_));
        made_ = test::insert_paid_order(db_, ids_, clock_.now());
    }

    ProvisionOrder provisioning(FaultPoint& faults, Database& database) {
        return ProvisionOrder({.database = database,
                               .plugins = directory_,
                               .clock = clock_,
                               .ids = ids_,
                               .faults = faults,
                               .log = log_});
    }
    Reconciler reconciler() {
        return Reconciler({.database = db_.database(),
                           .plugins = directory_,
                           .clock = clock_,
                           .ids = ids_,
                           .faults = no_faults_,
                           .log = log_});
    }
    InstanceService service() {
        return InstanceService({.database = db_.database(),
                                .plugins = directory_,
                                .clock = clock_,
                                .ids = ids_,
                                .log = log_});
    }

    Event event(int attempts = 1) {
        return {.id = ids_.next_id<EventId>(),
                .kind = EventKind::provision_order,
                .subject = made_.order.uuid(),
                .attempts = attempts};
    }
    // As the event worker does it: again and again, until it is done or given up.
    void provision_until_done() {
        auto handler = provisioning(no_faults_, db_.database());
        for (int attempt = 1; attempt <= handler.attempts_max(); ++attempt) {
            auto progress = handler.handle(event(attempt));
            clock_.advance(2s);
            if (progress.has_error()) {
                if (attempt == handler.attempts_max()) {
                    const auto ended = handler.give_up(event(attempt), progress.error());
                    ASSERT_TRUE(ended.has_value());
                }
                continue;
            }
            if (!progress->again_after) return;
            --attempt;
        }
    }

    InstanceId instance_id() {
        return *InstanceId::parse(db_.value("SELECT id FROM instances"), "id");
    }
    std::string order_status() { return db_.value("SELECT status FROM orders"); }
    std::string instance_status() { return db_.value("SELECT status FROM instances"); }
    std::string balance() { return db_.value("SELECT balance FROM customers"); }
    std::string account(const std::string& name) {
        return db_.value(
            "SELECT COALESCE(sum(amount), 0)::decimal(12,2) FROM ledger_postings WHERE account = "
            "'" +
            name + "'");
    }

    test::TestDatabase db_;
    test::FakeClock clock_;
    test::CountingIds ids_;
    test::FakeDirectory directory_;
    std::shared_ptr<test::ScriptedProvider> provider_ = std::make_shared<test::ScriptedProvider>();
    NoFaultPoint no_faults_;
    SilentLog log_;
    test::PaidOrder made_;
    Actor customer_{.kind = ActorKind::customer, .user = {}, .customer = {}};
    const Actor admin_{.kind = ActorKind::admin, .permissions = {"*"}};
};

}  // namespace rb::core
