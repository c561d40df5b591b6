// What people do with their servers: look, start, stop, restart, terminate, run the provider's own
// actions. A command sets what shall be and returns at once; the reconciler brings it about.
//
// Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/identity/actor.hpp"
#include "core/instance/instance.hpp"
#include "core/instance/instance_store.hpp"
#include "core/instance/orphan_store.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/page.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"

#include <string>
#include <string_view>

namespace rb::core {

class Database;
class UnitOfWork;

enum class LifecycleCommand { start, stop, restart, terminate, suspend, unsuspend };

struct InstanceDetails {
    Instance instance;
    // The provider's sections; of actions, ours first, then the provider's own.
    InstanceDescription description;
};

class InstanceService {
public:
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        const Clock& clock;
        IdSource& ids;
        Log& log;
    };
    explicit InstanceService(Ports ports) : ports_(ports) {}

    // A customer's filter is narrowed to what is his.
    Result<Page<Instance>> list(const Actor& actor, InstanceFilter filter, PageRequest page);

    // While the provider cannot be asked, its last answer is given.
    // ERRORS: not_found  also when it is somebody else's
    Result<InstanceDetails> get(const Actor& actor, InstanceId id);

    // Staff. Servers that a provider holds and no living instance knows, the oldest first.
    Result<Page<Orphan>> list_orphans(const Actor& actor, PageRequest page);

    // Repeating a command that is already wanted changes nothing.
    // ERRORS: not_found            also when it is somebody else's
    //         failed_precondition  it is being opened, suspended (customers), or terminated
    //         permission_denied    suspend and unsuspend by somebody who is not staff
    //         unsupported          the provider does not offer it
    //         invalid_argument     reason is no sentence
    Result<Instance> command(const Actor& actor, InstanceId id, LifecycleCommand command,
                             std::string_view reason = {});

    // One of the provider's own actions; returns its message. Done or not, the operation log has
    // it. ERRORS: as command; invalid_argument  an argument is too long (arguments), no such action
    // or
    //         it is disabled now (action_id); plugin_*, outcome_unknown  the provider did not do
    //         it, in its own words for staff, in a neutral sentence for customers
    Result<std::string> run_action(const Actor& actor, InstanceId id, std::string_view action,
                                   const StringMap& arguments);

private:
    Result<Instance> find_visible(const Actor& actor, InstanceId id);
    Result<> check_offered(const Instance& instance, LifecycleCommand command);
    Result<> change_desire(Instance& instance, LifecycleCommand command, std::string_view reason);
    Result<InstanceDescription> describe(const Instance& instance);
    Result<> write_operation(UnitOfWork& unit, const Actor& actor, const Instance& instance,
                             std::string action, Changes changes = {});

    Ports ports_;
};

// The work for the reconciler, written in the commit that changed what shall be.
Result<> enqueue_reconcile(UnitOfWork& unit, IdSource& ids, const Instance& instance,
                           Timestamp now);

}  // namespace rb::core
