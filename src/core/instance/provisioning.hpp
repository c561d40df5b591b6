// Opens the server of a paid order: the handler of event provision_order.
//
//   paid ──▶ provisioning ──▶ active            the provider confirmed; the billing clock starts
//                         └─▶ cancelled         it refused, or the tries are used up: all money
//                         back
//
// Every step is committed before the next call to the provider and can be repeated after a crash at
// any point: the instance's id is the idempotency key of its opening, and a second attempt probes
// before it opens (architecture, decision 9). No transaction is open while the provider is asked.
//
// Thread-safe; holds no state.

#pragma once

#include "base/result.hpp"

#include "core/event/event_worker.hpp"
#include "core/instance/instance.hpp"
#include "core/order/order.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/fault_point.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <string>
#include <variant>

namespace rb::core {

class ProvisionOrder final : public EventHandler {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        const Clock& clock;
        IdSource& ids;
        FaultPoint& faults;
        Log& log;
    };
    explicit ProvisionOrder(Ports ports) : ports_(ports) {}

    Result<EventProgress> handle(const Event& event) override;
    // Refunds in full and leaves the instance to the reconciler to be ended, so that a server which
    // the provider made after all is not orphaned.
    Result<> give_up(const Event& event, const Error& last) override;
    [[nodiscard]] int attempts_max() const override;
    [[nodiscard]] std::chrono::seconds backoff_max() const override;

private:
    struct Begun {
        Instance instance;
        // Made by this very attempt, so nobody has asked the provider for it yet.
        bool is_new = false;
    };
    // Makes the instance when there is none. Nothing: there is nothing left to do for this order.
    Result<std::optional<Begun>> begin(OrderId order);
    Result<std::variant<InstanceView, Accepted>> ask(Provider& provider, const Instance& instance,
                                                     bool was_tried);
    Result<EventProgress> wait(const Instance& instance, const Accepted& accepted);
    Result<> remember_operation(InstanceId id, const std::string& operation);
    // Too late: the instance had ended before its opening did, so nobody looks after the server.
    enum class Confirmed { recorded, too_late };
    Result<Confirmed> confirm(const Instance& instance, const InstanceView& view);
    // Ends a server that was opened too late.
    Result<> end(Provider& provider, const Instance& instance, const InstanceView& view);
    Result<> fail(OrderId order, const std::string& why);
    static Result<> keep_providers_words(UnitOfWork& unit, OrderId order, const std::string& why);

    const Ports ports_;
};

}  // namespace rb::core
