// The port to instances. Calls act inside the UnitOfWork the store was taken from and must not
// outlive it.

#pragma once

#include "base/result.hpp"

#include "core/instance/instance.hpp"
#include "core/page.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

struct InstanceFilter {
    std::optional<CustomerId> customer = {};
    std::optional<InstanceStatus> status = {};
    std::optional<std::string> provider_id = {};
};

// Detail sections and actions as the provider last gave them.
struct StoredDescription {
    InstanceDescription description;
    std::optional<Timestamp> taken_at;
};

class InstanceStore {
public:
    virtual ~InstanceStore() = default;

    // ERRORS: already_exists  the order has an instance
    virtual Result<> insert(const Instance& instance) = 0;
    // All but its id, owner, product and order.
    // ERRORS: already_exists  another instance has this provider_instance_id
    virtual Result<> save(const Instance& instance) = 0;
    virtual Result<std::optional<Instance>> find(InstanceId id) = 0;
    // Locked until the unit ends.
    virtual Result<std::optional<Instance>> find_for_update(InstanceId id) = 0;
    virtual Result<std::optional<Instance>> find_by_order(OrderId order) = 0;
    // Newest first.
    virtual Result<Page<Instance>> list(const InstanceFilter& filter, PageRequest page) = 0;

    // Takes up to `count` instances whose next_check_at has come and puts it off to `until`, so
    // that no other server takes them in the meantime.
    virtual Result<std::vector<InstanceId>> take_due_for_check(Timestamp now, Timestamp until,
                                                               std::uint32_t count) = 0;
    // Live, renewing instances with paid_until at or before `paid_by` whose next period has no
    // renewal yet; by id, after the cursor (nil begins).
    virtual Result<std::vector<InstanceId>> list_due_for_renewal(Timestamp paid_by,
                                                                 InstanceId after,
                                                                 std::uint32_t count) = 0;

    virtual Result<StoredDescription> find_description(InstanceId id) = 0;
    virtual Result<> save_description(InstanceId id, const InstanceDescription& description,
                                      Timestamp now) = 0;
};

}  // namespace rb::core
