// The texts of a request that core reads by itself: amounts, currencies, ids, names.

#include "base/id.hpp"

#include "core/money/money.hpp"
#include "core/text.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rb;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto currency = *core::Currency::parse("CNY");
    const auto amount = core::Money::parse(input, currency, "amount");
    if (amount.has_value()) {
        ASSERT(*core::Money::parse(amount->to_string(), currency, "amount") == *amount);
    }
    static_cast<void>(core::Currency::parse(input));
    if (const auto uuid = Uuid::parse(input); uuid.has_value()) {
        ASSERT(uuid->to_string() == core::to_lower_ascii(input));
    }
    const auto characters = core::count_characters(input);
    ASSERT(!characters || *characters <= size);
    const auto checked = core::check_text(input, {.field = "name", .chars_min = 1, .chars_max = 9});
    if (checked.has_value()) ASSERT(characters && *characters >= 1 && *characters <= 9);
    ASSERT(core::trimmed(core::trimmed(input)) == core::trimmed(input));
    return 0;
}
