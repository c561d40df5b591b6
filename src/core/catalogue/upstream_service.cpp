#include "core/catalogue/upstream_service.hpp"

#include "core/catalogue/catalogue_store.hpp"
#include "core/catalogue/product_changes.hpp"
#include "core/catalogue/product_rules.hpp"
#include "core/operation_log/operation_log.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <set>

namespace rb::core {

// What a request asks for, read.
struct UpstreamService::Terms {
    std::optional<MarkupRatio> ratio;
    std::optional<Currency> currency;
};

namespace {

using Cycles = std::map<BillingCycle, Money>;

ImportLine refused(std::string upstream_product_id, std::string reason) {
    return {.upstream_product_id = std::move(upstream_product_id),
            .outcome = ImportOutcome::refused,
            .reason = std::move(reason)};
}

// The failure of one product is a line of the answer; that of the database is everybody's.
Result<ImportLine> line_of(Result<ImportLine> outcome, std::string upstream_product_id) {
    if (outcome.has_value() || outcome.error().code == ErrorCode::unavailable) return outcome;
    return refused(std::move(upstream_product_id), outcome.error().message);
}

Result<std::vector<CatalogueItem>> catalogue_of(PluginDirectory& plugins,
                                                const std::string& provider_id) {
    if (provider_id.empty()) return invalid_field("provider_id", "is required");
    const auto provider = TRY(plugins.find_provider(provider_id));
    auto items = TRY(provider->catalogue());
    if (items.size() > limits::upstream_products_max) {
        return Error{ErrorCode::plugin_failed, "the upstream names more than " +
                                                   std::to_string(limits::upstream_products_max) +
                                                   " products"};
    }
    return items;
}

Result<> check_import(const ImportProducts& request) {
    const auto& ids = request.upstream_product_ids;
    if (ids.empty()) return invalid_field("upstream_product_ids", "must name at least one");
    if (ids.size() > limits::import_products_max) {
        return invalid_field(
            "upstream_product_ids",
            "must not be more than " + std::to_string(limits::import_products_max));
    }
    if (std::set<std::string>(ids.begin(), ids.end()).size() != ids.size()) {
        return invalid_field("upstream_product_ids", "names one twice");
    }
    return {};
}

// What each cycle costs, of those cycles that we know. Upstreams may sell by others, too.
Result<Cycles> costs_of(const CatalogueItem& item) {
    Cycles costs;
    for (const auto& [name, cost] : item.cost_by_cycle) {
        if (cost.is_negative()) return invalid_field("cost", "is below zero upstream");
        if (const auto cycle = find_billing_cycle(name)) costs.emplace(*cycle, cost);
    }
    if (costs.empty()) return invalid_field("cost", "is not named upstream");
    return costs;
}

// A product as the upstream describes it, without a price of ours.
Product described(const CatalogueItem& item, const Cycles& costs, Product product) {
    product.specs = item.specs;
    // Also the name it is ordered by.
    product.specs.insert_or_assign(std::string(upstream_product_id_spec), item.upstream_product_id);
    product.upstream_product_id = item.upstream_product_id;
    // Cycles are in order, the month first.
    product.cost_price = costs.begin()->second;
    product.cost_cycles = costs;
    return product;
}

// Prices of the cycles that are sold; one whose cost nobody knows keeps its price.
Result<Product> repriced(Product product, MarkupRatio ratio) {
    if (!product.cost_price) return invalid_field("cost", "is not known: it was not imported");
    const auto currency = product.price.currency();
    for (auto& [cycle, price] : product.billing_cycles) {
        const auto cost = product.cost_cycles.find(cycle);
        if (cost != product.cost_cycles.end()) {
            price = TRY(ratio.price_of(cost->second, currency));
        }
    }
    const auto monthly = product.billing_cycles.find(BillingCycle::monthly);
    product.price = monthly != product.billing_cycles.end()
                        ? monthly->second
                        : TRY(ratio.price_of(*product.cost_price, currency));
    return product;
}

bool is_same(const Product& left, const Product& right) {
    return changes_between(left, right).empty();
}

}  // namespace

Result<UpstreamCatalogue> UpstreamService::list(const std::string& provider_id) {
    auto items = TRY(catalogue_of(ports_.plugins, provider_id));
    auto unit = TRY(ports_.database.read());
    std::map<std::string, Product> imported;
    for (auto& product : TRY(unit->products().list_imported(provider_id))) {
        auto id = product.upstream_product_id;
        imported.emplace(std::move(id), std::move(product));
    }
    UpstreamCatalogue catalogue;
    for (auto& item : items) {
        auto& line = catalogue.products.emplace_back(UpstreamProduct{.item = std::move(item)});
        auto found = imported.extract(line.item.upstream_product_id);
        if (!found.empty()) line.product = std::move(found.mapped());
    }
    for (auto& [id, product] : imported) catalogue.vanished.push_back(std::move(product));
    return catalogue;
}

Result<std::vector<ImportLine>> UpstreamService::import(const Actor& actor,
                                                        const ImportProducts& request) {
    TRY(check_import(request));
    Terms terms;
    if (!request.markup_ratio.empty()) terms.ratio = TRY(MarkupRatio::parse(request.markup_ratio));
    if (!request.currency.empty()) terms.currency = TRY(Currency::parse(request.currency));

    const auto catalogue = TRY(list(request.provider_id));
    std::vector<ImportLine> lines;
    for (const auto& id : request.upstream_product_ids) {
        const auto found = std::ranges::find_if(catalogue.products, [&](const auto& one) {
            return one.item.upstream_product_id == id;
        });
        if (found != catalogue.products.end()) {
            lines.push_back(TRY(line_of(import_one(actor, request, terms, found->item), id)));
        } else if (std::ranges::none_of(catalogue.vanished, [&](const Product& one) {
                       return one.upstream_product_id == id;
                   })) {
            lines.push_back(refused(id, "the upstream sells no such product"));
        }
    }
    for (const auto& product : catalogue.vanished) {
        lines.push_back(
            TRY(line_of(retire(actor, product, request.is_preview), product.upstream_product_id)));
    }
    return lines;
}

Result<ImportLine> UpstreamService::import_one(const Actor& actor, const ImportProducts& request,
                                               const Terms& terms, const CatalogueItem& item) {
    const auto costs = TRY(costs_of(item));
    const auto work = [&](UnitOfWork& unit) -> Result<ImportLine> {
        const auto before = TRY(unit.products().find_imported_for_update(request.provider_id,
                                                                         item.upstream_product_id));
        if (!before && !terms.ratio) {
            return invalid_field("markup_ratio", "is required for a new product");
        }
        const auto currency = terms.currency.value_or(costs.begin()->second.currency());
        if (before && terms.currency && before->price.currency() != currency) {
            return invalid_field("currency", "is another one than the product's");
        }
        const Product fresh{.group = request.group,
                            .provider_id = request.provider_id,
                            .price = Money::zero(currency)};
        auto after = described(item, costs, before.value_or(fresh));
        if (!before) {
            for (const auto& [cycle, cost] : costs) {
                after.billing_cycles.emplace(cycle, Money::zero(currency));
            }
        }
        if (!before || request.replaces_texts) {
            after.name = trimmed(item.name);
            after.description = item.description;
        }
        if (request.active) after.active = *request.active;
        if (terms.ratio) after = TRY(repriced(std::move(after), *terms.ratio));
        return keep(unit, actor, before.value_or(fresh), std::move(after), request.is_preview,
                    "product.import");
    };
    if (!request.is_preview) return in_transaction(ports_.database, "import_product", work);
    auto unit = TRY(ports_.database.begin());  // never committed
    return work(*unit);
}

Result<ImportLine> UpstreamService::retire(const Actor& actor, const Product& seen,
                                           bool is_preview) {
    const auto work = [&](UnitOfWork& unit) -> Result<ImportLine> {
        const auto before = TRY(unit.products().find_for_update(seen.id));
        if (!before) return refused(seen.upstream_product_id, "was deleted meanwhile");
        auto after = *before;
        after.active = false;
        auto line =
            TRY(keep(unit, actor, *before, std::move(after), is_preview, "product.vanished"));
        line.outcome = ImportOutcome::vanished;
        return line;
    };
    if (!is_preview) return in_transaction(ports_.database, "retire_product", work);
    auto unit = TRY(ports_.database.begin());  // never committed
    return work(*unit);
}

Result<std::vector<ImportLine>> UpstreamService::reprice(const Actor& actor,
                                                         const RepriceProducts& request) {
    if (request.provider_id.empty()) return invalid_field("provider_id", "is required");
    if (request.products.size() > limits::import_products_max) {
        return invalid_field(
            "product_ids", "must not be more than " + std::to_string(limits::import_products_max));
    }
    const auto ratio = TRY(MarkupRatio::parse(request.markup_ratio));
    auto ids = request.products;
    if (ids.empty()) {
        auto unit = TRY(ports_.database.read());
        for (const auto& product : TRY(unit->products().list_imported(request.provider_id))) {
            ids.push_back(product.id);
        }
    }
    std::vector<ImportLine> lines;
    for (const auto id : ids) {
        lines.push_back(TRY(line_of(reprice_one(actor, request, ratio, id), id.to_string())));
    }
    return lines;
}

Result<ImportLine> UpstreamService::reprice_one(const Actor& actor, const RepriceProducts& request,
                                                MarkupRatio ratio, ProductId id) {
    const auto work = [&](UnitOfWork& unit) -> Result<ImportLine> {
        const auto before = TRY(unit.products().find_for_update(id));
        if (!before || before->provider_id != request.provider_id) {
            return invalid_field("product_ids", "there is no such product of this provider");
        }
        return keep(unit, actor, *before, TRY(repriced(*before, ratio)), request.is_preview,
                    "product.reprice");
    };
    if (!request.is_preview) return in_transaction(ports_.database, "reprice_product", work);
    auto unit = TRY(ports_.database.begin());  // never committed
    return work(*unit);
}

Result<ImportLine> UpstreamService::keep(UnitOfWork& unit, const Actor& actor,
                                         const Product& before, Product after, bool is_preview,
                                         std::string action) {
    TRY(check_product(after));
    const bool is_new = before.id.is_nil();
    ImportLine line{.upstream_product_id = after.upstream_product_id};
    if (!is_new) line.old_price = before.price;
    line.outcome = is_new                   ? ImportOutcome::created
                   : is_same(before, after) ? ImportOutcome::unchanged
                                            : ImportOutcome::updated;
    if (!is_preview && line.outcome != ImportOutcome::unchanged) {
        const auto now = ports_.clock.now();
        after.updated_at = now;
        if (is_new) {
            after.id = ports_.ids.next_id<ProductId>();
            after.created_at = now;
            TRY(unit.products().insert(after));
        } else {
            TRY(unit.products().save(after));
        }
        TRY(unit.operation_log().append(product_operation(
            ports_.ids, actor, after.id, std::move(action), changes_between(before, after), now)));
    }
    line.product = std::move(after);
    return line;
}

}  // namespace rb::core
