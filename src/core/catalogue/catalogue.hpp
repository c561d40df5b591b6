// What is sold: categories hold groups, groups hold products.

#pragma once

#include "core/catalogue/billing_cycle.hpp"
#include "core/ids.hpp"
#include "core/money/money.hpp"
#include "core/ports/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rb::core {

struct Category {
    CategoryId id;
    std::string name;
    std::string description = {};
    std::int32_t sort_order = 0;
    Timestamp created_at = {};
    Timestamp updated_at = {};
    // Read only: how many groups it holds.
    std::uint32_t group_count = 0;
};

struct Group {
    GroupId id;
    std::optional<CategoryId> category = {};
    std::string name;
    std::string description = {};
    std::uint32_t sort_order = 0;
    Timestamp created_at = {};
    Timestamp updated_at = {};
    // Read only: how many products it holds that the reader may see.
    std::uint32_t product_count = 0;
};

// The spec that an imported product is ordered by at its upstream. For staff alone, as
// Product::upstream_product_id is.
constexpr std::string_view upstream_product_id_spec = "upstream_product_id";

struct Product {
    ProductId id = {};
    std::optional<GroupId> group = {};
    // A plugin interface of kind provider.
    std::string provider_id = {};
    std::string name = {};
    std::string description = {};  // Markdown
    // The price of a month; of the whole, where one_time is the only cycle.
    Money price;
    // Of what an upstream sells: its id there. Empty for what was not imported.
    std::string upstream_product_id = {};
    // What the upstream asks for a month (of the whole, where it sells nothing else), in its own
    // currency; nothing for our own servers.
    std::optional<Money> cost_price = {};
    std::map<BillingCycle, Money> cost_cycles = {};
    // What the provider is asked for ("cpu_cores": "2"); checked against its template at order
    // time.
    std::map<std::string, std::string> specs = {};
    // Price by cycle, in the product's currency. When empty, `price` buys a month.
    std::map<BillingCycle, Money> billing_cycles = {};
    bool active = true;
    // How many may be held at once; nothing: no limit.
    std::optional<std::int64_t> stock = {};
    // Read only: what is left of the stock.
    std::optional<std::int64_t> available = {};
    std::uint32_t sort_order = 0;
    Timestamp created_at = {};
    Timestamp updated_at = {};

    // What the cycle costs; nothing when it is not offered.
    [[nodiscard]] std::optional<Money> price_of(BillingCycle cycle) const {
        const auto found = billing_cycles.find(cycle);
        if (found != billing_cycles.end()) return found->second;
        if (billing_cycles.empty() && cycle == BillingCycle::monthly) return price;
        return std::nullopt;
    }

    // Whether a cycle is sold for less than it costs. What costs another currency cannot be told.
    [[nodiscard]] bool sells_below_cost() const {
        if (!cost_price || cost_price->currency() != price.currency()) return false;
        for (const auto& [cycle, cost] : cost_cycles) {
            const auto sold_for = price_of(cycle);
            if (sold_for && *sold_for < cost) return true;
        }
        return false;
    }
};

}  // namespace rb::core
