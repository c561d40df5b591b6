// Compares what an instance shall be with what its provider says, and acts until the two are equal
// (architecture, decision 9). Handler of event reconcile_instance; also looks by itself at whatever
// is due, so that a lost event or a change behind our back is found.
//
// An answer to an older command does not count: the instance's generation is compared when the
// answer is written. Thread-safe; holds no state.

#pragma once

#include "base/result.hpp"

#include "core/event/event_worker.hpp"
#include "core/instance/instance.hpp"
#include "core/instance/reconcile_step.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/fault_point.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>

namespace rb::core {

struct ReconcileReport {
    int looked_at = 0;
    int settled = 0;
    int failed = 0;
};

class Reconciler final : public EventHandler {
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
    explicit Reconciler(Ports ports) : ports_(ports) {}

    // Waits instead of failing while the provider cannot be asked: the customer's command stands.
    Result<EventProgress> handle(const Event& event) override;

    // Takes up what is due for a look. One instance that fails stops no other.
    Result<ReconcileReport> check_due();

    // One look; true when the instance is as it shall be.
    // ERRORS: as plugin_call.hpp; the instance stays due
    Result<bool> check(InstanceId id);

private:
    struct Refused {
        InstanceCommand command;
        std::string provider_message;
    };
    // What one look found: the provider's last word, and what it is busy with.
    struct Finding {
        std::optional<InstanceView> view = {};
        std::string pending_operation = {};
        std::string pending_operation_key = {};
        bool did_restart = false;
        bool is_settled = false;
        // Not as it shall be, and no command of ours mends it.
        std::string broken = {};
        // A command was carried out, or taken on, in this look.
        bool did_act = false;
        // The provider said no for good.
        std::optional<Refused> refused = {};
    };
    static Result<bool> is_opening_under_way(UnitOfWork& unit,
                                             const std::optional<Instance>& instance);
    static Result<bool> is_unwanted_opening(Provider& provider, const Instance& instance);
    Result<Finding> look(Provider& provider, const Instance& instance);
    Result<InstanceView> view_of(Provider& provider, const Instance& instance);
    Result<CommandOutcome> act(Provider& provider, const Instance& instance,
                               const InstanceView& view, InstanceCommand command);
    // A command of the present desire whose operation was taken on and then failed.
    static std::optional<InstanceCommand> failed_command(const Instance& instance);
    Result<> report_broken(UnitOfWork& unit, const Instance& instance, const std::string& reason,
                           Timestamp now);
    Result<> settle_refusal(UnitOfWork& unit, Instance& instance, const Finding& finding,
                            Timestamp now);
    Result<bool> write(const Instance& seen, const Provider& provider, const Finding& finding);
    Result<> follow_with_order(UnitOfWork& unit, const Instance& instance, Timestamp now);
    Result<> note_failure(InstanceId id, const Error& error);

    const Ports ports_;
};

}  // namespace rb::core
