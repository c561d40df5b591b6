// The port to orphans: servers that a provider holds for us and no living instance knows. Calls act
// inside the UnitOfWork the store was taken from and must not outlive it.

#pragma once

#include "base/result.hpp"

#include "core/ids.hpp"
#include "core/page.hpp"
#include "core/plugin/provider.hpp"
#include "core/ports/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::core {

struct Orphan {
    // Ours, so that notices can be about it.
    Uuid id = {};
    std::string provider_id = {};
    std::string provider_instance_id = {};
    ProviderState state = ProviderState::running;
    std::string ip_address = {};
    // The instance it was opened for, where the provider keeps that; it has ended, or never was.
    std::optional<InstanceId> opened_for = {};
    Timestamp first_seen_at = {};
    Timestamp last_seen_at = {};
};

class OrphanStore {
public:
    virtual ~OrphanStore() = default;

    // Writes down as seen at `now` those of `views` that no living instance knows, be it by its id
    // at this provider or by the key it was opened with.
    virtual Result<> note_unknown(std::string_view provider_id,
                                  const std::vector<InstanceView>& views, Timestamp now) = 0;
    // Strikes off those of the provider that were not seen since: they are gone, or known by now.
    virtual Result<> forget_unseen_since(std::string_view provider_id, Timestamp since) = 0;
    // Strikes off those of all providers but these.
    virtual Result<> forget_all_but(const std::vector<std::string>& provider_ids) = 0;
    // Those first seen at or before `seen_by` which nobody was told of yet; they count as told of.
    virtual Result<std::vector<Orphan>> take_untold(std::string_view provider_id, Timestamp seen_by,
                                                    Timestamp now) = 0;
    // Those first seen at or before `seen_by`, the oldest first.
    virtual Result<Page<Orphan>> list(Timestamp seen_by, PageRequest page) = 0;
};

}  // namespace rb::core
