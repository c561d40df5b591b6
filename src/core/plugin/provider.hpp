// The port to whoever runs the servers: a hypervisor of ours (first-party) or another seller
// (upstream). Providers are reconciled, not fired at (architecture, decision 9): callers hold a
// desired state, probe before they repeat, and accept "ask again".
//
// Thread-safe; a call blocks until the plugin answers or its deadline passes. An object is one
// version of one plugin interface: it stays usable while a newer version replaces it in the
// directory.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/billing_cycle.hpp"
#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/named_enum.hpp"
#include "core/plugin/plugin_call.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace rb::core {

// Spelled as plugins declare them. What a provider does not declare is not offered.
enum class ProviderCapability {
    open,
    inspect,
    start,
    stop,
    restart,
    suspend,
    unsuspend,
    resize,
    reinstall,
    reset_password,
    rename,
    take_snapshot,
    restore_snapshot,
    list_snapshots,
    console,
    metrics,
    terminate,
    list,
    sections,
    actions,
    catalogue,
    health,
};

// Where a server stands at the provider. `gone`: the provider answers that it does not exist, which
// is not the same as not answering.
enum class ProviderState { opening, running, stopped, suspended, failed, gone };

template <>
struct EnumNames<ProviderState> {
    static constexpr std::array<std::string_view, 6> names{"opening",   "running", "stopped",
                                                           "suspended", "failed",  "gone"};
};

struct InstanceView {
    std::string provider_instance_id;
    ProviderState state = ProviderState::opening;
    std::vector<std::string> ip_addresses;
    // Whatever else the provider tells (node, image, login name); shown, never relied upon.
    StringMap details;
    // The key the instance was opened with, where the provider keeps it: finds orphans.
    std::string opened_with_key;
};

// The provider has taken the work and will finish it later; ask with poll() after `retry_after`.
struct Accepted {
    std::string operation;
    std::chrono::seconds retry_after{2};
};

using OpenOutcome = std::variant<InstanceView, Accepted>;

struct Done {};
using CommandOutcome = std::variant<Done, Accepted>;

struct OpenRequest {
    IdempotencyKey key;
    InstanceId instance;
    OrderId order;
    // A host name made of the instance's id: lower case, digits and dashes.
    std::string name;
    // Checked against spec_template() beforehand.
    StringMap spec;
    // What the customer bought; an upstream is paid for the same period.
    BillingCycle billing_cycle = BillingCycle::monthly;
};

struct InstanceRef {
    InstanceId instance;
    std::string provider_instance_id;
    // The key it was opened with: finds the instance when the first answer was lost.
    IdempotencyKey opened_with;
};

enum class InstanceCommand {
    start,
    stop,
    restart,
    suspend,
    unsuspend,
    resize,
    reinstall,
    reset_password,
    rename,
    take_snapshot,
    restore_snapshot,
    terminate,
};

// Arguments by command: resize {spec…}, reinstall {os}, reset_password {password}, rename {name},
// take_snapshot/restore_snapshot {snapshot}. Doing what is done already is Done, not an error.
struct CommandRequest {
    InstanceCommand command;
    InstanceRef instance;
    IdempotencyKey key;
    StringMap arguments;
};

struct SpecField {
    std::string key;
    std::string label;
    std::string field_type;  // Integer String Select Region OsOptions Boolean
    bool required = false;
    std::uint32_t display_order = 0;
    std::vector<std::string> options;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::string default_value;
};

struct DetailField {
    std::string key;
    std::string value;
    std::string value_type;
};
struct DetailSection {
    std::string title;
    std::vector<DetailField> fields;
    std::string content_html;
};
struct ProviderAction {
    std::string id;
    std::string label;
    std::string style;
    std::string confirmation;
    bool enabled = true;
};
struct InstanceDescription {
    std::vector<DetailSection> sections;
    std::vector<ProviderAction> actions;
};

struct ConsoleAccess {
    std::string url;
    std::string protocol;  // vnc, spice, ssh, web
    std::optional<Timestamp> expires_at;
};

struct CatalogueItem {
    std::string upstream_product_id;
    std::string name;
    std::string description;
    StringMap specs;
    std::map<std::string, Money> cost_by_cycle;
};

struct InstancePage {
    std::vector<InstanceView> instances;
    // Empty when this was the last page.
    std::string next_cursor;
};

struct Health {
    bool is_healthy = false;
    std::string message;
};

class Provider {
public:
    virtual ~Provider() = default;

    [[nodiscard]] virtual const std::string& id() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;
    // `FirstPartyProvider` or `UpstreamProvider`.
    [[nodiscard]] virtual const std::string& type() const = 0;
    [[nodiscard]] virtual const std::set<ProviderCapability>& capabilities() const = 0;
    // Marked as a test mode wherever it shows.
    [[nodiscard]] virtual bool is_sandbox() const = 0;

    // What was learned of it last: a checkout asks for it and must not wait for the provider.
    virtual Result<std::vector<SpecField>> spec_template() = 0;
    // ERRORS as plugin_call.hpp. outcome_unknown: call probe() before open() again.
    virtual Result<OpenOutcome> open(const OpenRequest& request) = 0;
    // What became of an open() with this key; nothing when the provider never saw it.
    virtual Result<std::optional<InstanceView>> probe(const IdempotencyKey& key) = 0;
    // State gone is an answer, not an error.
    virtual Result<InstanceView> inspect(const InstanceRef& instance) = 0;
    virtual Result<CommandOutcome> perform(const CommandRequest& request) = 0;
    // What became of an Accepted operation: a view once an opening is done, Done for a command,
    // Accepted while it is under way; plugin_refused when it failed for good.
    virtual Result<std::variant<InstanceView, Done, Accepted>> poll(
        const InstanceRef& instance, const std::string& operation) = 0;
    virtual Result<InstanceDescription> describe(const InstanceRef& instance) = 0;
    virtual Result<std::string> run_action(const InstanceRef& instance, const std::string& action,
                                           const StringMap& arguments) = 0;
    virtual Result<ConsoleAccess> console(const InstanceRef& instance) = 0;
    virtual Result<StringMap> metrics(const InstanceRef& instance) = 0;
    // All it holds for us, a page at a time: import, drift, orphans.
    virtual Result<InstancePage> list(const std::string& cursor) = 0;
    virtual Result<std::vector<CatalogueItem>> catalogue() = 0;
    virtual Result<Health> health() = 0;
};

}  // namespace rb::core
