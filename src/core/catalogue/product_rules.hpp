// What a product may look like. Pure; each error names the field and the rule.

#pragma once

#include "base/result.hpp"

#include "core/catalogue/catalogue.hpp"

#include <map>
#include <string>

namespace rb::core {

namespace limits {
constexpr std::size_t category_name_chars_max = 100;
constexpr std::size_t group_name_chars_max = 100;
constexpr std::size_t product_name_chars_max = 200;
// Markdown of a few screens.
constexpr std::size_t description_chars_max = 20'000;
constexpr std::size_t provider_id_bytes_max = 63;
// A provider's template has a dozen fields.
constexpr std::size_t specs_max = 64;
constexpr std::size_t spec_key_bytes_max = 64;
constexpr std::size_t spec_value_chars_max = 1'000;
// The column is an integer of 32 bits.
constexpr std::int64_t stock_max = 1'000'000'000;
constexpr std::uint32_t sort_order_max = 1'000'000;
}  // namespace limits

// ERRORS: invalid_argument  the field that breaks its rule: name, description, provider_id, specs,
//                           sort_order, stock, price
Result<> check_product(const Product& product);

// Keys are cycles, values decimal text not below zero.
// ERRORS: invalid_argument  billing_cycles
Result<std::map<BillingCycle, Money>> parse_billing_cycles(
    const std::map<std::string, std::string>& texts, Currency currency);

// The price of a month: what is given; else the monthly cycle's, else that of the only cycle.
// ERRORS: invalid_argument  price: none is given and none follows; it contradicts the monthly cycle
Result<Money> settle_price(const std::string& text, const std::map<BillingCycle, Money>& cycles,
                           Currency currency);

}  // namespace rb::core
