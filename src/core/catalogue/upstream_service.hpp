// Selling what another seller sells: an upstream's catalogue, products made of it, and their
// prices.
//
// An imported product is keyed by (provider_id, upstream_product_id): importing it again brings its
// costs and specs up to date and never makes a second one. What an administrator chose (name,
// description, group, prices, whether it is sold) stays, unless the request says otherwise. What
// has vanished upstream is taken off sale by the next import, and reported. Each product is a
// transaction of its own: one that cannot be imported stops no other. Every change is in the
// operation log of the same commit. Thread-safe.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/markup_ratio.hpp"
#include "core/identity/actor.hpp"
#include "core/plugin/plugin_directory.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/unit_of_work.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rb::core {

namespace limits {
// A shop's whole catalogue many times over; an answer of them stays under a few MB.
constexpr std::size_t upstream_products_max = 5'000;
// What a person ticks on a page or ten.
constexpr std::size_t import_products_max = 500;
}  // namespace limits

struct UpstreamProduct {
    CatalogueItem item;
    // What was made of it.
    std::optional<Product> product = {};
};

struct UpstreamCatalogue {
    std::vector<UpstreamProduct> products;
    // Imported once, and not sold upstream any more.
    std::vector<Product> vanished;
};

struct ImportProducts {
    std::string provider_id = {};
    std::vector<std::string> upstream_product_ids = {};
    // Where new products are put.
    std::optional<GroupId> group = {};
    // Decimal text; needed for new products. When given, prices of known ones are set anew too.
    std::string markup_ratio = {};
    // Of new products' prices; empty: the currency of their costs.
    std::string currency = {};
    // Nothing: new ones are sold, known ones stay as they are.
    std::optional<bool> active = {};
    // Whether known products take upstream's name and description again.
    bool replaces_texts = false;
    // Says what would happen and changes nothing.
    bool is_preview = false;
};

struct RepriceProducts {
    std::string provider_id;
    // Empty: all that was imported from that provider.
    std::vector<ProductId> products = {};
    std::string markup_ratio;
    bool is_preview = false;
};

// Spelled as on the wire.
enum class ImportOutcome { created, updated, unchanged, vanished, refused };

template <>
struct EnumNames<ImportOutcome> {
    static constexpr std::array<std::string_view, 5> names{"created", "updated", "unchanged",
                                                           "vanished", "refused"};
};

struct ImportLine {
    std::string upstream_product_id = {};
    ImportOutcome outcome = ImportOutcome::unchanged;
    // Why it was refused, for people.
    std::string reason = {};
    // As it is now, or would be; nothing when there is none.
    std::optional<Product> product = {};
    // Before; nothing for a new one.
    std::optional<Money> old_price = {};
};

class UpstreamService {
public:
    // All must outlive it.
    struct Ports {
        Database& database;
        PluginDirectory& plugins;
        const Clock& clock;
        IdSource& ids;
    };
    explicit UpstreamService(Ports ports) : ports_(ports) {}

    // Asks the upstream now.
    // ERRORS: not_found      provider_id: there is no such enabled interface
    //         unsupported    it has no catalogue
    //         plugin_failed  it did not answer, or names more than upstream_products_max
    Result<UpstreamCatalogue> list(const std::string& provider_id);

    // One line for each product asked for, then one for each that has vanished.
    // ERRORS: as list, and invalid_argument  upstream_product_ids, markup_ratio, currency
    Result<std::vector<ImportLine>> import(const Actor& actor, const ImportProducts& request);

    // price = cost × ratio for every cycle that is sold and whose cost is known. Nothing is asked
    // of the upstream.
    // ERRORS: invalid_argument  product_ids, markup_ratio
    Result<std::vector<ImportLine>> reprice(const Actor& actor, const RepriceProducts& request);

private:
    struct Terms;
    Result<ImportLine> import_one(const Actor& actor, const ImportProducts& request,
                                  const Terms& terms, const CatalogueItem& item);
    Result<ImportLine> retire(const Actor& actor, const Product& seen, bool is_preview);
    Result<ImportLine> reprice_one(const Actor& actor, const RepriceProducts& request,
                                   MarkupRatio ratio, ProductId id);
    Result<ImportLine> keep(UnitOfWork& unit, const Actor& actor, const Product& before,
                            Product after, bool is_preview, std::string action);

    const Ports ports_;
};

}  // namespace rb::core
