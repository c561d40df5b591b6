#include "core/catalogue/product_rules.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rb::core {

namespace {

Result<> check_specs(const std::map<std::string, std::string>& specs) {
    if (specs.size() > limits::specs_max) {
        return invalid_field("specs",
                             "must have at most " + std::to_string(limits::specs_max) + " entries");
    }
    for (const auto& [key, value] : specs) {
        const bool key_fits = !key.empty() && key.size() <= limits::spec_key_bytes_max &&
                              std::ranges::all_of(key, [](char c) {
                                  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                              });
        if (!key_fits) {
            return invalid_field("specs", "a key must be 1 to " +
                                              std::to_string(limits::spec_key_bytes_max) +
                                              " letters, digits, _, - or .");
        }
        TRY(check_text(value, {.field = "specs", .chars_max = limits::spec_value_chars_max}));
    }
    return {};
}

}  // namespace

Result<> check_product(const Product& product) {
    TRY(check_text(product.name,
                   {.field = "name", .chars_min = 1, .chars_max = limits::product_name_chars_max}));
    TRY(check_text(product.description, {.field = "description",
                                         .chars_max = limits::description_chars_max,
                                         .line_breaks = LineBreaks::allowed}));
    if (product.provider_id.empty() || product.provider_id.size() > limits::provider_id_bytes_max) {
        return invalid_field(
            "provider_id",
            "must have 1 to " + std::to_string(limits::provider_id_bytes_max) + " bytes");
    }
    TRY(check_text(product.provider_id,
                   {.field = "provider_id", .chars_max = limits::provider_id_bytes_max}));
    if (product.price.is_negative()) return invalid_field("price", "must not be below 0.00");
    TRY(check_specs(product.specs));
    if (product.stock && *product.stock > limits::stock_max) {
        return invalid_field("stock", "must be at most " + std::to_string(limits::stock_max));
    }
    if (product.sort_order > limits::sort_order_max) {
        return invalid_field("sort_order",
                             "must be at most " + std::to_string(limits::sort_order_max));
    }
    return {};
}

Result<std::map<BillingCycle, Money>> parse_billing_cycles(
    const std::map<std::string, std::string>& texts, Currency currency) {
    std::map<BillingCycle, Money> cycles;
    for (const auto& [name, text] : texts) {
        const auto cycle = TRY(parse_enum<BillingCycle>(name, "billing_cycles"));
        const auto price = TRY(Money::parse(text, currency, "billing_cycles"));
        if (price.is_negative())
            return invalid_field("billing_cycles", "no price may be below 0.00");
        cycles.emplace(cycle, price);
    }
    return cycles;
}

Result<Money> settle_price(const std::string& text, const std::map<BillingCycle, Money>& cycles,
                           Currency currency) {
    const auto monthly = cycles.find(BillingCycle::monthly);
    if (!text.empty()) {
        const auto price = TRY(Money::parse(text, currency, "price"));
        if (monthly != cycles.end() && monthly->second != price) {
            return invalid_field("price", "must equal the price of billing_cycles.monthly");
        }
        return price;
    }
    if (monthly != cycles.end()) return monthly->second;
    if (cycles.size() == 1) return cycles.begin()->second;
    return invalid_field("price", "must be given");
}

}  // namespace rb::core
