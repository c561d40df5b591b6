// Looks for orphans: servers that a provider holds for us and no living instance knows
// (architecture, decision 9). They cost money there and earn none here: an opening whose answer and
// key were lost, an end that the provider did not carry out, something made by hand.
//
// It tells people and does nothing else: what it would end by mistake could not be brought back. A
// server counts as an orphan only when it was seen as one for some time, so that openings and ends
// that are under way are none.
//
// The other way round, an instance whose server has vanished, is found by the reconciler, which
// asks the provider for each. Thread-safe; holds no state.

#pragma once

#include "base/result.hpp"

#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/log.hpp"
#include "core/unit_of_work.hpp"

namespace rb::core {

struct OrphanReport {
    int providers_swept = 0;
    // That people were told of in this sweep.
    int orphans_told = 0;
    // Providers that did not give their whole list.
    int failed = 0;
};

class OrphanSweep {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        const Clock& clock;
        IdSource& ids;
        Log& log;
    };
    explicit OrphanSweep(Ports ports) : ports_(ports) {}

    // Asks each provider that can list for all it holds. One that does not answer stops no other,
    // and what is known of it stays as it is.
    // ERRORS: unavailable  the database does not answer
    Result<OrphanReport> run_once();

private:
    Result<int> sweep(Provider& provider);
    // Tells people of what has been seen for long enough; returns how many.
    Result<int> tell(const std::string& provider_id, Timestamp began);

    const Ports ports_;
};

}  // namespace rb::core
