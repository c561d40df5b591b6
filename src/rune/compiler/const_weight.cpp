#include "rune/compiler/const_weight.hpp"

#include "rune/limits.hpp"

#include <string>
#include <variant>

namespace rb::rune {
namespace {

// Values nest no deeper than this, so that copying and destroying them fits the native stack.
constexpr int nesting_max = 64;

// What copying the value costs, in steps; negative when it nests too deep, or when it has more than
// `left` values in it.
std::int64_t weight_of(const ConstValue& value, int depth, std::int64_t& left) {
    if (depth > nesting_max || --left < 0) return -1;
    const auto all = [&](const auto& items, auto&& content) -> std::int64_t {
        std::int64_t total = 1;
        for (const auto& item : items) {
            const std::int64_t weight = weight_of(content(item), depth + 1, left);
            if (weight < 0) return -1;
            total += weight;
        }
        return total;
    };
    const auto itself = [](const ConstValue& item) -> const ConstValue& { return item; };
    if (const auto* text = std::get_if<std::string>(&value.value)) {
        return 1 + static_cast<std::int64_t>(text->size() / 64);
    }
    if (const auto* bytes = std::get_if<ConstValue::Bytes>(&value.value)) {
        return 1 + static_cast<std::int64_t>(bytes->content.size() / 64);
    }
    if (const auto* vec = std::get_if<ConstValue::Vec>(&value.value)) {
        return all(vec->items, itself);
    }
    if (const auto* tuple = std::get_if<ConstValue::Tuple>(&value.value)) {
        return all(tuple->items, itself);
    }
    if (const auto* object = std::get_if<ConstValue::Object>(&value.value)) {
        return all(object->fields,
                   [](const auto& field) -> const ConstValue& { return field.second; });
    }
    if (const auto* shared = std::get_if<ConstValue::Shared>(&value.value)) {
        return weight_of(*shared->target, depth + 1, left);
    }
    return 1;
}

}  // namespace

std::int64_t const_weight(const ConstValue& value) {
    std::int64_t left = const_steps_max;
    return weight_of(value, 0, left);
}

}  // namespace rb::rune
